"""Where people may live, from what the city names: houses at their place, villages spread over their fields.

A house number or a place of interest lies where its coordinates say. A village of the gazetteer is one point that
stands for scattered farmsteads, so its weight is laid evenly on a disk: a hexagon of resolution 8 is barely wider than
a village, and a point puts all of it on one side of a border on which half of it lies. Radius and weight are choices;
on generated cities of other seeds any radius from 200 to 400 m lowers the share of people on a wrong hexagon.

Not accounted for: how many people live behind one house number; how large a village is.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import Transformer

from models.fusion.hexes import cells_of

WEIGHTS = {"address": 1.0, "poi": 1.0, "village": 40.0}
"""Houses that one row of the gazetteer stands for, by kind; other kinds name no place where people live."""
VILLAGE_M = 300.0
"""Radius of the disk over which a village is spread."""
POINTS = 37
"""Points that stand for the disk; their spiral (Vogel 1979) covers it evenly."""
_GOLDEN = np.pi * (3.0 - np.sqrt(5.0))

Floats = npt.NDArray[np.float64]


def houses_by_hex(places: pd.DataFrame, crs: int, resolution: int) -> pd.Series:
    """Weight of the houses in each hexagon; the sum is that of all rows with a place.

    Parameters
    ----------
    places : kind, lon, lat (degrees, EPSG:4326); rows of other kinds and without coordinates are left out
    crs : EPSG code of the working reference system, in metres

    Returns
    -------
    Weight by H3 index.
    """
    lived = places[places["kind"].isin(tuple(WEIGHTS))].dropna(subset=["lon", "lat"])
    lon, lat = lived["lon"].to_numpy("float64"), lived["lat"].to_numpy("float64")
    weight = lived["kind"].map(WEIGHTS).to_numpy("float64")
    village = (lived["kind"] == "village").to_numpy()
    out_lon, out_lat = around(lon[village], lat[village], VILLAGE_M, crs)
    cells = cells_of(np.r_[lon[~village], out_lon], np.r_[lat[~village], out_lat], resolution)
    return pd.Series(np.r_[weight[~village], np.repeat(weight[village] / POINTS, POINTS)]).groupby(cells).sum()


def around(lon: Floats, lat: Floats, radius_m: float, crs: int) -> tuple[Floats, Floats]:
    """`POINTS` points that cover a disk around each place, degrees, one place after the other."""
    x, y = Transformer.from_crs(4326, crs, always_xy=True).transform(lon, lat)
    step = np.arange(POINTS)
    reach, turn = radius_m * np.sqrt((step + 0.5) / POINTS), _GOLDEN * step
    spread = (np.asarray(x)[:, None] + reach * np.cos(turn), np.asarray(y)[:, None] + reach * np.sin(turn))
    found = Transformer.from_crs(crs, 4326, always_xy=True).transform(*(axis.ravel() for axis in spread))
    return np.asarray(found[0]), np.asarray(found[1])
