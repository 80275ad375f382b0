"""Home, work and kind of resident of every user of a period, by a named profile (compiled).

Cells that are one place to a user's longest-served cell are one place (greedily, longest first). A night belongs to
the place with the most seconds in the night window of a service day, a working day to the place with the most seconds
in the work window. Score of a home: distinct nights, then seconds at night (Vanhoof et al. 2018 compare such rules).
Night workers: the place of the working days' hours is the home where the free nights are spent there too.
A night without a known place still counts as one in the city where the last place of the evening and the first of the
next morning lie in the city (`Thresholds.evening_from_hour`): who works at night sleeps at neither.

Not accounted for: second homes apart from the ambiguous class; workplaces nearer than the profile's distance.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from models.fusion.compiled import compiled
from models.signaling.flags import ABROAD, beyond, distance_m
from models.signaling.kernel_rules import SegmentRules
from models.signaling.profiles import Thresholds
from models.signaling.segments import UNKNOWN, place_reach_m

HOME_CLASSES = ("unknown", "home", "ambiguous", "night_worker", "short_stay")
HOME_UNKNOWN: Final = 0
HOME: Final = 1
AMBIGUOUS: Final = 2
NIGHT_WORKER: Final = 3
SHORT_STAY: Final = 4
WORK_CLASSES = ("unknown", "work", "none")
WORK_UNKNOWN: Final = 0
WORK: Final = 1
NO_WORK: Final = 2
RESIDENT_CLASSES = ("passing", "short", "resident", "undetermined")
PASSING: Final = 0
SHORT: Final = 1
RESIDENT: Final = 2
UNDETERMINED: Final = 3
"""Named by `models.signaling.undetermined`, from what a period says of a user beyond the labels."""

MOST_PLACES: Final = 256
"""Cells of one user that are looked at; what a user sees beyond them is not part of the labels."""

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Hours = npt.NDArray[np.int8]
Booleans = npt.NDArray[np.bool_]


@compiled
def in_window(hour: int, start: int, end: int) -> bool:
    """Whether a local hour lies in [start, end), which may cross midnight."""
    return start <= hour < end if start <= end else hour >= start or hour < end


@compiled
def places_of(
    low: int,
    high: int,
    place: Ints,
    seconds: Ints,
    x: Floats,
    y: Floats,
    radius: Floats,
    rules: SegmentRules,
    cells: Ints,
    total: Longs,
    group: Ints,
) -> int:
    """Distinct cells of one user, longest first, and the index of the cell that stands for the place of each."""
    count, k = 0, 0
    for i in range(low, high):
        if place[i] < 0:
            continue
        if k >= count or cells[k] != place[i]:  # most rows are of the place of the row before
            k = 0
            while k < count and cells[k] != place[i]:
                k += 1
        if k == count:
            if count == MOST_PLACES:
                continue
            cells[k], total[k] = place[i], 0
            count += 1
        total[k] += seconds[i]
    for k in range(1, count):  # few cells, nearly sorted: insertion
        c, s, j = cells[k], total[k], k
        while j > 0 and (total[j - 1] < s or (total[j - 1] == s and cells[j - 1] > c)):
            cells[j], total[j] = cells[j - 1], total[j - 1]
            j -= 1
        cells[j], total[j] = c, s
    for k in range(count):
        group[k] = k
        for j in range(k):
            if group[j] == j:
                a, b = cells[j], cells[k]
                if not beyond(x[a] - x[b], y[a] - y[b], place_reach_m(radius[a] + radius[b], rules)):
                    group[k] = j
                    break
    return count


@compiled
def label_users(
    start: Longs,
    day: Ints,
    place: Ints,
    hour: Hours,
    seconds: Ints,
    workday: Booleans,
    x: Floats,
    y: Floats,
    radius: Floats,
    inside: Booleans,
    follows: Booleans,
    rules: SegmentRules,
    want: Thresholds,
    home: Ints,
    home_class: Hours,
    work: Ints,
    work_class: Hours,
    resident: Hours,
    nights: Ints,
    observed_nights: Ints,
    known_s: Longs,
    home_nights: Ints,
) -> None:
    """Label users whose rows [start[u], start[u + 1]) are sorted by day; fills one entry of every output per user.

    ``inside`` tells the cells of the city, ``follows`` whether a day is the calendar day after the one before it.
    ``nights`` are the nights spent anywhere in the city, ``known_s`` the seconds with a known place or on the way.
    """
    cells, group = np.empty(MOST_PLACES, np.int32), np.empty(MOST_PLACES, np.int32)
    total = np.empty(MOST_PLACES, np.int64)
    tally = np.zeros((6, MOST_PLACES), np.int64)
    slept = np.zeros(workday.size, np.bool_)
    for u in range(start.size - 1):
        low, high = start[u], start[u + 1]
        count = places_of(low, high, place, seconds, x, y, radius, rules, cells, total, group)
        seen_nights, seen_workdays, known = _tally(
            low,
            high,
            day,
            place,
            hour,
            seconds,
            workday,
            want,
            cells,
            group,
            count,
            tally,
            slept,
        )
        observed_nights[u], known_s[u] = seen_nights, known
        nights[u] = tally[0, :count].sum()
        nights[u] += _nights_between(low, high, day, place, hour, inside, follows, slept, want)
        resident[u] = (
            RESIDENT if nights[u] >= want.resident_nights else SHORT if nights[u] >= want.short_nights else PASSING
        )
        _home_and_work(
            u, cells, group, count, tally, seen_nights, seen_workdays, x, y, want, home, home_class, work, work_class,
            resident, home_nights,
        )  # fmt: skip


@compiled
def _tally(
    low: int,
    high: int,
    day: Ints,
    place: Ints,
    hour: Hours,
    seconds: Ints,
    workday: Booleans,
    want: Thresholds,
    cells: Ints,
    group: Ints,
    count: int,
    tally: Longs,
    slept: Booleans,
) -> tuple[int, int, int]:
    """Nights, night seconds, free nights, working days, work seconds of each place; seen nights and days, known time.

    Rows of ``tally``: 0 nights, 1 night seconds, 2 nights of free days, 3 working days, 4 seconds of working hours on
    working days, 5 seconds of working hours on free days. ``slept`` tells the days whose night has a place.
    """
    tally[:, :count] = 0
    slept[:] = False
    night, work = np.zeros(count, np.int64), np.zeros(count, np.int64)
    seen_nights, seen_days, known, k = 0, 0, 0, 0
    i = low
    while i < high:
        d = day[i]
        night[:], work[:] = 0, 0
        night_known, work_known = 0, 0
        while i < high and day[i] == d:
            if place[i] != UNKNOWN:
                known += seconds[i]
                at_night = in_window(hour[i], want.night_from_hour, want.night_to_hour)
                at_work = in_window(hour[i], want.work_from_hour, want.work_to_hour)
                night_known += seconds[i] if at_night else 0
                work_known += seconds[i] if at_work else 0
                if place[i] >= 0 and (at_night or at_work):
                    if k >= count or cells[k] != place[i]:
                        k = 0
                        while k < count and cells[k] != place[i]:
                            k += 1
                    if k < count:
                        night[group[k]] += seconds[i] if at_night else 0
                        work[group[k]] += seconds[i] if at_work else 0
            i += 1
        seen_nights += night_known >= want.night_min_s
        if count > 0:
            best = np.argmax(night)
            if night[best] >= want.night_min_s:
                tally[0, best] += 1
                slept[d] = True
                tally[2, best] += not workday[d]
            tally[1, :count] += night
            tally[4 if workday[d] else 5, :count] += work
            best = np.argmax(work)
            tally[3, best] += workday[d] and work[best] >= want.work_min_s
        seen_days += workday[d] and work_known >= want.work_min_s
    return seen_nights, seen_days, known


@compiled
def _nights_between(
    low: int,
    high: int,
    day: Ints,
    place: Ints,
    hour: Hours,
    inside: Booleans,
    follows: Booleans,
    slept: Booleans,
    want: Thresholds,
) -> int:
    """Nights of one user without a known place, between an evening and a morning in the city.

    Hours count from 04:00, when a service day begins. In the hour that decides, being in the city outweighs being
    elsewhere.
    """
    if want.evening_from_hour < 0:
        return 0
    count, evening = 0, -2  # day of the last evening in the city whose night nobody saw
    i = low
    while i < high:
        d = day[i]
        first_in, first_away, last_in, last_away = 99, 99, -1, -1
        while i < high and day[i] == d:
            since = (hour[i] + 20) % 24
            if place[i] >= 0 and inside[place[i]]:
                first_in, last_in = min(first_in, since), max(last_in, since)
            elif place[i] >= 0 or place[i] == ABROAD:
                first_away, last_away = min(first_away, since), max(last_away, since)
            i += 1
        morning = first_in < want.morning_to_hour - 4 and first_in <= first_away
        count += evening == d - 1 and follows[d] and morning
        seen = last_in >= want.evening_from_hour - 4 and last_in >= last_away
        evening = d if seen and not slept[d] else -2
    return count


@compiled
def _best(first: Longs, second: Longs, count: int) -> int:
    best = -1
    for k in range(count):
        if first[k] > 0 and (
            best < 0 or first[k] > first[best] or (first[k] == first[best] and second[k] > second[best])
        ):
            best = k
    return best


@compiled
def _home_and_work(
    u: int,
    cells: Ints,
    group: Ints,
    count: int,
    tally: Longs,
    seen_nights: int,
    seen_workdays: int,
    x: Floats,
    y: Floats,
    want: Thresholds,
    home: Ints,
    home_class: Hours,
    work: Ints,
    work_class: Hours,
    resident: Hours,
    home_nights: Ints,
) -> None:
    """Decide home and work of one user from the tally of the places."""
    home[u], work[u], home_class[u], work_class[u], home_nights[u] = -1, -1, HOME_UNKNOWN, WORK_UNKNOWN, 0
    n = _best(tally[0], tally[1], count)
    if seen_nights < want.min_observed_nights or n < 0:
        return
    q = _best(tally[3], tally[4], count)
    home_nights[u] = tally[0, n]
    by_day = q >= 0 and q != n and tally[2, q] > tally[2, n] and tally[3, q] >= want.work_min_days
    if by_day and distance_m(cells[q], cells[n], x, y) > want.work_min_distance_m:
        home[u], work[u], home_class[u], work_class[u] = cells[q], cells[n], NIGHT_WORKER, WORK
        home_nights[u] = tally[0, q]
        return
    enough = tally[0, n] >= want.home_min_nights
    home[u] = cells[n]
    if resident[u] != RESIDENT:
        home_class[u] = SHORT_STAY
    else:
        home_class[u] = HOME if enough and tally[0, n] >= want.home_min_share * seen_nights else AMBIGUOUS
    if seen_workdays < want.work_min_days:
        return
    work_class[u] = NO_WORK
    best = -1
    for k in range(count):
        if group[k] != k or tally[3, k] < want.work_min_days:
            continue
        if distance_m(cells[k], cells[n], x, y) <= want.work_min_distance_m:
            continue
        more = best < 0 or tally[3, k] > tally[3, best]
        if more or (tally[3, k] == tally[3, best] and tally[4, k] > tally[4, best]):
            best = k
    if best >= 0:
        work[u], work_class[u] = cells[best], WORK
