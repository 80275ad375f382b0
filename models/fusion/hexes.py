"""H3 cells as uint64 arrays: from coordinates, to parents, centres, outlines, areas and neighbours.

All functions are vectorised and keep the order and length of their input. Coordinates are degrees, WGS84. The
index layout is that of H3 4.x (https://h3geo.org/docs/core-library/h3Indexing): resolution in bits 52-55, one
digit of three bits per resolution below, unused digits 7.
"""

from __future__ import annotations

from typing import Any

import h3ronpy
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely
from h3ronpy import ContainmentMode, vector

from models.errors import RequestError

Cells = npt.NDArray[np.uint64]
Degrees = npt.NDArray[np.float64]

H3_NULL = np.uint64(0)
"""H3's own null index: what `cells_of` answers where a coordinate is missing."""

_RESOLUTION_SHIFT = np.uint64(52)
_RESOLUTION_MASK = np.uint64(0xF)
_DIGIT_BITS = 3
_FINEST = 15
_OUTLINE_EDGES = 6


def cells_of(lon: npt.ArrayLike, lat: npt.ArrayLike, resolution: int) -> Cells:
    """Return the cell that holds each point.

    Parameters
    ----------
    lon, lat : n numbers, degrees, WGS84; NaN or infinite, or a latitude beyond 90, means no point
    resolution : 0..15

    Returns
    -------
    n uint64 cells; `H3_NULL` where there is no point. `fuse` turns it into a missing value.

    Raises
    ------
    RequestError : resolution outside 0..15, or lengths that differ
    """
    _check_resolution(resolution)
    x = np.ascontiguousarray(lon, dtype=np.float64)
    y = np.ascontiguousarray(lat, dtype=np.float64)
    if x.shape != y.shape or x.ndim != 1:
        raise RequestError(f"lon has the shape {x.shape} and lat {y.shape}; needed: two flat arrays of one length")
    usable = np.isfinite(x) & (np.abs(y) <= 90.0)
    if usable.all():
        return _uint64(vector.coordinates_to_cells(y, x, resolution))
    cells = np.zeros(x.size, np.uint64)
    if usable.any():
        cells[usable] = _uint64(vector.coordinates_to_cells(y[usable], x[usable], resolution))
    return cells


def resolutions(cells: Cells) -> npt.NDArray[np.uint8]:
    """Return the resolution (0..15) of each of n cells."""
    return ((_flat(cells) >> _RESOLUTION_SHIFT) & _RESOLUTION_MASK).astype(np.uint8)


def parents(cells: Cells, resolution: int) -> Cells:
    """Return the ancestor of each cell at a coarser (or the same) resolution; `H3_NULL` stays `H3_NULL`.

    Bit work only: the resolution field is lowered and the digits below it set to 7.

    Raises
    ------
    RequestError : a cell is coarser than ``resolution``
    """
    _check_resolution(resolution)
    found = _flat(cells)
    missing = found == H3_NULL
    if np.any((resolutions(found) < resolution) & ~missing):
        raise RequestError(f"cells coarser than resolution {resolution} have no parent there")
    unused = np.uint64((1 << (_DIGIT_BITS * (_FINEST - resolution))) - 1)
    cleared = found & ~(_RESOLUTION_MASK << _RESOLUTION_SHIFT)
    lowered = cleared | (np.uint64(resolution) << _RESOLUTION_SHIFT) | unused
    return np.where(missing, H3_NULL, lowered)


def children(cells: Cells, resolution: int) -> tuple[Cells, npt.NDArray[np.int64]]:
    """Return the descendants of each of n cells at a finer (or the same) resolution, and the position of their cell.

    Raises
    ------
    ValueError : a resolution out of range
    """
    _check_resolution(resolution)
    below = pa.array(h3ronpy.change_resolution_list(pa.array(_flat(cells)), resolution))
    counts = np.diff(np.asarray(below.offsets))
    return _uint64(below.flatten()), np.repeat(np.arange(len(counts), dtype=np.int64), counts)


def polyfill(geometry: shapely.Geometry, resolution: int, *, touching: bool = False) -> Cells:
    """Return the cells of a (Multi)Polygon in EPSG:4326, ascending and each once.

    Parameters
    ----------
    geometry : Polygon or MultiPolygon, lon/lat degrees
    resolution : 0..15
    touching : False takes cells whose centre lies inside (adjoining polygons share no cell); True takes every
        cell that shares any area or border with the polygon, also one that contains it whole
    """
    _check_resolution(resolution)
    if geometry.is_empty:
        return np.zeros(0, np.uint64)
    mode = ContainmentMode.Covers if touching else ContainmentMode.ContainsCentroid
    wkb = pa.array([shapely.to_wkb(geometry)], pa.binary())
    return np.unique(_uint64(vector.wkb_to_cells(wkb, resolution, containment_mode=mode, flatten=True)))


def centres(cells: Cells) -> tuple[Degrees, Degrees]:
    """Return (lon, lat) of the centre of each of n cells, degrees."""
    batch = pa.record_batch(vector.cells_to_coordinates(pa.array(_flat(cells))))
    return (
        np.asarray(batch.column("lng"), dtype=np.float64).copy(),
        np.asarray(batch.column("lat"), dtype=np.float64).copy(),
    )


def boundaries(cells: Cells) -> npt.NDArray[np.object_]:
    """Return the outline of each of n cells as a shapely Polygon in lon/lat degrees."""
    wkb = pa.array(vector.cells_to_wkb_polygons(pa.array(_flat(cells))))
    polygons: npt.NDArray[np.object_] = shapely.from_wkb(wkb.to_numpy(zero_copy_only=False))
    return polygons


def areas_km2(cells: Cells) -> Degrees:
    """Return the true area of each of n cells on H3's sphere (radius 6371.007180918475 km), km2.

    The sphere's area differs from the ellipsoid's by up to 0.5 %; densities per cell use this one throughout.
    """
    return np.asarray(pa.array(h3ronpy.cells_area_km2(pa.array(_flat(cells)))), dtype=np.float64).copy()


def outline_offsets(cell: int) -> Degrees:
    """Return the outline of one cell as 6 offsets (lon, lat) in degrees from its centre.

    The map draws every hexagon of a city as this reference outline moved to its centre.
    Pentagons, of which there are 12, all at sea, have 5 corners and are refused.
    """
    one = np.array([cell], np.uint64)
    ring = shapely.get_coordinates(boundaries(one)[0])[:-1]
    if len(ring) != _OUTLINE_EDGES:
        raise RequestError(f"cell {cell:x} has {len(ring)} corners; only hexagons can be a reference")
    lon, lat = centres(one)
    return np.asarray(ring - [lon[0], lat[0]], dtype=np.float64)


def ring(cells: Cells, k: int) -> Cells:
    """Return the distinct cells at grid distance exactly ``k`` from the nearest of the cells, ascending."""
    if k == 0:
        return np.unique(_flat(cells))
    return _flat(np.setdiff1d(disk(cells, k), disk(cells, k - 1), assume_unique=True))


def disk(cells: Cells, k: int = 1) -> Cells:
    """Return the distinct cells at grid distance 0..k of any of the cells, ascending."""
    return np.unique(_uint64(h3ronpy.grid_disk(pa.array(_flat(cells)), k, flatten=True)))


def neighbours(cell: int) -> Cells:
    """Return the 6 cells (5 of a pentagon) that share an edge with ``cell``, ascending."""
    return ring(np.array([cell], np.uint64), 1)


def _flat(cells: npt.ArrayLike) -> Cells:
    return np.ascontiguousarray(cells, dtype=np.uint64)


def _uint64(arrow: Any) -> Cells:
    values: Cells = np.asarray(pa.array(arrow), dtype=np.uint64)
    return values


def _check_resolution(resolution: int) -> None:
    if not 0 <= resolution <= _FINEST:
        raise RequestError(f"the H3 resolution is {resolution}; allowed: 0 to {_FINEST}")
