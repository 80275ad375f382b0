"""The service day (服务日): from 04:00 local time to 04:00 of the next day, so that no night is cut at midnight."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

START = dt.time(4, 0)


@dataclass(frozen=True)
class ServiceDay:
    """One service day of one time zone.

    Attributes
    ----------
    date : local date on which the day starts
    start, end : moments in UTC seconds since 1970; 86,400 s apart, or 3,600 more or less where clocks change
    hour_edges : (n + 1) seconds since ``start`` at which the local hour changes, first 0, last the length of the day
    hours : (n) local hour of day between two edges
    workday : whether it is a working day of the calendar
    """

    date: dt.date
    start: int
    end: int
    hour_edges: npt.NDArray[np.int32]
    hours: npt.NDArray[np.int8]
    workday: bool

    @property
    def length_s(self) -> int:
        """Seconds of the day."""
        return self.end - self.start


@lru_cache(maxsize=1024)
def service_day(date: dt.date, timezone: str, *, workday: bool | None = None) -> ServiceDay:
    """Make the service day that starts on ``date``.

    Parameters
    ----------
    date : local date
    timezone : IANA name
    workday : what the city's calendar says; Monday to Friday where it says nothing

    Notes
    -----
    Where clocks go back, the repeated hour is two pieces with the same local hour; where they go forward, the lost hour
    does not occur.
    """
    zone = ZoneInfo(timezone)
    start = int(dt.datetime.combine(date, START, zone).timestamp())
    end = int(dt.datetime.combine(date + dt.timedelta(days=1), START, zone).timestamp())
    quarters = np.arange(start, end, 900)
    local = [dt.datetime.fromtimestamp(int(moment), zone) for moment in quarters]
    stamps = np.array([(m.utcoffset() or dt.timedelta()).total_seconds() * 100 + m.hour for m in local])
    change = np.flatnonzero(np.r_[True, stamps[1:] != stamps[:-1]])
    edges = np.append(quarters[change] - start, end - start).astype(np.int32)
    hours = np.array([local[i].hour for i in change], dtype=np.int8)
    return ServiceDay(date, start, end, edges, hours, date.weekday() < 5 if workday is None else workday)


def date_of(moment: int, timezone: str) -> dt.date:
    """Date of the service day that holds a moment (UTC seconds)."""
    local = dt.datetime.fromtimestamp(moment, ZoneInfo(timezone))
    return local.date() if local.time() >= START else local.date() - dt.timedelta(days=1)
