"""Surges and collapses of an industry in an area (行业激增与骤减) against the same industry in the rest of the city."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import binom

from models.analysis.warnings import episodes as spells
from models.analysis.warnings.candidates import Candidates, Fact, Inputs, frame_of, nothing, surprise
from models.rules.warning_rules import WarningRule

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
REPLAYED_WEEKS = 60
"""Weeks before the business date that are tested; more than any city's lookback shows at once costs only time."""


def areas_of(inputs: Inputs) -> tuple[pd.Series, str]:
    """Return the area of each subject and its level: the town its grid cell lies in, or the district without a grid."""
    subjects, grids = inputs.subjects, inputs.records["grids"]
    if subjects["grid_code"].isna().all():
        return subjects["district_code"], "district"
    above = grids.set_index("grid_code")
    town = above.index.to_series().where(above["level"] == "town", above["parent_code"].where(above["level"] == "grid"))
    return subjects["grid_code"].map(town).astype("str"), "town"


def weekly_counts(inputs: Inputs, weeks: int) -> tuple[pd.DataFrame, npt.NDArray[np.float64]]:
    """Return the (area, section) pairs and their registrations in each of the last ``weeks`` ISO weeks, (pairs, weeks).

    Areas are those of `areas_of`. Firms of lawful clusters are left out. The last week may be incomplete.
    """
    subjects = inputs.subjects
    area = areas_of(inputs)[0]
    days = spells.days_of(subjects["established_on"].to_numpy())
    last = spells.iso_week_end(np.array([inputs.today], np.int64))[0]
    column = weeks - 1 - (last - spells.iso_week_end(days)) // 7
    known = ~inputs.lawful() & area.notna().to_numpy(bool) & subjects["industry_section"].notna().to_numpy(bool)
    rows = np.flatnonzero(known & (column >= 0) & (days <= inputs.today))
    pairs = pd.MultiIndex.from_arrays([area.iloc[rows], subjects["industry_section"].iloc[rows]])
    code, names = pd.factorize(pairs)
    frame = pd.DataFrame(list(names), columns=["area_code", "section"]) if len(names) else pd.DataFrame()
    flat = np.bincount(code * weeks + column[rows], minlength=len(names) * weeks)
    return frame, flat.reshape(len(names), weeks).astype(np.float64)


def conditional_p(observed: Floats, baseline: Floats, rest: Floats, rest_baseline: Floats, *, upper: bool) -> Floats:
    """Return the probability of n counts given both periods, under the ratio of the rest of the city.

    Given the sum of both periods, ``observed ~ Binomial(observed + baseline, r / (1 + r))`` with
    ``r = rest / rest_baseline`` (conditional test of two Poisson rates; Przyborowski and Wilenski 1940). What the whole
    city does, a holiday or a batch day, is in r and so is no surge. NaN where the rest of the city shows nothing.
    """
    ratio = np.divide(rest, rest_baseline, out=np.full(rest.shape, np.nan), where=(rest > 0) & (rest_baseline > 0))
    share, total = ratio / (1.0 + ratio), observed + baseline
    p: Floats = binom.sf(observed - 1, total, share) if upper else binom.cdf(observed, total, share)
    return np.where(np.isfinite(share), p, np.nan)


def sector_surge(inputs: Inputs, rule: WarningRule) -> Candidates:
    """Areas in which an industry suddenly registers far more firms than before, and than the rest of the city."""
    return _tested(inputs, rule, upper=True)


def sector_collapse(inputs: Inputs, rule: WarningRule) -> Candidates:
    """Areas in which an industry suddenly registers far fewer firms than before, and than the rest of the city."""
    return _tested(inputs, rule, upper=False)


def _tested(inputs: Inputs, rule: WarningRule, *, upper: bool) -> Candidates:
    """Pairs and weeks whose p-value times the pairs tested (Bonferroni) is small: what begins stands up to the FDR."""
    span, base = max(rule.days("window_days") // 7, 1), rule.days("baseline_weeks")
    pairs, counts = weekly_counts(inputs, REPLAYED_WEEKS + base + span)
    if pairs.empty:
        return nothing(rule)
    sums = np.concatenate([np.zeros((len(pairs), 1)), np.cumsum(counts, axis=1)], axis=1)
    ends = np.arange(base + span, counts.shape[1] + 1)
    if inputs.today % 7 != 3:
        ends = ends[:-1]
    window = sums[:, ends] - sums[:, ends - span]
    before = sums[:, ends - span] - sums[:, ends - span - base]
    section = pd.factorize(pairs["section"])[0]
    city, city_before = (_by_section(a, section)[section] for a in (window, before))
    p = conditional_p(window, before, city - window, city_before - before, upper=upper)
    expected = np.divide(
        before * (city - window), city_before - before, out=np.zeros(p.shape), where=city_before - before > 0
    )
    large = window >= rule.number("min_observed") if upper else expected >= rule.number("min_expected")
    hit = (
        large
        & (p * len(pairs) <= rule.number("max_adjusted_p"))
        & ((window > expected) if upper else (window < expected))
    )
    return _spells(inputs, rule, pairs, (hit, window, expected, p), ends - counts.shape[1])


def _by_section(values: Floats, section: Ints) -> Floats:
    total = np.zeros((section.max() + 1, values.shape[1]))
    np.add.at(total, section, values)
    return total


Table = tuple[npt.NDArray[np.bool_], Floats, Floats, Floats]


def _spells(inputs: Inputs, rule: WarningRule, pairs: pd.DataFrame, table: Table, offset: Ints) -> Candidates:
    """Runs of weeks in which a pair was flagged, as candidates; ``offset`` is weeks before the last, 0 or negative."""
    hit, window, expected, p = table
    pair, at = np.nonzero(hit)
    if not pair.size:
        return nothing(rule)
    last = spells.iso_week_end(np.array([inputs.today], np.int64))[0]
    day = last + 7 * offset
    found = spells.episodes(
        pair.astype(np.int64), day[at], minimum=1, window_days=1, quiet_days=rule.days("quiet_days"), today=inputs.today
    )
    column = np.searchsorted(day, found.began)
    cell = (found.group, column)
    names = pairs.iloc[found.group].reset_index(drop=True)
    span = rule.days("window_days")
    frame = {
        "target": rule.detector + ":" + names["area_code"] + ":" + names["section"],
        "began_on": spells.dates_of(found.began),
        "ended_on": spells.dates_of(found.ended, found.ended),
        "end_reason": pd.Series(["time_passed" if e >= 0 else None for e in found.ended.tolist()], dtype="str"),
        "window_from": spells.dates_of(found.began - span + 1),
        "window_to": spells.dates_of(found.last),
        "observed": window[cell],
        "expected": expected[cell],
        "p_value": p[cell],
        "tests": np.full(found.began.size, float(len(pairs))),
        "strength": surprise(p[cell] * len(pairs), rule.number("max_adjusted_p")),
        "area_code": names["area_code"],
        "area_level": areas_of(inputs)[1],
    }
    facts = (
        Fact("registrations_in_window", window[cell], None, "firm"),
        Fact("registrations_expected", expected[cell], None, "firm"),
        Fact("window_days", np.full(found.began.size, float(span)), None, "day"),
    )
    return Candidates(rule, frame_of(frame), facts, _firms(inputs, names, found.began, found.last, span))


def _firms(inputs: Inputs, names: pd.DataFrame, began: Ints, last: Ints, span: int) -> pd.DataFrame:
    """Firms of each pair registered within its window: one join over pairs."""
    asked = pd.DataFrame(
        {
            "area": names["area_code"],
            "industry_section": names["section"],
            "candidate": np.arange(len(names)),
            "since": spells.dates_of(began - span + 1),
            "until": spells.dates_of(last),
        }
    )
    own = inputs.subjects[["uscc", "established_on", "industry_section"]].assign(area=areas_of(inputs)[0])
    own = own.merge(asked, on=["area", "industry_section"])
    own = own[own["established_on"].between(own["since"], own["until"])]
    return own[["candidate", "uscc", "established_on"]].set_axis(["candidate", "subject_id", "day"], axis=1)
