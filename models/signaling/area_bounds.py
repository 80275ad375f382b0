"""Least and most people that the published hexagons of a town or district leave possible.

An area is the finest hexagons with their centre inside. A hexagon is read at the finest resolution at which it is
published; where all of its finest hexagons lie in one area its people are the area's, exactly, and on a border any
number of them from none to all may be. A suppressed hexagon says nothing of its people: there is no most.

Not accounted for: what addresses, or wide footprints, tell of the two sides of a hexagon on a border.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.fusion.hexes import parents
from models.signaling.zones import town_of_hexes


def areas_of_hexes(cells: pd.DataFrame, grids: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Code of the town, and of the district, by finest hexagon of a city; missing where it lies in none.

    Parameters
    ----------
    cells, grids : product and table of a build, see `zones.town_of_hexes`
    """
    finest = cells.loc[cells["resolution"] == cells["resolution"].max(), "h3"]
    hexes = np.sort(finest.to_numpy(np.uint64))
    towns, at, districts = town_of_hexes(cells, grids, hexes)
    town, district = (pd.Series(np.array([*codes, None], object)[at], pd.Index(hexes)) for codes in (towns, districts))
    return town, district


def area_bounds(hexes: pd.DataFrame, area_of: pd.Series) -> pd.DataFrame:
    """Bounds of the people of each area.

    Parameters
    ----------
    hexes : h3, resolution, persons, suppressed of one period and one kind of people; of a hexagon with parts that are
        listed only the parts are read, and parts that are not listed have nobody
    area_of : code by finest hexagon, as of `areas_of_hexes`

    Returns
    -------
    ``low`` and ``high`` in persons by code; infinity where a hexagon of the area is suppressed.
    """
    fine, found, below = area_of.index.to_numpy(np.uint64), [], np.empty(0, np.uint64)
    for resolution in sorted(set(hexes["resolution"]), reverse=True):
        own = hexes[hexes["resolution"] == resolution]
        whole = own[~own["h3"].isin(np.unique(parents(below, resolution)))]
        inside = pd.DataFrame({"h3": parents(fine, resolution), "code": area_of.to_numpy()}).drop_duplicates()
        found.append(whole.merge(inside, on="h3"))
        below = own["h3"].to_numpy(np.uint64)
    parts = pd.concat(found, ignore_index=True)
    alone = parts.groupby(["resolution", "h3"])["code"].transform("size") == 1
    hidden = parts["suppressed"].astype(bool)
    persons = parts["persons"].astype("float64").fillna(0.0)
    parts = parts.assign(low=persons.where(alone & ~hidden, 0.0), high=persons.mask(hidden, np.inf))
    bounds: pd.DataFrame = parts.groupby("code")[["low", "high"]].sum()
    return bounds
