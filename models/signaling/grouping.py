"""Puts the events of a day in order of user, second and cell without sorting what is sorted already (compiled).

Files arrive in order of time, so a counting sort by user keeps the order; users whose events are out of order are
sorted one by one. A shuffled day, as Spark delivers it, gives the same result.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from models.fusion.compiled import compiled
from models.signaling.day import DayEvents
from models.signaling.room import Room

Users = npt.NDArray[np.uint64]
Longs = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]

_CELL_SHIFT = 2
"""Added to cell codes, whose least is -2, so that second and cell fit one ordered integer."""


@compiled
def _count(who: Ints, time: Ints, begin: int, end: int, rank: Ints, counts: Longs) -> None:
    for i in range(who.size):
        if begin <= time[i] < end:
            counts[rank[who[i]]] += 1


@compiled
def _scatter(who: Ints, time: Ints, cell: Ints, begin: int, end: int, rank: Ints, at: Longs, keys: Longs) -> None:
    """Write the events of a part behind those of the parts before.

    Second and cell are one number, so that an event is one write to the place of its user, seldom in the cache.
    """
    for i in range(who.size):
        if begin <= time[i] < end:
            u = rank[who[i]]
            k = at[u]
            keys[k] = (np.int64(time[i] - begin) << 32) | np.int64(cell[i] + _CELL_SHIFT)
            at[u] = k + 1


@compiled
def _unpacked(start: Longs, keys: Longs, t: Ints, cell: Ints) -> None:
    """Seconds and cells of all users, sorted where they are not yet."""
    for u in range(start.size - 1):
        low, high = start[u], start[u + 1]
        for i in range(low + 1, high):
            if keys[i] < keys[i - 1]:
                keys[low:high].sort()
                break
    for i in range(keys.size):
        t[i] = keys[i] >> 32
        cell[i] = (keys[i] & 0xFFFFFFFF) - _CELL_SHIFT


class Part(Protocol):
    """Events that name their users by position: `events.Events`, or a block of a shuffle."""

    @property
    def people(self) -> Users:
        """(m) pseudonyms, each once."""

    @property
    def who(self) -> Ints:
        """(n) position in ``people``."""

    @property
    def start(self) -> int:
        """Second that ``time`` counts from, on the clock of the day's own begin and end."""

    @property
    def time(self) -> Ints:
        """(n) seconds since ``start``."""

    @property
    def cell(self) -> Ints:
        """(n) dense cell codes."""


def distinct(parts: Sequence[Users]) -> Users:
    """Pseudonyms of all parts, ascending, each once: sorted, for numpy's own way of hashing them is slower."""
    users = np.sort(np.concatenate([np.empty(0, np.uint64), *parts]))
    first = np.append(users[1:] != users[:-1], len(users) > 0)[: len(users)]
    return np.asarray(users[first])


def group_parts(parts: Sequence[Part], begin: int, end: int, room: Room | None = None) -> DayEvents:
    """Order the events of one day that come in several parts.

    Parameters
    ----------
    begin, end : seconds of the service day on the clock of the parts, end exclusive; events outside are left out
    room : memory that seconds and cells of the day before were in

    Returns
    -------
    The events by user ascending, second, cell; equal for every division into parts and every order within them.
    """
    users, room = distinct([part.people for part in parts]), room or Room()
    counts = np.zeros(len(users), np.int64)
    ranks = [np.searchsorted(users, part.people).astype(np.int32) for part in parts]
    for part, rank in zip(parts, ranks, strict=True):
        _count(part.who, part.time, begin - part.start, end - part.start, rank, counts)
    start = np.zeros(len(users) + 1, np.int64)
    np.cumsum(counts, out=start[1:])
    keys = room.array("keys", start[-1], np.int64)
    at = start[:-1].copy()
    for part, rank in zip(parts, ranks, strict=True):
        _scatter(part.who, part.time, part.cell, begin - part.start, end - part.start, rank, at, keys)
    seconds, cells = (room.array(name, start[-1], np.int32) for name in ("seconds", "cells"))
    _unpacked(start, keys, seconds, cells)
    seen = counts > 0
    return DayEvents(users[seen], np.append(start[:-1][seen], start[-1]), seconds, cells)
