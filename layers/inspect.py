"""What lies under the pointer, and what is known about it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import h3
import numpy as np
import shapely

from layers import frames, masking, registry, roads_panel
from layers.access import Actor, decide
from layers.facts import Fact
from layers.layer import Layer
from layers.panel import Panel, Share, Trend, panel
from layers.present import People
from layers.products import Products, Store
from layers.serve import owners_of
from layers.spec import resolution_at
from layers.targets import Kind, Ring, Target
from models.errors import AccessDeniedError, UnknownNameError
from models.profile import City

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

__all__ = ["Fact", "Panel", "People", "Share", "Target", "Trend", "at", "panel", "target"]

POINTER_PX = 10
METRES_PER_PX_Z0 = 78_271.517
METRES_PER_DEGREE = 111_320.0


def at(  # noqa: PLR0917 - the order of the click store in docs/map.md
    store: Store,
    city: City,
    actor: Actor,
    lon: float,
    lat: float,
    zoom: float,
    layer_ids: Sequence[str],
    lang: str,
    resolution: int | None = None,
    area: str | None = None,
) -> Target | None:
    """The topmost thing of the visible layers at a place, or None where there is nothing the actor may see.

    Parameters
    ----------
    lon, lat : degrees WGS84
    zoom : Web Mercator zoom with tiles of 512 px; a point may lie `POINTER_PX` beside the pointer
    layer_ids : visible pickable layers, top first
    resolution : of the hexagons on screen, where the map has said so
    area : area the page shows, needed of whoever does not work in the whole city
    """
    products = Products.live(store)
    for layer_id in layer_ids:
        layer = registry.layers().get(layer_id)
        if (
            layer is None
            or not layer.detail
            or not decide(actor, layer, area).allowed
            or not all(products.has(name) for name in layer.reads)
        ):
            continue
        found = _on_layer(layer, products, lon, lat, zoom=zoom, resolution=resolution)
        if found is not None:
            return target(store, city, actor, layer.detail, found, lang)
    return None


def target(  # noqa: PLR0917
    store: Store, city: City, actor: Actor, kind: str, ident: str, lang: str
) -> Target:
    """The thing of that kind and id, as one in the address of a page.

    Raises
    ------
    UnknownNameError : there is none in the build that is shown
    AccessDeniedError : the actor may not see things of that kind there
    """
    products = Products.live(store)
    if kind == "cell":
        return _cell(products, city, ident, lang)
    if kind in ("grid", "district"):
        return _area(products, kind, ident, lang)
    if kind == "subject":
        rows = frames.located(products)
        row = rows[rows["uscc"] == ident]
        if row.empty:
            raise UnknownNameError(f"No located subject has the code {ident[:40]!r} in build {products.build_id}")
        decision = decide(
            actor,
            registry.layer("subjects"),
            _text(row.iloc[0]["grid_code"]) or _text(row.iloc[0]["district_code"]),
        )
        if not decision.allowed:
            raise AccessDeniedError(decision.why)
        known = products.frame("subjects", ("uscc", "name", "entity_type"))
        found = known.loc[known["uscc"] == ident].iloc[0]
        area = masking.area_of(row.iloc[0])
        title = masking.shown_name(str(found["name"]), _text(found["entity_type"]), actor, area)
        return Target("subject", ident, title, float(row.iloc[0]["lon"]), float(row.iloc[0]["lat"]))
    if kind == "premises":
        return _premises(products, actor, ident)
    if kind == "road":
        return roads_panel.target(products, actor, ident, lang)
    known_kinds = "cell, grid, district, subject, premises, road"
    raise UnknownNameError(f"Nothing is of the kind {kind[:40]!r}; there are: {known_kinds}")


def _premises(products: Products, actor: Actor, ident: str) -> Target:
    layer = registry.layer("premises")
    products.require(layer.reads, "A place of business")
    rows = owners_of(layer, products)
    found = rows[rows["ident"] == ident]
    if found.empty:
        raise UnknownNameError(f"No place of business on the map has the id {ident[:40]!r}")
    row = found.iloc[0]
    decision = decide(actor, layer, _text(row["grid_code"]) or _text(row["district_code"]))
    if not decision.allowed:
        raise AccessDeniedError(decision.why)
    names = products.frame("premises", ("premises_id", "name"))
    title = str(names.loc[names["premises_id"] == ident, "name"].iloc[0])
    return Target("premises", ident, title, float(row["lon"]), float(row["lat"]))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _on_layer(
    layer: Layer, products: Products, lon: float, lat: float, *, zoom: float, resolution: int | None
) -> str | None:
    """Id of the thing of one layer at a place."""
    if layer.support.kind == "point":
        metres = POINTER_PX * METRES_PER_PX_Z0 * math.cos(math.radians(lat)) / 2**zoom
        return _nearest(layer, products, lon, lat, metres)
    if layer.support.kind == "road":
        metres = POINTER_PX * METRES_PER_PX_Z0 * math.cos(math.radians(lat)) / 2**zoom
        return roads_panel.nearest(products, lon, lat, metres)
    if layer.support.kind == "hex":
        offered = layer.support.resolutions
        chosen = str(resolution) if str(resolution) in offered else resolution_at(zoom, offered)
        cell = h3.latlng_to_cell(lat, lon, int(chosen))
        return cell if _holds(products, chosen, int(cell, 16)) else None
    tree, codes = _tree(products, layer.support.resolutions[0])
    hits = sorted(tree.query(shapely.Point(lon, lat), predicate="intersects"))
    return str(codes[hits[0]]) if hits else None


def _holds(products: Products, resolution: str, cell: int) -> bool:
    ids = frames.cells(products, resolution)["h3"].to_numpy(np.uint64)
    place = int(np.searchsorted(ids, np.uint64(cell)))
    return place < len(ids) and int(ids[place]) == cell


def _nearest(layer: Layer, products: Products, lon: float, lat: float, metres: float) -> str | None:
    tree, shrink = _points(layer, products)
    distance, row = tree.query((lon * shrink * METRES_PER_DEGREE, lat * METRES_PER_DEGREE), distance_upper_bound=metres)
    return str(owners_of(layer, products)["ident"].iloc[int(row)]) if np.isfinite(distance) else None


@lru_cache(maxsize=4)
def _points(layer: Layer, products: Products) -> tuple[cKDTree, float]:
    """Tree of a layer's points in metres on a plane, true to about 1 % inside a city; the factor for longitudes."""
    from scipy.spatial import cKDTree  # noqa: PLC0415 - half a second that the start of the server need not wait for

    rows = owners_of(layer, products)
    lat = rows["lat"].to_numpy(np.float64)
    shrink = math.cos(math.radians(float(lat.mean()))) if len(lat) else 1.0
    lon = rows["lon"].to_numpy(np.float64)
    return cKDTree(np.column_stack([lon * shrink * METRES_PER_DEGREE, lat * METRES_PER_DEGREE])), shrink


@lru_cache(maxsize=6)
def _tree(products: Products, level: str) -> tuple[shapely.STRtree, Any]:
    shapes = frames.areas(products, level)
    return shapely.STRtree(shapes.geometry.to_numpy()), shapes["area_code"].to_numpy(object)


def _cell(products: Products, city: City, ident: str, lang: str) -> Target:
    if not h3.is_valid_cell(ident) or h3.get_resolution(ident) not in city.h3_resolutions:
        raise UnknownNameError(f"{ident[:40]!r} is not an H3 index of a resolution of {city.id}")
    resolution = h3.get_resolution(ident)
    if not _holds(products, str(resolution), int(ident, 16)):
        raise UnknownNameError(f"The cell {ident} lies outside of {city.id}")
    lat, lon = h3.cell_to_latlng(ident)
    ring = tuple((round(x, 6), round(y, 6)) for y, x in h3.cell_to_boundary(ident))
    return Target("cell", ident, cell_title(products, ident, lang), lon, lat, (ring,), resolution)


def cell_title(products: Products, ident: str, lang: str) -> str:
    """Code of the grid cell that holds the centre, else of the district, else the H3 index."""
    cells = frames.cells(products, str(h3.get_resolution(ident)))
    row = cells.iloc[int(np.searchsorted(cells["h3"].to_numpy(np.uint64), np.uint64(int(ident, 16))))]
    for level, column in (("grid", "grid_code"), ("district", "district_code")):
        code = row[column]
        if isinstance(code, str) and products.has("grids" if level == "grid" else "districts"):
            return str(frames.names(products, level, lang).get(code, code))
    return ident


def _area(products: Products, level: str, code: str, lang: str) -> Target:
    shapes = frames.areas(products, level)
    row = shapes[shapes["area_code"] == code]
    if row.empty:
        raise UnknownNameError(f"No {level} has the code {code[:40]!r} in build {products.build_id}")
    shape = shapely.simplify(row.geometry.iloc[0], 0.0002, preserve_topology=True)
    inside = shape.representative_point()
    title = str(frames.names(products, level, lang)[code])
    kind: Kind = "district" if level == "district" else "grid"
    return Target(kind, code, title, inside.x, inside.y, _rings(shape))


def _rings(shape: Any) -> tuple[Ring, ...]:
    rings = shapely.get_rings(shapely.get_parts(shape))
    return tuple(
        tuple((round(float(x), 6), round(float(y), 6)) for x, y in shapely.get_coordinates(ring)[:-1]) for ring in rings
    )
