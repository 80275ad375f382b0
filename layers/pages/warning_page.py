"""The warnings of the own area and one of them in full: evidence, life, measures, result, papers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, dcc, html

from layers import casefile
from layers.pages import warning_form, warning_saving, warning_wiring
from layers.pages.context import Context
from layers.pages.elements import blank, button, map_note, skeleton, zoom_buttons
from layers.pages.marks import asof_line
from layers.text import text
from models.errors import UnknownNameError
from models.tables.cases import THEMES

FILTERS = ("active", "open", "taken", "on_site", "closed")


def guard(context: Context, params: Mapping[str, str]) -> None:
    """Refuse the page where its address names a warning of another area."""
    key = params.get("id")
    if key:
        try:
            casefile.guard_area(context.actor, context.store.warning(key))
        except UnknownNameError:
            return  # the page says that there is none


def layout(context: Context, lang: str, theme: str) -> html.Main:  # noqa: ARG001 - every page is laid out alike
    """The page: list, evidence, what to do."""
    return html.Main(
        [
            html.H1(text("casework.title", lang), className="sr"),
            _rail(context, lang),
            html.Div(
                [
                    html.Div(blank(text("casework.pick", lang), "alert-triangle"), id="warning-head"),
                    html.Div([html.Div(id="map"), zoom_buttons(lang), map_note(lang)], className="mapbox"),
                    html.Div(id="warning-evidence", className="wevidence"),
                ],
                className="stage wstage",
            ),
            _panel(lang),
            dcc.Download(id="warning-download"),
            dcc.Store(id="warning-rows"),
        ],
        id="main",
        className="work queue warning",
    )


def boot(context: Context, lang: str, theme: str) -> dict[str, Any]:
    """What sets the page going."""
    return {"build": context.build_id, "lang": lang, "theme": theme}


def register(app: Dash, context: Context) -> None:
    """Wire the page."""
    warning_wiring.register(app, context)
    warning_saving.register(app, context)


def _rail(context: Context, lang: str) -> html.Section:
    themes = [{"value": name, "label": text(f"warning.theme.{name}", lang)} for name in THEMES]
    severities = [{"value": str(n), "label": text(f"severity.{n}", lang)} for n in (3, 2, 1)]
    as_of = casefile.business_date(context.manifest).isoformat()
    return html.Section(
        [
            html.Div(
                [html.H2(text("casework.title", lang)), asof_line(as_of, lang)],
                className="queuehead",
            ),
            html.Div(
                [
                    dmc.SegmentedControl(
                        id="warning-state",
                        value="active",
                        fullWidth=True,
                        size="xs",
                        data=[{"value": name, "label": text(f"casework.filter.{name}", lang)} for name in FILTERS],
                        **{"aria-label": text("casework.filter_state", lang)},
                    ),
                    html.Div(
                        [
                            dmc.Select(
                                id="warning-theme", data=themes, placeholder=text("casework.all_themes", lang),
                                size="xs", clearable=True, **{"aria-label": text("casework.filter_theme", lang)},
                            ),
                            dmc.Select(
                                id="warning-severity", data=severities, size="xs", clearable=True,
                                placeholder=text("casework.all_severities", lang),
                                **{"aria-label": text("casework.filter_severity", lang)},
                            ),
                        ],
                        className="wtwo",
                    ),
                    html.Div(
                        [
                            dmc.Checkbox(id="warning-overdue", label=text("casework.overdue_only", lang), size="xs"),
                            html.Span(id="warning-total", className="cap num", **{"aria-live": "polite"}),
                        ],
                        className="row wbetween",
                    ),
                ],
                className="wfilters",
            ),
            html.Div(skeleton(52, 52, 52, 52), id="warning-empty"),
            html.Div(id="warning-list", className="queuelist wrows"),
        ],
        className="rail wide",
        **{"aria-label": text("casework.list_label", lang)},
    )  # fmt: skip


def _panel(lang: str) -> html.Aside:
    return html.Aside(
        [
            html.Div(
                [
                    html.Div(id="warning-life"),
                    warning_form.result_form(lang),
                    warning_form.assign_form(lang),
                    warning_form.document_form(lang),
                    warning_form.attach_form(lang),
                    html.Div(id="warning-papers"),
                ],
                className="scroll",
            ),
            html.Div(
                [
                    html.Div(id="warning-said", className="grow", role="status", **{"aria-live": "polite"}),
                    button("warning-undo", text("casework.undo", lang), "arrow-back-up", hidden=True),
                    html.Div(id="warning-steps", className="wsteps"),
                    button(
                        "warning-save", text("casework.save", lang), "clipboard-check", kind="btn primary", hidden=True
                    ),
                ],
                id="warning-foot",
                className="pfoot save wfoot",
            ),
        ],
        className="panel",
        **{"aria-label": text("casework.panel", lang)},
    )
