"""Trains beside a road: chains whose crossings many devices make within seconds, which no road does.

`crowd_of` counts the crossings of one bucket; the counts of all buckets are added, and `by_train` judges the chains of
each bucket by the sum. Not accounted for: a coach full of devices looks like a train and is left out as one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.signaling.drives import Chains
from models.signaling.road_rules import RailRules

Longs = npt.NDArray[np.int64]

SLOT_S = 5
"""Seconds of a slot in which crossings are counted."""


@dataclass(frozen=True)
class Crowd:
    """Crossings by pair of cells and slot of time, over any number of buckets.

    Attributes
    ----------
    key : (n) ``pair * 2**20 + slot``, ascending
    count : (n) crossings
    """

    key: Longs
    count: Longs

    def __add__(self, other: Crowd) -> Crowd:
        """Crossings of two buckets."""
        key, at = np.unique(np.concatenate([self.key, other.key]), return_inverse=True)
        count = np.bincount(at, np.concatenate([self.count, other.count]), len(key))
        return Crowd(key, count.astype(np.int64))


def crowd_of(chains: Chains) -> Crowd:
    """Count the crossings of one bucket by pair of cells and slot of time."""
    key, count = np.unique((chains.pair.astype(np.int64) << 20) | (chains.t // SLOT_S), return_counts=True)
    return Crowd(key, count.astype(np.int64))


def by_train(chains: Chains, crowd: Crowd, rules: RailRules) -> npt.NDArray[np.bool_]:
    """Whether each chain is that of a train: at enough of its crossings many devices cross within seconds.

    Many means at least ``min_devices`` within ``window_s`` on either side, and ``times_expected`` times what the
    traffic of ``around_s`` on either side lets expect in so short a time; so the dense traffic of a city road, which
    fills every moment alike, is no train.

    Parameters
    ----------
    crowd : of all buckets
    """
    total = np.append(0, np.cumsum(crowd.count))

    def within(seconds: int) -> Longs:
        slot = chains.t // SLOT_S
        low = np.searchsorted(crowd.key, (chains.pair.astype(np.int64) << 20) | np.maximum(slot - seconds // SLOT_S, 0))
        high = np.searchsorted(
            crowd.key, (chains.pair.astype(np.int64) << 20) | (slot + seconds // SLOT_S), side="right"
        )
        return np.asarray(total[high] - total[low], np.int64)

    close, wide = within(rules.window_s), within(rules.around_s)
    share = (2 * rules.window_s + SLOT_S) / (2 * rules.around_s + SLOT_S)
    expected = (wide - close) * share / (1.0 - share)
    crowded = (close >= rules.min_devices) & (close >= rules.times_expected * expected)
    found = np.add.reduceat(crowded.astype(np.float64), chains.start[:-1]) if len(chains.user) else np.empty(0)
    return np.asarray(found >= rules.min_share * np.diff(chains.start))
