"""Datums in use on Chinese maps, and the way from each to WGS84.

GCJ-02 is the offset that public maps carry, BD-09 adds Baidu's own. CGCS2000 agrees with WGS84 within
decimetres and is taken as equal. The offsets follow the formulas that open map libraries have used since
2013 (for example eviltransform, MIT); their inverse has no closed form and is iterated.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from pyproj import Transformer

Array = npt.NDArray[np.float64]

_KRASOVSKY_A = 6378245.0
_KRASOVSKY_E2 = 0.00669342162296594323
_BD_X, _BD_Y, _BD_FACTOR = 0.0065, 0.006, np.pi * 3000.0 / 180.0
# Outside this box the offset is not applied.
CHINA = (72.004, 0.8293, 137.8347, 55.8271)
# Each round of the inverse shrinks the error about a thousandfold; 1e-9 degree is 0.1 mm.
_TOLERANCE_DEG = 1e-9
_ROUNDS = 12


def to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike, datum: str) -> tuple[Array, Array]:
    """Convert coordinates of ``datum`` to WGS84.

    Parameters
    ----------
    lon, lat : n coordinates; degrees, or easting and northing in metres for a projected EPSG code; NaN
        stays NaN
    datum : WGS84, CGCS2000, GCJ02, BD09 or EPSG:n

    Returns
    -------
    lon, lat : n float64 degrees each

    Raises
    ------
    ValueError : the datum is not one of these
    """
    x, y = np.array(lon, dtype=np.float64), np.array(lat, dtype=np.float64)
    if datum in ("WGS84", "CGCS2000"):
        return x, y
    if datum == "GCJ02":
        return _gcj02_to_wgs84(x, y)
    if datum == "BD09":
        return _gcj02_to_wgs84(*_bd09_to_gcj02(x, y))
    if datum.startswith("EPSG:"):
        east, north = _transformer(datum, "EPSG:4326").transform(x, y)
        return np.where(np.isfinite(east), east, np.nan), np.where(np.isfinite(north), north, np.nan)
    raise ValueError(f"{datum!r} is not WGS84, CGCS2000, GCJ02, BD09 or EPSG:n")


def from_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike, datum: str) -> tuple[Array, Array]:
    """Convert WGS84 degrees to ``datum``; the exact counterpart of `to_wgs84`, with the same shapes and
    errors."""
    x, y = np.array(lon, dtype=np.float64), np.array(lat, dtype=np.float64)
    if datum in ("WGS84", "CGCS2000"):
        return x, y
    if datum == "GCJ02":
        return _wgs84_to_gcj02(x, y)
    if datum == "BD09":
        return _gcj02_to_bd09(*_wgs84_to_gcj02(x, y))
    if datum.startswith("EPSG:"):
        east, north = _transformer("EPSG:4326", datum).transform(x, y)
        return np.asarray(east), np.asarray(north)
    raise ValueError(f"{datum!r} is not WGS84, CGCS2000, GCJ02, BD09 or EPSG:n")


@lru_cache(maxsize=32)
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def _offset(x: Array, y: Array) -> tuple[Array, Array]:
    """Offset of GCJ-02 at WGS84 degrees x, y, in degrees; zero outside China."""
    u, v = x - 105.0, y - 35.0
    root = np.sqrt(np.abs(u))
    waves = 20.0 * np.sin(6.0 * u * np.pi) + 20.0 * np.sin(2.0 * u * np.pi)
    north = -100.0 + 2.0 * u + 3.0 * v + 0.2 * v * v + 0.1 * u * v + 0.2 * root
    north += (waves + 20.0 * np.sin(v * np.pi) + 40.0 * np.sin(v / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(v / 12.0 * np.pi) + 320.0 * np.sin(v * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + u + 2.0 * v + 0.1 * u * u + 0.1 * u * v + 0.1 * root
    east += (waves + 20.0 * np.sin(u * np.pi) + 40.0 * np.sin(u / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(u / 12.0 * np.pi) + 300.0 * np.sin(u / 30.0 * np.pi)) * 2.0 / 3.0
    sine = np.sin(np.radians(y))
    curve = 1.0 - _KRASOVSKY_E2 * sine * sine
    metres_north = _KRASOVSKY_A * (1.0 - _KRASOVSKY_E2) / (curve * np.sqrt(curve)) * np.pi / 180.0
    metres_east = _KRASOVSKY_A / np.sqrt(curve) * np.cos(np.radians(y)) * np.pi / 180.0
    west, south, east_end, north_end = CHINA
    inside = (x >= west) & (x <= east_end) & (y >= south) & (y <= north_end)
    return np.where(inside, east / metres_east, 0.0), np.where(inside, north / metres_north, 0.0)


def _wgs84_to_gcj02(x: Array, y: Array) -> tuple[Array, Array]:
    dx, dy = _offset(x, y)
    return x + dx, y + dy


def _gcj02_to_wgs84(x: Array, y: Array) -> tuple[Array, Array]:
    lon, lat = x.copy(), y.copy()
    for _ in range(_ROUNDS):
        back_x, back_y = _wgs84_to_gcj02(lon, lat)
        step_x, step_y = x - back_x, y - back_y
        lon, lat = lon + step_x, lat + step_y
        if np.nanmax(np.abs(np.concatenate([step_x.ravel(), step_y.ravel(), [0.0]]))) < _TOLERANCE_DEG:
            break
    return lon, lat


def _gcj02_to_bd09(x: Array, y: Array) -> tuple[Array, Array]:
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD_FACTOR)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_FACTOR)
    return radius * np.cos(angle) + _BD_X, radius * np.sin(angle) + _BD_Y


def _bd09_to_gcj02(x: Array, y: Array) -> tuple[Array, Array]:
    lon, lat = x - _BD_X, y - _BD_Y
    for _ in range(_ROUNDS):
        back_x, back_y = _gcj02_to_bd09(lon, lat)
        step_x, step_y = x - back_x, y - back_y
        lon, lat = lon + step_x, lat + step_y
        if np.nanmax(np.abs(np.concatenate([step_x.ravel(), step_y.ravel(), [0.0]]))) < _TOLERANCE_DEG:
            break
    return lon, lat
