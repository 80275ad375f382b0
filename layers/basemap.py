"""The base map of a city as one small JSON: its own outlines, water, roads and names, simplified for a few
zoom ranges.

Nothing comes from outside: what the city has given is drawn, and what it has not given is absent.
``docs/map.md`` says how the browser draws it. Names are inside in both languages, so that switching the
language fetches nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers.basemap_labels import labels, seats

UNIT = 1e5  # whole numbers per degree: 1.1 m
# Upper zoom of a tier and how far a line may be moved, in degrees: about half a pixel at that zoom.
TIERS = ((8.5, 1.2e-3), (10.5, 3.5e-4), (12.5, 9e-5), (99.0, 2.5e-5))
ROAD_RANK = {"motorway": 1, "trunk": 1, "primary": 2, "secondary": 2}  # every other class is a street, rank 3
STREETS_FROM_TIER = 2  # streets are drawn from zoom 11.5 on
SLIVER = 4.0  # a hole in the land smaller than this many squares of the tolerance is a flaw of the outlines


def basemap(
    districts: gpd.GeoDataFrame,
    towns: gpd.GeoDataFrame | None = None,
    roads: gpd.GeoDataFrame | None = None,
    waters: gpd.GeoDataFrame | None = None,
    focus: Sequence[str] = (),
) -> bytes:
    """Build the payload of ``/data/basemap``.

    Parameters
    ----------
    districts, towns, roads, waters : GeoDataFrames in EPSG:4326 on their contracts
        Districts hold the city's own and, if given, its neighbours; the others may be absent or empty.
    focus : codes of the districts the map is about
        Empty means all. The others are drawn as neighbours.

    Returns
    -------
    UTF-8 JSON: ``bounds`` of the focus, ``tiers`` (geometry as differences of 1e-5 degree), ``labels``,
    ``around`` (town seats outside the focus).
    """
    inside = districts["district_code"].isin(list(focus)) if len(focus) else districts["district_code"].notna()
    own, near = districts[inside], districts[~inside]
    outline = shapely.union_all(own.geometry.to_numpy(), grid_size=1 / UNIT)
    window = _window(outline, 2.0)
    near = near[near.intersects(window)]
    payload = {
        "format": 1,
        "bounds": [round(v, 5) for v in outline.bounds],
        "tiers": [
            _outlines(i, own, near, window) | _waters(i, waters) | {"roads": _roads(roads, i)}
            for i in range(len(TIERS))
        ],
        "labels": labels(own, near, seats(towns, outline), waters, _window(outline, 0.35)),
        "around": _around(towns, outline, window),
    }
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def without_districts(
    points: gpd.GeoDataFrame, roads: gpd.GeoDataFrame | None = None, waters: gpd.GeoDataFrame | None = None
) -> bytes:
    """Build the payload of a city that gave no districts: its extent, roads and waters, and no land.

    Parameters
    ----------
    points : GeoDataFrame in EPSG:4326 with the places the map is about, at least one of them with a geometry
    roads, waters : as for `basemap`
    """
    bounds = [round(float(v), 5) for v in points.total_bounds]
    nowhere = points.iloc[:0].assign(name="", name_en=None)
    payload = {
        "format": 1,
        "bounds": bounds,
        "tiers": [
            {"below": below, "land": [], "near": [], "inner": []} | _waters(i, waters) | {"roads": _roads(roads, i)}
            for i, (below, _) in enumerate(TIERS)
        ],
        "labels": labels(nowhere, nowhere, None, waters, shapely.box(*bounds)),
        "around": [],
    }
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def _window(outline: shapely.Geometry, margin: float) -> shapely.Polygon:
    """The box of the outline, widened on every side by a share of its larger side."""
    w, s, e, n = outline.bounds
    room = margin * max(e - w, n - s)
    return shapely.box(w - room, s - room, e + room, n + room)


def _outlines(tier: int, own: gpd.GeoDataFrame, near: gpd.GeoDataFrame, window: shapely.Polygon) -> dict[str, Any]:
    below, tolerance = TIERS[tier]
    mine, theirs = _simplified(own, near, tolerance)
    several = len(own) > 1
    return {
        "below": below,
        "land": _polygons([_land(mine, tolerance)]),
        "near": _polygons(shapely.intersection(theirs, window)),
        "inner": [ring for polygon in _polygons(mine) for ring in polygon] if several else [],
    }


def _simplified(
    own: gpd.GeoDataFrame, near: gpd.GeoDataFrame, tolerance: float
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Both groups simplified together, so that a border two districts share stays one line."""
    together = np.concatenate([own.geometry.to_numpy(), near.geometry.to_numpy()])
    # The tolerance of coverage_simplify is the square root of the area that may be cut off.
    simple = shapely.coverage_simplify(shapely.make_valid(together), tolerance)
    return simple[: len(own)], simple[len(own) :]


def _land(districts: npt.NDArray[Any], tolerance: float) -> shapely.Geometry:
    """One shape without the slivers that outlines of different origin leave between districts."""
    union = shapely.union_all(shapely.make_valid(districts), grid_size=1 / UNIT)
    parts = []
    for part in shapely.get_parts(union):
        if part.geom_type == "Polygon":
            holes = [h for h in part.interiors if shapely.Polygon(h).area > SLIVER * tolerance**2]
            parts.append(shapely.Polygon(part.exterior, holes))
    return shapely.MultiPolygon(parts)


def _of_type(frame: gpd.GeoDataFrame | None, kind: str) -> gpd.GeoDataFrame | None:
    if frame is None:
        return None
    found = frame[frame.geometry.geom_type.isin([kind, "Multi" + kind])]
    return found if len(found) else None


def _waters(tier: int, waters: gpd.GeoDataFrame | None) -> dict[str, Any]:
    tolerance = TIERS[tier][1]
    lakes, lines = _of_type(waters, "Polygon"), _of_type(waters, "LineString")
    shores = shapely.simplify(lakes.geometry.to_numpy(), tolerance) if lakes is not None else []
    return {"lakes": _polygons(shores), "rivers": _rivers(lines, tolerance) if lines is not None else []}


def _rivers(waters: gpd.GeoDataFrame, tolerance: float) -> list[list[Any]]:
    """Water lines with their width rank: .6 for a stream to 1.5 for the longest river."""
    length = pd.Series(shapely.length(waters.geometry.to_numpy()), waters.index)
    total = length.groupby(waters["name"].fillna(waters["water_id"])).transform("sum")
    share = (total / total.max()).to_numpy()
    stream = (waters["kind"] == "stream").to_numpy()
    width = np.where(stream, 0.6, 0.75 + 0.75 * share)
    simple = shapely.simplify(waters.geometry.to_numpy(), tolerance)
    return [[round(float(w), 2), s] for w, g in zip(width, simple, strict=True) for s in _lines([g])]


def _roads(roads: gpd.GeoDataFrame | None, tier: int) -> dict[str, list[list[int]]]:
    """Lines by rank; chains of one rank are joined before they are simplified."""
    if roads is None or not len(roads):
        return {}
    rank = roads["road_class"].map(ROAD_RANK).fillna(3).astype(int)
    out = {}
    for wanted in (1, 2, 3):
        if wanted == 3 and tier < STREETS_FROM_TIER:
            continue
        lines = roads.geometry[rank == wanted].to_numpy()
        if len(lines):
            joined = shapely.line_merge(shapely.MultiLineString(list(shapely.get_parts(lines))))
            out[str(wanted)] = _lines(shapely.simplify(shapely.get_parts(joined), TIERS[tier][1]))
    return out


def _around(towns: gpd.GeoDataFrame | None, outline: shapely.Geometry, window: shapely.Polygon) -> list[list[float]]:
    """Town seats outside the focus: dots without a name."""
    if towns is None or not len(towns):
        return []
    points = towns.geometry.to_numpy()
    shapely.prepare(outline)
    outside = shapely.within(points, window) & ~shapely.intersects(outline, points)
    xy: list[list[float]] = np.round(shapely.get_coordinates(points[outside]), 4).tolist()
    return xy


def _polygons(geometries: Iterable[shapely.Geometry]) -> list[list[list[int]]]:
    """Polygons as lists of rings, each ring as differences."""
    parts = shapely.get_parts(np.asarray(list(geometries), object))
    return [[_steps(r) for r in shapely.get_rings(p)] for p in parts if p.geom_type == "Polygon" and not p.is_empty]


def _lines(geometries: Iterable[shapely.Geometry]) -> list[list[int]]:
    parts = shapely.get_parts(np.asarray(list(geometries), object))
    return [_steps(p) for p in parts if not p.is_empty]


def _steps(line: shapely.Geometry) -> list[int]:
    """Coordinates as whole numbers: the first one, then differences; points that fall together are
    dropped.
    """
    whole = np.rint(shapely.get_coordinates(line) * UNIT).astype(np.int64)
    keep = np.ones(len(whole), bool)
    keep[1:] = (whole[1:] != whole[:-1]).any(axis=1)
    whole = whole[keep]
    first = np.zeros((1, 2), np.int64)
    flat: list[int] = (whole - np.vstack([first, whole[:-1]])).ravel().tolist()
    return flat
