"""Points, score and level of many subjects at once by a rule scorecard, and the reasons of one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.contracts.levels import LEVELS
from models.rules.scorecard import MAX_SCORE, Indicator, Scorecard, Veto

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]

LIMIT = "limit"
"""Code of the line that brings a sum of points back into 0 to 100, so that the shown points always add up."""


@dataclass(frozen=True)
class Reason:
    """Why a subject has so many points.

    Attributes
    ----------
    indicator, group, name : code, group and titles of the indicator; ``limit`` for the line that keeps 0..100
    value : its value, None where it is not known
    bin : range the value lies in, such as ``[1, 2)``
    points : points of that range
    threshold : bound of the range the value has passed, None for the first range
    legal_basis : language -> article or document
    """

    indicator: str
    value: float | None
    bin: str
    points: int | float
    threshold: float | None
    legal_basis: Mapping[str, str]
    group: str
    name: Mapping[str, str]


def bins_of(indicator: Indicator, values: Floats) -> npt.NDArray[np.int64]:
    """Return the number of the bin of n values; NaN gives the number of bins."""
    found = np.zeros(values.size, dtype=np.int64)
    for bound in indicator.bounds:  # a handful of comparisons beats a binary search per value
        found += values >= bound
    found[np.isnan(values)] = len(indicator.bins)
    return found


def points_of(indicator: Indicator, values: Floats) -> npt.NDArray[np.int64]:
    """Return the points of n values (NaN: not known)."""
    return np.asarray(indicator.points, dtype=np.int64)[bins_of(indicator, values)]


def scores(card: Scorecard, indicators: pd.DataFrame, as_of: dt.date) -> Floats:
    """Return the score of n subjects: the sum of all points, kept between 0 and 100.

    Parameters
    ----------
    indicators : n rows with the columns of `models.contracts.levels.INDICATORS`
    as_of : business date; indicators not in force that day add nothing
    """
    total = np.zeros(len(indicators), dtype=np.int64)
    for indicator in card.active(as_of):
        total += points_of(indicator, indicators[indicator.source_field].to_numpy(np.float64))
    return np.clip(total.astype(np.float64), 0.0, MAX_SCORE)


def vetoes(card: Scorecard, indicators: pd.DataFrame) -> Codes:
    """Return for n subjects the number of the veto that fixes the level, the severest first; -1 for none."""
    found = np.full(len(indicators), -1, dtype=np.int8)
    severest_last = sorted(range(len(card.veto)), key=lambda i: (card.veto[i].level, -i))
    for number in severest_last:
        veto = card.veto[number]
        found[applies(veto, indicators[veto.source_field].to_numpy(np.float64))] = number
    return found


def applies(veto: Veto, values: Floats) -> npt.NDArray[np.bool_]:
    """Say for n values whether the veto fixes the level; not where the value is not known."""
    return np.asarray(values >= veto.at_least)


def level_codes(card: Scorecard, score: Floats, veto: Codes) -> Codes:
    """Return 0 (A) to 3 (D) of n scores, before hysteresis; a veto may only make it worse."""
    by_score = np.searchsorted(np.asarray(card.cut_offs.values), score, side="right").astype(np.int8)
    fixed = np.array([*(LEVELS.index(v.level) for v in card.veto), 0], dtype=np.int8)
    return np.maximum(by_score, fixed[veto])


def explain(card: Scorecard, row: Mapping[str, float | None], as_of: dt.date | None = None) -> list[Reason]:
    """Return the reasons of one subject's score, the most points first; their points add up to its score.

    Parameters
    ----------
    row : indicator -> value, one row of ``subject_indicators``
    as_of : business date; None takes all indicators in force at the scorecard's own first day or later
    """
    active = card.indicator if as_of is None else card.active(as_of)
    reasons = [_reason(indicator, row.get(indicator.source_field)) for indicator in active]
    total = sum(reason.points for reason in reasons)
    kept = min(max(float(total), 0.0), MAX_SCORE)
    if kept != total:
        texts = {"zh-Hans": "得分限于 0 至 100", "en": "the score is kept between 0 and 100"}
        reasons.append(Reason(LIMIT, float(total), "", kept - total, None, texts, "basic", texts))
    return sorted(reasons, key=lambda reason: -abs(reason.points))


def vetoes_of(card: Scorecard, row: Mapping[str, float | None]) -> list[Veto]:
    """Return every veto that applies to one subject."""
    return [
        veto
        for veto in card.veto
        if (value := row.get(veto.source_field)) is not None and not np.isnan(value) and value >= veto.at_least
    ]


def _reason(indicator: Indicator, value: float | None) -> Reason:
    known = np.nan if value is None or pd.isna(value) else float(value)
    number = int(bins_of(indicator, np.array([known]))[0])
    bounds = (None, *indicator.bounds, None)
    passed = None if number >= len(indicator.bins) else bounds[number]
    if indicator.direction == "down" and number < len(indicator.bins):
        passed = bounds[number + 1]
    return Reason(
        indicator.code,
        None if np.isnan(known) else known,
        range_text(indicator, number),
        indicator.points[number],
        passed,
        dict(indicator.legal_basis),
        indicator.group,
        dict(indicator.name),
    )


def range_text(indicator: Indicator, number: int) -> str:
    """Return a bin in mathematical notation, such as ``[1, 2)``; "" for the bin of missing values."""
    if number >= len(indicator.bins):
        return ""
    bounds = (None, *indicator.bounds, None)
    low, high = bounds[number], bounds[number + 1]
    return f"{'(-∞' if low is None else f'[{low:g}'}, {'+∞' if high is None else f'{high:g}'})"
