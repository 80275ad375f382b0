"""Where handovers really are: places from footprints, moved until the drives of the nights run evenly.

Terrain and the hysteresis of a network move a handover by hundreds of metres, for everybody alike, so more devices do
not help. At night the road is free and a device drives evenly over some kilometres. Each run of crossings is fitted by
a straight line of place over time; what a pair of cells is off on average, over all runs, is added to its place, and
again until it stays. Mean and slope of every run stay what they were, so the corridor as a whole stays anchored in the
footprints.

Not accounted for: changes of the posted limit within a run, which look like an error of place of a few per cent.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.signaling.corridors import Ways
from models.signaling.drives import Chains

ROUNDS = 30
STEP = 0.8
"""Share of what a pair is off that is added in one round."""
RUN = 12
"""Crossings of one run; a longer chain is cut."""
LEAST_RUN = 5
LEAST_RUNS = 5
"""Runs that must hold a pair before it is moved."""
MOST_OFF_M = 800.0
"""A crossing farther off in one run is counted as this far off."""

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]


def calibrated(ways: Ways, night: Chains) -> tuple[Floats, Floats]:
    """Places of the handovers of all pairs.

    Parameters
    ----------
    night : chains of the hours of free flow, without those of trains

    Returns
    -------
    place : (pairs) metres along the corridor
    error : (pairs) root mean square of what a single crossing is off, metres; the footprint's spread where a pair was
        in too few runs to be moved
    """
    owner, t, pair = _runs(night)
    place = ways.at.copy()
    runs = int(owner.max(initial=-1)) + 1
    held = np.bincount(pair, minlength=len(place))
    moved = held >= LEAST_RUNS
    if not runs or not moved.any():
        return place, ways.spread.copy()
    size = np.bincount(owner, minlength=runs)
    since = t - (np.bincount(owner, t, runs) / size)[owner]
    square = np.maximum(np.bincount(owner, since**2, runs), 1.0)
    off = np.zeros(len(t))
    for _ in range(ROUNDS):
        at = place[pair]
        mean = np.bincount(owner, at, runs) / size
        pace = np.bincount(owner, since * at, runs) / square
        off = np.clip(mean[owner] + pace[owner] * since - at, -MOST_OFF_M, MOST_OFF_M)
        shift = np.bincount(pair, off, len(place)) / np.maximum(held, 1)
        place = np.where(moved, place + STEP * shift, place)
    error = np.sqrt(np.bincount(pair, off**2, len(place)) / np.maximum(held, 1))
    return place, np.where(moved, error, ways.spread)


def _runs(night: Chains) -> tuple[Longs, Floats, Longs]:
    """Run of each crossing, its second and its pair; runs shorter than `LEAST_RUN` are left out."""
    sizes = np.diff(night.start)
    chain = np.repeat(np.arange(len(sizes)), sizes)
    within = np.arange(len(chain)) - night.start[:-1][chain]
    key = chain * (1 + int(sizes.max(initial=0)) // RUN) + within // RUN
    _, owner, count = np.unique(key, return_inverse=True, return_counts=True)
    kept = count[owner] >= LEAST_RUN
    _, owner = np.unique(owner[kept], return_inverse=True)
    return owner.astype(np.int64), night.t[kept].astype(np.float64), night.pair[kept].astype(np.int64)


def errors_of(ways: Ways, night: Chains, place: Floats, error: Floats) -> Floats:
    """Error of place of the handovers on each section and direction, metres, by code; nan where none was seen.

    The root mean square over the crossings of the nights, so a handover counts as often as it is used.
    """
    sizes = np.diff(night.start)
    corridor, direction = (np.repeat(column, sizes) for column in (night.corridor, night.direction))
    at, square = place[night.pair], error[night.pair] ** 2
    total, count = np.zeros(2 * int(ways.first[-1])), np.zeros(2 * int(ways.first[-1]))
    for k in range(ways.corridors):
        mine = corridor == k
        edge = ways.edge[ways.first[k] + k : ways.first[k + 1] + k + 1]
        row = ways.first[k] + np.clip(np.searchsorted(edge, at[mine], side="right") - 1, 0, len(edge) - 2)
        code = 2 * row + direction[mine]
        total += np.bincount(code, square[mine], len(total))
        count += np.bincount(code, minlength=len(count))
    return np.asarray(np.sqrt(np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)))
