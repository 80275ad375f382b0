"""The one door from a layer to a browser, a page or a file.

Always in this order: may this actor see it, and why -> is the request within limits -> query -> contract check ->
suppress -> classify -> encode. A layer cannot skip a step because nothing else calls its query.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layers import encode, flows, frames, provenance, road_sections, wire
from layers.access import Actor, decide
from layers.classes import NO_CLASS, breaks, classify
from layers.colours import is_diverging
from layers.layer import Layer
from layers.products import Products, Store
from layers.provenance import Provenance
from layers.requests import Request, Scheme
from models import contracts, disclosure
from models.errors import AccessDeniedError, RequestError, UnknownNameError
from models.profile import City

FRAMES_KEPT = 24


@dataclass(frozen=True)
class Served:
    """What came through the door.

    Attributes
    ----------
    layer, request : what was asked; the period is filled in
    build_id : the build all of it comes from
    frame : id, value, flag (and lon, lat for points) after suppression; rows by ascending id
    classes : int8 (rows,), 0 is the lowest class, -1 neither class nor colour
    breaks : lower bounds of class 1..n-1, the same for every period
    zero : whether class 0 holds the zeros and nothing else, so that the first break only parts them from the rest
    counts : rows of each class
    states : rows by flag: 0 observed, 1 zero, 2 suppressed, 3 no data, 4 estimated
    total : rows before limit and offset
    why : the rule that let the actor see it
    provenance : sources, licence, date, build
    body : encoded bytes where values or geometry were asked for
    """

    layer: Layer
    request: Request
    build_id: str
    frame: pd.DataFrame
    classes: npt.NDArray[np.int8]
    breaks: tuple[float, ...]
    zero: bool
    counts: tuple[int, ...]
    states: dict[int, int]
    total: int
    why: str
    provenance: Provenance
    body: bytes | None = None


def serve(
    layer: Layer, request: Request, actor: Actor, *, store: Store, city: City, build_id: str | None = None
) -> Served:
    """Answer one request to one layer.

    Parameters
    ----------
    layer : from the registry
    request : resolution, period, part, bounds, area, classes
    actor : who asks
    store, city : where the products are and whose they are
    build_id : a kept build; None is the live one

    Raises
    ------
    AccessDeniedError : with the rule that decided
    RequestError, UnknownNameError : the request is outside of what the layer offers
    NotBuiltError : a product is missing; the text says what to build
    ContractError : the query returned something that is not on contract
    """
    decision = decide(actor, layer, request.area)
    if not decision.allowed:
        raise AccessDeniedError(decision.why)
    products = Products.live(store, build_id)
    products.require(layer.reads, f"Layer {layer.id}")
    request = _within_limits(layer, request, products)
    k = disclosure.threshold(city.disclosure_k, layer.disclosure.k if layer.disclosure else 0)
    frame = _inside(layer, products, request, _protected(layer, products, request.resolution, request.period, k))
    least = least_above_zero(layer, products, k)
    bounds = class_bounds(layer, products, k, request.scheme, request.classes)
    if least is not None:
        bounds = (least, *(bound for bound in bounds if bound > least))
    classes = _classes(layer, frame, bounds)
    served = Served(
        layer, request, products.build_id, frame, classes, bounds, least is not None,
        counts=_counts(layer, classes, bounds),
        states={flag: int(n) for flag, n in enumerate(np.bincount(frame["flag"], minlength=5)) if n},
        total=len(frame), why=decision.why, provenance=provenance.of_layer(layer, city, products),
    )  # fmt: skip
    return _finish(served, products, k)


def periods(layer: Layer, store: Store, build_id: str | None = None) -> tuple[str, ...] | None:
    """The periods of a layer, oldest first, or None where it has none.

    Raises
    ------
    NotBuiltError : a product it reads is missing
    """
    products = Products.live(store, build_id)
    products.require(layer.reads, f"Layer {layer.id}")
    return _periods(layer, products)


def known_period(layer: Layer, store: Store, period: str | None) -> str | None:
    """The period where the layer has it; None, which shows its own, where it has not."""
    return period if period in (periods(layer, store) or ()) else None


def has_values(layer: Layer, products: Products, k: int) -> bool:
    """Whether any place has a value of the layer in its latest period; for outlines and points, whether there are any.

    Parameters
    ----------
    products : must hold what the layer reads
    k : threshold of the small-count protection; a suppressed value is one that exists
    """
    known = _periods(layer, products)
    if known == ():
        return False
    frame = _protected(layer, products, layer.support.reference, layer.time.first_shown(known or ()), k)
    return len(frame) > 0 and (layer.measure is None or bool((frame["flag"] != frames.NO_DATA).any()))


@lru_cache(maxsize=64)
def _periods(layer: Layer, products: Products) -> tuple[str, ...] | None:
    return layer.time.periods(products) if layer.time.periods else None


def _within_limits(layer: Layer, request: Request, products: Products) -> Request:
    """The request with its period filled in, refused where the layer does not offer what it asks for."""
    offered = layer.support.resolutions
    if request.resolution not in offered:
        raise UnknownNameError(f"{layer.id} has no resolution {request.resolution!r}; it has {', '.join(offered)}")
    known = _periods(layer, products)
    if known is None:
        if request.period not in (None, "-"):
            raise UnknownNameError(f"{layer.id} has no periods; found {request.period!r}")
        period = None
    elif request.period in (None, "-"):
        period = layer.time.first_shown(known)
    elif request.period in known:
        period = request.period
    else:
        raise UnknownNameError(f"{layer.id} has no period {request.period!r}; it has {known[0]} to {known[-1]}")
    if layer.adjustable and request.scheme == "fixed":
        raise RequestError(f"{layer.id} has no fixed classes; allowed schemes: quantile, natural, headtail")
    if layer.adjustable:
        return replace(request, period=period)
    return replace(request, period=period, scheme=None, classes=None)


@lru_cache(maxsize=FRAMES_KEPT)
def _protected(layer: Layer, products: Products, resolution: str, period: str | None, k: int) -> pd.DataFrame:
    """Query, check and suppress: the only place where a query is called."""
    frame = layer.query(products, Request(resolution=resolution, period=period))
    contracts.check(layer.support.contract, frame)
    if not frame["id"].is_monotonic_increasing:
        raise contracts.ContractError(layer.support.contract, [f"{layer.id}: ids must ascend"])
    if layer.disclosure is not None:
        if "observed" not in frame:
            raise contracts.ContractError(layer.support.contract, [f"{layer.id}: observed is needed to protect it"])
        values, flags = disclosure.suppress(
            frame["value"].to_numpy(np.float64), frame["flag"].to_numpy(np.int64),
            frame["observed"].to_numpy(np.float64, na_value=np.nan), k,
        )  # fmt: skip
        frame = frame.assign(value=values, flag=flags)
    return frame.drop(columns="observed", errors="ignore")


def owners_of(layer: Layer, products: Products) -> pd.DataFrame:
    """What the points of a layer stand for, in their order: ``ident``, district_code, grid_code."""
    if layer.owners is not None:
        return layer.owners(products)
    return frames.located(products).rename(columns={"uscc": "ident"})


def _inside(layer: Layer, products: Products, request: Request, frame: pd.DataFrame) -> pd.DataFrame:
    """Only the rows of one area, where the request names one."""
    if request.area is None:
        return frame
    if layer.support.kind == "od":
        ends = [frame[end].str.startswith(request.area) for end in flows.PAIR]
        return frame[ends[0] | ends[1]].reset_index(drop=True)
    if layer.support.kind in ("area", "grid"):
        return frame[frame["id"].str.startswith(request.area)].reset_index(drop=True)
    if layer.support.kind == "hex":
        owners = frames.cells(products, request.resolution)
    else:
        owners = road_sections.owners(products) if layer.support.kind == "road" else owners_of(layer, products)
    mask = np.zeros(len(owners), bool)
    for column in ("district_code", "grid_code"):
        mask |= owners[column].str.startswith(request.area).fillna(False).to_numpy(bool)
    return frame[mask].reset_index(drop=True)


@lru_cache(maxsize=256)
def class_bounds(
    layer: Layer, products: Products, k: int, scheme: Scheme | None = None, count: int | None = None
) -> tuple[float, ...]:
    """Lower bounds of class 1..n-1 from the values of all periods at the reference resolution."""
    if layer.legend is None or layer.measure is None:
        return ()
    if layer.measure.kind == "category":
        return tuple(i + 0.5 for i in range(len(layer.measure.categories) - 1))
    scheme = scheme or layer.legend.scheme
    if scheme == "fixed":
        return layer.legend.breaks
    values = _spread(layer, products, layer.support.reference, k)
    return breaks(values, scheme, count or layer.legend.class_count, diverging=is_diverging(layer.legend.palette))


@lru_cache(maxsize=64)
def least_above_zero(layer: Layer, products: Products, k: int) -> float | None:
    """The bound that parts zeros from the smallest value of any period and resolution.

    None where the layer does not show zeros apart, or has no zero, or nothing but zeros.
    """
    if not layer.splits_zero:
        return None
    periods_of = _periods(layer, products) or (None,)
    last = _protected(layer, products, layer.support.reference, periods_of[-1], k)
    if not (last["value"] == 0).any():
        return None
    shown = np.concatenate([_spread(layer, products, r, k) for r in layer.support.resolutions])
    above = shown[shown > 0]
    if not len(above):
        return None
    least = float(above.min())
    step = 10.0 ** (np.floor(np.log10(least)) - 2)
    return min(least, float(f"{np.floor(least / step) * step:.3g}"))


@lru_cache(maxsize=64)
def _spread(layer: Layer, products: Products, resolution: str, k: int) -> npt.NDArray[np.float64]:
    """All shown values of one resolution over all periods."""
    if layer.spread is not None:
        return layer.spread(products, resolution)
    parts = [_protected(layer, products, resolution, p, k) for p in _periods(layer, products) or (None,)]
    return np.concatenate([part["value"].to_numpy(np.float64) for part in parts])


def _classes(layer: Layer, frame: pd.DataFrame, bounds: tuple[float, ...]) -> npt.NDArray[np.int8]:
    if layer.measure is None:
        return np.full(len(frame), NO_CLASS, np.int8)
    return classify(frame["value"].to_numpy(np.float64), frame["flag"].to_numpy(np.int64), bounds)


def _counts(layer: Layer, classes: npt.NDArray[np.int8], bounds: tuple[float, ...]) -> tuple[int, ...]:
    if layer.measure is None:
        return ()
    return tuple(int(n) for n in np.bincount(classes[classes > NO_CLASS], minlength=len(bounds) + 1))


def _finish(served: Served, products: Products, k: int) -> Served:
    """Encode, or cut the rows to bounds, offset and limit."""
    layer, request = served.layer, served.request
    if request.part == "geometry":
        body = encode.geometry(layer, products, request.resolution, served.frame, served.classes)
        return replace(served, body=body)
    if request.part == "values":
        if layer.kind in ("outline", "point"):
            raise UnknownNameError(f"{layer.id} is drawn from its geometry alone; it has no values to fetch")
        spread = _spread(layer, products, request.resolution, k)
        finite = spread[np.isfinite(spread)]
        scale = wire.scale_for(finite.min(), finite.max()) if len(finite) else wire.Scale(1.0)
        return replace(served, body=encode.values(served.frame, scale, served.breaks))
    rows = np.flatnonzero(_in_bounds(layer, products, request, served.frame))
    kept = rows[request.offset :][: request.limit]
    frame = served.frame.iloc[kept].reset_index(drop=True)
    return replace(served, frame=frame, classes=served.classes[kept], total=len(rows))


def _in_bounds(layer: Layer, products: Products, request: Request, frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Which rows have their centre (areas: their outline's box) inside the bounds."""
    if request.bounds is None:
        return np.ones(len(frame), bool)
    west, south, east, north = request.bounds
    if layer.support.kind == "od":
        places = flows.places(products, request.resolution).set_index("area_code")
        within = places["lon"].between(west, east) & places["lat"].between(south, north)
        either: npt.NDArray[np.bool_] = np.zeros(len(frame), bool)
        for end in flows.PAIR:
            either |= within.reindex(frame[end]).to_numpy(bool)
        return either
    if layer.support.kind in ("area", "grid", "road"):
        boxes = _shapes(layer, products, request.resolution).loc[list(frame["id"])].bounds
        touching = (
            (boxes["minx"] <= east) & (boxes["maxx"] >= west) & (boxes["miny"] <= north) & (boxes["maxy"] >= south)
        )
        return np.asarray(touching, bool)
    if layer.support.kind == "hex":
        cells = frames.cells(products, request.resolution)
        at = np.searchsorted(cells["h3"].to_numpy(np.uint64), frame["id"].to_numpy(np.uint64))
        lon, lat = cells["lon"].to_numpy()[at], cells["lat"].to_numpy()[at]
    else:
        lon, lat = frame["lon"].to_numpy(), frame["lat"].to_numpy()
    inside: npt.NDArray[np.bool_] = np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north), bool)
    return inside


def _shapes(layer: Layer, products: Products, resolution: str) -> gpd.GeoSeries:
    """Geometry of areas or road sections by id."""
    if layer.support.kind == "road":
        return road_sections.sections(products).set_index("section_id").geometry
    return frames.areas(products, resolution).set_index("area_code").geometry
