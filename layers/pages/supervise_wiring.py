"""Callbacks of my grid: everything pressed becomes one question, and one answer moves card, map and list."""

from __future__ import annotations

import time
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, no_update

from layers import availability, board, inspect, registry, spec, worklist
from layers import theme as look
from layers.access import decide
from layers.pages import legend, supervise_parts
from layers.pages.context import Context, language_of, query, report
from layers.pages.elements import failed
from layers.pages.supervise_card import chosen
from layers.pages.supervise_list import AreaOf
from layers.products import Products
from models.errors import AccessDeniedError, UnknownNameError

OUTLINES = "grid-outlines"
OVER = (OUTLINES, "subject-levels")
FIT_MARGIN = 0.04
CLOSE_ZOOM = 14.5
OPACITY = {"light": 62, "dark": 86}
"""Percent at which the fill is drawn under points (visual language, section 7)."""


def drawn(context: Context, code: str | None, fill: str, lang: str, theme: str) -> tuple[list[Any], dict[str, Any]]:
    """Legend cards and the spec of the map for an area."""
    products = Products.live(context.store)
    area = board.area(products, code, lang, context.city_name(lang))
    names = [fill, *OVER] if fill != "none" else list(OVER)
    states = [
        spec.LayerState(name, True, OPACITY[theme] if name == fill else None, area=code if name != OUTLINES else None)
        for name in names
        if name in registry.layers()
        and decide(context.actor, registry.layer(name), code).allowed
        and not availability.why_not(registry.layer(name), products, context.city, lang)
    ]
    west, south, east, north = area.bounds
    pad = FIT_MARGIN * max(east - west, north - south)
    made = spec.map_spec(
        context.store, context.city, context.actor, lang=lang, theme=theme,
        view={"bounds": [west - pad, south - pad, east + pad, north + pad], "t": f"{code}{context.build_id}"},
        chosen=states, period=None, selection=None,
        own={"rings": [[list(p) for p in ring] for ring in area.rings], "colour": look.colours(theme)["accent"]},
    )  # fmt: skip
    shown = {entry["id"] for entry in made["layers"]}
    cards = legend.cards(
        context, [s for s in states if s.id in shown and s.id not in OVER], lang, theme, period=None, resolutions={}
    )
    return cards, made


def at(context: Context, code: str | None, click: Any, lang: str) -> str | None:
    """What lies at a place of the map, as ``kind:id``; None where there is nothing of the area."""
    layers = [name for name in click["layers"] if name in ("subject-levels", "risk-density")]
    try:
        found = inspect.at(
            context.store, context.city, context.actor, click["lon"], click["lat"], click["zoom"], layers, lang,
            resolution=click.get("res"), area=code,
        )  # fmt: skip
    except AccessDeniedError:
        return None
    return f"{found.kind}:{found.id}" if found and found.kind in ("cell", "subject") else None


def register(app: Dash, context: Context, area_of: AreaOf) -> None:
    """Wire map, selection and warnings."""
    _browser(app)
    _map(app, context, area_of)
    _select(app, context, area_of)
    _warnings(app, context, area_of)


def _browser(app: Dash) -> None:
    """What needs no server: which button asks for what, filters, chooser of the area."""
    for trigger in (
        Input("map-click", "data"),
        Input("supervise-list", "cellClicked"),
        Input("supervise-list", "selectedRows"),
        Input({"type": "supervise-warning", "key": ALL}, "n_clicks"),
        Input("supervise-close", "n_clicks"),
        Input("page-start", "data"),
    ):  # one each: no page but this one has all of them
        app.clientside_callback(
            ClientsideFunction("supervise", "ask"),
            Output("supervise-ask", "data", allow_duplicate=True),
            trigger,
            prevent_initial_call=True,
        )
    for triggers in ([Input("page-start", "data"), Input("theme", "data")], [Input("supervise-fill", "value")]):
        app.clientside_callback(
            ClientsideFunction("supervise", "draw"),
            Output("supervise-draw", "data", allow_duplicate=True),
            *triggers,
            prevent_initial_call=True,
        )
    app.clientside_callback(
        ClientsideFunction("supervise", "filter"),
        Output("supervise-filter", "data"),
        Input({"type": "supervise-level", "level": ALL}, "n_clicks"),
        Input("supervise-text", "value"),
        Input("supervise-narrow", "data"),
        Input("supervise-clear", "n_clicks"),
        State("supervise-filter", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("supervise", "area"),
        Output("supervise-area", "error"),
        Input("supervise-area", "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("supervise", "mark"),
        Output("supervise-sel", "id"),
        Input("supervise-sel", "data"),
        Input("supervise-warnings", "children"),
        prevent_initial_call=True,
    )


def _map(app: Dash, context: Context, area_of: AreaOf) -> None:
    @app.callback(  # type: ignore[untyped-decorator]
        Output("supervise-legends", "children"),
        Output("map-spec", "data", allow_duplicate=True),
        Input("supervise-draw", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def draw(asked: Any, address: Any) -> tuple[Any, Any]:
        params = query(address)
        lang = language_of(params, context.settings.language)
        if not asked:
            return no_update, no_update
        code = area_of(context, params)
        try:
            return drawn(context, code, asked["fill"], lang, asked["theme"])
        except Exception as error:
            return failed(lang, report(error)), no_update


def _select(app: Dash, context: Context, area_of: AreaOf) -> None:
    @app.callback(  # type: ignore[untyped-decorator]
        Output("supervise-sel", "data"),
        Output("supervise-card", "children"),
        Output("supervise-card", "hidden"),
        Output("supervise-foot", "children"),
        Output("supervise-narrow", "data"),
        Output("map-command", "data", allow_duplicate=True),
        Input("supervise-ask", "data"),
        State("supervise-sel", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def select(asked: Any, current: Any, address: Any) -> tuple[Any, ...]:
        params = query(address)
        lang = language_of(params, context.settings.language)
        if not asked:
            return (no_update,) * 6
        code = area_of(context, params)
        sel = at(context, code, asked, lang) if asked["kind"] == "at" else asked.get("sel")
        if not sel or (asked["kind"] == "at" and sel == current):
            return None, [], True, supervise_parts.foot(None, lang), {}, _command(None)
        try:
            found = chosen(context, code, sel, lang)
        except UnknownNameError:
            return None, [], True, supervise_parts.foot(None, lang), {}, _command(None)
        except AccessDeniedError:
            raise
        except Exception as error:
            return no_update, failed(lang, report(error)), False, no_update, no_update, no_update
        move = found.place if asked["kind"] != "at" else None
        return sel, found.card, False, supervise_parts.foot(sel, lang), found.narrows, _command(found.shape, move)


def _command(shape: Any, place: tuple[float, float] | None = None) -> dict[str, Any]:
    """Draw the selection; with a place the map goes there, as close as it is or closer."""
    told: dict[str, Any] = {"kind": "select", "selection": shape, "t": time.time()}
    return told if place is None else told | {"go": {"lon": place[0], "lat": place[1], "least": CLOSE_ZOOM}}


def _warnings(app: Dash, context: Context, area_of: AreaOf) -> None:
    @app.callback(  # type: ignore[untyped-decorator]
        Output("supervise-warnings", "children"),
        Input("supervise-sort", "value"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def order(sort: Any, address: Any) -> Any:
        params = query(address)
        lang = language_of(params, context.settings.language)
        code = area_of(context, params)
        try:
            work = worklist.worklist(context, code, lang)
        except Exception as error:
            return failed(lang, report(error))
        as_of = str(context.manifest.get("as_of") or "")
        wanted = sort if sort in supervise_parts.SORTS else supervise_parts.SORTS[0]
        return supervise_parts.warnings(work.items, as_of, lang, sort=wanted, total=work.total)
