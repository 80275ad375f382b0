"""Natural breaks: exactly the classes with the least sum of squared deviations from their means (Fisher 1958).

mapclassify is the oracle in the tests and not called here: it loads scikit-learn, and either samples the values or
compiles itself inside the first request, both of which a person waiting for a legend would feel.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def natural_breaks(values: Floats, count: int) -> Floats:
    """Lowest value of each class but the first.

    Dynamic programming over the distinct values. The best start of the last class never moves down as values are
    added, so that the starts are found by halving (Wang and Song 2011, Ckmeans.1d.dp, in its later log-linear form)
    instead of trying all pairs: 20,000 values take hundredths of a second.

    Parameters
    ----------
    values : float64 (n,), finite, at least one
    count : classes wanted; as many as there are distinct values where these are fewer

    Returns
    -------
    float64 (classes - 1,) : ascending; each is one of the values
    """
    distinct, weights = np.unique(values, return_counts=True)
    if count < 2 or len(distinct) < 2:
        return distinct[:0]
    centred = distinct - distinct.mean()  # sums of squares of numbers far from zero would lose their digits
    sums = [np.concatenate([[0.0], np.cumsum(weights * centred**power)]) for power in (0, 1, 2)]

    def spread(first: Ints, last: Ints) -> Floats:
        """Sum of squared deviations of the values first..last from their mean."""
        weight, linear, square = (total[last + 1] - total[first] for total in sums)
        found: Floats = np.maximum(square - linear**2 / weight, 0.0)
        return found

    every = np.arange(len(distinct))
    least, starts = spread(np.zeros_like(every), every), []
    for fewer in range(1, min(count, len(distinct))):
        least, start = _one_class_more(np.concatenate([[np.inf], least[:-1]]), spread, fewer)
        starts.append(start)
    bounds, last = [], len(distinct) - 1
    for start in reversed(starts):
        bounds.append(int(start[last]))
        last = bounds[-1] - 1
    return distinct[bounds[::-1]]


def _one_class_more(before: Floats, spread: Callable[[Ints, Ints], Floats], fewer: int) -> tuple[Floats, Ints]:
    """Add a class to the best partitions into ``fewer`` classes.

    Parameters
    ----------
    before : float64 (n,), least sum for the values below each position in ``fewer`` classes
    spread : sum within one class from its first to its last position

    Returns
    -------
    For each last position the least sum with one class more, and where that last class starts.
    """
    n = len(before)
    least, start = np.full(n, np.inf), np.zeros(n, np.int64)
    low, high = np.array([fewer]), np.array([n - 1])
    from_start, to_start = np.array([fewer]), np.array([n - 1])
    while low.size:
        middle = (low + high) // 2
        tried = np.minimum(middle, to_start) - from_start + 1
        offsets = np.concatenate([[0], np.cumsum(tried)[:-1]])
        owner = np.repeat(np.arange(middle.size), tried)
        first = np.arange(tried.sum()) - offsets[owner] + from_start[owner]
        cost = before[first] + spread(first, middle[owner])
        lowest = np.minimum.reduceat(cost, offsets)
        at = np.flatnonzero(cost == lowest[owner])
        best = first[at[np.searchsorted(owner[at], np.arange(middle.size))]]
        least[middle], start[middle] = lowest, best
        low, high = np.concatenate([low, middle + 1]), np.concatenate([middle - 1, high])
        from_start, to_start = np.concatenate([from_start, best]), np.concatenate([best, to_start])
        left = low <= high
        low, high, from_start, to_start = low[left], high[left], from_start[left], to_start[left]
    return least, start
