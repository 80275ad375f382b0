"""How right commuters are where the truth is known: between towns, and between as few zones as the bar was set for.

The bar (CPC of 0.90 with and without the diagonal) comes from a prototype of eight zones and 15,000 people. Between the
thirty towns of the generated city the sample alone is about as far from the truth, whatever the method: its truth has
14 people drawn to a pair of towns. Both are told.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.signaling.evaluation import NEAR_M, at_places
from models.signaling.zones import Zones

Floats = npt.NDArray[np.float64]

GROUPS = 8
GROUPED = "eight groups of towns"


def true_pairs(living: pd.DataFrame, zones: Zones) -> Floats:
    """(towns, towns) persons by true town of home and of work, of who works farther than 1 km from home.

    Parameters
    ----------
    living : home_town, work_h3, weight and metres home_e, home_n, work_e, work_n
    """
    way = np.hypot(living["work_e"] - living["home_e"], living["work_n"] - living["home_n"])
    going, towns = living[way > NEAR_M], list(zones.towns)
    of_hex = pd.Series(np.array([*towns, None], dtype=object)[zones.of_hex], index=pd.Index(zones.allocation.hexes))
    pairs = pd.DataFrame({"a": going["home_town"], "b": going["work_h3"].map(of_hex), "persons": going["weight"]})
    flows = pairs.dropna().groupby(["a", "b"])["persons"].sum().unstack(fill_value=0)
    return flows.reindex(index=towns, columns=towns, fill_value=0.0).to_numpy(np.float64)


def grouped(living: pd.DataFrame, towns: Sequence[str]) -> Floats:
    """(towns, groups) the group of each town: that of the nearest of the towns with most people, by mean home."""
    by_town = living.groupby("home_town")
    names = list(towns)
    place = by_town[["home_e", "home_n"]].mean().reindex(names).to_numpy(np.float64)
    largest = np.argsort(-at_places(by_town.size(), names), kind="stable")[:GROUPS]
    apart = np.hypot(*(np.subtract.outer(axis, axis[largest]) for axis in place.T))
    return np.asarray(np.eye(len(largest))[np.nan_to_num(apart, nan=np.inf).argmin(axis=1)])
