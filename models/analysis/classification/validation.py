"""How well the rule scorecard and the statistical scorecard predict what inspections found, with and without officers.

Trained on the past, tested on later visits; the officer who inspected enters one comparison model and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special, stats

from models.analysis.classification import metrics
from models.analysis.classification.events import days

Floats = npt.NDArray[np.float64]

RULE, STATISTICAL, WITH_OFFICER = "rule", "statistical", "statistical_with_officer"
TEST, BEFORE, RANDOM, FIRST = "test", "visited_before", "random_share", "first_visit"
OFFICER_ROWS = 20.0
"""Visits that pull an officer's rate halfway from the mean of all to the officer's own."""
FEWEST = 30
"""Visits of an officer, and rows of a split, below which nothing is said about them."""


@dataclass(frozen=True)
class Validated:
    """``model_validation`` and ``model_deciles``."""

    measures: pd.DataFrame
    deciles: pd.DataFrame


@dataclass(frozen=True)
class _Split:
    model: str
    name: str
    rows: pd.DataFrame
    score: Floats
    probability: bool

    @property
    def y(self) -> Floats:
        return self.rows["outcome"].to_numpy(np.float64)


def validate(train: pd.DataFrame, test: pd.DataFrame, rng: np.random.Generator) -> Validated:
    """Measure the scores of the test visits.

    Parameters
    ----------
    train, test : visits of `models.analysis.classification.samples.samples` of two periods, the test later, with the
        columns ``rule_score`` and ``probability`` (each may be all missing)
    rng : resamples the rows for intervals

    Returns
    -------
    Splits: ``test`` (all later visits), ``visited_before`` (of subjects visited before), ``first_visit`` (of the
    others), ``random_share`` (of subjects chosen by lot: the honest control, for nobody chose them for being risky).
    """
    parts = _splits(test)
    found = [line for part in parts for line in _measured(part, rng)]
    tables = [_deciles(part) for part in parts if part.probability]
    for part in (p for p in parts if p.name == TEST):
        before = train["probability" if part.probability else "rule_score"].to_numpy(np.float64)
        if np.isfinite(before).any():
            found.append(_line(part, "psi", metrics.psi(before[np.isfinite(before)], part.score)))
    officers = _officers(train, test)
    if officers is not None:
        lines, part = officers
        found += lines
        found += _measured(part, rng)
        tables.append(_deciles(part))
    columns = ["model", "split", "metric", "value", "low", "high", "note"]
    deciles = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
    return Validated(pd.DataFrame(found, columns=columns), deciles)


def _splits(test: pd.DataFrame) -> list[_Split]:
    before = test["inspected_before"].to_numpy(bool)
    drawn = (test["selected_by"] == "random").fillna(False).to_numpy(bool)
    every = np.ones(len(test), dtype=bool)
    found = []
    for model, column in ((RULE, "rule_score"), (STATISTICAL, "probability")):
        score = test[column].to_numpy(np.float64)
        for name, rows in ((TEST, every), (BEFORE, before), (RANDOM, drawn), (FIRST, ~before)):
            chosen = rows & np.isfinite(score)
            if chosen.sum() >= FEWEST:
                found.append(_Split(model, name, test[chosen], score[chosen], model != RULE))
    return found


def _measured(part: _Split, rng: np.random.Generator) -> list[tuple[object, ...]]:
    y, score = part.y, part.score
    base = float(y.mean())
    first = days(part.rows["inspected_on"]).astype(np.float64)
    lines = [
        _line(part, "visits", float(y.size)),
        _line(part, "base_rate", base),
        _line(part, "auc", metrics.auc(y, score), metrics.interval(y, score, metrics.auc, rng)),
        _line(
            part, "ap", metrics.average_precision(y, score), metrics.interval(y, score, metrics.average_precision, rng)
        ),
        _line(part, "precision_at_10", metrics.precision_at(y, score, 0.1)),
        _line(part, "lift_at_10", metrics.precision_at(y, score, 0.1) / base if base else np.nan),
        _line(part, "first_half", metrics.first_half(y, score)),
        _line(part, "days_earlier", metrics.days_earlier(y, score, first)),
    ]
    if part.probability:
        lines.append(_line(part, "brier", metrics.brier(y, score)))
        lines.append(_line(part, "brier_of_base_rate", base * (1 - base)))
    return lines


def _line(
    part: _Split, metric: str, value: float, ends: tuple[float, float] | None = None, note: str | None = None
) -> tuple[object, ...]:
    low, high = ends or (np.nan, np.nan)
    return (part.model, part.name, metric, value, low, high, note)


def _deciles(part: _Split) -> pd.DataFrame:
    rows = metrics.deciles(part.y, part.score)
    table = pd.DataFrame(rows, columns=["decile", "n", "mean_predicted", "observed"])
    return table.assign(model=part.model, split=part.name)


def _officers(train: pd.DataFrame, test: pd.DataFrame) -> tuple[list[tuple[object, ...]], _Split] | None:
    """What officers differ in, and the comparison model that knows them; None where no officers are recorded."""
    rows = test[test["officer_key"].notna() & test["probability"].notna()]
    past = train[train["officer_key"].notna() & train["probability"].notna()]
    if len(rows) < FEWEST or past["officer_key"].nunique() < 2:
        return None
    known = _Split(STATISTICAL, TEST, rows, rows["probability"].to_numpy(np.float64), True)
    lines = _spread(known)
    ratio = officer_odds(past)
    odds = special.logit(np.clip(known.score, 1e-6, 1 - 1e-6)) + rows["officer_key"].map(ratio).fillna(0.0).to_numpy()
    return lines, _Split(WITH_OFFICER, TEST, rows, special.expit(odds), True)


def officer_odds(rows: pd.DataFrame) -> pd.Series:
    """Return by officer the log of observed over expected odds of a fault, drawn to 0 where visits are few.

    Parameters
    ----------
    rows : visits of the training period with ``officer_key``, ``outcome`` and ``probability``
    """
    grouped = rows.groupby("officer_key")
    n, seen, expected = grouped.size(), grouped["outcome"].sum(), grouped["probability"].sum()
    rate, usual = (seen + OFFICER_ROWS * expected / n) / (n + OFFICER_ROWS), expected / n
    odds = np.log(rate / (1 - rate)) - np.log(usual / (1 - usual))
    return pd.Series(odds, index=n.index)


def _spread(part: _Split) -> list[tuple[object, ...]]:
    """Positive rates between officers, against what the score expects of their visits, and AUC within officers."""
    table = part.rows.assign(expected=part.score, variance=part.score * (1 - part.score)).groupby("officer_key")
    n, seen, expected = table.size(), table["outcome"].sum(), table["expected"].sum()
    enough = n >= FEWEST
    if enough.sum() < 2:
        return []
    rate, ratio = (seen / n)[enough], (seen / expected)[enough]
    chi = float((((seen - expected) ** 2) / table["variance"].sum())[enough].sum())
    p_value = float(stats.chi2.sf(chi, int(enough.sum())))
    within = within_groups(part.rows["officer_key"].to_numpy(object), part.y, part.score, metrics.auc)
    return [
        _line(part, "officers", float(enough.sum())),
        _line(part, "officer_rate", float(seen.sum() / n.sum()), (float(rate.min()), float(rate.max()))),
        _line(part, "officer_ratio", float(seen.sum() / expected.sum()), (float(ratio.min()), float(ratio.max()))),
        _line(part, "officer_p", p_value),
        _line(part, "auc_within_officers", within),
    ]


def within_groups(
    group: npt.NDArray[np.object_], y: Floats, score: Floats, measure: Callable[[Floats, Floats], float]
) -> float:
    """Return a measure inside each group, averaged by the number of pairs of a positive and a negative in it."""
    total, weight = 0.0, 0.0
    codes, _ = pd.factorize(group)
    for code in range(codes.max() + 1):
        rows = codes == code
        pairs = float(y[rows].sum() * (rows.sum() - y[rows].sum()))
        if pairs:
            total += pairs * measure(y[rows], score[rows])
            weight += pairs
    return total / weight if weight else float("nan")
