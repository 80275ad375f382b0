"""People present by day in one hexagon, from the signaling's hours: what registered firms are held against.

Only protected numbers go in. A hexagon with a hidden hour has no number; its devices are the fewest of any hour.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd

RESOLUTION = 8
WORKING_HOURS = range(9, 17)
"""Local hours of a working day that stand for the day: the work window of the profiles of home and work."""
COLUMNS = ("h3", "persons", "devices", "suppressed", "reference_month")


def present_by_day(hours: pd.DataFrame, begins: Mapping[str, dt.date], as_of: pd.Timestamp) -> pd.DataFrame:
    """Mean people over the working hours of a working day, of the latest period that began by the business date.

    Parameters
    ----------
    hours : product ``present_by_hour``
    begins : period -> its first date
    as_of : business date

    Returns
    -------
    One row per hexagon, columns `COLUMNS`: ``persons`` and ``devices`` are missing where suppressed;
    ``reference_month`` is the first day of the month in which the period began. Empty where no period began in time.
    """
    known = {name: date for name, date in begins.items() if pd.Timestamp(date) <= as_of}
    rows = hours[hours["period"].isin(list(known))]
    if rows.empty:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in zip(COLUMNS, _DTYPES, strict=True)})
    latest = max(set(rows["period"]), key=lambda name: known[name])
    wanted = (rows["period"] == latest) & (rows["resolution"] == RESOLUTION) & (rows["daytype"] == "workday")
    grouped = rows[wanted & rows["hour"].isin(list(WORKING_HOURS))].groupby("h3", sort=True)
    frame = grouped.agg(persons=("persons", "mean"), devices=("devices", "min"), suppressed=("suppressed", "any"))
    whole = grouped.size() == len(WORKING_HOURS)
    frame = frame[whole.to_numpy(dtype=bool)].reset_index()
    hidden = frame["suppressed"].to_numpy(dtype=bool)
    month = pd.Timestamp(known[latest]).replace(day=1)
    made: pd.DataFrame = frame.assign(
        persons=np.where(hidden, np.nan, frame["persons"].to_numpy(np.float64, na_value=np.nan)),
        devices=np.where(hidden, np.nan, frame["devices"].to_numpy(np.float64, na_value=np.nan)),
        reference_month=month.as_unit("s"),
    )
    return made


_DTYPES = ("uint64", "float64", "float64", "bool", "datetime64[s]")
