"""Areas compared by what inspections found there, so that few inspections do not look like good or bad news."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize, special, stats

from models.analysis.measures import positions_of
from models.fusion.membership import LEVELS

Floats = npt.NDArray[np.float64]
WINDOW_DAYS = 365
CERTAINTY = 0.95


@dataclass(frozen=True)
class Prior:
    """Beta distribution of the rates of all areas of one level: mean = alpha / (alpha + beta)."""

    alpha: float
    beta: float


def beta_prior(positives: Floats, inspections: Floats) -> Prior | None:
    """Return the Beta distribution of the rates by the largest marginal (beta-binomial) likelihood.

    Parameters
    ----------
    positives, inspections : of n areas; those without inspections say nothing and are left out

    Returns
    -------
    None where fewer than two areas were inspected, or all or none of the inspections found something: there is no
    spread to learn from.

    Notes
    -----
    Carlin and Louis, Bayes and Empirical Bayes Methods, 2nd ed. (2000), section 3.4: the prior is fitted to the areas
    themselves, so its own uncertainty is not part of the interval. The sum alpha + beta is kept between 2 and 10,000.
    """
    seen = inspections > 0
    y, n = positives[seen], inspections[seen]
    if y.size < 2 or y.sum() in (0, n.sum()):
        return None

    def loss(theta: Floats) -> float:
        mean, size = special.expit(theta[0]), np.exp(theta[1])
        a, b = mean * size, (1 - mean) * size
        return -float(np.sum(special.betaln(y + a, n - y + b) - special.betaln(a, b)))

    start = np.array([special.logit(y.sum() / n.sum()), np.log(20.0)])
    bounds = [(-12.0, 12.0), (np.log(2.0), np.log(10_000.0))]
    fitted = optimize.minimize(loss, start, method="L-BFGS-B", bounds=bounds)
    mean, size = float(special.expit(fitted.x[0])), float(np.exp(fitted.x[1]))
    return Prior(mean * size, (1 - mean) * size)


def eb_rates(positives: Floats, inspections: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the empirical-Bayes rate of n areas with the lower and upper end of its 95 % interval.

    The posterior of an area is Beta(alpha + positives, beta + inspections - positives). An area without inspections
    has the distribution of all others. NaN everywhere where `beta_prior` finds none.
    """
    prior = beta_prior(positives, inspections)
    if prior is None:
        nothing = np.full(positives.size, np.nan)
        return nothing, nothing.copy(), nothing.copy()
    a, b = prior.alpha + positives, prior.beta + inspections - positives
    tail = (1 - CERTAINTY) / 2
    return a / (a + b), stats.beta.ppf(tail, a, b), stats.beta.ppf(1 - tail, a, b)


def compare_areas(
    visits: pd.DataFrame, ids: pd.Index, as_of: pd.Timestamp, areas: pd.DataFrame, members: pd.DataFrame
) -> pd.DataFrame:
    """Return ``area_comparison``: the visits of the last 365 days by area, and the rate of those that found a fault.

    Parameters
    ----------
    visits : `models.analysis.classification.visits.visit_table`
    ids : ids of n subjects
    as_of : business date
    areas, members : of `models.fusion.membership`; n rows of ``members`` in the order of ``ids``

    Notes
    -----
    A visit counts where its subject stands now. Over each level the inspections add up to those of located subjects.
    Which subjects were chosen differs between areas: a high rate may be a good choice rather than a bad area.
    """
    recent = visits[
        (visits["inspected_on"] > as_of - pd.Timedelta(days=WINDOW_DAYS)) & (visits["inspected_on"] <= as_of)
    ]
    subject = ids.get_indexer(pd.Index(recent["subject_id"]))
    fault = recent["faults"].to_numpy(np.float64)[subject >= 0]
    subject = subject[subject >= 0]
    looked_at = np.unique(subject)
    parts = []
    for level in LEVELS:
        listed = areas.loc[areas["area_level"] == level, "area_code"]
        group = positions_of(members[level], listed)
        parts.append(_compared(listed, level, group=group, subject=subject, fault=fault, looked_at=looked_at))
    return pd.concat(parts, ignore_index=True).astype({"area_code": "str", "area_level": "str"})


def _compared(
    listed: pd.Series,
    level: str,
    *,
    group: npt.NDArray[np.int64],
    subject: npt.NDArray[np.int64],
    fault: Floats,
    looked_at: npt.NDArray[np.int64],
) -> pd.DataFrame:
    size = len(listed)
    where = group[subject]
    counted = where >= 0
    inspections = np.bincount(where[counted], minlength=size).astype(np.float64)
    positives = np.bincount(where[counted], weights=fault[counted], minlength=size).astype(np.float64)
    total = np.bincount(group[group >= 0], minlength=size)
    seen = group[looked_at]
    inspected = np.bincount(seen[seen >= 0], minlength=size)
    rate, low, high = eb_rates(positives, inspections)
    return pd.DataFrame(
        {
            "area_code": listed.to_numpy(object),
            "area_level": level,
            "inspections": inspections.astype(np.int64),
            "positives": positives.astype(np.int64),
            "raw_rate": _share(positives, inspections),
            "eb_rate": rate,
            "eb_low": low,
            "eb_high": high,
            "subjects": total.astype(np.int64),
            "inspected_12m": inspected.astype(np.int64),
            "coverage": _share(inspected.astype(np.float64), total.astype(np.float64)),
        }
    )


def _share(part: Floats, whole: Floats) -> Floats:
    found = np.full(part.size, np.nan)
    np.divide(part, whole, out=found, where=whole > 0)
    return found
