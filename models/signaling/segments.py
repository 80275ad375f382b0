"""Stays, moves and gaps of one user on one day, and the seconds of each local hour they fill (compiled).

A *group* is a run of events whose cells are all one place to each other. A group of at least ``stay_s`` is a stay. What
lies between two groups is travel as far as the distance needs it, the rest half of the gap to either stay; a silence
longer than its cap is unknown but for a short pad. Segments tile the time from the first to the last event exactly.
Source: eurostat/multimno v1.0.0 (stay / move / abroad / unknown, gap caps, pad); the pairwise limit keeps a long thin
touch of two macro cells from joining distant stays.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from models.fusion.compiled import compiled, inlined
from models.signaling.flags import ABROAD, BEGIN, CELL, END, beyond
from models.signaling.kernel_rules import SegmentRules

MOVING: Final = -1
"""Place code of seconds spent on the way."""
UNKNOWN: Final = -3
"""Place code of seconds nobody knows about."""
MOST_CELLS: Final = 12
"""Cells that one group may hold; one more begins a new group."""

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint8]


@inlined
def place_reach_m(radii: float, rules: SegmentRules) -> float:
    """Metres up to which two cells may be one place: near, or footprints that touch well and are not far apart."""
    return max(rules.same_place_m, min(rules.touch_share * radii, rules.touch_limit_m))


@compiled
def one_place(a: int, b: int, x: Floats, y: Floats, radius: Floats, rules: SegmentRules) -> bool:
    """Whether two cells may be one place: see `place_reach_m`."""
    if a == b:
        return True
    if a < 0 or b < 0:
        return False
    return not beyond(x[a] - x[b], y[a] - y[b], place_reach_m(radius[a] + radius[b], rules))


@compiled
def _fits(c: int, cells: Ints, count: int, x: Floats, y: Floats, radius: Floats, rules: SegmentRules) -> bool:
    """Whether a cell that the group does not hold may join it."""
    if count == MOST_CELLS or c < 0:
        return False
    for k in range(count):
        o = cells[k]
        if o < 0 or beyond(x[c] - x[o], y[c] - y[o], place_reach_m(radius[c] + radius[o], rules)):
            return False
    return True


@compiled
def groups_of(
    runs: Ints, size: int, x: Floats, y: Floats, radius: Floats, rules: SegmentRules, cells: Ints,
    dwell: npt.NDArray[np.int64], first: Ints, last: Ints, anchor: Ints,
) -> int:  # fmt: skip
    """Group the runs of a user; fills first second, last second and anchor cell, gives their number.

    The anchor is the cell with the most dwell (half gaps to its neighbours in the group), the lowest code among equals.
    ``cells`` and ``dwell`` are working room for `MOST_CELLS` cells.
    """
    number, count, previous, at = 0, 0, -1, 0
    for k in range(size):
        c, begin, end = runs[k, CELL], runs[k, BEGIN], runs[k, END]
        place = -1
        if count > 0 and begin - previous <= (rules.abroad_gap_s if c == ABROAD else rules.stay_gap_s):
            place = 0
            while place < count and cells[place] != c:
                place += 1
            if place == count and not _fits(c, cells, count, x, y, radius, rules):
                place = -1
        inside = 2 * (end - begin)  # twice the dwell: only the order matters
        if place < 0:
            if count > 0:
                anchor[number] = _longest(cells, dwell, count)
                number += 1
            first[number] = begin
            cells[0], dwell[0], count, at = c, inside, 1, 0
        else:
            if place == count:
                cells[count], dwell[count] = c, 0
                count += 1
            dwell[at] += begin - previous
            dwell[place] += begin - previous + inside
            at = place
        last[number] = previous = end
    if count > 0:
        anchor[number] = _longest(cells, dwell, count)
        number += 1
    return number


@compiled
def _longest(cells: Ints, dwell: npt.NDArray[np.int64], count: int) -> int:
    best = 0
    for k in range(1, count):
        if dwell[k] > dwell[best] or (dwell[k] == dwell[best] and cells[k] < cells[best]):
            best = k
    return int(cells[best])


@inlined
def split_gap(gap: int, metres: float, left_stay: bool, right_stay: bool, rules: SegmentRules) -> tuple[int, int, int]:
    """Seconds of a gap between two places that belong to the left stay, the right stay, and whether the rest is known.

    Returns
    -------
    left, right : seconds added to either stay, 0 where it is none
    known : 1 where the rest is travel, 0 where it is unknown
    """
    if gap > rules.move_gap_s:
        pad = min(rules.pad_s, gap // 2)
        return (pad if left_stay else 0), (pad if right_stay else 0), 0
    travel = min(gap, int(metres / rules.travel_m_s))
    rest = gap - travel
    if left_stay and right_stay:
        return rest // 2, rest - rest // 2, 1
    return (rest if left_stay else 0), (rest if right_stay else 0), 1


@compiled
def add_seconds(
    start: int, end: int, place: int, edges: Ints, hours: npt.NDArray[np.int8], low: int, size: int, row_place: Ints,
    row_hour: npt.NDArray[np.int8], row_seconds: Ints,
) -> int:  # fmt: skip
    """Add [start, end) at a place to the rows [low, size) of one user-day, one row per place and local hour.

    The pieces of a user-day come in order of time, so the rows of the hour at hand are the last ones.
    """
    if start >= end:
        return size
    piece = min(start // 3600, edges.size - 2)
    while edges[piece] > start:
        piece -= 1
    while edges[piece + 1] <= start:
        piece += 1
    at = start
    while at < end:
        until = min(end, edges[piece + 1])
        hour = hours[piece]
        row = size - 1
        while row >= low and row_hour[row] == hour and row_place[row] != place:
            row -= 1
        if row < low or row_hour[row] != hour:
            row = size
            row_place[row], row_hour[row], row_seconds[row] = place, hour, 0
            size += 1
        row_seconds[row] += until - at
        at = until
        piece += 1
    return size
