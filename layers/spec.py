"""A page's chosen layers as the specification the map draws; the format is written down in docs/map.md."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from layers import colours, flows, frames, registry
from layers.access import Actor
from layers.layer import Layer
from layers.legends import Legend, Row, State, colours_of, legend, of_served
from layers.products import Products, Store
from layers.provenance import SourceLine, of_parts, of_tables
from layers.requests import Request, Scheme
from layers.serve import Served, periods, serve
from layers.text import pick, text
from layers.theme import tokens
from models.errors import AccessDeniedError, NotBuiltError, UnknownNameError
from models.profile import City

__all__ = ["LayerState", "Legend", "Row", "State", "legend", "map_spec", "resolution_at"]

MOST_NAMES = 3
LONG_NAME = 30
FEW_MARKS = 5_000
"""Points of which each is drawn larger, because they seldom cover each other."""
BASEMAP_TABLES = ("districts", "towns", "roads", "waters")
FLOWS_SHOWN = 50
"""Flows drawn where the reader has not said how many (screens.md 3.3)."""
_CELL_AREA_KM2 = {"5": 252.9, "6": 36.13, "7": 5.161, "8": 0.7373, "9": 0.1053, "10": 0.01505}


@dataclass(frozen=True)
class LayerState:
    """How the reader has set one layer: opacity in percent, None for the layer's own setting; area None for all.

    Of flows, the ``top`` largest of at least ``least`` are drawn; 0 draws all of them.
    """

    id: str
    visible: bool = True
    opacity: float | None = None
    scheme: Scheme | None = None
    classes: int | None = None
    area: str | None = None
    top: int | None = None
    least: float | None = None


def resolution_at(zoom: float, resolutions: Sequence[str]) -> str:
    """The H3 resolution whose cells are best seen at a zoom: one step finer for every 1.4 zoom levels from 10.4 on.

    Near enough for a legend before the map has said what it draws; the map itself goes by pixels per cell.
    """
    finest = 7 + max(0, int((zoom - 9.0) / 1.4))
    fitting = [r for r in resolutions if int(r) <= finest]
    return fitting[-1] if fitting else resolutions[0]


def map_spec(
    store: Store,
    city: City,
    actor: Actor,
    *,
    lang: str,
    theme: str,
    view: Mapping[str, Any],
    chosen: Sequence[LayerState],
    period: str | None = None,
    selection: Mapping[str, Any] | None = None,
    resolutions: Mapping[str, str] | None = None,
    own: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The value of the store ``map-spec``.

    Parameters
    ----------
    view : lon, lat, zoom (or bounds) and t
    chosen : the layers from bottom to top
    period : the current period, for the legend of the picture
    selection : as in docs/map.md, or None
    resolutions : resolution on screen by layer, where the map has said so
    own : outline of the reader's own area, as in docs/map.md, or None

    Returns
    -------
    JSON-able dict. A layer the actor may not see, or whose products are not built, is left out and named with the
    reason under ``refused``.

    Raises
    ------
    NotBuiltError : the city has no build
    """
    products = Products.live(store)
    drawn: list[dict[str, Any]] = []
    refused: list[dict[str, str]] = []
    top: Served | None = None
    for state in chosen:
        try:
            layer = registry.layer(state.id)
            served = _served(
                layer,
                state,
                city=city,
                actor=actor,
                store=store,
                view=view,
                period=period,
                resolutions=resolutions or {},
            )
        except (AccessDeniedError, NotBuiltError, UnknownNameError) as error:
            refused.append({"id": state.id, "why": str(error)})
            continue
        drawn.append(_entry(layer, state, served, products, lang=lang, theme=theme))
        if state.visible and layer.kind in ("hex", "polygon", "line"):
            top = served
    shown = [registry.layer(entry["id"]) for entry in reversed(drawn) if entry["visible"]]
    lines = [line for layer in shown for line in of_parts(layer, city)]
    spec = {
        "version": products.build_id, "lang": lang, "theme": theme, "view": dict(view),
        "basemap": f"/data/basemap?v={products.build_id}", "approval": _approval(city, lang), "style": _style(theme),
        "texts": _texts(top, products, lines, city, lang), "layers": drawn,
        "selection": dict(selection) if selection else None,
        "own": dict(own) if own else None, "refused": refused,
    }  # fmt: skip
    if top is not None:
        spec["legend"] = of_served(top, city, lang=lang, theme=theme, opacity=_percent(chosen, top.layer)).as_dict()
    return spec


def _percent(chosen: Sequence[LayerState], layer: Layer) -> float:
    state = next(s for s in chosen if s.id == layer.id)
    return layer.opacity if state.opacity is None else state.opacity


def _served(
    layer: Layer,
    state: LayerState,
    *,
    city: City,
    actor: Actor,
    store: Store,
    view: Mapping[str, Any],
    period: str | None,
    resolutions: Mapping[str, str],
) -> Served:  # fmt: skip
    offered = layer.support.resolutions
    resolution = resolutions.get(layer.id, "")
    if resolution not in offered:
        hexes = layer.support.kind == "hex" and "zoom" in view
        resolution = resolution_at(float(view["zoom"]), offered) if hexes else layer.support.reference
    known = periods(layer, store)
    now = period if known and period in known else None
    asked = Request(resolution, now, area=state.area, scheme=state.scheme, classes=state.classes)
    return serve(layer, asked, actor, store=store, city=city)


def _entry(
    layer: Layer, state: LayerState, served: Served, products: Products, *, lang: str, theme: str
) -> dict[str, Any]:
    kind = layer.kind
    res = "{res}" if kind == "hex" else layer.support.resolutions[0]
    base, version = f"/data/{layer.id}", products.build_id
    own = {"scheme": state.scheme, "classes": state.classes} if layer.legend and layer.adjustable else {}
    where = urlencode({"v": version, **({"area": state.area} if state.area else {})})
    asked = urlencode({"v": version, **{k: v for k, v in {**own, "area": state.area}.items() if v}})
    entry: dict[str, Any] = {
        "id": layer.id, "kind": kind, "geometry": f"{base}/geometry/{res}?{where}", "values": None, "periods": None,
        "visible": state.visible, "opacity": (layer.opacity if state.opacity is None else state.opacity) / 100,
        "pick": bool(layer.detail),
    }  # fmt: skip
    if kind in ("hex", "polygon", "flow", "line"):
        known = periods(layer, products.store, products.build_id)
        entry |= {
            "values": f"{base}/values/{res}/{{period}}?{asked}", "periods": list(known) if known else None,
            "breaks": list(served.breaks),
        }  # fmt: skip
        if known:
            entry["start"] = layer.time.first_shown(known)
    if layer.legend is not None:
        entry["colours"] = colours_of(served, theme)
    if kind == "flow":
        entry |= _flow_entry(layer, state, products, lang)
    if kind == "hex":
        entry["resolutions"] = [int(r) for r in layer.support.resolutions]
    if kind == "point":
        palette = layer.legend.palette if layer.legend else ""
        letters = colours.letters(palette)
        size = 16 if letters else 12 if sum(served.counts) < FEW_MARKS else 8
        entry |= {"shapes": colours.shapes(palette, len(entry["colours"])), "size": size}
        if letters:
            entry["letters"] = [
                [letter, colours.ink_on(fill)] for letter, fill in zip(letters, entry["colours"], strict=True)
            ]
    if layer.names:
        entry["labels"] = _labels(products, layer.support.resolutions[0], lang)
    for bound in ("min_zoom", "max_zoom"):
        if (value := getattr(layer, bound)) is not None:
            entry[bound] = value
    return entry


def _flow_entry(layer: Layer, state: LayerState, products: Products, lang: str) -> dict[str, Any]:
    """What the map needs to choose among flows, and to say how much of all of them is drawn.

    ``codes`` name the places of the geometry in their order; ``totals`` are all persons by period, also those of
    pairs that are hidden.
    """
    known = periods(layer, products.store, products.build_id) or (None,)
    total = layer.total
    totals = {period or "-": round(total(products, period)) for period in known} if total else {}
    return {
        "top": FLOWS_SHOWN if state.top is None else state.top,
        "least": state.least or 0,
        "codes": list(flows.places(products, layer.support.resolutions[0])["area_code"]),
        "totals": totals,
        "note": text("legend.flows", lang),
    }


def _labels(products: Products, level: str, lang: str) -> list[dict[str, Any]]:
    """Names of the areas, each at a point inside its largest part."""
    areas = frames.areas(products, level)
    inside = areas.geometry.representative_point()
    names = frames.names(products, level, lang)
    return [
        {"text": str(name), "lon": round(point.x, 6), "lat": round(point.y, 6), "rank": 3}
        for name, point in zip(names, inside, strict=True)
    ]


def _approval(city: City, lang: str) -> str:
    return text("note.approval", lang, number=city.map_approval_no or text("note.approval_open", lang))


def _style(theme: str) -> dict[str, Any]:
    loaded = tokens()
    looks = colours.states(theme)
    states = {key: looks[key] for key in ("suppressed", "no_data", "estimated")}
    return {
        **loaded["map"][theme],
        "states": states,
        "marks": loaded["map_style"],
        "font": loaded["font"]["family"],
    }


def _credit(products: Products, lines: Sequence[SourceLine], city: City, lang: str) -> dict[str, Any]:
    """Whom the shown data come from: the visible layers from the top down, then the base map.

    ``attribution`` is short enough for the foot of the map, ``attribution_all`` names everyone in full.
    """
    below = of_tables(city, tuple(table for table in BASEMAP_TABLES if products.has(table)))
    every = list(dict.fromkeys(pick(line.attribution, lang) for line in (*lines, *below)))
    names = list(dict.fromkeys(name for said in every for name in _short_names(said)))
    first = names[:MOST_NAMES]
    if rest := len(names) - len(first):
        first[-1] = f"{first[-1]} {text('note.more_sources', lang, n=rest)}"
    return {"attribution": first, "attribution_all": every}


def _short_names(attribution: str) -> list[str]:
    """The names in an attribution, each without what explains it after a comma where it is long."""
    names = [name.strip() for name in attribution.replace("；", ";").split(";")]
    return [re.split("[,，]", name)[0] if len(name) > LONG_NAME else name for name in names if name]


def _texts(
    top: Served | None, products: Products, lines: Sequence[SourceLine], city: City, lang: str
) -> dict[str, Any]:
    sizes = {r: text("note.resolution", lang, resolution=r, area=f"{area:.3g}") for r, area in _CELL_AREA_KM2.items()}
    found: dict[str, Any] = {
        "aria": text("map.label", lang),
        "resolution": {str(r): sizes[str(r)] for r in city.h3_resolutions if str(r) in sizes},
        **_credit(products, lines, city, lang),
    }
    if top is None:
        return found
    title = text(f"{top.layer.text_key}.title", lang)
    view = of_served(top, city, lang=lang, theme="light", opacity=100)
    return {
        **found, "aria": text("note.map_of", lang, title=title),
        "title": title, "unit": view.unit, "source": view.source, "date": view.date,
    }  # fmt: skip
