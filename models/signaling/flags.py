"""Which events are set aside and why: one code per event, no event deleted (compiled).

Order of the rules: exact repeats; cells that are unknown, or not active on that day; another cell at the same second;
impossible speed towards both neighbours, counted from edge to edge of the footprints; ping-pong between footprints that
touch. Source: eurostat/multimno (speed on both sides); a ping-pong chain is replaced by its cell of longest dwell.

Not accounted for: two telephones under one pseudonym look like jumps and are flagged as such.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from models.fusion.compiled import compiled, inlined
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
    return math.sqrt((x[a] - x[b]) ** 2 + (y[a] - y[b]) ** 2)


@inlined
def beyond(dx: float, dy: float, metres: float) -> bool:
    """Whether two places that lie ``dx`` and ``dy`` metres apart are farther from each other than a distance."""
    return dx * dx + dy * dy > metres * metres


@compiled
def flag_places(low: int, high: int, t: Ints, cell: Ints, active: Booleans, flags: Codes, kept: Ints) -> int:
    """Flag repeats, unknown and inactive cells and second cells of one second, for the events [low, high) of a user.

    The events are sorted by second and then by cell; of several usable cells in one second the lowest code stays.
    Writes the positions of the events that stay into ``kept``, as the other rules do, and gives their number.
    """
    kept_t, size = -1, 0
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
            kept[size] = i
            kept_t, size = t[i], size + 1
    return size


@inlined
def _reach_m(radii: float, seconds: int, rules: FlagRules) -> float:
    """Metres between two cells above which the way is too fast: counted from edge to edge of the footprints."""
    return radii + max(rules.min_jump_m, rules.max_speed_m_s * seconds)


@compiled
def flag_speed(
    kept: Ints, size: int, t: Ints, cell: Ints, x: Floats, y: Floats, radius: Floats, flags: Codes, rules: FlagRules
) -> int:
    """Flag events that cannot be reached in time from the last kept event nor leave in time to the next."""
    stay = min(size, 1)
    for k in range(1, size):
        i, before = kept[k], kept[stay - 1]
        a, b = cell[before], cell[i]
        if a != b and a >= 0 and b >= 0 and k + 1 < size:
            reach = _reach_m(radius[a] + radius[b], t[i] - t[before], rules)
            after = kept[k + 1]
            c = cell[after]
            if c != b and c >= 0 and beyond(x[a] - x[b], y[a] - y[b], reach):
                reach = _reach_m(radius[b] + radius[c], t[after] - t[i], rules)
                if beyond(x[b] - x[c], y[b] - y[c], reach):
                    flags[i] = IMPOSSIBLE_SPEED
                    continue
        kept[stay] = i
        stay += 1
    return stay


@compiled
def _chain_end(
    first: int, change: int, kept: Ints, size: int, t: Ints, cell: Ints, rules: FlagRules
) -> tuple[int, int]:
    """End (exclusive) of the chain between two cells that starts at ``kept[first]``, and its changes.

    ``change`` is where the cell changes for the first time.
    """
    a, b = cell[kept[first]], cell[kept[change]]
    changes = 0
    visit_start = first
    k = change
    while k < size:
        here, before = cell[kept[k]], cell[kept[k - 1]]
        if here != before:
            if t[kept[k]] - t[kept[k - 1]] > rules.pingpong_gap_s:
                break
            if here != a and here != b:  # noqa: PLR1714 - numba knows no membership in mixed tuples
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
    return k, changes


@compiled
def flag_ping_pong(
    kept: Ints, size: int, t: Ints, cell: Ints, x: Floats, y: Floats, radius: Floats, flags: Codes, rules: FlagRules
) -> int:
    """Flag the events of the cell with less dwell in every chain A-B-A(-B ...) between touching footprints."""
    first, flagged = 0, False
    while first < size - 2:
        a = cell[kept[first]]
        change = first + 1
        while change < size and cell[kept[change]] == a:
            change += 1
        if change >= size - 1 or t[kept[change]] - t[kept[change - 1]] > rules.pingpong_gap_s:
            first = change
            continue
        b, c = cell[kept[change]], cell[kept[change + 1]]
        elsewhere = c != a and c != b  # noqa: PLR1714 - numba knows no membership in mixed tuples
        if elsewhere or a < 0 or b < 0 or beyond(x[a] - x[b], y[a] - y[b], radius[a] + radius[b]):
            first = change
            continue
        end, changes = _chain_end(first, change, kept, size, t, cell, rules)
        if changes < 2:
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
                flags[kept[k]], flagged = PING_PONG, True
        first = end
    return _still_ok(kept, size, flags) if flagged else size


@compiled
def _still_ok(kept: Ints, size: int, flags: Codes) -> int:
    stay = 0
    for k in range(size):
        if flags[kept[k]] == OK:
            kept[stay] = kept[k]
            stay += 1
    return stay


@compiled
def count_flags(flags: Codes) -> npt.NDArray[np.int64]:
    """Events of each code of `FLAG_NAMES`."""
    counts = np.zeros(7, np.int64)
    for flag in flags:
        if flag != OK:  # most are: a sum that waits for the one before is the slow part
            counts[flag] += 1
    counts[OK] = flags.size - counts.sum()
    return counts
