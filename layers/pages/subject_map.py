"""The place of one subject on a small map: its mark, its neighbours, a circle of 200 metres."""

from __future__ import annotations

import math
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update

from layers import availability, panorama, registry, spec
from layers import theme as look
from layers.access import decide
from layers.masking import area_of
from layers.pages.context import Context, language_of, query, report
from layers.products import Products
from models.errors import AccessDeniedError

ZOOM = 14.9
CORNERS = 72


def drawn(context: Context, ident: str, lang: str, theme: str) -> dict[str, Any] | None:
    """The spec of the map; None where the subject has no place."""
    row = context.store.subject(ident)
    panorama.require(context.actor, row)
    if not row.get("located") or row.get("lon") is None:
        return None
    lon, lat = float(row["lon"]), float(row["lat"])
    code = area_of(row)
    area = next((a for a in sorted(context.actor.areas, key=len) if code and code.startswith(a)), None)
    products = Products.live(context.store)
    names = ("subject-levels", "subjects", "premises")
    usable = [
        name
        for name in names
        if name in registry.layers()
        and decide(context.actor, registry.layer(name), area).allowed
        and not availability.why_not(registry.layer(name), products, context.city, lang)
    ]
    return spec.map_spec(
        context.store, context.city, context.actor, lang=lang, theme=theme,
        view={"lon": lon, "lat": lat, "zoom": ZOOM, "t": ident},
        chosen=[spec.LayerState(name, True, None, area=area) for name in usable[:1]], period=None,
        selection={"kind": "subject", "id": ident, "point": [lon, lat]},
        own={"rings": [_circle(lon, lat, panorama.NEAR_M)], "colour": look.colours(theme)["ink-3"]},
    )  # fmt: skip


def _circle(lon: float, lat: float, metres: float) -> list[list[float]]:
    dlat, dlon = metres / 110_574, metres / (111_320 * math.cos(math.radians(lat)))
    angles = [2 * math.pi * n / CORNERS for n in range(CORNERS)]
    return [[round(lon + dlon * math.cos(a), 6), round(lat + dlat * math.sin(a), 6)] for a in angles]


def register(app: Dash, context: Context) -> None:
    """Draw it when the page has opened, and again in another theme."""
    app.clientside_callback(
        ClientsideFunction("subject", "draw"),
        Output("subject-draw", "data"),
        Input("page-start", "data"),
        Input("theme", "data"),
        prevent_initial_call=True,
    )

    @app.callback(  # type: ignore[untyped-decorator]
        Output("subject-drawn", "data"),
        Output("map-spec", "data", allow_duplicate=True),
        Input("subject-draw", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def draw(asked: Any, address: Any) -> tuple[Any, Any]:
        params = query(address)
        if not asked or not params.get("id"):
            return no_update, no_update
        lang = language_of(params, context.settings.language)
        try:
            found = drawn(context, params["id"], lang, asked["theme"])
        except AccessDeniedError:
            raise
        except Exception as error:
            report(error)
            return no_update, no_update
        return asked, no_update if found is None else found
