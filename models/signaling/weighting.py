"""Weights of the people of one period: the operator's share of each town, raked to the residents a yearbook gives.

Residents are weighted by the town of their home; everybody else by the mean share of the city, because nothing is known
of who they stand for. A town dropped for its factor has no residents in any product, and says so.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.signaling.weights import Weighted, rake, share_weights
from models.signaling.zones import Zones


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
        fitted = rake(rows, start, {("town",): residents}, cap=most_persons)
        start = fitted.weights
    weights[living] = start
    return people.assign(weight=weights), fitted
