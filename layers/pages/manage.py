"""The manager's page: coverage and workload, areas compared, validation, rule workbench, algorithm record."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, html, no_update

from layers.pages import manage_areas, manage_record, manage_validation, manage_workbench
from layers.pages.context import Context, language_of, query, report
from layers.pages.elements import failed
from layers.pages.marks import asof_line
from layers.text import text
from models.errors import AccessDeniedError

NEEDS = ("subject_levels",)
"""Products the page cannot do without: it is about a city whose subjects are classified."""
TABS = {
    "coverage": manage_areas.coverage,
    "compare": manage_areas.compare,
    "validation": manage_validation.tab,
    "workbench": manage_workbench.tab,
    "record": manage_record.tab,
}
FIRST = "coverage"


def layout(context: Context, lang: str, theme: str) -> html.Main:
    """The page with its first part."""
    return html.Main(
        [
            html.Div(
                [
                    html.H1(text("manage.title", lang)),
                    dmc.SegmentedControl(
                        id="manage-tab",
                        value=FIRST,
                        data=[{"value": key, "label": text(f"manage.tab.{key}", lang)} for key in TABS],
                        **{"aria-label": text("manage.tabs", lang)},
                    ),
                    html.Span(className="grow"),
                    asof_line(context.manifest.get("as_of"), lang),
                ],
                className="managehead",
            ),
            html.Div(
                _part(FIRST, context, lang, theme), id="manage-body", className="managebody", **{"data-tab": FIRST}
            ),
        ],
        id="main",
        className="managepage",
    )


def boot(context: Context, lang: str, theme: str) -> None:
    """This page keeps nothing in the address but language and theme."""


def _part(name: str, context: Context, lang: str, theme: str) -> list[Any]:
    try:
        return TABS[name](context, lang, theme)
    except AccessDeniedError:
        raise
    except Exception as error:
        return [failed(lang, report(error))]


def register(app: Dash, context: Context) -> None:
    """Wire the parts."""

    @app.callback(  # type: ignore[untyped-decorator]
        Output("manage-body", "children"),
        Output("manage-body", "data-tab"),
        Input("manage-tab", "value"),
        State("url", "search"),
        State("theme", "data"),
        prevent_initial_call=True,
    )
    def show(name: str | None, address: str | None, theme: str) -> Any:
        if name not in TABS:
            return no_update, no_update
        return _part(name, context, language_of(query(address), context.settings.language), theme), name

    manage_workbench.register(app, context)
