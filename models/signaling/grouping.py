"""Puts the events of a day in order of user, second and cell without sorting what is sorted already (compiled).

They come in parts that hold the events of each of their users together, in the order of the rows. Files arrive in order
of time, so a user's events of one part after the other are in order; users whose are not are sorted one by one. A
shuffled day, as Spark delivers it, gives the same result.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from models.fusion.compiled import compiled
from models.signaling.day import DayEvents
from models.signaling.keys import SECOND, Keys
from models.signaling.room import Room

Users = npt.NDArray[np.uint64]
Longs = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]


@compiled
def _count(start: Longs, stop: Longs, keys: Keys, low: int, high: int, rank: Ints, own: Longs, counts: Longs) -> None:
    """Events of a part within the day: ``own`` of each of its users, added to ``counts`` of all users of the day."""
    for j in range(start.size):
        n, held = 0, keys[start[j] : stop[j]]
        for i in range(held.size):
            n += (low <= held[i]) & (held[i] < high)
        own[j] = n
        counts[rank[j]] += n


@compiled
def _copy(
    start: Longs, stop: Longs, keys: Keys, low: int, high: int, rank: Ints, own: Longs, first: Longs, at: Longs,
    to: Keys, disorder: npt.NDArray[np.bool_],
) -> None:  # fmt: skip
    """Write the events of a part behind those of the parts before, and note whose are not in order."""
    for j in range(start.size):
        u, n = rank[j], own[j]
        k, held = at[u], keys[start[j] : stop[j]]
        mine = to[k : k + n]
        if n == held.size:  # most users: all or nothing of what a part holds is of the day
            for i in range(n):
                mine[i] = held[i] - low
        elif n > 0:
            m = 0
            for i in range(held.size):
                if low <= held[i] < high:
                    mine[m] = held[i] - low
                    m += 1
        falls = n > 0 and k > first[u] and mine[0] < to[k - 1]
        for i in range(1, n):
            falls |= mine[i] < mine[i - 1]
        disorder[u] |= falls
        at[u] = k + n


@compiled
def _sort(start: Longs, disorder: npt.NDArray[np.bool_], keys: Keys) -> None:
    for u in range(disorder.size):
        if disorder[u]:
            keys[start[u] : start[u + 1]].sort()


class Part(Protocol):
    """Events of some rows, by user: `events.Block`, or a block of a shuffle."""

    @property
    def people(self) -> Users:
        """(m) pseudonyms, ascending."""

    @property
    def start(self) -> Longs:
        """(m) first event of each."""

    @property
    def stop(self) -> Longs:
        """(m) the one after the last event of each."""

    @property
    def keys(self) -> Keys:
        """Seconds on the clock of the part, and cells (`keys.packed`)."""

    @property
    def zero(self) -> int:
        """Second that the seconds count from, on the clock of the day's own begin and end."""


def distinct(parts: Sequence[Users]) -> Users:
    """Pseudonyms of all parts, each of them ascending, ascending and each once."""
    users = np.sort(np.concatenate([np.empty(0, np.uint64), *parts]), kind="stable")  # merges what is in order
    first = np.append(users[1:] != users[:-1], len(users) > 0)[: len(users)]
    return np.asarray(users[first])


def group_parts(parts: Sequence[Part], begin: int, end: int, room: Room | None = None) -> DayEvents:
    """Order the events of one day that come in several parts.

    Parameters
    ----------
    begin, end : seconds of the service day on the clock of the parts, end exclusive; events outside are left out
    room : memory that the keys of the day before were in

    Returns
    -------
    The events by user ascending, second, cell; equal for every division into parts and every order within them.
    """
    users, room = distinct([part.people for part in parts]), room or Room()
    counts = np.zeros(len(users), np.int64)
    ranks = [np.searchsorted(users, part.people).astype(np.int32) for part in parts]
    spans = [((begin - part.zero) << SECOND, (end - part.zero) << SECOND) for part in parts]
    own = [np.empty(len(part.people), np.int64) for part in parts]
    given = [
        (part.start, part.stop, part.keys, *span, rank, mine)
        for part, span, rank, mine in zip(parts, spans, ranks, own, strict=True)
    ]
    for part in given:
        _count(*part, counts)
    start = np.zeros(len(users) + 1, np.int64)
    np.cumsum(counts, out=start[1:])
    keys, disorder = room.array("keys", start[-1], np.int64), np.zeros(len(users), np.bool_)
    at = start[:-1].copy()
    for part in given:
        _copy(*part, start, at, keys, disorder)
    _sort(start, disorder, keys)
    seen = counts > 0
    return DayEvents(users[seen], np.append(start[:-1][seen], start[-1]), keys)
