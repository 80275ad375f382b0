"""My grid: the supervisor's area as counts, map, warnings and list, all sharing one selection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import Dash, dcc, html

from layers import board, worklist
from layers.pages import supervise_list, supervise_parts, supervise_wiring
from layers.pages.context import Context
from layers.pages.elements import blank, map_note, zoom_buttons
from layers.products import Products
from layers.text import text

EVERYWHERE = "*"
NEEDS = ("subjects",)
"""A city without a register has no areas and subjects to show here."""
ALL = "all"
"""Value of the address's ``area`` for the whole city."""


def area_asked(context: Context, params: Mapping[str, str]) -> str | None:
    """The area a page shows: the one its address names, else the first of the actor; None is the whole city.

    Raises
    ------
    AccessDeniedError : it is not one of the actor's areas
    """
    actor, asked = context.actor, params.get("area", "")
    if asked:
        found = None if asked == ALL else asked
    else:
        found = None if EVERYWHERE in actor.areas else next(iter(sorted(actor.areas)), None)
    board.require(actor, found)
    return found


def guard(context: Context, params: Mapping[str, str]) -> None:
    """Refuse the page where its address names an area of somebody else."""
    area_asked(context, params)


def layout_for(context: Context, lang: str, theme: str, params: Mapping[str, str]) -> html.Main:  # noqa: ARG001
    """The page with everything but the map and the rows of the list."""
    code = area_asked(context, params)
    products = Products.live(context.store)
    if not products.has("subjects"):
        empty = blank(text("supervise.no_register", lang, city=context.city_name(lang)), "building-store")
        return html.Main(empty, id="main", className="page")
    area = board.area(products, code, lang, context.city_name(lang))
    counts = board.counts(products, code)
    work = worklist.worklist(context, code, lang)
    as_of = str(context.manifest.get("as_of") or "")
    return html.Main(
        [
            html.H1(text("supervise.title", lang, area=area.name), className="sr"),
            html.Div(
                [
                    supervise_parts.strip(context, products, area, counts, lang),
                    _map(counts, as_of, lang),
                    supervise_list.frame(counts, area, as_of, lang),
                ],
                className="stage",
            ),
            supervise_parts.panel(work, as_of, lang),
            dcc.Download(id="supervise-download"),
        ],
        id="main",
        className="work two",
        **{"data-area": code or ALL},
    )


def boot(context: Context, lang: str, theme: str) -> dict[str, Any]:
    """What the browser starts from."""
    return {"build": context.build_id, "lang": lang, "theme": theme}


def register(app: Dash, context: Context) -> None:
    """Wire the page."""
    supervise_wiring.register(app, context, area_asked)
    supervise_list.register(app, context, area_asked)


def _map(counts: board.Counts, as_of: str, lang: str) -> html.Div:
    return html.Div(
        [
            html.Div(id="map"),
            html.Div(
                [
                    html.Div(id="supervise-legends"),
                    supervise_parts.levels_key(counts, as_of, lang),
                ],
                className="legends float",
                tabIndex=0,
                role="region",
                **{"data-map-card": "1", "aria-label": text("legend.region", lang)},
            ),
            supervise_parts.fills(lang),
            zoom_buttons(lang),
            map_note(lang),
        ],
        className="mapbox",
    )
