"""The zones of a scan: for every place its neighbours by distance, nearest first."""

from __future__ import annotations

import h3ronpy
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.spatial import cKDTree

from models.errors import RequestError

Places = npt.NDArray[np.int32]


def nearest(x: npt.ArrayLike, y: npt.ArrayLike, k: int) -> Places:
    """Return the k nearest places of each place, itself first, then by distance; ties by position.

    Parameters
    ----------
    x, y : n coordinates in metres of the working CRS
    k : places of the largest zone, the centre included

    Returns
    -------
    (n, min(k, n)) int32
    """
    points = np.column_stack([np.asarray(x, np.float64), np.asarray(y, np.float64)])
    n = len(points)
    if k < 1 or not np.isfinite(points).all():
        raise RequestError(f"nearest needs k >= 1 and finite coordinates; found k={k}")
    if n == 0:
        return np.zeros((0, 1), np.int32)
    distance, place = cKDTree(points).query(points, k=min(k, n))
    distance, place = distance.reshape(n, -1), place.reshape(n, -1)
    own = place == np.arange(n)[:, None]
    absent = ~own.any(axis=1)
    place[absent, -1] = np.flatnonzero(absent)
    distance = np.where(place == np.arange(n)[:, None], -1.0, distance)
    order = np.lexsort((place, distance), axis=1)
    return np.take_along_axis(place, order, axis=1).astype(np.int32)


def rings(cells: npt.NDArray[np.uint64], k: int) -> tuple[Places, npt.NDArray[np.bool_]]:
    """Return the neighbours of each H3 cell by grid ring, and where a ring is complete.

    Parameters
    ----------
    cells : n distinct cells of one resolution; cells that are not among them are no neighbours
    k : widest ring

    Returns
    -------
    neighbours : (n, m) int32, itself first, then ring by ring, ascending within a ring; -1 pads
    stops : (n, m) bool, True at the last neighbour of each ring
    """
    own = np.ascontiguousarray(cells, np.uint64)
    if np.unique(own).size != own.size:
        raise RequestError("rings needs distinct cells; the same cell stands there twice")
    disks = pa.record_batch(h3ronpy.grid_disk_distances(pa.array(own), k))
    lists = disks.column("cell")
    centre = np.repeat(np.arange(own.size), np.diff(np.asarray(lists.offsets)))
    near, ring = np.asarray(lists.flatten(), np.uint64), np.asarray(disks.column("k").flatten(), np.int64)
    sorter = np.argsort(own)
    at = np.minimum(np.searchsorted(own, near, sorter=sorter), own.size - 1)
    place = sorter[at]
    known = own[place] == near
    centre, place, ring = centre[known], place[known], ring[known]
    order = np.lexsort((place, ring, centre))
    centre, place, ring = centre[order], place[order], ring[order]
    sizes = np.bincount(centre, minlength=own.size)
    column = np.arange(centre.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    neighbours = np.full((own.size, sizes.max(initial=1)), -1, np.int32)
    stops = np.zeros(neighbours.shape, bool)
    neighbours[centre, column] = place
    last = np.append((centre[1:] != centre[:-1]) | (ring[1:] != ring[:-1]), True)[: centre.size]
    stops[centre[last], column[last]] = True
    return neighbours, stops
