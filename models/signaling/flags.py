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

CELL: Final = 0
BEGIN: Final = 1
END: Final = 2
FIRST: Final = 3
STOP: Final = 4
EVENTS: Final = 5
RUN_COLUMNS: Final = 6
"""Columns of a table of runs: cell, first and last second, first event and the one after the last, number of events."""

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
def flag_places(
    n: int, t: Ints, cell: Ints, active: Booleans, gap_s: int, abroad_gap_s: int, flags: Codes, runs: Ints
) -> int:
    """Flag repeats, unknown and inactive cells and second cells of one second, for the ``n`` events of a user.

    The events are sorted by second and then by cell, their flags are `OK`; of several usable cells in one second the
    lowest code stays. Those that stay are written into ``runs``, a row for each run of events at one cell without a
    silence above the given seconds (columns `CELL` to `EVENTS`), for the rules that follow look at changes of cell
    only; gives their number.
    """
    kept_t, r, here, gap, stop, events = -1, -1, NO_CELL, 0, 0, 0
    for i in range(n):
        c = cell[i]
        if c == here and t[i] != kept_t and t[i] - kept_t <= gap:  # most events: the run goes on
            kept_t, stop = t[i], i + 1
            events += 1
        elif i > 0 and t[i] == t[i - 1] and c == cell[i - 1]:
            flags[i] = REPEATED
        elif c == NO_CELL:
            flags[i] = UNKNOWN_CELL
        elif c >= 0 and not active[c]:
            flags[i] = INACTIVE_CELL
        elif t[i] == kept_t:
            flags[i] = SAME_TIME
        else:
            if r >= 0:
                runs[r, END], runs[r, STOP], runs[r, EVENTS] = kept_t, stop, events
            r += 1
            runs[r, CELL], runs[r, BEGIN], runs[r, FIRST] = c, t[i], i
            kept_t, here, stop, events = t[i], c, i + 1, 1
            gap = abroad_gap_s if c == ABROAD else gap_s
    if r >= 0:
        runs[r, END], runs[r, STOP], runs[r, EVENTS] = kept_t, stop, events
    return r + 1


@inlined
def _reach_m(radii: float, seconds: int, rules: FlagRules) -> float:
    """Metres between two cells above which the way is too fast: counted from edge to edge of the footprints."""
    return radii + max(rules.min_jump_m, rules.max_speed_m_s * seconds)


@compiled
def flag_speed(
    runs: Ints, size: int, x: Floats, y: Floats, radius: Floats, gap_s: int, flags: Codes, rules: FlagRules
) -> int:
    """Flag events that cannot be reached in time from the last kept event nor leave in time to the next.

    Only a run of one event can be one: two at one cell vouch for each other. Runs that only such an event parted are
    joined, unless there was a silence above ``gap_s``.
    """
    stay = min(size, 1)
    for k in range(1, size):
        a, b = runs[stay - 1, CELL], runs[k, CELL]
        if a != b and a >= 0 and b >= 0 and k + 1 < size and runs[k, EVENTS] == 1:
            c = runs[k + 1, CELL]
            reach = _reach_m(radius[a] + radius[b], runs[k, BEGIN] - runs[stay - 1, END], rules)
            if c != b and c >= 0 and beyond(x[a] - x[b], y[a] - y[b], reach):
                reach = _reach_m(radius[b] + radius[c], runs[k + 1, BEGIN] - runs[k, END], rules)
                if beyond(x[b] - x[c], y[b] - y[c], reach):
                    flags[runs[k, FIRST]] = IMPOSSIBLE_SPEED
                    continue
        if a == b and runs[k, BEGIN] - runs[stay - 1, END] <= gap_s:  # what lay between was flagged
            runs[stay - 1, END], runs[stay - 1, STOP] = runs[k, END], runs[k, STOP]
            runs[stay - 1, EVENTS] += runs[k, EVENTS]
            continue
        if stay < k:
            for column in range(RUN_COLUMNS):  # a row copied as one array is slower
                runs[stay, column] = runs[k, column]
        stay += 1
    return stay


@compiled
def _chain_end(change: int, runs: Ints, size: int, rules: FlagRules) -> tuple[int, int]:
    """End (exclusive) of the chain between two cells that changes for the first time at a run, and its changes."""
    a, b = runs[change - 1, CELL], runs[change, CELL]
    changes, k = 0, change
    while k < size:
        here = runs[k, CELL]
        if here != a and here != b:  # noqa: PLR1714 - numba knows no membership in mixed tuples
            break
        if here == runs[k - 1, CELL]:
            return k - 1, changes - 1  # the visit before lasts through a silence: it is a real one
        if runs[k, BEGIN] - runs[k - 1, END] > rules.pingpong_gap_s:
            break
        if changes > 0 and runs[k, BEGIN] - runs[k - 1, BEGIN] >= rules.visit_s:
            break  # the visit that ends here was a real one
        if runs[k, END] - runs[k, BEGIN] >= rules.visit_s:
            break  # a real visit begins: the chain ends before it
        changes += 1
        k += 1
    return k, changes


@compiled
def flag_ping_pong(runs: Ints, size: int, x: Floats, y: Floats, radius: Floats, flags: Codes, rules: FlagRules) -> int:
    """Flag the events of the cell with less dwell in every chain A-B-A(-B ...) between touching footprints."""
    first, flagged = 0, False
    while first < size - 2:
        a, change = runs[first, CELL], first + 1
        while change < size and runs[change, CELL] == a:
            change += 1
        if change > size - 2:
            break
        b = runs[change, CELL]
        apart = runs[change + 1, CELL] != a or a < 0 or b < 0
        if apart or beyond(x[a] - x[b], y[a] - y[b], radius[a] + radius[b]):
            first = change
            continue
        end, changes = _chain_end(change, runs, size, rules)
        if changes < 2:
            first = change
            continue
        dwell_a, dwell_b = 0, 0
        for k in range(first, end):
            until = runs[k + 1, BEGIN] if k + 1 < end else runs[k, END]
            if runs[k, CELL] == a:
                dwell_a += until - runs[k, BEGIN]
            else:
                dwell_b += until - runs[k, BEGIN]
        _flag_runs(first, end, b if dwell_a >= dwell_b else a, runs, flags)
        first, flagged = end, True
    return _with_events(runs, size) if flagged else size


@compiled
def _flag_runs(first: int, end: int, loser: int, runs: Ints, flags: Codes) -> None:
    for k in range(first, end):
        if runs[k, CELL] == loser:
            runs[k, EVENTS] = 0
            for i in range(runs[k, FIRST], runs[k, STOP]):
                if flags[i] == OK:
                    flags[i] = PING_PONG


@compiled
def _with_events(runs: Ints, size: int) -> int:
    stay = 0
    for k in range(size):
        if runs[k, EVENTS] > 0:
            for column in range(RUN_COLUMNS):
                runs[stay, column] = runs[k, column]
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
