"""Dates as registers write them, read by distinct text; what cannot be a date says why."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.sources.legal_persons.missing import blank_to_missing, by_unique

OK, UNREADABLE, IMPOSSIBLE, FUTURE, TOO_OLD, AMBIGUOUS = range(6)
REASONS = (
    "",
    "not a date; allowed: 2015-06-30, 2015/6/30, 2015.6.30, 20150630, 2015年6月30日, a spreadsheet day",
    "no such day in the calendar",
    "the day is after the day the register was read",
    "the day is before the year 1850",
    "day and month cannot be told apart; write the year first",
)
EARLIEST_YEAR = 1850
_YEAR_FIRST = r"^(?P<y>\d{4})[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})日?(?:[T ].*)?$"
_COMPACT = r"^(?P<y>[12]\d{3})(?P<m>\d{2})(?P<d>\d{2})$"
_SERIAL = r"^(?P<serial>\d{5})(?:\.0+)?$"
_YEAR_LAST = r"^\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}$"
_SPREADSHEET_EPOCH = np.datetime64("1899-12-30")


def parse(texts: pd.Series, *, as_of: date) -> tuple[pd.Series, npt.NDArray[np.int8]]:
    """Return (dates, faults) for ``texts``.

    Parameters
    ----------
    texts : dtype ``str``, n rows, as delivered
    as_of : day the register describes; later days are faults

    Returns
    -------
    dates : datetime64[s], date only, null where missing or faulty, index of ``texts``
    faults : positions in `REASONS`, shape (n,); a missing date is no fault
    """
    codes, uniques = by_unique(blank_to_missing(texts))
    values, faults = _parse_unique(uniques, as_of)
    position = codes.to_numpy()
    known = position >= 0
    dates = np.full(len(texts), np.datetime64("NaT"), dtype="datetime64[s]")
    dates[known] = values[position[known]]
    result = np.zeros(len(texts), dtype=np.int8)
    result[known] = faults[position[known]]
    return pd.Series(dates, index=texts.index), result


def _parse_unique(uniques: pd.Series, as_of: date) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.int8]]:
    parts = uniques.str.extract(_YEAR_FIRST)
    parts = parts.where(parts["y"].notna(), uniques.str.extract(_COMPACT))
    iso = parts["y"] + "-" + parts["m"].str.zfill(2) + "-" + parts["d"].str.zfill(2)
    stamps = pd.to_datetime(iso, format="%Y-%m-%d", errors="coerce").to_numpy().astype("datetime64[s]")
    serial = pd.to_numeric(uniques.str.extract(_SERIAL)["serial"]).to_numpy(dtype="float64")
    counted = ~np.isnan(serial)
    stamps[counted] = (_SPREADSHEET_EPOCH + serial[counted].astype("timedelta64[D]")).astype("datetime64[s]")
    unread = np.isnat(stamps)
    years = stamps.astype("datetime64[Y]").astype("int64") + 1970
    faults = np.select(
        [
            unread & uniques.str.match(_YEAR_LAST).fillna(False).to_numpy(dtype=bool),
            unread & parts["y"].notna().to_numpy(),
            unread,
            stamps > np.datetime64(as_of, "s"),
            years < EARLIEST_YEAR,
        ],
        [AMBIGUOUS, IMPOSSIBLE, UNREADABLE, FUTURE, TOO_OLD],
        default=OK,
    ).astype(np.int8)
    stamps[faults != OK] = np.datetime64("NaT")
    return stamps, faults
