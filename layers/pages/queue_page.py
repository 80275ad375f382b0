"""The un-located queue: a firm, what its address says, where it may be, and a decision that the next build uses."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Dash, html

from layers.pages import queue_panel, queue_wiring
from layers.pages.context import Context
from layers.pages.elements import blank, map_note, paged_list, zoom_buttons
from layers.pages.grid_words import grid_words
from layers.text import text


def layout(context: Context, lang: str, theme: str) -> html.Main:  # noqa: ARG001 - every page is laid out alike
    """The page: list, map, one firm."""
    return html.Main(
        [
            html.H1(text("queue.title", lang), className="sr"),
            _lists(context, lang),
            html.Div(
                html.Div([html.Div(id="map"), zoom_buttons(lang), map_note(lang)], className="mapbox"),
                className="stage",
            ),
            html.Aside(
                [
                    html.Div(
                        [
                            html.Div(blank(text("queue.pick", lang), "map-pin-question"), id="queue-panel"),
                            queue_panel.form(lang),
                        ],
                        className="scroll",
                    ),
                    queue_panel.foot(lang),
                ],
                className="panel",
                **{"aria-label": text("queue.panel", lang), "aria-live": "polite"},
            ),
        ],
        id="main",
        className="work queue",
    )


def boot(context: Context, lang: str, theme: str) -> dict[str, Any]:
    """What sets the page going."""
    return {"build": context.build_id, "lang": lang, "theme": theme}


def register(app: Dash, context: Context) -> None:
    """Wire the page."""
    queue_wiring.register(app, context)


def columns(lang: str) -> list[dict[str, Any]]:
    """Columns of the waiting list."""
    return [
        {
            "field": "name",
            "headerName": text("list.name", lang),
            "flex": 3,
            "minWidth": 150,
            "cellClass": "strong",
            "tooltipField": "name",
        },
        {
            "field": "why",
            "headerName": text("queue.reason", lang),
            "width": 124 if lang != "en" else 180,
            "tooltipField": "why",
            "sortable": False,
        },
        {
            "field": "address",
            "headerName": text("list.address", lang),
            "flex": 4,
            "minWidth": 150,
            "tooltipField": "address",
            "cellClass": "soft",
            "sortable": False,
        },
        {
            "field": "district",
            "headerName": text("list.district", lang),
            "width": 84,
            "cellClass": "soft",
            "sortable": False,
        },
    ]


def decided_columns(lang: str) -> list[dict[str, Any]]:
    """Columns of the decisions."""
    return [
        {
            "field": "name",
            "headerName": text("list.name", lang),
            "flex": 3,
            "minWidth": 140,
            "cellClass": "strong",
            "tooltipField": "name",
        },
        {
            "field": "place",
            "headerName": text("queue.decided_place", lang),
            "flex": 2,
            "minWidth": 110,
            "tooltipField": "place",
        },
        {"field": "at", "headerName": text("queue.decided_at", lang), "width": 132, "cellClass": "soft"},
        {"field": "actor", "headerName": text("queue.decided_by", lang), "width": 84, "cellClass": "soft"},
    ]


def _lists(context: Context, lang: str) -> html.Section:
    waiting = paged_list("queue-list", columns(lang), "uscc", localeText=grid_words(lang))
    decided = paged_list("decided-list", decided_columns(lang), "alias_id", localeText=grid_words(lang))
    return html.Section(
        [
            html.Div(
                [
                    html.H2(text("queue.title", lang)),
                    html.P(text("queue.intro", lang), className="cap"),
                    html.P(text("queue.next_build", lang, build=context.build_id), className="cap"),
                ],
                className="queuehead",
            ),
            html.Div(
                [
                    dmc.SegmentedControl(
                        id="queue-tab",
                        value="open",
                        data=[{"value": key, "label": text(f"queue.{key}", lang)} for key in ("open", "decided")],
                        **{"aria-label": text("queue.tabs", lang)},
                    ),
                    dmc.TextInput(
                        id="queue-search",
                        placeholder=text("queue.search", lang),
                        debounce=250,
                        className="grow",
                        **{"aria-label": text("queue.search", lang)},
                    ),
                    html.Span(id="queue-total", className="cap num", **{"aria-live": "polite"}),
                ],
                className="queuebar",
            ),
            html.Div(waiting, id="queue-open", className="queuelist"),
            html.Div(
                [html.Div(decided, className="queuelist"), html.Div(id="decided-undo", className="queuefoot")],
                id="queue-decided",
                className="queuelist column",
                hidden=True,
            ),
        ],
        className="rail wide",
        **{"aria-label": text("queue.list_label", lang)},
    )
