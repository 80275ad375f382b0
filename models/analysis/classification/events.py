"""Dated records of many subjects as sorted arrays, so that a look at any day is one pass over each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NEVER = np.int64(2**40)
"""Day number of something that has not happened."""
DAYS_PER_YEAR = 365.25
DECIMALS = 6


@dataclass(frozen=True)
class Events:
    """Events of one kind, ascending by day.

    Attributes
    ----------
    pos : position of the subject of each event
    day : day of each event, days since 1970-01-01
    values : further arrays in the same order, by name
    recorded : False where the city records nothing of the kind, so that nothing is known rather than zero
    """

    pos: Ints
    day: Ints
    values: Mapping[str, npt.NDArray[np.generic]]
    recorded: bool = True

    def until(self, day: int) -> slice:
        """The events up to and including a day: later ones are not known yet."""
        return slice(0, int(np.searchsorted(self.day, day, side="right")))

    def only(self, keep: Bools) -> Events:
        """Return some of the events."""
        kept = {name: values[keep] for name, values in self.values.items()}
        return Events(self.pos[keep], self.day[keep], kept, self.recorded)


def days(dates: pd.Series) -> Ints:
    """Return days since 1970-01-01 of n dates; `NEVER` where there is none."""
    values = dates.to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(values), NEVER, values.astype(np.int64))


def day_number(date: pd.Timestamp) -> int:
    """Return days since 1970-01-01 of one date."""
    return (date.normalize() - pd.Timestamp(1970, 1, 1)).days


def positions(ids: pd.Index, keys: pd.Series) -> Ints:
    """Return the position of each key among the ids, -1 where it is none of them; Arrow's hash join, several times
    faster than an index of pandas."""
    known = pa.array(ids.astype("str"), from_pandas=True)
    found = pc.index_in(pa.array(keys.astype("str"), type=known.type, from_pandas=True), value_set=known)
    return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)


def events_of(frame: pd.DataFrame, ids: pd.Index, dated: str, columns: Sequence[str] = ()) -> Events:
    """Return the rows of a record table that belong to a subject and are dated, ascending by day.

    Parameters
    ----------
    frame : table with ``subject_id`` and the date column ``dated``; without rows nothing is recorded
    ids : index of the n subjects
    columns : further columns to keep; dates become day numbers

    Notes
    -----
    Rows of one day keep the order of the frame. Rows of a subject that is not in ``ids`` are left out.
    """
    pos = positions(ids, frame["subject_id"])
    day = days(frame[dated])
    kept = np.flatnonzero((pos >= 0) & (day != NEVER))
    order = kept[np.argsort(day[kept], kind="stable")]
    values = {
        name: (days(frame[name]) if pd.api.types.is_datetime64_any_dtype(frame[name]) else frame[name].to_numpy())[
            order
        ]
        for name in columns
    }
    return Events(pos[order], day[order], values, recorded=len(frame) > 0)


def decayed(events: Events, day: int, weights: Sequence[float], n: int) -> Floats:
    """Return for n subjects the sum of the weights of their events up to a day.

    An event of the last 365.25 days has the first weight, of the year before the second, and so on; older ones none.
    NaN for everyone where nothing of the kind is recorded. Rounded, so that the same events give the same sum in any
    order and a value on a bound of the scorecard stays on its side.
    """
    if not events.recorded:
        return np.full(n, np.nan)
    first = int(np.searchsorted(events.day, day - len(weights) * DAYS_PER_YEAR, side="right"))
    window = slice(first, events.until(day).stop)
    years = ((day - events.day[window]) / DAYS_PER_YEAR).astype(np.int64)
    total = np.bincount(events.pos[window], weights=np.asarray(weights, np.float64)[years], minlength=n)
    return np.asarray(np.round(total, DECIMALS), dtype=np.float64)


def counted(events: Events, n: int, first: int, last: int) -> Floats:
    """Return for n subjects the number of events from day ``first`` to ``last``, inclusive; NaN: not recorded."""
    if not events.recorded:
        return np.full(n, np.nan)
    low, high = np.searchsorted(events.day, first, side="left"), np.searchsorted(events.day, last, side="right")
    return np.bincount(events.pos[low:high], minlength=n).astype(np.float64)


def present(events: Events, day: int, n: int, ended: str) -> Floats:
    """Return for n subjects 1 where something that has begun has not ended on a day, else 0; NaN: not recorded."""
    if not events.recorded:
        return np.full(n, np.nan)
    known = events.until(day)
    lasting = events.values[ended][known].astype(np.int64) > day
    found = np.zeros(n)
    found[events.pos[known][lasting]] = 1.0
    return found


def last_value(events: Events, day: int, n: int, name: str) -> Floats:
    """Return for n subjects the value of their last event up to a day that has one; NaN where there is none."""
    known = events.until(day)
    values = events.values[name][known].astype(np.float64)
    has = ~np.isnan(values)
    found = np.full(n, np.nan)
    found[events.pos[known][has]] = values[has]
    return found
