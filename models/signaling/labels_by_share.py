"""Home and work by shares of observed time: the two published families beside the rule of nights (compiled).

``hour_shares`` (HoWDe, De Sojo et al. 2025): in every hour of a window the place with the most seconds holds the hour;
a day counts where enough of the window's hours have a place; a place's score is its mean share of those hours over the
days that count. ``time_shares`` (eurostat/multimno): the place with the most seconds is the home where it holds most of
all observed seconds, else of those by night, else of the nights. A rule that nothing fulfils leaves the home ambiguous.

Not accounted for: windows that slide over a long period, so one label stands for the whole period; night workers.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.fusion.compiled import compiled
from models.signaling.flags import distance_m
from models.signaling.kernel_rules import SegmentRules
from models.signaling.labels import (
    AMBIGUOUS,
    HOME,
    HOME_UNKNOWN,
    MOST_PLACES,
    NO_WORK,
    PASSING,
    RESIDENT,
    SHORT,
    SHORT_STAY,
    WORK,
    WORK_UNKNOWN,
    in_window,
    places_of,
)
from models.signaling.profiles import Shares
from models.signaling.segments import UNKNOWN

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Hours = npt.NDArray[np.int8]
Booleans = npt.NDArray[np.bool_]

ALL_S, NIGHT_S, NIGHTS, WORK_S, WORK_DAYS = 0, 1, 2, 3, 4
"""Rows of a tally of places: seconds in all, by night and in working hours of working days; nights and days there."""
NIGHT_SHARE, WORK_SHARE = 0, 1
"""Rows of the sums of daily shares of hours."""


@compiled
def _day(
    i: int, high: int, day: Ints, place: Ints, hour: Hours, seconds: Ints, cells: Ints, group: Ints, count: int,
    bins: Longs,
) -> tuple[int, int]:  # fmt: skip
    """Seconds of one day by place and local hour; gives the first row of the next day and the known seconds."""
    bins[:count, :] = 0
    d, known = day[i], 0
    while i < high and day[i] == d:
        if place[i] != UNKNOWN:
            known += seconds[i]
        if place[i] >= 0:
            for k in range(count):
                if cells[k] == place[i]:
                    bins[group[k], hour[i]] += seconds[i]
                    break
        i += 1
    return i, known


@compiled
def _add(
    bins: Longs, count: int, first: int, last: int, hourly: bool, least: float, tally: Longs, seconds: int, days: int,
    shares: Floats, share: int,
) -> bool:  # fmt: skip
    """Add one window of one day to the tallies; gives whether the day counts."""
    held = np.zeros(count, np.int64)
    spent = np.zeros(count, np.int64)
    size, seen = 0, 0
    for h in range(24):
        if not in_window(h, first, last):
            continue
        size += 1
        best = 0
        for k in range(count):
            spent[k] += bins[k, h]
            if bins[k, h] > bins[best, h]:
                best = k
        if count > 0 and bins[best, h] > 0:
            held[best] += 1
            seen += 1
    counts = seen > 0 and (not hourly or seen >= least * size)
    for k in range(count):
        tally[seconds, k] += spent[k]
        if counts and (held[k] > 0 if hourly else spent[k] > 0):
            tally[days, k] += 1
            shares[share, k] += held[k] / seen
    return counts


@compiled
def label_by_shares(
    start: Longs, day: Ints, place: Ints, hour: Hours, seconds: Ints, workday: Booleans, x: Floats, y: Floats,
    radius: Floats, rules: SegmentRules, want: Shares, home: Ints, home_class: Hours, work: Ints, work_class: Hours,
    resident: Hours, nights: Ints, observed_nights: Ints, known_s: Longs, home_nights: Ints,
) -> None:  # fmt: skip
    """Label users whose rows [start[u], start[u + 1]) are sorted by day; the outputs are those of `label_users`."""
    cells, group = np.empty(MOST_PLACES, np.int32), np.empty(MOST_PLACES, np.int32)
    total, bins = np.empty(MOST_PLACES, np.int64), np.zeros((MOST_PLACES, 24), np.int64)
    tally, shares = np.zeros((5, MOST_PLACES), np.int64), np.zeros((2, MOST_PLACES))
    workdays = int(workday.sum())
    for u in range(start.size - 1):
        low, high = start[u], start[u + 1]
        count = places_of(low, high, place, seconds, x, y, radius, rules, cells, total, group)
        tally[:, :count], shares[:, :count] = 0, 0.0
        seen_days, seen_nights, seen_workdays, known, i = 0, 0, 0, 0, low
        while i < high:
            d = day[i]
            i, known_here = _day(i, high, day, place, hour, seconds, cells, group, count, bins)
            known += known_here
            tally[ALL_S, :count] += bins[:count].sum(axis=1)
            seen_days += bins[:count].sum() > 0
            seen_nights += _add(
                bins, count, want.night_from_hour, want.night_to_hour, want.hourly, want.min_hours_share, tally,
                NIGHT_S, NIGHTS, shares, NIGHT_SHARE,
            )  # fmt: skip
            if workday[d]:
                seen_workdays += _add(
                    bins, count, want.work_from_hour, want.work_to_hour, want.hourly, want.min_hours_share, tally,
                    WORK_S, WORK_DAYS, shares, WORK_SHARE,
                )  # fmt: skip
        nights[u], observed_nights[u], known_s[u] = seen_nights, seen_nights, known
        home[u], work[u], home_nights[u] = -1, -1, 0
        home_class[u], work_class[u] = HOME_UNKNOWN, WORK_UNKNOWN
        resident[u] = SHORT if seen_nights >= want.short_nights else PASSING
        days = seen_nights if want.hourly else seen_days
        place_s = tally[ALL_S, :count].sum()
        if count == 0 or days < want.min_days_share_home * workday.size or place_s < want.min_observed_s:
            continue
        best, sure = _home(count, tally, shares, seen_nights, want)
        if best < 0:
            continue
        home[u], home_nights[u] = cells[best], tally[NIGHTS, best]
        if sure:
            home_class[u], resident[u] = HOME, RESIDENT
        else:
            home_class[u] = AMBIGUOUS if seen_nights >= want.resident_nights else SHORT_STAY
        if seen_workdays == 0 or seen_workdays < want.min_days_share_work * workdays:
            continue
        at = _work(best, cells, group, count, tally, shares, seen_workdays, x, y, want)
        work_class[u] = WORK if at >= 0 else NO_WORK
        if at >= 0:
            work[u] = cells[at]


@compiled
def _home(count: int, tally: Longs, shares: Floats, seen_nights: int, want: Shares) -> tuple[int, bool]:
    """The best place for a home, -1 where there is none, and whether it fulfils the rule."""
    if want.hourly:
        best = int(np.argmax(shares[NIGHT_SHARE, :count]))
        score = shares[NIGHT_SHARE, best] / max(1, seen_nights)
        return (best if score > 0 else -1), bool(score >= want.home_min_share)
    best = int(np.argmax(tally[ALL_S, :count]))
    if tally[ALL_S, best] == 0:
        return -1, False
    least = want.home_min_share
    by_night = tally[NIGHT_S, :count].sum()
    sure = tally[ALL_S, best] >= least * tally[ALL_S, :count].sum()
    sure = sure or (by_night > 0 and tally[NIGHT_S, best] >= least * by_night)
    often = seen_nights > 0 and tally[NIGHTS, best] >= want.home_min_days_share * seen_nights
    return best, bool(sure or often)


@compiled
def _work(
    home: int, cells: Ints, group: Ints, count: int, tally: Longs, shares: Floats, seen: int, x: Floats, y: Floats,
    want: Shares,
) -> int:  # fmt: skip
    """The place of work, -1 where no place fulfils the rule or only one nearer to the home than the rule allows."""
    best = -1
    for k in range(count):
        if group[k] != k or tally[WORK_S, k] == 0:
            continue
        if want.hourly:
            near = distance_m(cells[k], cells[home], x, y) <= want.work_min_distance_m
            few = shares[WORK_SHARE, k] < want.work_min_share * seen
            seldom = tally[WORK_DAYS, k] < want.work_min_days_share * seen
            if k == home or near or few or seldom:
                continue
            more = best < 0 or tally[WORK_DAYS, k] > tally[WORK_DAYS, best]
            level = best >= 0 and tally[WORK_DAYS, k] == tally[WORK_DAYS, best]
            if more or (level and shares[WORK_SHARE, k] > shares[WORK_SHARE, best]):
                best = k
        elif best < 0 or tally[WORK_S, k] > tally[WORK_S, best]:
            best = k
    if want.hourly or best < 0:
        return best
    near = distance_m(cells[best], cells[home], x, y) <= want.work_min_distance_m
    most = tally[WORK_S, best] >= want.work_min_share * tally[WORK_S, :count].sum()
    often = tally[WORK_DAYS, best] >= want.work_min_days_share * seen
    return best if best != home and not near and (most or often) else -1
