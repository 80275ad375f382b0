"""Abnormal registered capital (注册资本异常): outliers among peers, and records that cannot be right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.analysis.measures import medians
from models.analysis.warnings import episodes as spells
from models.analysis.warnings.candidates import Candidates, Fact, Inputs, excess, frame_of
from models.analysis.warnings.concentration import ended_because, members_of, rows_of
from models.rules.warning_rules import WarningRule

UNIT_FACTOR = 10_000.0
"""Yuan in the registers' unit of 10,000 yuan."""
SAME_RATIO = 0.002
"""Decades by which a ratio may miss the unit factor and still be it: amounts are rounded."""
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
TO_SIGMA = 0.6745
"""Of the modified z-score of Iglewicz and Hoaglin (How to Detect and Handle Outliers, 1993): MAD to sigma."""
MEAN_TO_SIGMA = 1.253314
"""Their fallback where the MAD is 0: mean absolute deviation to sigma."""


def robust_z(values: Floats, group: Ints, groups: int) -> Floats:
    """Return the modified z-score of n values within their group.

    ``z = 0.6745 (x - median) / MAD``; where more than half of a group shares one value (MAD = 0)
    ``z = (x - median) / (1.253314 mean|x - median|)``; where all do, 0. Values and groups of equal length, no NaN.
    """
    centre = medians(group, values, groups)
    away = np.abs(values - centre[group])
    mad = medians(group, away, groups)
    count = np.maximum(np.bincount(group, minlength=groups), 1)
    mean = np.bincount(group, weights=away, minlength=groups) / count
    scale = np.where(mad > 0, mad / TO_SIGMA, mean * MEAN_TO_SIGMA)[group]
    z = np.zeros(values.size)
    np.divide(values - centre[group], scale, out=z, where=scale > 0)
    return z


def peers_of(subjects: pd.DataFrame, minimum: int) -> tuple[Ints, int]:
    """Return the peer group of each subject: section x entity type x year, pooled upward until it is large enough.

    Groups with fewer than ``minimum`` members become section x year, then year, then all together.
    """
    year = subjects["established_on"].dt.year.fillna(0).astype("int64").to_numpy()
    section = pd.factorize(subjects["industry_section"], use_na_sentinel=False)[0]
    kind = pd.factorize(subjects["entity_type"], use_na_sentinel=False)[0]
    years, kinds = year - year.min() if year.size else year, np.int64(kind.max() + 1 if kind.size else 1)
    span = np.int64(years.max() + 1 if year.size else 1)
    codes = ((section * kinds + kind) * span + years, section * span + years, years, np.zeros(year.size, np.int64))
    group, groups = np.full(year.size, -1, np.int64), 0
    for step, code in enumerate(codes):
        waiting = np.flatnonzero(group < 0)
        if not waiting.size:
            break
        number = pd.factorize(code)[0]
        size = np.bincount(number)
        enough = waiting[(size[number[waiting]] >= minimum) | (step == len(codes) - 1)]
        group[enough] = number[enough] + groups
        groups += size.size
    return group, groups


def capital_outlier(inputs: Inputs, rule: WarningRule) -> Candidates:
    """Firms whose registered capital is far above that of their peers: robust z of log10 yuan above the threshold.

    Peers are firms of the same section, entity type and year of registration (`peers_of`). Only readable and plausible
    amounts take part. The warning is over after ``quiet_days`` without a change: a registration ages.
    """
    subjects = inputs.subjects
    slipped = np.zeros(len(subjects), bool)
    slipped[unit_slips(inputs, UNIT_FACTOR)["row"].to_numpy(np.int64)] = True
    rows = _dated(inputs, subjects["capital_flag"].isin(("ok",)).to_numpy(bool) & ~slipped)
    own = subjects.iloc[rows]
    cny = own["capital_cny"].to_numpy(np.float64)
    group, groups = peers_of(own, rule.days("min_peers"))
    z = robust_z(np.log10(cny), group, groups)
    limit = rule.number("max_robust_z")
    far = np.flatnonzero(z > limit)
    middle = 10 ** medians(group, np.log10(cny), groups)[group[far]]
    facts = (
        Fact("capital_cny", cny[far], None, "CNY"),
        Fact("peer_median_cny", middle, None, "CNY"),
        Fact("robust_z", z[far], limit),
        Fact("peers", np.bincount(group, minlength=groups)[group[far]].astype(float), None, "firm"),
    )
    return _of_subjects(
        inputs, rule, rows[far], {"observed": cny[far], "expected": middle, "strength": excess(z[far], limit)}, facts
    )


def capital_fault(inputs: Inputs, rule: WarningRule) -> Candidates:
    """Registered capital that cannot be right: a fault of the record, not of the firm.

    Impossible is what the reader of the register already refused as implausible, what is outside of the absolute
    bounds, and what is beyond ``times_percentile`` times the given percentile of all (a unit of 10,000 yuan entered
    in yuan, or the other way round). A registered change by exactly ``unit_factor`` (10,000) is such a unit error too,
    from the day of the change.
    """
    found = _impossible(inputs, rule)
    slips = unit_slips(inputs, rule.number("unit_factor"))
    ids = inputs.subjects["uscc"].to_numpy()
    slips = slips[~pd.Series(ids[slips["row"]]).isin(found.frame["subject_id"]).to_numpy(bool)]
    if slips.empty:
        return found
    before, after = (slips[c].to_numpy(np.float64) for c in ("before", "after"))
    facts = (
        Fact("capital_before_cny", before, None, "CNY", "changes"),
        Fact("capital_after_cny", after, None, "CNY", "changes"),
        Fact("capital_ratio", after / before, rule.number("unit_factor"), "", "changes"),
    )
    columns = {"observed": after, "expected": before, "strength": np.ones(len(slips))}
    made = of_subjects(inputs, rule, slips["row"].to_numpy(), slips["day"].to_numpy(), columns, facts)
    return joined(found, made)


def unit_slips(inputs: Inputs, factor: float) -> pd.DataFrame:
    """Return registered changes of capital by exactly ``factor`` or its inverse: row, day, before, after (yuan)."""
    changes = inputs.record("changes", "changed_on")
    before = changes["amount_before_cny"].to_numpy(np.float64, na_value=np.nan)
    after = changes["amount_after_cny"].to_numpy(np.float64, na_value=np.nan)
    rows = rows_of(inputs, changes["subject_id"])
    usable = (changes["kind"] == "capital").to_numpy(bool) & (before > 0) & (after > 0) & (rows >= 0)
    ratio = np.divide(after, before, out=np.ones(after.size), where=usable)
    exact = np.abs(np.abs(np.log10(ratio)) - np.log10(factor)) < SAME_RATIO
    at = np.flatnonzero(usable & exact)
    days = spells.days_of(changes["changed_on"].to_numpy())
    slips = pd.DataFrame({"row": rows[at], "day": days[at], "before": before[at], "after": after[at]})
    return slips.drop_duplicates("row", keep="last", ignore_index=True)


def joined(first: Candidates, second: Candidates) -> Candidates:
    """Return the candidates of two searches under one rule; facts of one are missing in the other."""
    n, m = len(first), len(second)
    facts = [replace(f, values=np.append(f.values, np.full(m, np.nan)), days=None) for f in first.facts]
    facts += [replace(f, values=np.append(np.full(n, np.nan), f.values), days=None) for f in second.facts]
    members = second.members.assign(candidate=second.members["candidate"] + n)
    return Candidates(
        first.rule,
        pd.concat([first.frame, second.frame], ignore_index=True),
        tuple(facts),
        pd.concat([first.members, members], ignore_index=True),
    )


def _impossible(inputs: Inputs, rule: WarningRule) -> Candidates:
    """Amounts outside of the bounds, from the day of registration."""
    subjects = inputs.subjects
    rows = _dated(inputs, subjects["capital_cny"].notna().to_numpy(bool))
    cny = subjects["capital_cny"].to_numpy(np.float64, na_value=np.nan)[rows]
    top = rule.number("max_capital_cny")
    if cny.size >= rule.days("min_peers"):
        top = min(top, float(np.percentile(cny, rule.number("percentile"))) * rule.number("times_percentile"))
    low = rule.number("min_capital_cny")
    refused = (subjects["capital_flag"] == "implausible").to_numpy(bool)[rows]
    wrong = np.flatnonzero((cny > top) | ((cny < low) & (cny > 0)) | refused)
    limit = np.where(cny[wrong] < low, low, top)
    beyond = np.maximum(cny[wrong] / limit, limit / np.maximum(cny[wrong], 1e-9))
    facts = (
        Fact("capital_cny", cny[wrong], None, "CNY"),
        Fact("capital_highest_cny", np.full(wrong.size, top), None, "CNY"),
        Fact("capital_lowest_cny", np.full(wrong.size, low), None, "CNY"),
    )
    return _of_subjects(inputs, rule, rows[wrong], {"observed": cny[wrong], "strength": excess(beyond, 1.0)}, facts)


def _dated(inputs: Inputs, usable: npt.NDArray[np.bool_]) -> Ints:
    days = spells.days_of(inputs.subjects["established_on"].to_numpy())
    return np.flatnonzero(usable & (days > 0) & (days <= inputs.today)).astype(np.int64)


def _of_subjects(
    inputs: Inputs, rule: WarningRule, rows: Ints, columns: Mapping[str, object], facts: tuple[Fact, ...]
) -> Candidates:
    """Candidates about single subjects, from the day of their registration."""
    days = spells.days_of(inputs.subjects["established_on"].to_numpy())[rows]
    return of_subjects(inputs, rule, rows, days, columns, facts)


def of_subjects(  # noqa: PLR0917
    inputs: Inputs, rule: WarningRule, rows: Ints, days: Ints, columns: Mapping[str, object], facts: tuple[Fact, ...]
) -> Candidates:
    """Return candidates about single subjects that began on given days and end after the rule's ``quiet_days``.

    Parameters
    ----------
    rows, days : (n,) positions of the subjects and first days since 1970
    columns : further columns of `candidates.COLUMNS`; ``target`` is the subject unless given here
    """
    subjects = inputs.subjects["uscc"].to_numpy()[rows]
    ended = np.full(rows.size, -1, np.int64)
    if "quiet_days" in rule.parameters:
        over = days + rule.days("quiet_days")
        ended = np.where(over <= inputs.today, over, -1)
    frame = {
        "target": pd.Series(subjects, dtype="str"),
        "subject_id": subjects,
        "began_on": spells.dates_of(days),
        "ended_on": spells.dates_of(ended, ended),
        "end_reason": ended_because(ended, "time_passed"),
        "window_from": spells.dates_of(days),
        "window_to": spells.dates_of(days),
        **columns,
    }
    members = members_of(inputs, np.arange(rows.size, dtype=np.int64), rows)
    return Candidates(rule, frame_of(frame), facts, members)
