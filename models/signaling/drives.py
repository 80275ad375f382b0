"""Drives along corridors: from the cells of one service day of a bucket to chains of handovers (compiled).

A change of cell that is among a corridor's handovers is a crossing: a second and a place. A run of crossings in one
direction at a possible speed, with a few outliers passed over, is a chain. Of chains that overlap in time, on whatever
corridor, the one with the most crossings counts. `chains_of` is a pure function of one bucket of users, so any engine
can run it.

Not accounted for: a device that stops beside the road for less than ``max_silence_s`` looks slow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from models.fusion.compiled import compiled
from models.signaling.corridors import Ways
from models.signaling.day import DayEvents
from models.signaling.flags import OK
from models.signaling.road_rules import PassageRules

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Matching:
    """What turns the events of a day into drives along corridors; ``digest`` changes with all of it."""

    ways: Ways
    rules: PassageRules
    digest: str


@dataclass(frozen=True)
class Chains:
    """Drives along corridors on one service day.

    Attributes
    ----------
    user : (c) position of the device among the users of the day, ascending
    corridor, direction : (c) row of the corridor; 0 along it, 1 against it
    start : (c + 1) crossings of each chain
    t : (x) seconds since the start of the day
    pair : (x) row in ``Ways.key``
    """

    user: Ints
    corridor: Ints
    direction: npt.NDArray[np.int8]
    start: Longs
    t: Ints
    pair: Ints


def chains_of(events: DayEvents, flags: npt.NDArray[np.uint8], ways: Ways, rules: PassageRules) -> Chains:
    """Find the drives of one bucket.

    Parameters
    ----------
    events, flags : as `day.compute_day` takes and gives them; flagged events are passed over
    """
    most = int(np.diff(events.start).max(initial=0))
    capacity = 2 * len(events.keys) + 1  # two chains of a user may share the event at which they meet
    user, corridor = np.empty(capacity, np.int32), np.empty(capacity, np.int32)
    direction, start = np.empty(capacity, np.int8), np.zeros(capacity + 1, np.int64)
    t, pair = np.empty(capacity, np.int32), np.empty(capacity, np.int32)
    near = np.zeros(ways.cells, dtype=bool)
    near[ways.key % ways.cells] = True
    chains, crossings = _all_users(
        events.start, events.t, events.cell, flags, most, near, ways.key, ways.at, ways.cells, ways.corridors, rules,
        user, corridor, direction, start, (t, pair),
    )  # fmt: skip
    return Chains(
        user[:chains].copy(), corridor[:chains].copy(), direction[:chains].copy(), start[: chains + 1].copy(),
        t[:crossings].copy(), pair[:crossings].copy(),
    )  # fmt: skip


@compiled
def _row_of(key: Longs, wanted: int) -> int:
    row = np.searchsorted(key, wanted)
    return int(row) if row < key.size and key[row] == wanted else -1


@compiled
def _crossings(
    low: int, high: int, t: Ints, cell: Ints, flags: npt.NDArray[np.uint8], corridor: int, key: Longs, place: Floats,
    cells: int, silence: int, when: Ints, at: Floats, pair: Longs,
) -> int:  # fmt: skip
    """Crossings of one corridor by one user; gives their number."""
    n, before = 0, -1
    for i in range(low, high):
        if flags[i] != OK:
            continue
        known = before >= 0 and cell[i] >= 0 and cell[before] >= 0 and cell[i] != cell[before]
        if known and t[i] - t[before] <= silence:
            row = _row_of(key, (corridor * cells + cell[before]) * cells + cell[i])
            if row >= 0:
                when[n], at[n], pair[n] = t[i], place[row], row
                n += 1
        before = i
    return n


@compiled
def _grow(begin: int, n: int, when: Ints, at: Floats, rules: PassageRules, sign: float, kept: Longs) -> tuple[int, int]:
    """The chain in one direction that begins with a crossing: number of crossings kept, and the last one looked at."""
    size, misses, last = 1, 0, begin
    kept[0] = begin
    for i in range(begin + 1, n):
        gap = when[i] - when[last]
        if gap > rules.max_silence_s:
            break
        way = sign * (at[i] - at[last])
        slowest, fastest = rules.min_kmh / 3.6 * gap, rules.max_kmh / 3.6 * gap
        if gap > 0 and slowest - rules.slack_m <= way <= fastest + rules.slack_m:
            kept[size] = i
            size, misses, last = size + 1, 0, i
        else:
            misses += 1
            if misses > rules.max_misses:
                break
    return size, last


@compiled
def _candidates(
    corridor: int, n: int, when: Ints, at: Floats, pair: Longs, rules: PassageRules, kept: Longs, other: Longs,
    room: Longs, held: tuple[Ints, Ints], heads: Longs,
) -> None:  # fmt: skip
    """Add the chains of one corridor to those of the user; ``room`` holds the number of chains and of crossings."""
    begin = 0
    while begin < n:
        ahead, ahead_last = _grow(begin, n, when, at, rules, 1.0, kept)
        back, back_last = _grow(begin, n, when, at, rules, -1.0, other)
        count, last, sign, chosen = ahead, ahead_last, 1.0, kept
        if at[begin] - at[back_last] > at[ahead_last] - at[begin]:
            count, last, sign, chosen = back, back_last, -1.0, other
        span, time = sign * (at[last] - at[begin]), when[last] - when[begin]
        if count < rules.min_crossings or span < rules.min_span_m or 3.6 * span < rules.min_kmh * time:
            begin += 1
            continue
        chain, size = room[0], room[1]
        heads[chain, 0], heads[chain, 1], heads[chain, 2] = corridor, 0 if sign > 0 else 1, size
        for k in range(count):
            i = chosen[k]
            held[0][size + k], held[1][size + k] = when[i], pair[i]
        heads[chain, 3] = size + count
        room[0], room[1] = chain + 1, size + count
        begin = last + 1


@compiled
def _best(heads: Longs, chains: int, when: Ints, taken: npt.NDArray[np.bool_]) -> int:
    """The chain with the most crossings that overlaps none of those taken, the first among equals; -1 for none."""
    best, most = -1, 0
    for k in range(chains):
        if taken[k] or heads[k, 3] - heads[k, 2] <= most:
            continue
        free = True
        for j in range(chains):
            if taken[j] and when[heads[k, 2]] < when[heads[j, 3] - 1] and when[heads[j, 2]] < when[heads[k, 3] - 1]:
                free = False
        if free:
            best, most = k, heads[k, 3] - heads[k, 2]
    return best


@compiled
def _changes(
    low: int, high: int, t: Ints, cell: Ints, flags: npt.NDArray[np.uint8], near: npt.NDArray[np.bool_], silence: int
) -> int:
    """Changes between cells of any corridor that may be crossings: what tells most people from those who drive."""
    count, before = 0, -1
    for i in range(low, high):
        if flags[i] != OK:
            continue
        if before >= 0 and cell[i] >= 0 and cell[before] >= 0 and cell[i] != cell[before]:
            count += near[cell[i]] and near[cell[before]] and t[i] - t[before] <= silence
        before = i
    return count


@compiled
def _all_users(
    start: Longs, t: Ints, cell: Ints, flags: npt.NDArray[np.uint8], most: int, near: npt.NDArray[np.bool_], key: Longs,
    place: Floats, cells: int, corridors: int, rules: PassageRules, user: Ints, corridor: Ints,
    direction: npt.NDArray[np.int8], first: Longs, out: tuple[Ints, Ints],
) -> tuple[int, int]:  # fmt: skip
    when, at, pair = np.empty(most, np.int32), np.empty(most, np.float64), np.empty(most, np.int64)
    kept, other = np.empty(most, np.int64), np.empty(most, np.int64)
    wide = most * max(1, corridors)
    held = (np.empty(wide, np.int32), np.empty(wide, np.int32))
    heads, room = np.empty((wide, 4), np.int64), np.zeros(2, np.int64)
    chains, size = 0, 0
    for u in range(start.size - 1):
        low, high = start[u], start[u + 1]
        if _changes(low, high, t, cell, flags, near, rules.max_silence_s) < rules.min_crossings:
            continue
        room[:] = 0
        for c in range(corridors):
            n = _crossings(low, high, t, cell, flags, c, key, place, cells, rules.max_silence_s, when, at, pair)
            _candidates(c, n, when, at, pair, rules, kept, other, room, held, heads)
        taken = np.zeros(room[0], np.bool_)
        while True:
            k = _best(heads, room[0], held[0], taken)
            if k < 0:
                break
            taken[k] = True
            user[chains], corridor[chains], direction[chains] = u, heads[k, 0], heads[k, 1]
            for i in range(heads[k, 2], heads[k, 3]):
                out[0][size], out[1][size] = held[0][i], held[1][i]
                size += 1
            chains += 1
            first[chains] = size
    return chains, size


def picked(chains: Chains, kept: npt.NDArray[np.bool_]) -> Chains:
    """Some of the chains, by mask."""
    size = np.diff(chains.start)
    mine = np.repeat(kept, size)
    start = np.append(0, np.cumsum(size[kept])).astype(np.int64)
    return Chains(
        chains.user[kept], chains.corridor[kept], chains.direction[kept], start, chains.t[mine], chains.pair[mine]
    )


def chains_within(chains: Chains, first: int, last: int) -> Chains:
    """Chains of the users at positions from ``first`` to before ``last``, who then count from 0."""
    mine = picked(chains, (chains.user >= first) & (chains.user < last))
    return replace(mine, user=mine.user - np.int32(first))


def together(parts: Sequence[Chains]) -> Chains:
    """Chains of several buckets or days, one after the other; ``user`` then tells devices apart within a part only."""
    if not parts:
        nothing = np.empty(0, np.int32)
        return Chains(nothing, nothing, np.empty(0, np.int8), np.zeros(1, np.int64), nothing, nothing)
    before = np.append(0, np.cumsum([len(part.t) for part in parts]))
    starts = [part.start[:-1] + offset for part, offset in zip(parts, before, strict=False)]
    user, corridor, t, pair = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("user", "corridor", "t", "pair")
    )
    direction = np.concatenate([part.direction for part in parts])
    return Chains(user, corridor, direction, np.append(np.concatenate(starts), before[-1]).astype(np.int64), t, pair)
