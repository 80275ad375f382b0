"""How far a device is from the cell that serves it, and the radius of a footprint that spreads as widely.

A cell alone in even country serves a device at the distance d with the dominance ``s = 1 / (1 + (d / r)^b)``,
``b = 10 k gamma / ln 10`` (`models.signaling.places`), so distances have the density ``d s(d)``, cut where the
dominance falls below `LEAST`. Its quantiles are multiples of the radius r; r is chosen so that the median is the
measured one (``data/standards/cell_spread.toml``).

Not accounted for: neighbours, which cut the far tail: the 90 % distance of a cell alone is about a quarter too wide.
"""

from __future__ import annotations

import math
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from pyproj import Geod

from models.errors import ConfigError
from models.settings import PROJECT_ROOT

FILE = PROJECT_ROOT / "data" / "standards" / "cell_spread.toml"
SHARES = (0.1, 0.5, 0.9)
GAMMA = 3.75
STEEPNESS = 0.2
LEAST = 0.01
"""Dominance below which a cell does not serve a place."""
EXPONENT = 10.0 * STEEPNESS * GAMMA / math.log(10.0)
"""Exponent b of the dominance in the distance over the radius."""

_STEPS = 200_000

Floats = npt.NDArray[np.float64]


class Spread(NamedTuple):
    """Distances between devices and their serving cells, metres, at 10, 50 and 90 % of the devices."""

    p10: float
    p50: float
    p90: float


def load_spread(file: Path = FILE) -> Spread:
    """Read the measured spread.

    Raises
    ------
    ConfigError : a distance is missing, not positive or out of order, or there is no source
    """
    document: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    given = document.get("distance_m", {})
    wanted = "p10 < p50 < p90 in metres, above 0, and a source"
    values = [given.get(name) for name in Spread._fields]
    if not all(isinstance(value, int | float) and value > 0 for value in values) or values != sorted(values):
        raise ConfigError(file, "distance_m", given, wanted)
    if not document.get("source"):
        raise ConfigError(file, "source", document.get("source", "missing"), wanted)
    return Spread(*values)


def measured(lon: npt.ArrayLike, lat: npt.ArrayLike, cell_lon: npt.ArrayLike, cell_lat: npt.ArrayLike) -> Floats:
    """Metres on the ellipsoid of WGS84 between devices and cells, pair by pair; degrees WGS84."""
    a, b, c, d = (np.asarray(side, dtype=np.float64) for side in (lon, lat, cell_lon, cell_lat))
    return np.asarray(Geod(ellps="WGS84").inv(a, b, c, d)[2])


def spread_of(distances: Floats) -> Spread:
    """The 10, 50 and 90 % distances."""
    return Spread(*(float(value) for value in np.quantile(distances, SHARES)))


@cache
def multiples() -> Spread:
    """The spread of a cell alone in even country with the radius 1: each distance is this multiple of the radius."""
    farthest = (1.0 / LEAST - 1.0) ** (1.0 / EXPONENT)
    distance = np.linspace(0.0, farthest, _STEPS)
    density = distance / (1.0 + distance**EXPONENT)
    below = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2.0)])
    return Spread(*(float(value) for value in np.interp(SHARES, below / below[-1], distance)))


def radius_m(spread: Spread | None = None) -> float:
    """Radius of a footprint whose median distance is the measured one; of the standards file by default."""
    return (spread or load_spread()).p50 / multiples().p50
