"""Weights of the people of one period: the operator's share of each town, raked to the residents a yearbook gives.

A device is weighted by the town of its home cell, but its people are shown in every town that the cell reaches; so the
targets of the raking are adjusted (t <- t * residents / shown) until the people shown in each town are its residents.
Residents are weighted by their town; everybody else by the mean share of the city, because nothing is known of who they
stand for. A town dropped for its factor has no residents in any product, and says so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from models.signaling.weights import Weighted, rake, share_weights
from models.signaling.zones import Zones

ROUNDS = 50
"""Most times that the targets are adjusted."""
CLOSE = 1e-4
"""Largest relative difference of a town's people from its residents that needs no further round."""


@dataclass(frozen=True)
class CellWeights:
    """Persons that a device stands for, by where its user lives.

    Attributes
    ----------
    by_cell : (cells) for residents with their home there; nan where no town is reached
    elsewhere : for everybody else
    fitted : what the raking says, None without residents
    """

    by_cell: npt.NDArray[np.float64]
    elsewhere: float
    fitted: Weighted | None

    def of(self, people: pd.DataFrame) -> npt.NDArray[np.float64]:
        """Weight of every row of a user table."""
        cells = people["home_cell"].fillna(-1).to_numpy(np.int64)
        found = np.append(self.by_cell, np.nan)[cells]
        living = (people["resident_class"] == "resident").to_numpy() & ~np.isnan(found)
        return np.where(living, found, self.elsewhere)


def homes_of(people: pd.DataFrame) -> pd.Series:
    """Devices of residents by home cell: all that weights need to know of people."""
    living = people[(people["resident_class"] == "resident") & people["home_cell"].notna()]
    return living.groupby("home_cell").size().rename("devices")


def weigh(
    people: pd.DataFrame,
    zones: Zones,
    share: pd.Series,
    residents: pd.Series | None,
    *,
    deduplication: float,
    most_persons: float,
) -> tuple[pd.DataFrame, Weighted | None]:
    """Add the column ``weight`` to the user table of a period.

    Parameters
    ----------
    people : `pipeline.people_of`
    share, residents, deduplication, most_persons : see `cell_weights`

    Returns
    -------
    The table with ``weight``, and what the raking says (None without residents).
    """
    found = cell_weights(
        homes_of(people), zones, share, residents, deduplication=deduplication, most_persons=most_persons
    )
    return people.assign(weight=found.of(people)), found.fitted


def cell_weights(
    homes: pd.Series,
    zones: Zones,
    share: pd.Series,
    residents: pd.Series | None,
    *,
    deduplication: float,
    most_persons: float,
) -> CellWeights:
    """Weights from the number of resident devices at each home cell.

    Parameters
    ----------
    homes : `homes_of`, of one or of the sum of many user tables
    share : share of the residents whose devices are delivered, by town code
    residents : residents by town code, None where the city gives none; then only the share counts
    deduplication : persons per device of the operator
    most_persons : persons one device may stand for

    Raises
    ------
    ValueError : a town with residents among the devices has no share
    """
    cells = homes.index.to_numpy(np.int64)
    town = zones.town_of_cell[cells]
    cells, town, devices = cells[town >= 0], town[town >= 0], homes.to_numpy(np.float64)[town >= 0]
    rows = pd.DataFrame({"town": np.array(zones.towns, dtype=object)[town].astype(str)})
    shares = share.rename_axis("town").rename("share").reset_index()
    weights = share_weights(rows, shares, ["town"], deduplication)
    fitted = None
    if residents is not None:
        shown = sp.csr_matrix(zones.by_town[cells])
        margin = residents.reindex(list(zones.towns)).fillna(0.0)
        fitted = _raked(rows, weights, devices, shown, margin, most_persons)
        weights = fitted.weights
    by_cell = np.full(len(zones.town_of_cell), np.nan)
    by_cell[cells] = weights
    return CellWeights(by_cell, deduplication / float(share.mean()), fitted)


def _raked(
    rows: pd.DataFrame,
    start: npt.NDArray[np.float64],
    devices: npt.NDArray[np.float64],
    shown: sp.csr_matrix,
    residents: pd.Series,
    most_persons: float,
) -> Weighted:
    """Rake until the people shown in each town, by the share of the home cells in it, are its residents."""
    target = residents.copy()
    for _ in range(ROUNDS):
        fitted = rake(rows, start, {("town",): target}, cap=most_persons, devices=devices)
        reached = shown.T @ (fitted.weights * devices)
        wanted = residents.to_numpy(np.float64)
        ratio = np.divide(wanted, reached, out=np.ones(len(wanted)), where=reached > 0)
        if np.abs(ratio - 1.0).max(initial=0.0) < CLOSE:
            break
        target = target * ratio
    return fitted
