"""From dated events of many groups to episodes: spells in which enough of them fall into one moving window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
_SPAN = np.int64(2**20)
"""Room for days in a combined key of group and day; days since 1970 stay below it until the year 4840."""


@dataclass(frozen=True)
class Episodes:
    """m episodes of n events, ascending by group and first day.

    Attributes
    ----------
    group : (m,) group of the episode
    began : (m,) day (since 1970) on which the condition first held
    last : (m,) last day with an event that kept it
    ended : (m,) day on which it is over, -1 while it holds on the day it is looked at
    first_event : (m,) day of the first event inside the first window
    peak : (m,) most events in one window
    week_peak : (m,) the same, as known at the end of the ISO week in which it began
    order, start, stop : events in order; those of episode e are ``order[start[e]:stop[e]]``
    """

    group: Ints
    began: Ints
    last: Ints
    ended: Ints
    first_event: Ints
    peak: Ints
    week_peak: Ints
    order: Ints
    start: Ints
    stop: Ints


def moving_counts(group: Ints, day: Ints, window_days: int) -> tuple[Ints, Ints, Ints]:
    """Return how many events of the same group fall on the ``window_days`` days up to and with each event.

    Parameters
    ----------
    group, day : (n,) integers >= 0; days since 1970

    Returns
    -------
    order (n,) that sorts by group and day, counts (n,) in that order with all events of the same day included, and the
    position (n,) of the first event of each window. Two binary searches over one combined key; no loop over groups.
    """
    order = np.lexsort((day, group)).astype(np.int64)
    key = group[order] * _SPAN + day[order]
    first = np.searchsorted(key, key - (window_days - 1), side="left")
    floor = np.searchsorted(group[order], group[order], side="left")
    first = np.maximum(first, floor)
    last = np.searchsorted(key, key, side="right")
    return order, (last - first).astype(np.int64), first.astype(np.int64)


def episodes(group: Ints, day: Ints, *, minimum: int, window_days: int, quiet_days: int, today: int) -> Episodes:
    """Return the spells in which at least ``minimum`` events of a group fell into one window.

    An episode begins on the day the condition first holds and is over when ``quiet_days`` have passed since the last
    event that kept it; another burst after that is another episode. Events after ``today`` must not be passed.

    Does not account for events that are entered late: the day is that of the event.
    """
    order, counts, first = moving_counts(group, day, window_days)
    groups, days = group[order], day[order]
    hit = np.flatnonzero(counts >= minimum)
    if not hit.size:
        none = np.zeros(0, np.int64)
        return Episodes(none, none, none, none, none, none, none, order, none, none)
    begins = np.ones(hit.size, bool)
    begins[1:] = (groups[hit[1:]] != groups[hit[:-1]]) | (days[hit[1:]] - days[hit[:-1]] > quiet_days)
    head = np.flatnonzero(begins)
    tail = np.append(head[1:], hit.size) - 1
    began, last = days[hit[head]], days[hit[tail]]
    week_end = iso_week_end(began)
    number = np.cumsum(begins) - 1
    early = np.where(days[hit] <= week_end[number], counts[hit], 0)
    over = last + quiet_days
    return Episodes(
        group=groups[hit[head]],
        began=began,
        last=last,
        ended=np.where(over <= today, over, -1),
        first_event=days[first[hit[head]]],
        peak=np.maximum.reduceat(counts[hit], head),
        week_peak=np.maximum.reduceat(early, head),
        order=order,
        start=first[hit[head]],
        stop=(hit[tail] + 1).astype(np.int64),
    )


def iso_week_end(day: Ints) -> Ints:
    """Return the Sunday of the ISO week of each day since 1970 (day 0 was a Thursday)."""
    return day + 6 - (day + 3) % 7


def positions(start: Ints, stop: Ints) -> tuple[Ints, Ints]:
    """Return (owner, position) of every position in m half-open ranges, in order."""
    lengths = stop - start
    owner = np.repeat(np.arange(start.size, dtype=np.int64), lengths)
    offset = np.arange(lengths.sum(), dtype=np.int64) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return owner, start[owner] + offset


def days_of(dates: npt.ArrayLike) -> Ints:
    """Return days since 1970 of dates; a very low number where there is none."""
    stamps = np.asarray(dates).astype("datetime64[D]")
    return np.where(np.isnat(stamps), np.int64(-(2**40)), stamps.astype(np.int64))


def dates_of(days: Ints, missing: Ints | None = None) -> npt.NDArray[np.datetime64]:
    """Return dates of days since 1970; NaT where ``missing`` is negative."""
    stamps = days.astype("datetime64[D]").astype("datetime64[s]")
    if missing is not None:
        stamps = np.where(missing < 0, np.datetime64("NaT", "s"), stamps)
    return stamps
