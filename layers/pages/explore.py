"""The explore page: layers at the left, the map, what was clicked at the right, the table twin below."""

from __future__ import annotations

from typing import Any

from dash import Dash, html

from layers.pages import explore_wiring, fallback, inspecting, rail, timebar, twin
from layers.pages.context import Context
from layers.pages.elements import map_note, skeleton, zoom_buttons
from layers.text import text
from models.errors import NotBuiltError


def layout(context: Context, lang: str, theme: str) -> html.Main:  # noqa: ARG001 - every page is laid out alike
    """The page before its first data: frames, skeletons and the stores that hold its state."""
    if not context.build_id:
        raise NotBuiltError(f"{context.city.id} has no build yet")
    return html.Main(
        [
            html.H1(text("shell.explore", lang), className="sr"),
            _rail(lang),
            html.Div([_map(lang), twin.frame(lang)], className="stage", **{"data-source": "map"}),
            inspecting.frame(lang),
        ],
        id="main",
        className="work",
    )


def register(app: Dash, context: Context) -> None:
    """Wire the page."""
    explore_wiring.register(app, context)
    inspecting.register(app, context)
    timebar.register(app, context)
    twin.register(app, context)
    fallback.register(app, context)


def boot(context: Context, lang: str, theme: str) -> dict[str, Any]:
    """What the browser needs to read and write the address: every layer's defaults and a fresh page's choice."""
    return {
        "known": rail.defaults(context),
        "chosen": rail.first_choice(context),
        "period": None,
        "lang": lang,
        "file": f"{context.city.id}-{context.build_id}",
        "theme": theme,
        "words": {"copied": text("inspect.link_done", lang)},
    }


def _rail(lang: str) -> html.Aside:
    return html.Aside(
        [
            html.Div(html.H2(text("rail.title", lang)), className="ph"),
            html.Div(html.Div(skeleton(28, 28, 28, 28, 28, 28), className="psec"), id="rail", className="scroll"),
        ],
        className="rail",
        **{"aria-label": text("rail.label", lang)},
    )


def _map(lang: str) -> html.Div:
    return html.Div(
        [
            html.Div(id="map"),
            html.Div(id="fallback"),
            html.Div(
                id="legends",
                className="legends float",
                tabIndex=0,
                role="region",
                **{"data-map-card": "1", "aria-label": text("legend.region", lang)},
            ),
            zoom_buttons(lang),
            timebar.frame(lang),
            map_note(lang),
        ],
        className="mapbox",
    )
