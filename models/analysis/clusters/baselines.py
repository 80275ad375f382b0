"""What a series should have been: EARS C1-C3, Farrington's quasi-Poisson bound and CUSUM, for many series at once.

Sources: Hutwagner and others 2003 (EARS); Farrington and others 1996 and Noufaily and others 2013 (quasi-Poisson
regression, two-thirds power bound, down-weighting of past outbreaks, trend only where significant); Page 1954 (CUSUM).
All functions take one row per series and share the design over the rows: 10,000 series cost little more than one.

Not accounted for: correlation from week to week beyond trend and calendar; a bound of a series with a small mean is
coarse, which is why `models.analysis.clusters.alarms` pools series until enough is expected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from scipy import stats

from models.errors import RequestError
from models.fusion.compiled import compiled

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

EARS_POINTS = 7
ALPHA_C1_C2, ALPHA_C3 = 0.001, 0.025
OUTBREAK_RESIDUAL = 2.58
ALPHA = 0.005
_STEPS, _CLOSE = 30, 1e-10


@compiled
def ears(values: Floats, gap: int, least_sd: float) -> Floats:
    """Return the standardised excess of every point over the mean of the 7 points before it.

    Parameters
    ----------
    values : (series, points)
    gap : points left out between the reference and the point: 0 for C1, 2 for C2 (and C3)
    least_sd : floor of the standard deviation; without one a series of zeros alarms at its first case

    Returns
    -------
    (series, points): (y - mean) / sd, sd with n - 1; NaN where fewer than 7 points lie before.
    """
    series, points = values.shape
    result = np.full((series, points), np.nan)
    for s in range(series):
        for t in range(EARS_POINTS + gap, points):
            mean = 0.0
            for i in range(t - gap - EARS_POINTS, t - gap):
                mean += values[s, i]
            mean /= EARS_POINTS
            square = 0.0
            for i in range(t - gap - EARS_POINTS, t - gap):
                square += (values[s, i] - mean) ** 2
            sd = max((square / (EARS_POINTS - 1)) ** 0.5, least_sd)
            result[s, t] = (values[s, t] - mean) / sd
    return result


def ears_c3(c2: Floats) -> Floats:
    """Return C3 (series, points): the sum of max(0, C2 - 1) over a point and the two before; NaN where any is."""
    excess = np.maximum(c2 - 1.0, 0.0)
    result = np.full(c2.shape, np.nan)
    result[:, 2:] = excess[:, 2:] + excess[:, 1:-1] + excess[:, :-2]
    return result


def cusum(residuals: Floats, *, k: float = 0.5, h: float = 5.0) -> tuple[Floats, Mask]:
    """Return the upper cumulative sum and its alarms; the sum starts anew after an alarm.

    S_t = max(0, S_{t-1} + z_t - k), alarm where S_t > h.

    Parameters
    ----------
    residuals : (series, points) standardised residuals z; NaN leaves the sum as it was
    k : allowance, half the shift to be found, in standard deviations
    h : decision interval
    """
    sums, alarms = np.zeros(residuals.shape), np.zeros(residuals.shape, bool)
    running = np.zeros(len(residuals))
    for t in range(residuals.shape[1]):
        step = np.where(np.isnan(residuals[:, t]), k, residuals[:, t])
        running = np.maximum(running + step - k, 0.0)
        sums[:, t], alarms[:, t] = running, running > h
        running = np.where(alarms[:, t], 0.0, running)
    return sums, alarms


@dataclass(frozen=True)
class Fit:
    """Fits of n points: beta (series, p), its scaled covariance, mean (series, n), dispersion (series,), leverage."""

    beta: Floats
    covariance: Floats
    mean: Floats
    dispersion: Floats
    leverage: Floats


def quasi_poisson(counts: Floats, design: Floats, offset: Floats, weights: Floats | None = None) -> Fit:
    """Fit log mean = offset + design @ beta to every row by iteratively re-weighted least squares.

    Parameters
    ----------
    counts : (series, n)
    design : (n, p), shared by the rows; of full rank
    offset : (n,), natural logarithm of the exposure
    weights : (series, n) prior weights; None for ones

    Returns
    -------
    `Fit`; the dispersion is Pearson's X2 / (n - p) and not below 1 (Farrington 1996).
    """
    rows, n = counts.shape
    p = design.shape[1]
    if design.shape[0] != n or offset.shape != (n,) or n <= p:
        raise RequestError(f"counts have {n} points, the design {design.shape}; needed: more points than columns")
    prior = np.ones(counts.shape) if weights is None else weights
    products = design[:, :, None] * design[:, None, :]
    eta = np.log(np.maximum(counts.mean(axis=1, keepdims=True), 0.5) * np.ones(n) * 0.5 + counts * 0.5 + 0.1)
    beta = np.zeros((rows, p))
    inverse: npt.NDArray[Any] = np.zeros((rows, p, p))
    for _ in range(_STEPS):
        mean = np.exp(np.clip(eta, -30.0, 30.0))
        working = prior * mean
        response = eta - offset + (counts - mean) / mean
        inverse = np.linalg.inv(np.tensordot(working, products, (1, 0)) + 1e-12 * np.eye(p))
        found = np.einsum("sij,sj->si", inverse, (working * response) @ design)
        change = np.abs(found - beta).max(initial=0.0)
        beta = found
        eta = offset + beta @ design.T
        if change < _CLOSE:
            break
    mean = np.exp(np.clip(eta, -30.0, 30.0))
    pearson = (prior * (counts - mean) ** 2 / mean).sum(axis=1) / (n - p)
    dispersion = np.maximum(pearson, 1.0)
    leverage = np.einsum("ni,sij,nj->sn", design, inverse, design) * prior * mean
    return Fit(beta, inverse * dispersion[:, None, None], mean, dispersion, leverage)


@dataclass(frozen=True)
class Bounds:
    """What a point should have been, per series.

    Attributes
    ----------
    expected : mean of the fit at the point
    upper : bound that is passed with probability alpha by chance
    score : (observed - expected) / (upper - expected); above 1 is an alarm
    p_value : probability of at least the observed value
    sd : standard deviation of the point, for standardised residuals
    trend : whether a trend was kept
    """

    expected: Floats
    upper: Floats
    score: Floats
    p_value: Floats
    sd: Floats
    trend: Mask


def farrington(
    observed: Floats,
    counts: Floats,
    design: Floats,
    now: Floats,
    *,
    offset: Floats | None = None,
    offset_now: float = 0.0,
    trend: int | None = None,
    alpha: float = ALPHA,
) -> Bounds:
    """Return Farrington's bound of one point for every series.

    Fit, down-weight reference points with an Anscombe residual above 2.58, fit again; keep the trend only where it is
    significant at 0.05 and does not extrapolate above the largest reference count.

    Parameters
    ----------
    observed : (series,)
    counts : (series, n) reference points
    design, now : (n, p) and (p,): columns such as ones, trend, share of quiet days
    offset, offset_now : log exposure of the reference points and of the point, such as working days
    trend : column of ``design`` that holds the trend; None for no trend
    alpha : one-sided probability of the bound

    Returns
    -------
    `Bounds`, by the two-thirds power: U = mu (1 + 2/3 z sqrt(tau / mu))^(3/2), tau = phi + var(mu) / mu.
    """
    shift = np.zeros(counts.shape[1]) if offset is None else offset
    with_trend = _robust(counts, design, shift)
    expected, variance = _at(with_trend, now, offset_now)
    dispersion, kept = with_trend.dispersion, np.zeros(len(counts), bool)
    if trend is not None:
        se = np.sqrt(with_trend.covariance[:, trend, trend])
        critical = float(stats.t.ppf(0.975, counts.shape[1] - design.shape[1]))
        kept = (np.abs(with_trend.beta[:, trend]) > critical * se) & (expected <= counts.max(axis=1))
        others = [c for c in range(design.shape[1]) if c != trend]
        flat = _robust(counts, design[:, others], shift)
        flat_expected, flat_variance = _at(flat, now[others], offset_now)
        expected = np.where(kept, expected, flat_expected)
        variance = np.where(kept, variance, flat_variance)
        dispersion = np.where(kept, dispersion, flat.dispersion)
    tau = dispersion + variance / expected
    spread = 2.0 / 3.0 * np.sqrt(tau / expected)
    upper = expected * (1.0 + float(stats.norm.isf(alpha)) * spread) ** 1.5
    p_value = stats.norm.sf(((observed / expected) ** (2.0 / 3.0) - 1.0) / spread)
    score = (observed - expected) / (upper - expected)
    return Bounds(expected, upper, score, cast(Floats, p_value), np.sqrt(tau * expected), kept)


def _robust(counts: Floats, design: Floats, offset: Floats) -> Fit:
    """Fit, weigh past outbreaks down, fit again; the weights of a series add up to its points."""
    fit = quasi_poisson(counts, design, offset)
    free = np.sqrt(np.maximum(1.0 - fit.leverage, 1e-6))
    residual = 1.5 * (counts ** (2 / 3) - fit.mean ** (2 / 3)) / (fit.mean ** (1 / 6) * free)
    residual = residual / np.sqrt(fit.dispersion)[:, None]
    weights = np.where(residual > OUTBREAK_RESIDUAL, 1.0 / np.maximum(residual, 1.0) ** 2, 1.0)
    if (weights == 1.0).all():
        return fit
    return quasi_poisson(counts, design, offset, weights * (counts.shape[1] / weights.sum(axis=1, keepdims=True)))


def _at(fit: Fit, now: Floats, offset: float) -> tuple[Floats, Floats]:
    """Mean at a point and the variance of that mean."""
    mean = np.exp(np.clip(offset + fit.beta @ now, -30.0, 30.0))
    return mean, mean**2 * np.einsum("i,sij,j->s", now, fit.covariance, now)
