"""The cells of a city: which H3 cells cover it, what a point lies in, exact areal weights."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from models.errors import RequestError
from models.fusion import hexes
from models.fusion.grid_join import GridIndex

_STEP_DEGREES = 5e-3
"""Longest polygon edge before it is projected: on 550 m a straight line in degrees bends by about 3 mm."""
_EDGE_M = 0.05
"""How far the edge of a cell may bend between degrees and metres (resolution 7: 0.02 m)."""


def city_cells(districts: gpd.GeoDataFrame, grids: gpd.GeoDataFrame, resolutions: Sequence[int]) -> pd.DataFrame:
    """Return every H3 cell that shares area or border with a district, at each resolution.

    A cell on the city's edge belongs although its centre may lie outside: a subject just inside the edge
    must have a cell. The parents of all cells of a finer resolution belong too, so sums roll up. District
    and grid are those of the cell's centre, hence null for a cell on the edge whose centre lies outside.

    Parameters
    ----------
    districts : districts frame, EPSG:4326
    grids : grids frame, EPSG:4326; the code is that of its leaf cells
    resolutions : H3 resolutions

    Returns
    -------
    ``cells`` frame: h3 (uint64, ascending within a resolution), resolution, district_code, grid_code,
    area_km2 (true cell area), lon, lat (centre).
    """
    chosen: list[hexes.Cells] = []
    finer = np.zeros(0, np.uint64)
    for resolution in sorted(set(resolutions), reverse=True):
        touching = [hexes.polyfill(shape, resolution, touching=True) for shape in districts.geometry]
        finer = np.unique(np.concatenate([*touching, hexes.parents(finer, resolution)]))
        chosen.insert(0, finer)
    return describe_cells(np.concatenate(chosen), districts, grids)


def with_subjects(
    cells: pd.DataFrame, subjects: pd.DataFrame, districts: gpd.GeoDataFrame, grids: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Return ``cells`` and, after them, every further cell that holds a located subject.

    Subjects located outside all districts keep their cell this way, and no count is dropped from the map.
    """
    used = [
        subjects[f"h3_r{resolution}"].dropna().to_numpy(dtype=np.uint64)
        for resolution in sorted(set(cells["resolution"]))
    ]
    extra = np.setdiff1d(np.concatenate(used), cells["h3"].to_numpy(np.uint64)) if used else np.zeros(0, np.uint64)
    if not extra.size:
        return cells
    joined = pd.concat([cells, describe_cells(extra, districts, grids)], ignore_index=True)
    return joined.sort_values(["resolution", "h3"], ignore_index=True)


def describe_cells(cells: hexes.Cells, districts: gpd.GeoDataFrame, grids: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the ``cells`` frame of n cells: resolution, true area, centre and what it lies in."""
    lon, lat = hexes.centres(cells)
    return pd.DataFrame(
        {
            "h3": cells,
            "resolution": hexes.resolutions(cells).astype(np.int64),
            "district_code": codes_at(districts.geometry, districts["district_code"], lon, lat),
            "grid_code": _leaf_codes(grids, lon, lat),
            "area_km2": hexes.areas_km2(cells),
            "lon": lon,
            "lat": lat,
        }
    )


def codes_at(geometries: gpd.GeoSeries, codes: pd.Series, lon: npt.ArrayLike, lat: npt.ArrayLike) -> pd.Series:
    """Return the lowest code whose closed area holds each of n points, null outside (dtype str)."""
    index = GridIndex(geometries.to_numpy(), codes.to_numpy(dtype=object))
    position = index.locate(lon, lat)
    return pd.Series(np.array([*index.codes, None], dtype=object)[position], dtype="str")


def finest(grids: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the cells of a grids frame that have no cell below them: where subjects are put.

    A district without town cells, or a town without grids, is itself a leaf: no part of the city is left out.
    """
    parents = set(grids["parent_code"].dropna())
    leaves: gpd.GeoDataFrame = grids[~grids["grid_code"].isin(parents)]
    return leaves


def _leaf_codes(grids: gpd.GeoDataFrame, lon: npt.ArrayLike, lat: npt.ArrayLike) -> pd.Series:
    leaves = finest(grids)
    return codes_at(leaves.geometry, leaves["grid_code"], lon, lat)


def in_metres(geometries: gpd.GeoSeries, crs: int) -> gpd.GeoSeries:
    """Return polygons of EPSG:4326 in the working CRS, their straight edges in degrees kept straight in degrees.

    Long edges get vertices first: a parallel of 50 km bends away from the straight line in metres by 26 m.
    """
    return geometries.segmentize(_STEP_DEGREES).to_crs(crs)


def areal_weights(cells: hexes.Cells, polygons: gpd.GeoDataFrame, crs: int) -> pd.DataFrame:
    """Return which share of each polygon's area lies in each cell, from intersections in the working CRS.

    A polygon's total (residents, say) spread by these weights over the cells adds up to the total again; the
    method assumes an even spread within the polygon.

    Parameters
    ----------
    cells : n distinct H3 cells of one resolution that together cover the polygons
    polygons : frame with ``code`` and geometry (EPSG:4326)
    crs : EPSG code of the working CRS, metres

    Returns
    -------
    h3 (uint64), code, weight (> 0; sums to 1 for each code), area_km2 of the shared part; ordered by code
    and cell.

    Raises
    ------
    RequestError : the cells leave part of a polygon uncovered
    """
    hexagons = gpd.GeoSeries(hexes.boundaries(cells), crs="EPSG:4326").to_crs(crs).to_numpy()
    shapes = in_metres(polygons.geometry, crs).to_numpy()
    tree = shapely.STRtree(hexagons)
    pairs = tree.query(shapes, predicate="intersects")
    whole = tree.query(shapes, predicate="contains")
    width = np.int64(len(hexagons))
    inside = np.isin(pairs[0] * width + pairs[1], whole[0] * width + whole[1])
    shared = shapely.area(hexagons[pairs[1]])
    edge = ~inside
    shared[edge] = shapely.area(shapely.intersection(shapes[pairs[0][edge]], hexagons[pairs[1][edge]]))
    covered = np.bincount(pairs[0], weights=shared, minlength=len(shapes)).astype(np.float64)
    _refuse_gaps(covered, shapes, polygons["code"])
    frame = pd.DataFrame(
        {
            "h3": np.asarray(cells, np.uint64)[pairs[1]],
            "code": polygons["code"].to_numpy(dtype=object)[pairs[0]],
            "weight": shared / covered[pairs[0]],
            "area_km2": shared / 1e6,
        }
    ).astype({"code": "str"})
    return frame[frame["weight"] > 0].sort_values(["code", "h3"], ignore_index=True)


def _refuse_gaps(covered: npt.NDArray[np.float64], shapes: npt.NDArray[np.object_], codes: pd.Series) -> None:
    area = shapely.area(shapes)
    short = np.flatnonzero(covered < area - _EDGE_M * shapely.length(shapes))
    if short.size:
        first = short[0]
        raise RequestError(
            f"the cells leave {short.size} of {len(codes)} polygons uncovered, first {codes.iloc[first]!r}: "
            f"{covered[first] / 1e6:,.3f} of {area[first] / 1e6:,.3f} km2; needed: cells of "
            "polyfill(touching=True)"
        )
