"""Puts the events of a day in order of user, second and cell without sorting what is sorted already (compiled).

Files arrive in order of time, so a counting sort by user keeps the order; users whose events are out of order are
sorted one by one. A shuffled day, as Spark delivers it, gives the same result.
"""

from __future__ import annotations

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
def _scatter(ids: Ints, rank: Ints, t: Ints, cell: Ints, start: Longs, keys: Longs) -> None:
    at = start[:-1].copy()
    for i in range(ids.size):
        u = rank[ids[i]]
        keys[at[u]] = (np.int64(t[i]) << 32) | np.int64(cell[i] + _CELL_SHIFT)
        at[u] += 1
    for u in range(start.size - 1):
        for i in range(start[u] + 1, start[u + 1]):
            if keys[i] < keys[i - 1]:
                keys[start[u] : start[u + 1]] = np.sort(keys[start[u] : start[u + 1]])
                break


@compiled
def _unpack(keys: Longs, t: Ints, cell: Ints) -> None:
    for i in range(keys.size):
        t[i] = keys[i] >> 32
        cell[i] = (keys[i] & 0xFFFFFFFF) - _CELL_SHIFT


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
    n, count = len(users), len(found)
    order = np.argsort(found)
    rank = np.empty(count, np.int32)
    rank[order] = np.arange(count, dtype=np.int32)
    start = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(rank[numbers], minlength=count), out=start[1:])
    keys = np.empty(n, np.int64)
    _scatter(numbers, rank, t, cell, start, keys)
    seconds, cells = np.empty(n, np.int32), np.empty(n, np.int32)
    _unpack(keys, seconds, cells)
    return DayEvents(found[order], start, seconds, cells)
