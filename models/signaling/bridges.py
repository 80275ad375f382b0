"""Joins the days of a user: what lies between the last event of one service day and the first of the next (compiled).

A day knows only its own events, so that days can be computed in any order; the bridge between two of them needs nothing
but their edges. With its bridges every user-day sums to the length of its day exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.fusion.compiled import compiled
from models.signaling.flags import ABROAD, distance_m
from models.signaling.kernel_rules import SegmentRules
from models.signaling.segments import MOVING, UNKNOWN, add_seconds, one_place, split_gap

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Hours = npt.NDArray[np.int8]

MOST_PIECES = 26
"""Hours that a service day can have, with clocks going back."""


@dataclass(frozen=True)
class Edges:
    """Edges of users x days; a user without kept event on a day has ``first`` = -1 there.

    Attributes
    ----------
    first, last : (users, days) second of the first and last kept event
    place_first, place_last : (users, days) anchor cell of the first and last group
    stay_first, stay_last : (users, days) whether these groups are stays
    """

    first: Ints
    last: Ints
    place_first: Ints
    place_last: Ints
    stay_first: npt.NDArray[np.bool_]
    stay_last: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Calendar:
    """The days of a period, ascending.

    Attributes
    ----------
    length_s : (days) seconds of each day
    follows : (days) whether the day is the calendar day after the one before it
    edges : (days, 27) seconds at which the local hour changes, padded with the length of the day
    hours : (days, 26) local hours, padded with 0
    pieces : (days) number of hours
    workday : (days) working day of the city's calendar
    """

    length_s: Ints
    follows: npt.NDArray[np.bool_]
    edges: Ints
    hours: Hours
    pieces: Ints
    workday: npt.NDArray[np.bool_]


@compiled
def bridge(
    first: Ints, last: Ints, place_first: Ints, place_last: Ints, stay_first: npt.NDArray[np.bool_],
    stay_last: npt.NDArray[np.bool_], length_s: Ints, follows: npt.NDArray[np.bool_], edges: Ints, hours: Hours,
    pieces: Ints, x: Floats, y: Floats, radius: Floats, rules: SegmentRules, row_user: Ints, row_day: Ints,
    row_place: Ints, row_hour: Hours, row_seconds: Ints,
) -> int:  # fmt: skip
    """Write the seconds before the first and after the last event of every user-day; gives the number of rows.

    Rows are ordered by user and day; those of one user-day have one place and hour each.
    """
    size = 0
    users, days = first.shape
    for u in range(users):
        for d in range(days):
            if first[u, d] < 0:
                continue
            low = size
            left_day = d > 0 and follows[d] and first[u, d - 1] >= 0
            right_day = d + 1 < days and follows[d + 1] and first[u, d + 1] >= 0
            if left_day:
                size = _part(
                    d - 1,
                    d,
                    u,
                    False,
                    first,
                    last,
                    place_first,
                    place_last,
                    stay_first,
                    stay_last,
                    length_s,
                    edges,
                    hours,
                    pieces,
                    x,
                    y,
                    radius,
                    rules,
                    low,
                    size,
                    row_place,
                    row_hour,
                    row_seconds,
                )
            else:
                size = add_seconds(
                    0,
                    first[u, d],
                    UNKNOWN,
                    edges[d, : pieces[d] + 1],
                    hours[d],
                    low,
                    size,
                    row_place,
                    row_hour,
                    row_seconds,
                )
            if right_day:
                size = _part(
                    d,
                    d + 1,
                    u,
                    True,
                    first,
                    last,
                    place_first,
                    place_last,
                    stay_first,
                    stay_last,
                    length_s,
                    edges,
                    hours,
                    pieces,
                    x,
                    y,
                    radius,
                    rules,
                    low,
                    size,
                    row_place,
                    row_hour,
                    row_seconds,
                )
            else:
                size = add_seconds(
                    last[u, d],
                    length_s[d],
                    UNKNOWN,
                    edges[d, : pieces[d] + 1],
                    hours[d],
                    low,
                    size,
                    row_place,
                    row_hour,
                    row_seconds,
                )
            row_user[low:size], row_day[low:size] = u, d
    return size  # fmt: skip


@compiled
def _part(
    a: int, b: int, u: int, evening: bool, first: Ints, last: Ints, place_first: Ints, place_last: Ints,
    stay_first: npt.NDArray[np.bool_], stay_last: npt.NDArray[np.bool_], length_s: Ints, edges: Ints, hours: Hours,
    pieces: Ints, x: Floats, y: Floats, radius: Floats, rules: SegmentRules, low: int, size: int, row_place: Ints,
    row_hour: Hours, row_seconds: Ints,
) -> int:  # fmt: skip
    """The part of the bridge between day a and day b that lies in a (``evening``) or in b."""
    begin, cut = last[u, a], length_s[a]
    gap = cut - begin + first[u, b]
    from_place, to_place = place_last[u, a], place_first[u, b]
    cap = rules.abroad_gap_s if from_place == ABROAD else rules.stay_gap_s
    if gap <= cap and one_place(from_place, to_place, x, y, radius, rules):
        left, right, rest = gap, 0, UNKNOWN
    else:
        far = distance_m(from_place, to_place, x, y)
        left, right, known = split_gap(gap, far, stay_last[u, a], stay_first[u, b], rules)
        rest = MOVING if known else UNKNOWN
    day = a if evening else b
    shift = 0 if evening else cut
    lowest, highest = (begin, cut) if evening else (cut, cut + first[u, b])
    for k in range(3):
        start = begin if k == 0 else (begin + left if k == 1 else begin + gap - right)
        end = begin + left if k == 0 else (begin + gap - right if k == 1 else begin + gap)
        place = from_place if k == 0 else (rest if k == 1 else to_place)
        start, end = max(start, lowest) - shift, min(end, highest) - shift
        if start < end:
            size = add_seconds(
                start,
                end,
                place,
                edges[day, : pieces[day] + 1],
                hours[day],
                low,
                size,
                row_place,
                row_hour,
                row_seconds,
            )
    return size  # fmt: skip
