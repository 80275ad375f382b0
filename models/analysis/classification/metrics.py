"""Measures of how well a score predicts: ranking, calibration, drift, and days gained. Plain NumPy, no model."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]


def auc(y: Floats, score: Floats) -> float:
    """Return the area under the ROC curve: the chance that a positive has a higher score than a negative.

    Mann-Whitney with mid-ranks for ties (Hanley and McNeil 1982). NaN where one class is absent.
    """
    positives = float(y.sum())
    negatives = y.size - positives
    if not positives or not negatives:
        return float("nan")
    ranks = stats.rankdata(score)
    return float((ranks[y > 0].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def average_precision(y: Floats, score: Floats) -> float:
    """Return the sum over thresholds of (recall gained) x precision; tied scores are one threshold."""
    if not y.sum():
        return float("nan")
    order = np.argsort(-score, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(score[order])), y.size - 1)
    hits = np.cumsum(y[order])[ends]
    return float(np.sum(np.diff(np.append(0.0, hits)) / y.sum() * hits / (ends + 1)))


def precision_at(y: Floats, score: Floats, share: float) -> float:
    """Return the share of positives among the first ``share`` of the rows by score; ties count by their mean."""
    count = max(int(y.size * share), 1)
    bound = np.sort(score)[::-1][count - 1]
    above, tied = score > bound, score == bound
    hits = y[above].sum() + y[tied].mean() * (count - above.sum())
    return float(hits / count)


def brier(y: Floats, probability: Floats) -> float:
    """Return the mean squared difference of probability and outcome (Brier 1950)."""
    return float(np.mean((probability - y) ** 2))


def psi(expected: Floats, actual: Floats, bins: int = 10) -> float:
    """Return the population stability index: sum of (a - e) ln(a / e) over bins with equal shares of the expected.

    Empty bins count as half a row.
    """
    bounds = np.unique(np.quantile(expected, np.linspace(0, 1, bins + 1)[1:-1]))
    e = np.bincount(np.searchsorted(bounds, expected, side="right"), minlength=bounds.size + 1)
    a = np.bincount(np.searchsorted(bounds, actual, side="right"), minlength=bounds.size + 1)
    e_share, a_share = np.maximum(e, 0.5) / expected.size, np.maximum(a, 0.5) / actual.size
    return float(np.sum((a_share - e_share) * np.log(a_share / e_share)))


def days_earlier(y: Floats, score: Floats, day: Floats) -> float:
    """Return how many days earlier a positive is found on average if the same days' capacity is used by score.

    The visits keep their days; who is visited on which of them goes by score, the highest first. As in the evaluation
    of Chicago's food inspections (2015). Who inspected must not be part of the score.
    """
    if not y.sum():
        return float("nan")
    slots = np.sort(day)
    order = np.argsort(-score, kind="stable")
    planned = np.empty(y.size)
    planned[order] = slots
    return float(np.mean((day - planned)[y > 0]))


def first_half(y: Floats, score: Floats) -> float:
    """Return the share of all positives among the half of the rows with the higher scores; ties by their mean."""
    return precision_at(y, score, 0.5) * max(int(y.size * 0.5), 1) / float(y.sum()) if y.sum() else float("nan")


def interval(
    y: Floats, score: Floats, measure: object, rng: np.random.Generator, runs: int = 200
) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of ``measure(y, score)`` over resampled rows."""
    if not callable(measure):
        raise TypeError("measure must be a function of y and score")
    found = np.empty(runs)
    for run in range(runs):
        rows = rng.integers(0, y.size, y.size)
        found[run] = measure(y[rows], score[rows])
    low, high = np.nanquantile(found, [0.025, 0.975])
    return float(low), float(high)


def deciles(y: Floats, probability: Floats) -> list[tuple[int, int, float, float]]:
    """Return (decile, rows, mean predicted, observed share) of ten equal groups by probability, the lowest first."""
    order = np.argsort(probability, kind="stable")
    return [
        (at + 1, part.size, float(probability[part].mean()), float(y[part].mean()))
        for at, part in enumerate(np.array_split(order, 10))
        if part.size
    ]
