"""Surges and collapses of an industry in an area (行业激增与骤减) against the same industry in the rest of the city."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import hypergeom

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


def exact_p(own: Floats, own_before: Floats, others: Floats, others_before: Floats, *, upper: bool) -> Floats:
    """Return the probability of n counts of a period, given both periods and what n others did in them.

    Fisher's exact test of (own, others) x (now, before), one-sided: ``own ~ Hypergeometric``. The others are counted
    too, so their own chance is in the answer.
    """
    now, whole = own + others, own + own_before + others + others_before
    test = hypergeom.sf if upper else hypergeom.cdf
    p: Floats = test(own - 1 if upper else own, whole, own + own_before, now)
    return p


Periods = tuple[Floats, Floats]


def margins(pairs: pd.DataFrame, window: Floats, before: Floats) -> tuple[Periods, Periods]:
    """Return, for every (area, section), its section in the rest of the city and the other sections of its area.

    Each as (window, before), shape of ``window``.
    """
    section, area = (pd.factorize(pairs[c])[0] for c in ("section", "area_code"))
    return (
        (_sums(window, section) - window, _sums(before, section) - before),
        (_sums(window, area) - window, _sums(before, area) - before),
    )


def sector_surge(inputs: Inputs, rule: WarningRule) -> Candidates:
    """Areas in which an industry suddenly registers far more firms than before, and than the rest of the city."""
    return _tested(inputs, rule, upper=True)


def sector_collapse(inputs: Inputs, rule: WarningRule) -> Candidates:
    """Areas in which an industry suddenly registers far fewer firms than before, and than the rest of the city."""
    return _tested(inputs, rule, upper=False)


def _tested(inputs: Inputs, rule: WarningRule, *, upper: bool) -> Candidates:
    """Pairs and weeks that are unlike both the section in the rest of the city and the other sections of the area.

    The p-value is the larger of both exact tests, times the pairs tested that week (Bonferroni): for a surge every
    pair; for a collapse those with enough expected given both periods together, a choice that the count cannot sway.
    A holiday or a batch day, of the city or of one registry, moves the others as well and is neither. An area with one
    section only is compared with the rest of the city alone.
    """
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
    elsewhere, beside = margins(pairs, window, before)
    grown = [np.divide(w, b, out=np.full(w.shape, np.nan), where=b > 0) for w, b in (elsewhere, beside)]
    growth = np.fmax(*grown) if upper else np.fmin(*grown)
    expected = before * growth
    unlike = window > expected if upper else window < expected
    given = (window + before) * growth / (1.0 + growth)
    enough = window >= rule.number("min_observed") if upper else given >= rule.number("min_expected")
    at = np.nonzero(enough & unlike & np.isfinite(grown[0]))
    p = np.full(window.shape, np.nan)
    p[at] = exact_p(window[at], before[at], elsewhere[0][at], elsewhere[1][at], upper=upper)
    alone = beside[0][at] + beside[1][at] == 0
    among = exact_p(window[at], before[at], beside[0][at], beside[1][at], upper=upper)
    p[at] = np.maximum(p[at], np.where(alone, 0.0, among))
    tested = np.full(p.shape[1], len(pairs)) if upper else enough.sum(axis=0)
    tests = np.broadcast_to(tested, p.shape)
    hit = p * tests <= rule.number("max_adjusted_p")
    return _spells(inputs, rule, pairs, (hit, window, expected, p, tests), ends - counts.shape[1])


def _sums(values: Floats, group: Ints) -> Floats:
    """Sum the rows of each group and give every row the sum of its group."""
    total = np.zeros((group.max() + 1, values.shape[1]))
    np.add.at(total, group, values)
    return total[group]


Table = tuple[npt.NDArray[np.bool_], Floats, Floats, Floats, Ints]


def _spells(inputs: Inputs, rule: WarningRule, pairs: pd.DataFrame, table: Table, offset: Ints) -> Candidates:
    """Runs of weeks in which a pair was flagged, as candidates; ``offset`` is weeks before the last, 0 or negative."""
    hit, window, expected, p, tests = table
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
        "tests": tests[cell].astype(np.float64),
        "strength": surprise(p[cell] * tests[cell], rule.number("max_adjusted_p")),
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
