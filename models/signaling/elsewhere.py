"""Days on which people are heard in the city, in cells of other regions, and in networks abroad.

A province-wide operator hears a subscriber elsewhere only now and then, too seldom for nights. So a day counts once it
has any second there, and a region needs as many days as a home needs observed nights. The nights between the first and
the last day heard here, and those with any sign from here, tell who is seldom heard from who is seldom here
(`models.signaling.undetermined`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.fusion.compiled import compiled
from models.signaling.flags import ABROAD
from models.signaling.labels import in_window
from models.signaling.period import PeriodRows

Longs = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]
Hours = npt.NDArray[np.int8]

ROAMING = "roaming"
"""Technology of the rows of a network table that stand for regions beyond the city."""
NO_NIGHT = (0, 0)
"""A window without hours."""


def beyond_cells(table: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """(cells) whether a row of the network table stands for a region beyond the city."""
    return (table["technology"] == ROAMING).to_numpy(dtype=bool)


def seen(rows: PeriodRows, beyond: npt.NDArray[np.bool_], night: tuple[int, int] = NO_NIGHT) -> pd.DataFrame:
    """Days on which each user was heard here and elsewhere.

    Parameters
    ----------
    rows : joined days of a bucket
    beyond : (cells) rows of regions beyond the city
    night : local hours [from, to) of the night, which may cross midnight

    Returns
    -------
    One row per user of ``rows``: ``user``, ``days_here`` (any second in a cell of the city), ``span_nights`` (days of
    the period from the first to the last of them, less one), ``nights_heard`` (days with any second here by night),
    ``days_elsewhere`` (any second at the place elsewhere with the most such days) and ``elsewhere`` (its cell code,
    `flags.ABROAD`, or null).
    """
    slot = np.full(len(beyond) + 1, -1, np.int32)
    away = np.append(np.flatnonzero(beyond), -1)  # the last slot is abroad
    slot[away[:-1]] = np.arange(len(away) - 1)
    m = len(rows.users)
    here, span, by_night, days, place = (np.zeros(m, np.int64) for _ in range(5))
    _seen(rows.start, rows.day, rows.place, rows.hour, *night, slot, len(away), here, span, by_night, days, place)
    where = np.append(away[:-1], ABROAD)[place]
    return pd.DataFrame(
        {
            "user": rows.users,
            "days_here": here,
            "span_nights": span,
            "nights_heard": by_night,
            "days_elsewhere": days,
            "elsewhere": pd.array(where, dtype="Int32"),
        }
    ).assign(elsewhere=lambda f: f["elsewhere"].mask(days == 0))


@compiled
def _seen(
    start: Longs, day: Ints, place: Ints, hour: Hours, night_from: int, night_to: int, slot: Ints, slots: int,
    here: Longs, span: Longs, by_night: Longs, days: Longs, best: Longs,
) -> None:  # fmt: skip
    """Days and nights in the city, and slot and days of the place elsewhere with the most days.

    Abroad comes first of several, then the lowest code. Rows of a user are sorted by day, so a day counts once where it
    differs from the last one seen there.
    """
    count, last = np.zeros(slots, np.int64), np.full(slots, -1, np.int32)
    touched = np.empty(slots, np.int32)
    for u in range(start.size - 1):
        size, first_here, last_here, last_night = 0, -1, -1, -1
        for i in range(start[u], start[u + 1]):
            p = place[i]
            if p >= 0 and slot[p] < 0:
                if day[i] != last_here:
                    here[u] += 1
                    last_here = day[i]
                    first_here = last_here if first_here < 0 else first_here
                if last_night != last_here and in_window(hour[i], night_from, night_to):
                    by_night[u] += 1
                    last_night = last_here
            elif p >= 0 or p == ABROAD:
                k = slots - 1 if p < 0 else slot[p]
                if count[k] == 0:
                    touched[size] = k
                    size += 1
                if last[k] != day[i]:
                    count[k] += 1
                    last[k] = day[i]
        span[u] = last_here - first_here
        for j in range(size):
            k = touched[j]
            order, before = (-1 if k == slots - 1 else k), (-1 if best[u] == slots - 1 else best[u])
            if count[k] > days[u] or (count[k] == days[u] and order < before):
                days[u], best[u] = count[k], k
            count[k], last[k] = 0, -1
