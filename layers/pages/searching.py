"""The search box of the header: firms, codes, addresses, grids and places; a hit is flown to and selected."""

from __future__ import annotations

from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from layers import search
from layers.pages.context import Context, language_of, query, report
from layers.pages.elements import blank, failed, icon
from layers.text import text

LIMIT = 8
MARKS = {
    "subject": "building-store",
    "queue": "map-pin-question",
    "grid": "hexagon",
    "district": "building-community",
    "town": "home",
    "place": "map-pin",
    "cell": "hexagons",
}


def box(lang: str) -> html.Div:
    """The field and the room for its hits."""
    field = dcc.Input(
        id="search-text",
        type="text",
        placeholder=text("search.placeholder", lang),
        autoComplete="off",
        spellCheck=False,
    )
    return html.Div(
        [
            html.Label(
                [icon("search"), html.Span(text("search.label", lang), className="sr"), field, html.Kbd("/")],
                htmlFor="search-text",
                className="searchbox",
            ),
            html.Div(
                id="search-hits",
                className="hits float",
                **{"aria-label": text("search.results", lang), "aria-live": "polite"},
            ),
            dcc.Store(id="search-words"),
            dcc.Store(id="search-found"),
        ],
        className="search",
        role="search",
    )


def hits(context: Context, words: str | None, lang: str) -> tuple[list[Any], list[dict[str, Any]]]:
    """The list under the field, and the same hits as data for the browser."""
    wanted = (words or "").strip()
    if not wanted:
        return [], []
    found = search.find(context.store, context.city, context.actor, wanted, lang, LIMIT)
    if not found:
        return [blank(text("search.none", lang, text=wanted), "search")], []
    rows = [
        html.Button(
            [
                icon(MARKS.get(hit.kind, "map-pin")),
                html.B(hit.title),
                html.Span(
                    f"{text(f'search.{hit.kind}', lang)} · {hit.subtitle}"
                    if hit.subtitle
                    else text(f"search.{hit.kind}", lang),
                    className="cap",
                ),
            ],
            id={"type": "hit", "n": n},
            className="hit",
            type="button",
            n_clicks=0,
        )
        for n, hit in enumerate(found)
    ]
    data = [{"kind": h.kind, "id": str(h.id), "lon": h.lon, "lat": h.lat, "zoom": h.zoom} for h in found]
    return rows, data


def register(app: Dash, context: Context) -> None:
    """Wire the field to the server and the hits to the map.

    The page itself waits for a pause: the field's own waiting mixes up letters that are typed while a slow page draws.
    """
    app.clientside_callback(
        ClientsideFunction("explore", "pause"),
        Output("search-words", "id"),
        Input("search-text", "value"),
        prevent_initial_call=True,
    )

    @app.callback(  # type: ignore[untyped-decorator]
        Output("search-hits", "children"),
        Output("search-found", "data"),
        Input("search-words", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def look_up(words: str | None, address: str | None) -> tuple[Any, Any]:
        lang = language_of(query(address), context.settings.language)
        try:
            return hits(context, words, lang)
        except Exception as error:
            return failed(lang, report(error)), no_update

    app.clientside_callback(
        ClientsideFunction("explore", "hit"),
        Output("search-hits", "children", allow_duplicate=True),
        Input({"type": "hit", "n": ALL}, "n_clicks"),
        Input("search-text", "n_submit"),
        State("search-found", "data"),
        prevent_initial_call=True,
    )
