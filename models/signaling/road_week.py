"""Days of the week (星期) of the road speeds: which part of a period a day belongs to, and which days may be told.

A period falls into nine parts: the usual days of each day of the week, and the days that the city's calendar moves. A
public holiday on a Monday is no usual Monday, and a working Saturday no usual Saturday: such a day counts to its type
of day only. A holiday that falls on a weekend anyway is not told apart, because the calendar does not.

A day of the week is told from ``k`` distinct devices on, as a type of day is. Speeds do not add up, but the speed of a
type of day lies between those of its parts: where all parts but one are told, the rest tells that one roughly. So of a
type of day whose only part that is not told has fewer than ``k`` devices, the told day with the fewest devices is
hidden too. A section and hour of which no day of the week is told is not listed at all; else all seven are.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.signaling.service_day import ServiceDay

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOVED_WORKDAY, MOVED_REST = 7, 8
"""Parts of the working days on a weekend, and of the public holidays from Monday to Friday."""
PARTS = 9
KIND_OF = np.array([0, 0, 0, 0, 0, 1, 1, 0, 1])
"""Type of day of each part: 0 workday, 1 weekend."""

Counts = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def part_of(day: ServiceDay) -> int:
    """Part of a service day: 0 Monday to 6 Sunday by its own date, 7 or 8 where the calendar moves it."""
    weekday = day.date.weekday()
    if day.workday == (weekday < 5):
        return weekday
    return MOVED_WORKDAY if day.workday else MOVED_REST


def by_type(parts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Sums of the two types of day from those of the parts: (codes, 24, `PARTS`) to (codes, 24, 2)."""
    return np.stack([parts[..., kind == KIND_OF].sum(axis=-1) for kind in (0, 1)], axis=-1)


def told(devices: Counts, k: int) -> Mask:
    """Which days of the week may be told of a section and hour.

    Parameters
    ----------
    devices : (codes, 24, `PARTS`) distinct devices of each part
    k : least number of distinct devices

    Returns
    -------
    (codes, 24, 7)
    """
    week = len(WEEKDAYS)
    shown = np.zeros(devices.shape, bool)
    shown[..., :week] = devices[..., :week] >= k
    for kind in (0, 1):
        own = np.flatnonzero(kind == KIND_OF)
        count, open_to_all = devices[..., own], shown[..., own]
        untold = (count > 0) & ~open_to_all
        lone = (untold.sum(axis=-1) == 1) & (untold & (count < k)).any(axis=-1) & open_to_all.any(axis=-1)
        fewest = own[np.argmin(np.where(open_to_all, count, np.iinfo(np.int64).max), axis=-1)]
        at = (*np.nonzero(lone), fewest[lone])
        shown[at] = False
    return shown[..., :week]
