"""Tasks and field work: what is to be done, the day's route, double-random draws, the plan, and work packs."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, dcc, html

from layers.pages import tasks_draw, tasks_entry, tasks_list, tasks_packs, tasks_plan, tasks_route
from layers.pages.context import Context
from layers.pages.elements import map_note, zoom_buttons
from layers.pages.tasks_reading import as_of
from layers.text import text

TABS = ("list", "draw", "plan", "packs")


def layout(context: Context, lang: str, theme: str) -> html.Main:  # noqa: ARG001 - every page is laid out alike
    """The page: four sheets at the left, the map, the chosen day at the right."""
    sheets = (
        ("list", tasks_list.sheet(lang)),
        ("draw", tasks_draw.sheet(context, lang)),
        ("plan", tasks_plan.sheet(context, lang)),
        ("packs", tasks_packs.sheet(lang)),
    )
    return html.Main(
        [
            html.H1(text("tasks.title", lang), className="sr"),
            html.Section(
                [
                    html.Div(
                        dmc.SegmentedControl(
                            id="tasks-tab",
                            value="list",
                            data=[{"value": key, "label": text(f"tasks.tab_{key}", lang)} for key in TABS],
                            fullWidth=True,
                            **{"aria-label": text("tasks.tabs", lang)},
                        ),
                        className="taskstabs",
                    ),
                    *(html.Div(part, id=f"tasks-sheet-{key}", className="tasksheet", hidden=key != "list")
                      for key, part in sheets),
                ],
                className="rail wide",
                **{"aria-label": text("tasks.sheets", lang)},
            ),
            html.Div(
                html.Div([html.Div(id="map"), zoom_buttons(lang), map_note(lang)], className="mapbox"),
                className="stage",
            ),
            html.Aside(
                tasks_route.panel(lang), className="panel",
                **{"aria-label": text("tasks.day", lang), "aria-live": "polite"},
            ),
            dcc.Store(id="tasks-version"),
        ],
        id="main",
        className="work queue tasks",
    )  # fmt: skip


def boot(context: Context, lang: str, theme: str) -> dict[str, Any]:
    """What sets the page going."""
    return {"build": context.build_id, "lang": lang, "theme": theme, "as_of": as_of(context).isoformat()}


def register(app: Dash, context: Context) -> None:
    """Wire the page."""
    app.clientside_callback(
        ClientsideFunction("tasks", "tab"),
        *(Output(f"tasks-sheet-{key}", "hidden") for key in TABS),
        Input("tasks-tab", "value"),
        prevent_initial_call=True,
    )
    for part in (tasks_list, tasks_route, tasks_entry, tasks_draw, tasks_plan, tasks_packs):
        part.register(app, context)
