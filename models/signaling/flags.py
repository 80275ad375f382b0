"""Which events are set aside and why: one code per event, no event deleted (compiled).

Order of the rules: exact repeats; cells that are unknown, or not active on that day; another cell at the same second;
impossible speed towards both neighbours, counted from edge to edge of the footprints; ping-pong between footprints that
touch. Source: eurostat/multimno (speed on both sides); a ping-pong chain is replaced by its cell of longest dwell.

Not accounted for: two telephones under one pseudonym look like jumps and are flagged as such.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from models.fusion.compiled import compiled
from models.signaling.kernel_rules import FlagRules

OK: Final = 0
REPEATED: Final = 1
UNKNOWN_CELL: Final = 2
INACTIVE_CELL: Final = 3
SAME_TIME: Final = 4
IMPOSSIBLE_SPEED: Final = 5
PING_PONG: Final = 6
FLAG_NAMES = ("ok", "repeated", "unknown_cell", "inactive_cell", "same_time", "impossible_speed", "ping_pong")

ABROAD: Final = -2
"""Cell code of an event registered in a network abroad."""
NO_CELL: Final = -1
"""Cell code of an event whose cell is not in the network table."""

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint8]
Booleans = npt.NDArray[np.bool_]


@compiled
def distance_m(a: int, b: int, x: Floats, y: Floats) -> float:
    """Metres between two cells; 0 to itself, and beyond everything between home network and abroad."""
    if a == b:
        return 0.0
    if a < 0 or b < 0:
        return 1e12
    return float(np.hypot(x[a] - x[b], y[a] - y[b]))


@compiled
def flag_places(low: int, high: int, t: Ints, cell: Ints, active: Booleans, flags: Codes) -> None:
    """Flag repeats, unknown and inactive cells and second cells of one second, for the events [low, high) of a user.

    The events are sorted by second and then by cell; of several usable cells in one second the lowest code stays.
    """
    kept_t = -1
    for i in range(low, high):
        c = cell[i]
        if i > low and t[i] == t[i - 1] and c == cell[i - 1]:
            flags[i] = REPEATED
        elif c == NO_CELL:
            flags[i] = UNKNOWN_CELL
        elif c >= 0 and not active[c]:
            flags[i] = INACTIVE_CELL
        elif t[i] == kept_t:
            flags[i] = SAME_TIME
        else:
            flags[i] = OK
            kept_t = t[i]


@compiled
def _too_fast(a: int, b: int, seconds: int, x: Floats, y: Floats, radius: Floats, rules: FlagRules) -> bool:
    if a < 0 or b < 0:
        return False
    between = distance_m(a, b, x, y) - radius[a] - radius[b]
    return bool(between > rules.min_jump_m and between > rules.max_speed_m_s * seconds)


@compiled
def flag_speed(
    low: int, high: int, t: Ints, cell: Ints, x: Floats, y: Floats, radius: Floats, flags: Codes, rules: FlagRules
) -> None:
    """Flag events that cannot be reached in time from the last kept event nor leave in time to the next."""
    before = -1
    for i in range(low, high):
        if flags[i] != OK:
            continue
        if before >= 0 and _too_fast(cell[before], cell[i], t[i] - t[before], x, y, radius, rules):
            after = i + 1
            while after < high and flags[after] != OK:
                after += 1
            if after < high and _too_fast(cell[i], cell[after], t[after] - t[i], x, y, radius, rules):
                flags[i] = IMPOSSIBLE_SPEED
                continue
        before = i


@compiled
def _chain_end(
    first: int, change: int, kept: Ints, size: int, t: Ints, cell: Ints, rules: FlagRules
) -> tuple[int, int, int]:
    """End (exclusive) of the chain between two cells that starts at ``kept[first]``, its second cell and changes.

    ``change`` is where the cell changes for the first time.
    """
    a = cell[kept[first]]
    second = -3
    changes = 0
    visit_start = first
    k = change
    while k < size:
        here, before = cell[kept[k]], cell[kept[k - 1]]
        if here != before:
            if t[kept[k]] - t[kept[k - 1]] > rules.pingpong_gap_s:
                break
            if second == -3:
                second = here
            elif here != a and here != second:  # noqa: PLR1714 - numba knows no membership in mixed tuples
                break
            if changes > 0 and t[kept[k]] - t[kept[visit_start]] >= rules.visit_s:
                break  # the visit that ends here was a real one
            changes += 1
            visit_start = k
        elif changes > 0 and t[kept[k]] - t[kept[visit_start]] >= rules.visit_s:
            k = visit_start  # a real visit begins: the chain ends before it
            changes -= 1
            break
        k += 1
    return k, second, changes


@compiled
def flag_ping_pong(
    low: int, high: int, t: Ints, cell: Ints, x: Floats, y: Floats, radius: Floats, flags: Codes, rules: FlagRules
) -> None:
    """Flag the events of the cell with less dwell in every chain A-B-A(-B ...) between touching footprints."""
    kept = np.empty(high - low, np.int32)
    size = 0
    for i in range(low, high):
        if flags[i] == OK:
            kept[size] = i
            size += 1
    first = 0
    while first < size - 2:
        a = cell[kept[first]]
        change = first + 1
        while change < size and cell[kept[change]] == a:
            change += 1
        if change >= size - 1 or t[kept[change]] - t[kept[change - 1]] > rules.pingpong_gap_s:
            first = change
            continue
        end, b, changes = _chain_end(first, change, kept, size, t, cell, rules)
        touching = changes >= 2 and a >= 0 and b >= 0 and distance_m(a, b, x, y) <= radius[a] + radius[b]
        if not touching:
            first = change
            continue
        dwell_a, dwell_b = 0, 0
        for k in range(first, end - 1):
            seconds = t[kept[k + 1]] - t[kept[k]]
            if cell[kept[k]] == a:
                dwell_a += seconds
            else:
                dwell_b += seconds
        loser = b if dwell_a >= dwell_b else a
        for k in range(first, end):
            if cell[kept[k]] == loser:
                flags[kept[k]] = PING_PONG
        first = end


@compiled
def count_flags(flags: Codes) -> npt.NDArray[np.int64]:
    """Events of each code of `FLAG_NAMES`."""
    counts = np.zeros(7, np.int64)
    for flag in flags:
        counts[flag] += 1
    return counts
