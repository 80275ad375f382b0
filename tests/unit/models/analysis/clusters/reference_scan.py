"""The scan statistic by plain enumeration: every zone, every window, one after the other."""

from __future__ import annotations

import math

import numpy as np


def ratio(observed: float, expected: float, total: float, model: str) -> float:
    """Log likelihood ratio as the papers write it."""
    if observed <= expected:
        return 0.0
    if model == "expectation":
        return observed * math.log(observed / expected) + expected - observed
    inside = observed * math.log(observed / expected)
    rest = total - observed
    return inside + (rest * math.log(rest / (total - expected)) if rest > 0 else 0.0)


def expectation(counts: np.ndarray, model: str, baseline: np.ndarray | None) -> np.ndarray:
    """Expected cases of each place and day."""
    if model == "permutation":
        places, days = counts.shape
        return np.array(
            [[counts[p].sum() * counts[:, t].sum() / counts.sum() for t in range(days)] for p in range(places)]
        )
    return baseline * counts.sum() / baseline.sum() if model == "population" else baseline


def enumerate_windows(counts, neighbours, *, model, longest, prospective, baseline=None, stops=None):
    """Return (ratio, places, first, last, observed, expected) of every zone and window."""
    expected, total = expectation(counts, model, baseline), counts.sum()
    days, found = counts.shape[1], []
    for centre in range(len(counts)):
        for j in range(neighbours.shape[1]):
            if neighbours[centre, j] < 0:
                break
            if stops is not None and not stops[centre, j]:
                continue
            zone = list(neighbours[centre, : j + 1])
            for last in [days - 1] if prospective else range(days):
                for first in range(max(last - longest + 1, 0), last + 1):
                    o = counts[zone, first : last + 1].sum()
                    e = expected[zone, first : last + 1].sum()
                    found.append((ratio(o, e, total, model), tuple(zone), first, last, int(o), float(e)))
    return found
