"""The statistical scorecard: weight of evidence by bins and a logistic regression, kept as a table.

``WoE = ln((good of the bin / good) / (bad of the bin / bad))``; the log odds of a fault are an intercept plus, for
every indicator, coefficient times WoE of its value's bin (Siddiqi, Credit Risk Scorecards, 2006, chapters 6 and 7).
"""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from models.errors import CityhexError
from models.rules.prediction import Prediction

Floats = npt.NDArray[np.float64]
INTERCEPT = "intercept"
_NO_EVENT = 0.5
"""Added to empty counts of a bin, so that its weight stays finite (Siddiqi 2006)."""


class NotTrainedError(CityhexError):
    """No statistical scorecard can be made; the text says why and what to do."""


@dataclass(frozen=True)
class Binned:
    """Bins of one indicator: inner bounds ascending, then counts of each bin and of missing values."""

    name: str
    bounds: Floats
    rows: Floats
    positives: Floats
    woe: Floats

    @property
    def information(self) -> float:
        """Information value: sum of (share of good - share of bad) times WoE."""
        good, bad = self.rows - self.positives, self.positives
        return float(np.sum((good / max(good.sum(), 1) - bad / max(bad.sum(), 1)) * self.woe))


def needs_stats() -> None:
    """Raise NotTrainedError where the libraries of the extra ``stats`` are not installed."""
    missing = [name for name in ("optbinning", "sklearn") if importlib.util.find_spec(name) is None]
    if missing:
        raise NotTrainedError(
            f"the statistical scorecard needs {' and '.join(missing)}; install the extra: pip install cityhex[stats]"
        )


def train(rows: pd.DataFrame, settings: Prediction) -> pd.DataFrame:
    """Return the scorecard of some visits as a ``model_scorecard`` table.

    Parameters
    ----------
    rows : of `models.analysis.classification.samples.samples`, the training period only
    settings : limits and indicators

    Raises
    ------
    NotTrainedError : a library is missing, there are too few visits or faults, or no indicator says anything

    Notes
    -----
    Bins are monotone in the share of faults (`optbinning.OptimalBinning`). Indicators below the least information value
    are left out, then those whose coefficient turns against their own evidence, the worst first. The officer who
    inspected is not among the columns that are read. Nothing is random: the same rows give the same table.
    """
    needs_stats()
    y = rows["outcome"].to_numpy(np.float64)
    if (
        len(rows) < settings.min_rows
        or y.sum() < settings.min_positives
        or y.sum() > len(rows) - settings.min_positives
    ):
        raise NotTrainedError(
            f"{len(rows)} visits with {y.sum():.0f} faults to train on; needed are {settings.min_rows} visits with at "
            f"least {settings.min_positives} of either outcome"
        )
    binned = [_bin(name, rows[name].to_numpy(np.float64), y, settings) for name in settings.features]
    kept = [one for one in binned if one.information >= settings.min_iv]
    if not kept:
        raise NotTrainedError("no indicator of the settings separates visits with a fault from those without")
    weights, intercept = _fit([(one, rows[one.name].to_numpy(np.float64)) for one in kept], y)
    table = _table([(one, weights[one.name]) for one in kept if one.name in weights], intercept, y)
    digest = hashlib.sha256(table.round(9).to_csv(index=False).encode()).hexdigest()[:8]
    until = pd.Timestamp(rows["inspected_on"].max())
    return table.assign(model_version=f"{settings.id} {settings.version} {until:%Y-%m-%d} {digest}")


def probabilities(scorecard: pd.DataFrame, frame: pd.DataFrame) -> Floats:
    """Return the probability of a fault at the next visit for n rows of indicators: a join with the table."""
    odds = np.zeros(len(frame))
    for name, part in scorecard.groupby("feature", sort=True):
        ordered = part.sort_values("bin")
        if name == INTERCEPT:
            odds += ordered["log_odds"].iloc[0]
            continue
        bounds = ordered.loc[~ordered["missing"], "low"].to_numpy(np.float64)[1:]
        odds += ordered["log_odds"].to_numpy(np.float64)[bin_numbers(frame[str(name)].to_numpy(np.float64), bounds)]
    found: Floats = special.expit(odds)
    return found


def bin_numbers(values: Floats, bounds: Floats) -> npt.NDArray[np.int64]:
    """Return the number of the bin of n values; missing values have the last number."""
    found = np.searchsorted(bounds, values, side="right")
    return np.where(np.isnan(values), bounds.size + 1, found)


def model_levels(probability: Floats, level: pd.Series) -> npt.NDArray[np.object_]:
    """Return levels by probability with the shares that the rule levels have.

    The n-th lowest probabilities take the levels of the n lowest rule levels; equal probabilities get the better level.
    """
    ordered = np.sort(probability)
    counts = np.cumsum([int((level == letter).sum()) for letter in ("A", "B", "C")])
    bounds = [ordered[count - 1] if count else -np.inf for count in counts]
    letters = np.array(["A", "B", "C", "D"], dtype=object)
    found: npt.NDArray[np.object_] = letters[np.searchsorted(bounds, probability, side="left")]
    return found


def _bin(name: str, values: Floats, y: Floats, settings: Prediction) -> Binned:
    from optbinning import OptimalBinning  # noqa: PLC0415 - slow to import and part of an extra

    known = ~np.isnan(values)
    bounds = np.zeros(0)
    if known.any() and np.ptp(values[known]) > 0 and 0 < y[known].sum() < known.sum():
        finest = {"max_n_prebins": int(0.5 / settings.min_bin_share), "min_prebin_size": settings.min_bin_share}
        binning = OptimalBinning(name, max_n_bins=settings.max_bins, monotonic_trend="auto_asc_desc", **finest)
        binning.fit(values[known], y[known].astype(np.int64))
        bounds = np.unique(np.asarray(binning.splits, dtype=np.float64))
    number = bin_numbers(values, bounds)
    rows = np.bincount(number, minlength=bounds.size + 2).astype(np.float64)
    positives = np.bincount(number, weights=y, minlength=bounds.size + 2).astype(np.float64)
    good, bad = np.maximum(rows - positives, _NO_EVENT), np.maximum(positives, _NO_EVENT)
    woe = np.log(good / (y.size - y.sum())) - np.log(bad / y.sum())
    return Binned(name, bounds, rows, positives, np.where(rows > 0, woe, 0.0))


def _fit(parts: list[tuple[Binned, Floats]], y: Floats) -> tuple[dict[str, float], float]:
    """Coefficients by name, and the intercept; indicators that turn against their evidence are dropped one by one."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - part of an extra

    while True:
        columns = np.column_stack([one.woe[bin_numbers(values, one.bounds)] for one, values in parts])
        fitted = LogisticRegression(C=1.0, max_iter=1000).fit(columns, y)
        weights = fitted.coef_[0]
        worst = int(np.argmax(weights))
        if weights[worst] <= 0 or len(parts) == 1:
            return {one.name: float(w) for (one, _), w in zip(parts, weights, strict=True)}, float(fitted.intercept_[0])
        parts = [part for at, part in enumerate(parts) if at != worst]


def _table(parts: list[tuple[Binned, float]], intercept: float, y: Floats) -> pd.DataFrame:
    rows = [
        {"feature": INTERCEPT, "bin": 0, "low": np.nan, "high": np.nan, "missing": False, "n": y.size,
         "positives": int(y.sum()), "woe": 0.0, "coefficient": 1.0, "log_odds": intercept}
    ]  # fmt: skip
    for one, weight in parts:
        low, high = np.append(np.nan, one.bounds), np.append(one.bounds, np.nan)
        for at in range(one.rows.size):
            missing = at == one.rows.size - 1
            rows.append(
                {
                    "feature": one.name,
                    "bin": at,
                    "low": np.nan if missing else low[at],
                    "high": np.nan if missing else high[at],
                    "missing": missing,
                    "n": int(one.rows[at]),
                    "positives": int(one.positives[at]),
                    "woe": float(one.woe[at]),
                    "coefficient": weight,
                    "log_odds": float(weight * one.woe[at]),
                }
            )
    return pd.DataFrame(rows)
