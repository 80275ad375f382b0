"""The compiled inner loops of the space-time scan: the best window of every centre, and the maxima under the null.

Two facts keep the loops short without changing the answer. For a fixed observed count the likelihood ratio falls as
the expected count grows, so one number per observed count, the lowest expected count that was already tried, says
whether a window can still win: logarithms are taken for a few windows in a million. And a window that gains no case
by growing (in space or in time) only gains expectation, so it can never beat the smaller one.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from models.fusion.compiled import compiled

Counts = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int32]
Days = npt.NDArray[np.int64]


@compiled
def likelihood_ratio(observed: float, expected: float, total: float) -> float:
    """Log likelihood ratio of a window: expectation-based Poisson where ``total`` is 0, else population-based.

    Expectation-based: O ln(O/E) + E - O (Neill and others 2005). Population-based and space-time permutation:
    O ln(O/E) + (C-O) ln((C-O)/(C-E)) (Kulldorff 1997, 2001, 2005). 0 where O <= E; infinite where E is 0.
    """
    if observed <= expected:
        return 0.0
    if expected <= 0.0:
        return math.inf
    ratio = observed * math.log(observed / expected)
    if total <= 0.0:
        return ratio + expected - observed
    rest = total - observed
    if rest > 0.0:
        ratio += rest * math.log(rest / (total - expected))
    return ratio


@compiled
def _ending_last(  # noqa: PLR0917 -- compiled code takes no keywords
    cases: Days, expected: Floats, longest: int, total: float, tried: Floats, highest: float, found: Days
) -> float:
    """Try the windows of one zone that end with the last day; ``found`` takes the days of a better one."""
    observed, expectation = 0, 0.0
    last = cases.size - 1
    for t in range(last, max(last - longest, -1), -1):
        observed += cases[t]
        expectation += expected[t]
        if cases[t] > 0 and expectation < tried[observed]:
            tried[observed] = expectation
            ratio = likelihood_ratio(observed, expectation, total)
            if ratio > highest:
                highest = ratio
                found[0], found[1] = t, last
    return highest


@compiled
def _ending_any(  # noqa: PLR0917 -- compiled code takes no keywords
    cases: Days, expected: Floats, longest: int, total: float, tried: Floats, highest: float, found: Days
) -> float:
    """Try the windows of one zone that begin and end on a day with cases."""
    days = cases.size
    upto_cases, upto_expected = np.zeros(days + 1, np.int64), np.zeros(days + 1, np.float64)
    eventful = np.flatnonzero(cases)
    for t in range(days):
        upto_cases[t + 1] = upto_cases[t] + cases[t]
        upto_expected[t + 1] = upto_expected[t] + expected[t]
    for last in range(eventful.size):
        end = eventful[last]
        for first in range(last, -1, -1):
            start = eventful[first]
            if end - start >= longest:
                break
            observed = upto_cases[end + 1] - upto_cases[start]
            expectation = upto_expected[end + 1] - upto_expected[start]
            if expectation < tried[observed]:
                tried[observed] = expectation
                ratio = likelihood_ratio(observed, expectation, total)
                if ratio > highest:
                    highest = ratio
                    found[0], found[1] = start, end
    return highest


@compiled
def best_windows(  # noqa: PLR0912, PLR0917 -- compiled code takes no keywords
    counts: Counts,
    expected: Floats,
    neighbours: Places,
    stops: npt.NDArray[np.bool_],
    longest: int,
    total: float,
    prospective: bool,
    per_centre: bool,
    llr: Floats,
    window: npt.NDArray[np.int64],
) -> float:
    """Find the window with the highest likelihood ratio, of all centres or of each.

    Parameters
    ----------
    counts, expected : (places, days) cases and their expectation
    neighbours : (places, k) places by distance, the centre first; -1 where there are fewer
    stops : (places, k) True where a zone may end with that neighbour
    longest : days of the longest window
    total : cases of the whole study, or 0 for the expectation-based ratio
    prospective : only windows that end with the last day
    per_centre : fill ``llr`` (places) and ``window`` (places, 3: last neighbour, first day, last day); else only the
        highest ratio of all is sought, which is faster

    Returns
    -------
    The highest ratio; 0 where no window has more cases than expected.
    """
    places, days = counts.shape
    tried = np.arange(counts.sum() + 1).astype(np.float64)
    has_cases = np.array([counts[p].sum() > 0 for p in range(places)])
    highest, overall = 0.0, 0.0
    cases, expectation = np.zeros(days, np.int64), np.zeros(days, np.float64)
    found = np.zeros(2, np.int64)
    for centre in range(places):
        cases[:] = 0
        expectation[:] = 0.0
        if per_centre:
            highest = 0.0
            for o in range(tried.size):
                tried[o] = o
        gained = False
        for j in range(neighbours.shape[1]):
            place = neighbours[centre, j]
            if place < 0:
                break
            for t in range(days):
                expectation[t] += expected[place, t]
            if has_cases[place]:
                gained = True
                for t in range(days):
                    cases[t] += counts[place, t]
            if not (gained and stops[centre, j]):
                continue
            gained = False
            if prospective:
                ratio = _ending_last(cases, expectation, longest, total, tried, highest, found)
            else:
                ratio = _ending_any(cases, expectation, longest, total, tried, highest, found)
            if ratio > highest:
                highest = ratio
                if per_centre:
                    llr[centre] = ratio
                    window[centre, 0], window[centre, 1], window[centre, 2] = j, found[0], found[1]
        overall = max(overall, highest)
    return overall


@compiled
def permuted_maxima(  # noqa: PLR0917 -- compiled code takes no keywords
    order: Places,
    days: npt.NDArray[np.int32],
    at: Days,
    end: Days,
    draws: Floats,
    expected: Floats,
    neighbours: Places,
    stops: npt.NDArray[np.bool_],
    longest: int,
    total: float,
    prospective: bool,
    maxima: Floats,
) -> None:
    """Fill the maxima of replicates in which the dates of events are dealt anew (space-time permutation).

    Parameters
    ----------
    order : place of every event of the study, stratum by stratum, shuffled further in place
    days : days, within the window, of the m events that happened there
    at, end : (m,) position in ``order`` that the event takes its place from at the latest, and end of its stratum
    draws : (replicates, m) uniform numbers in [0, 1)
    maxima : (replicates,) filled
    """
    places, span = expected.shape
    counts = np.zeros((places, span), np.int32)
    llr, window = np.zeros(1, np.float64), np.zeros((1, 3), np.int64)
    for r in range(draws.shape[0]):
        counts[:] = 0
        for i in range(days.size):
            other = at[i] + int(draws[r, i] * (end[i] - at[i]))
            place = order[other]
            order[other] = order[at[i]]
            order[at[i]] = place
            counts[place, days[i]] += 1
        maxima[r] = best_windows(counts, expected, neighbours, stops, longest, total, prospective, False, llr, window)


@compiled
def drawn_maxima(  # noqa: PLR0917 -- compiled code takes no keywords
    cumulative: Floats,
    sizes: npt.NDArray[np.int64],
    draws: Floats,
    expected: Floats,
    neighbours: Places,
    stops: npt.NDArray[np.bool_],
    longest: int,
    total: float,
    prospective: bool,
    maxima: Floats,
) -> None:
    """Fill the maxima of replicates whose cases fall on (place, day) in proportion to the expectation.

    Parameters
    ----------
    cumulative : (places * days,) running share of the expectation, ending with 1
    sizes : (replicates,) cases of each replicate
    draws : uniform numbers, ``sizes.sum()`` of them
    maxima : (replicates,) filled
    """
    places, span = expected.shape
    counts = np.zeros((places, span), np.int32)
    llr, window = np.zeros(1, np.float64), np.zeros((1, 3), np.int64)
    used = 0
    for r in range(sizes.size):
        counts[:] = 0
        for _ in range(sizes[r]):
            at = min(np.searchsorted(cumulative, draws[used], side="right"), cumulative.size - 1)
            counts[at // span, at % span] += 1
            used += 1
        maxima[r] = best_windows(counts, expected, neighbours, stops, longest, total, prospective, False, llr, window)


def warm() -> None:
    """Compile (or load from the cache) every kernel on the smallest input, so that no request waits for it."""
    counts = np.ones((2, 2), np.int32)
    expected = np.ones((2, 2))
    near = np.array([[0, 1], [1, 0]], np.int32)
    stops = np.ones((2, 2), np.bool_)
    shape: Any = (counts, expected, near, stops, 1, 4.0, True, True, np.zeros(2), np.zeros((2, 3), np.int64))
    best_windows(*shape)
    maxima = np.zeros(1)
    rest = (expected, near, stops, 1, 4.0, True, maxima)
    permuted_maxima(
        np.zeros(2, np.int32),
        np.zeros(1, np.int32),
        np.zeros(1, np.int64),
        np.ones(1, np.int64),
        np.zeros((1, 1)),
        *rest,
    )
    drawn_maxima(np.ones(4), np.ones(1, np.int64), np.zeros(1), *rest)
