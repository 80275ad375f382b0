"""Where people are who are not in the city: days heard in cells of other regions, and days in networks abroad.

A province-wide operator hears a subscriber elsewhere only now and then, too seldom for nights. So a day counts once it
has any second there, and a region needs as many days as a home needs observed nights.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.signaling.flags import ABROAD
from models.signaling.period import PeriodRows

ROAMING = "roaming"
"""Technology of the rows of a network table that stand for regions beyond the city."""


def beyond_cells(table: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """(cells) whether a row of the network table stands for a region beyond the city."""
    return (table["technology"] == ROAMING).to_numpy(dtype=bool)


def seen(rows: PeriodRows, beyond: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Days on which each user was heard here and elsewhere.

    Parameters
    ----------
    rows : joined days of a bucket
    beyond : (cells) rows of regions beyond the city

    Returns
    -------
    One row per user of ``rows``: ``user``, ``days_here`` (any second in a cell of the city), ``days_elsewhere`` (any
    second at the place elsewhere with the most such days) and ``elsewhere`` (its cell code, `flags.ABROAD`, or null).
    """
    owner = np.repeat(np.arange(len(rows.users)), np.diff(rows.start))
    inside = rows.place >= 0
    away = rows.place == ABROAD
    away[inside] = beyond[rows.place[inside]]
    here = pd.DataFrame({"owner": owner, "day": rows.day})[inside & ~away].drop_duplicates()
    table = pd.DataFrame({"owner": owner, "day": rows.day, "place": rows.place})[away].drop_duplicates()
    days = table.groupby(["owner", "place"]).size().rename("days").reset_index()
    best = days.sort_values(["owner", "days", "place"], ascending=[True, False, True]).drop_duplicates("owner")
    best = best.set_index("owner").reindex(range(len(rows.users)))
    return pd.DataFrame(
        {
            "user": rows.users,
            "days_here": np.bincount(here["owner"], minlength=len(rows.users)),
            "days_elsewhere": best["days"].fillna(0).astype("int64").to_numpy(),
            "elsewhere": best["place"].astype("Int32").to_numpy(),
        }
    )
