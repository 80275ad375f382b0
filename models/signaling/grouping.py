"""Puts the events of a day in order of user, second and cell without sorting what is sorted already (compiled).

Files arrive in order of time, so a counting sort by user keeps the order; users whose events are out of order are
sorted one by one. A shuffled day, as Spark delivers it, gives the same result.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from models.fusion.compiled import compiled
from models.signaling.day import DayEvents

Users = npt.NDArray[np.uint64]
Longs = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]

_CELL_SHIFT = 2
"""Added to cell codes, whose least is -2, so that second and cell fit one ordered integer."""


@compiled
def _dense(users: Users, begin: int, slots: Users, ids: Ints, found: Users, count: int, out: Ints) -> tuple[int, int]:
    """Number users from ``begin`` on in the order they are first seen, by open addressing.

    Returns
    -------
    The number of users known, and where to go on with a larger table: the end, or the row that finds it half full.
    """
    mask = slots.size - 1
    for i in range(begin, users.size):
        u = users[i]
        j = np.int64((u * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20)) & mask
        while ids[j] >= 0 and slots[j] != u:
            j = (j + 1) & mask
        if ids[j] < 0:
            if 2 * count >= slots.size:
                return count, i
            slots[j], ids[j] = u, count
            found[count] = u
            count += 1
        out[i] = ids[j]
    return count, users.size


def _numbered(users: Users) -> tuple[Users, Ints]:
    """Distinct users in the order they are first seen, and the number of each row's user; memory follows the users."""
    size, count, done = 1 << 12, 0, 0
    numbers, found = np.empty(len(users), np.int32), np.empty(0, np.uint64)
    while True:
        slots, ids = np.zeros(size, np.uint64), np.full(size, -1, np.int32)
        known = found[:count].copy()
        found = np.empty(size, np.uint64)
        _dense(known, 0, slots, ids, found, 0, np.empty(count, np.int32))
        count, done = _dense(users, done, slots, ids, found, count, numbers)
        if done == len(users):
            return found[:count], numbers
        size *= 4


@compiled
def _count(who: Ints, time: Longs, begin: int, end: int, rank: Ints, counts: Longs) -> None:
    for i in range(who.size):
        if begin <= time[i] < end:
            counts[rank[who[i]]] += 1


@compiled
def _scatter(
    who: Ints, time: Longs, cell: Ints, begin: int, end: int, rank: Ints, start: Longs, at: Longs, to_t: Ints,
    to_cell: Ints, out_of_order: npt.NDArray[np.bool_],
) -> None:  # fmt: skip
    """Write the events of a part behind those of the parts before, and note whose order is lost."""
    for i in range(who.size):
        if begin <= time[i] < end:
            u = rank[who[i]]
            k = at[u]
            t, c = np.int32(time[i] - begin), cell[i]
            if k > start[u] and (t < to_t[k - 1] or (t == to_t[k - 1] and c < to_cell[k - 1])):
                out_of_order[u] = True
            to_t[k], to_cell[k] = t, c
            at[u] = k + 1


@compiled
def _sort(start: Longs, out_of_order: npt.NDArray[np.bool_], t: Ints, cell: Ints) -> None:
    for u in range(start.size - 1):
        if out_of_order[u]:
            low, high = start[u], start[u + 1]
            keys = np.empty(high - low, np.int64)
            for i in range(low, high):
                keys[i - low] = (np.int64(t[i]) << 32) | np.int64(cell[i] + _CELL_SHIFT)
            keys.sort()
            for i in range(low, high):
                t[i] = keys[i - low] >> 32
                cell[i] = (keys[i - low] & 0xFFFFFFFF) - _CELL_SHIFT


class Part(Protocol):
    """Events that name their users by position: `events.Events`, or a block of a shuffle."""

    @property
    def people(self) -> Users:
        """(m) pseudonyms, each once."""

    @property
    def who(self) -> Ints:
        """(n) position in ``people``."""

    @property
    def time(self) -> Longs:
        """(n) UTC seconds."""

    @property
    def cell(self) -> Ints:
        """(n) dense cell codes."""


def group_parts(parts: Sequence[Part], begin: int, end: int) -> DayEvents:
    """Order the events of one day that come in several parts.

    Parameters
    ----------
    begin, end : UTC seconds of the service day, end exclusive; events outside are left out

    Returns
    -------
    The events by user ascending, second, cell; equal for every division into parts and every order within them.
    """
    users = np.unique(np.concatenate([np.empty(0, np.uint64), *(part.people for part in parts)]))
    counts = np.zeros(len(users), np.int64)
    ranks = [np.searchsorted(users, part.people).astype(np.int32) for part in parts]
    for part, rank in zip(parts, ranks, strict=True):
        _count(part.who, part.time, begin, end, rank, counts)
    start = np.zeros(len(users) + 1, np.int64)
    np.cumsum(counts, out=start[1:])
    seconds, cells = np.empty(start[-1], np.int32), np.empty(start[-1], np.int32)
    out_of_order, at = np.zeros(len(users), dtype=np.bool_), start[:-1].copy()
    for part, rank in zip(parts, ranks, strict=True):
        _scatter(part.who, part.time, part.cell, begin, end, rank, start, at, seconds, cells, out_of_order)
    if out_of_order.any():
        _sort(start, out_of_order, seconds, cells)
    seen = counts > 0
    return DayEvents(users[seen], np.append(start[:-1][seen], start[-1]), seconds, cells)


class _Numbered(NamedTuple):
    people: Users
    who: Ints
    time: Longs
    cell: Ints


def group_by_user(users: Users, t: Ints, cell: Ints) -> DayEvents:
    """Order the events of one day.

    Parameters
    ----------
    users : (n) pseudonyms, uint64
    t : (n) seconds since the start of the service day
    cell : (n) dense cell codes

    Returns
    -------
    The same events by user ascending, second, cell; equal for every order of the input.
    """
    found, numbers = _numbered(users)
    return group_parts([_Numbered(found, numbers, t.astype(np.int64), cell)], 0, 1 << 31)
