"""Weights of the people of one period: the operator's share of each town, raked to the residents a yearbook gives.

A device is weighted by the town of its home cell, but its people are shown in every town that the cell reaches; so the
targets of the raking are adjusted (t <- t * residents / shown) until the people shown in each town are its residents.
Residents are weighted by their town; everybody else by the mean share of the city, because nothing is known of who they
stand for. A town dropped for its factor has no residents in any product, and says so.
"""

from __future__ import annotations

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
    share : share of the residents whose devices are delivered, by town code
    residents : residents by town code, None where the city gives none; then only the share counts

    Returns
    -------
    The table with ``weight``, and what the raking says (None without residents).

    Raises
    ------
    ValueError : a town with residents among the devices has no share
    """
    cells = people["home_cell"].fillna(-1).to_numpy(np.int64)
    town_of_cell = np.append(zones.town_of_cell, -1)
    town = town_of_cell[cells]
    living = (people["resident_class"] == "resident").to_numpy() & (town >= 0)
    codes = np.array([*zones.towns, ""], dtype=object)[town]
    weights = np.full(len(people), deduplication / float(share.mean()))
    rows = pd.DataFrame({"town": codes[living].astype(str)})
    shares = share.rename_axis("town").rename("share").reset_index()
    start = share_weights(rows, shares, ["town"], deduplication)
    fitted = None
    if residents is not None:
        shown = sp.csr_matrix(zones.by_town[cells[living]])
        fitted = _raked(rows, start, shown, residents.reindex(list(zones.towns)).fillna(0.0), most_persons)
        start = fitted.weights
    weights[living] = start
    return people.assign(weight=weights), fitted


def _raked(
    rows: pd.DataFrame, start: npt.NDArray[np.float64], shown: sp.csr_matrix, residents: pd.Series, most_persons: float
) -> Weighted:
    """Rake until the people shown in each town, by the share of the home cells in it, are its residents."""
    target = residents.copy()
    for _ in range(ROUNDS):
        fitted = rake(rows, start, {("town",): target}, cap=most_persons)
        reached = shown.T @ fitted.weights
        wanted = residents.to_numpy(np.float64)
        ratio = np.divide(wanted, reached, out=np.ones(len(wanted)), where=reached > 0)
        if np.abs(ratio - 1.0).max(initial=0.0) < CLOSE:
            break
        target = target * ratio
    return fitted
