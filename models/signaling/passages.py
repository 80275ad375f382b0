"""Passages of road sections: metres and seconds of each chain on each section it touches (compiled).

Between two crossings a device drives evenly; the metres and seconds of a chain on all sections sum to the way and the
time between its first and last crossing exactly. A passage belongs to the local hour of its middle. A pure function of
one bucket of users.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models.fusion.compiled import compiled
from models.signaling.corridors import Ways
from models.signaling.drives import Chains
from models.signaling.road_rules import PassageRules
from models.signaling.service_day import ServiceDay

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Passages:
    """What devices did on sections during one service day.

    Attributes
    ----------
    user : (n) position of the device among the users of the day, ascending
    section : (n) ``2 * row + direction``
    hour : (n) local hour in the middle of the passage
    metres, seconds : (n) way on the section and time for it
    legs : (n) sum over the way of the length of the leg between two crossings that it lies on, square metres
    """

    user: Ints
    section: Ints
    hour: npt.NDArray[np.int8]
    metres: npt.NDArray[np.float32]
    seconds: npt.NDArray[np.float32]
    legs: npt.NDArray[np.float32]


def passages_of(
    chains: Chains, kept: npt.NDArray[np.bool_], place: Floats, ways: Ways, day: ServiceDay, rules: PassageRules
) -> Passages:
    """Metres and seconds of each kept chain on each section it touches, by user.

    Parameters
    ----------
    kept : (chains) False for those of trains
    place : (pairs) metres along the corridor of each pair's handover, ``Ways.at`` or `calibration.calibrated`;
        crossings that are out of order or too fast by these places are passed over
    """
    capacity = int(np.diff(ways.first).max(initial=0)) * max(1, len(chains.user)) + 1
    out: Any = (
        np.empty(capacity, np.int32), np.empty(capacity, np.int32), np.empty(capacity, np.int8),
        np.empty(capacity, np.float32), np.empty(capacity, np.float32), np.empty(capacity, np.float32),
    )  # fmt: skip
    n = _on_sections(
        chains.user, chains.corridor, chains.direction, chains.start, chains.t, place[chains.pair], kept, ways.first,
        ways.edge, day.hour_edges, day.hours, rules, *out,
    )  # fmt: skip
    columns: list[Any] = [column[:n].copy() for column in out]
    return Passages(*columns)


@compiled
def _in_order(
    low: int, high: int, t: Ints, at: Floats, sign: float, rules: PassageRules, when: Floats, where: Floats
) -> int:
    """Crossings of a chain that follow each other at a possible speed; ``where`` rises whatever the direction."""
    when[0], where[0], n = t[low], sign * at[low], 1
    for i in range(low + 1, high):
        gap, way = t[i] - when[n - 1], sign * at[i] - where[n - 1]
        if gap > 0 and rules.min_kmh * gap <= 3.6 * way <= rules.max_kmh * gap:
            when[n], where[n] = t[i], sign * at[i]
            n += 1
    return n


@compiled
def _on_sections(
    chain_user: Ints, chain_corridor: Ints, chain_direction: npt.NDArray[np.int8], start: Longs, t: Ints, at: Floats,
    kept: npt.NDArray[np.bool_], first: Longs, edge: Floats, hour_edges: Ints, hours: npt.NDArray[np.int8],
    rules: PassageRules, user: Ints, section: Ints, hour: npt.NDArray[np.int8], metres: npt.NDArray[np.float32],
    seconds: npt.NDArray[np.float32], legs: npt.NDArray[np.float32],
) -> int:  # fmt: skip
    longest = 1
    for c in range(chain_user.size):
        longest = max(longest, start[c + 1] - start[c])
    when, where, n = np.empty(longest), np.empty(longest), 0
    for c in range(chain_user.size):
        if not kept[c]:
            continue
        sign = 1.0 if chain_direction[c] == 0 else -1.0
        size = _in_order(start[c], start[c + 1], t, at, sign, rules, when, where)
        k = chain_corridor[c]
        for s in range(first[k], first[k + 1]):
            low, high = sign * edge[s + k], sign * edge[s + k + 1]
            if sign < 0:
                low, high = high, low
            way, time, middle, leg = 0.0, 0.0, 0.0, 0.0
            for i in range(size - 1):
                a, b = max(where[i], low), min(where[i + 1], high)
                if a >= b:
                    continue
                pace = (when[i + 1] - when[i]) / (where[i + 1] - where[i])
                way += b - a
                time += (b - a) * pace
                leg += (b - a) * (where[i + 1] - where[i])
                middle += (b - a) * pace * (when[i] + (0.5 * (a + b) - where[i]) * pace)
            if way <= 0.0:
                continue
            piece = np.searchsorted(hour_edges, np.int64(middle / time), side="right") - 1
            user[n], section[n] = chain_user[c], 2 * s + chain_direction[c]
            hour[n], metres[n], seconds[n], legs[n] = hours[piece], way, time, leg
            n += 1
    return n
