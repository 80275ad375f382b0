"""Distances on the sphere and robust middles of small sets of points."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

EARTH_RADIUS_M = 6_371_008.8
"""Mean Earth radius of IUGG, metres."""

Floats = NDArray[np.float64]


def metres(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Great-circle distance of two points (haversine), metres; error against the ellipsoid below 0.6 %."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    a = math.sin((phi2 - phi1) / 2) ** 2
    a += math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(a)))


def metres_array(lon1: Floats, lat1: Floats, lon2: Floats | float, lat2: Floats | float) -> Floats:
    """Great-circle distances of n points to n points or to one, metres."""
    phi1, phi2 = np.radians(lat1), np.radians(lat2)
    a = np.sin((phi2 - phi1) / 2) ** 2
    a = a + np.cos(phi1) * np.cos(phi2) * np.sin(np.radians(lon2 - lon1) / 2) ** 2
    result: Floats = 2 * EARTH_RADIUS_M * np.arcsin(np.minimum(1.0, np.sqrt(a)))
    return result


def middle(
    lon: Sequence[float] | Floats, lat: Sequence[float] | Floats, share: float = 0.9
) -> tuple[float, float, float]:
    """Median point of a few points, and the distance within which a share of them lies.

    Returns
    -------
    (lon, lat, radius) : degrees, degrees, metres; the median is taken by coordinate, so one wrong point in
    three or more does not move it
    """
    if len(lon) == 1:
        return float(lon[0]), float(lat[0]), 0.0
    if len(lon) == 2:
        gap = metres(float(lon[0]), float(lat[0]), float(lon[1]), float(lat[1]))
        return (float(lon[0]) + float(lon[1])) / 2, (float(lat[0]) + float(lat[1])) / 2, gap / 2
    x, y = np.asarray(lon, float), np.asarray(lat, float)
    mid_x, mid_y = float(np.median(x)), float(np.median(y))
    return mid_x, mid_y, float(np.quantile(metres_array(x, y, mid_x, mid_y), share))


def neighbour_radius(lon: Floats, lat: Floats, neighbours: int = 6) -> Floats:
    """Half the mean distance of each point to its nearest others, metres: the size of its Voronoi cell.

    For points on a regular triangular net the circle of this radius covers 91 % of the (hexagonal) cell.

    Parameters
    ----------
    lon, lat : n distinct points, degrees
    neighbours : how many others count

    Returns
    -------
    float64[n]; NaN where there is no other point
    """
    n = len(lon)
    if n < 2:
        return np.full(n, np.nan)
    k = min(neighbours, n - 1)
    plane = np.column_stack([np.radians(lon) * np.cos(np.radians(np.mean(lat))), np.radians(lat)]) * EARTH_RADIUS_M
    found, _ = cKDTree(plane).query(plane, k=k + 1)
    result: Floats = found[:, 1:].mean(axis=1) / 2
    return result
