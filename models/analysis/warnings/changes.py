"""Abnormal change (异常变更): a firm that changes far more often than its peers, or becomes another business."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array
from scipy.stats import poisson

from models.analysis.warnings import episodes as spells
from models.analysis.warnings.candidates import Candidates, Fact, Inputs, excess, frame_of, nothing, surprise
from models.analysis.warnings.capital import of_subjects
from models.analysis.warnings.concentration import ended_because, rows_of
from models.rules.warning_rules import WarningRule

HASHED = np.int64(2**18)
"""Columns into which n-grams are hashed; two different ones share a column once in 262,144 pairs."""
_BREAK = np.int64(ord("\n"))


def frequent_changes(inputs: Inputs, rule: WarningRule) -> Candidates:
    """Firms with many days of change within the window against the Poisson rate of their section.

    ``p = P(X >= n)``, X Poisson with the mean number of days with a change that all firms of the section had in the
    window before the business date. All changes filed on one day count once. p times the firms compared
    (Bonferroni) must be at most ``max_adjusted_p``; firms differ among themselves more than Poisson allows, so
    ``min_changes`` is a floor besides.
    """
    changes = inputs.record("changes", "changed_on").drop_duplicates(["subject_id", "changed_on"])
    rows = rows_of(inputs, changes["subject_id"])
    changes, rows = changes[rows >= 0], rows[rows >= 0]
    if not rows.size:
        return nothing(rule)
    days, window = spells.days_of(changes["changed_on"].to_numpy()), rule.days("window_days")
    found = spells.episodes(
        rows,
        days,
        minimum=rule.days("min_changes"),
        window_days=window,
        quiet_days=rule.days("quiet_days"),
        today=inputs.today,
    )
    section = pd.factorize(inputs.subjects["industry_section"], use_na_sentinel=False)[0]
    recent = days > inputs.today - window
    changed = np.bincount(section[rows[recent]], minlength=section.max() + 1)
    rate = changed / np.maximum(np.bincount(section, minlength=section.max() + 1), 1)
    expected = np.maximum(rate[section[found.group]], 1.0 / max(len(section), 1))
    p = poisson.sf(found.week_peak - 1, expected)
    few = np.flatnonzero(p * len(section) <= rule.number("max_adjusted_p"))
    owner, at = spells.positions(found.start[few], found.stop[few])
    peak = found.peak[few].astype(float)
    ids = inputs.subjects["uscc"].to_numpy()[found.group[few]]
    frame = {
        "target": pd.Series(ids, dtype="str"),
        "subject_id": ids,
        "began_on": spells.dates_of(found.began[few]),
        "ended_on": spells.dates_of(found.ended[few], found.ended[few]),
        "end_reason": ended_because(found.ended[few], "time_passed"),
        "window_from": spells.dates_of(found.first_event[few]),
        "window_to": spells.dates_of(found.last[few]),
        "observed": peak,
        "expected": expected[few],
        "p_value": p[few],
        "tests": np.full(few.size, float(len(section))),
        "strength": surprise(p[few] * len(section), rule.number("max_adjusted_p")),
    }
    facts = (
        Fact("changes_in_window", peak, rule.number("min_changes"), "day", "changes"),
        Fact("peer_changes_in_window", expected[few], None, "day", "changes"),
    )
    dated = changes["changed_on"].to_numpy()[found.order[at]]
    members = pd.DataFrame({"candidate": owner, "subject_id": ids[owner], "day": dated})
    return Candidates(rule, frame_of(frame), facts, members)


def scope_drift(inputs: Inputs, rule: WarningRule) -> Candidates:
    """Changes of scope after which little of the old scope is left: cosine distance of character n-grams."""
    changes = inputs.record("changes", "changed_on")
    rows = rows_of(inputs, changes["subject_id"])
    given = (changes["kind"] == "scope") & changes["before"].notna() & changes["after"].notna()
    at = np.flatnonzero(given.to_numpy(bool) & (rows >= 0))
    before, after = plain_scope(changes["before"].iloc[at]), plain_scope(changes["after"].iloc[at])
    shortest = rule.days("min_characters")
    long = ((before.str.len() >= shortest) & (after.str.len() >= shortest)).to_numpy(bool)
    at, before, after = at[long], before[long], after[long]
    distance = cosine_distance(before, after, rule.days("ngram"))
    limit = rule.number("min_cosine_distance")
    far = np.flatnonzero(distance >= limit - 1e-12)
    days = spells.days_of(changes["changed_on"].to_numpy())[at[far]]
    made = of_subjects(
        inputs,
        rule,
        rows[at[far]],
        days,
        {"observed": distance[far], "strength": excess(distance[far], limit)},
        (Fact("scope_distance", distance[far], limit, "", "changes", changes["changed_on"].to_numpy()[at[far]]),),
    )
    return Candidates(made.rule, made.frame, made.facts, made.members, before_after(changes.iloc[at[far]]))


def before_after(changes: pd.DataFrame) -> pd.DataFrame:
    """Return the texts before and after n changes as texts of n candidates."""
    n = np.arange(len(changes))
    parts = [
        pd.DataFrame(
            {
                "candidate": n,
                "subject_id": changes["subject_id"].to_numpy(),
                "field": field,
                "matched": changes[column].str.slice(0, 300).to_numpy(),
                "weight": None,
            }
        )
        for field, column in (("scope_before", "before"), ("scope_after", "after"))
    ]
    return pd.concat(parts, ignore_index=True)


def plain_scope(texts: pd.Series) -> pd.Series:
    """Return scopes without bracketed conditions, punctuation and line breaks: what is left is what the firm does."""
    bare = texts.str.replace(r"[\[【（(*][^\]】）)]*[\]】）)*]?|[\s，。；、,.;:：*]", "", regex=True)
    return bare.reset_index(drop=True)


def cosine_distance(before: pd.Series, after: pd.Series, ngram: int) -> npt.NDArray[np.float64]:
    """Return 1 - cosine of the counts of character n-grams of n pairs of texts.

    N-grams are hashed into `HASHED` columns (feature hashing, Weinberger and others 2009), so two different ones may
    meet by chance. 0 for equal texts, 1 where they share no n-gram; NaN where a text is shorter than ``ngram``.
    """
    left, right = _counts(before, ngram), _counts(after, ngram)
    dot = np.asarray((left * right).sum(axis=1), np.float64).ravel()
    norm = np.sqrt(_square(left) * _square(right))
    distance = np.full(dot.size, np.nan)
    np.divide(dot, norm, out=distance, where=norm > 0)
    return 1.0 - distance


def _square(counts: csr_array) -> npt.NDArray[np.float64]:
    return np.asarray((counts * counts).sum(axis=1), np.float64).ravel()


def _counts(texts: pd.Series, ngram: int) -> csr_array:
    """Hashed n-gram counts of n texts, shape (n, HASHED): all texts joined, one array of code points, no loop."""
    joined = "\n".join(texts.tolist()) + "\n"
    points = np.frombuffer(joined.encode("utf-32-le"), np.uint32).astype(np.int64)
    row = np.cumsum(points == _BREAK) - (points == _BREAK)
    count = points.size - ngram + 1
    if len(texts) == 0 or count <= 0:
        return csr_array((len(texts), int(HASHED)), dtype=np.float64)
    code, whole = np.zeros(count, np.int64), np.ones(count, bool)
    for k in range(ngram):
        part = points[k : k + count]
        code = (code * np.int64(1_000_003) + part) & np.int64(2**40 - 1)
        whole &= part != _BREAK
    column = (code[whole] * np.int64(2_654_435_761) >> np.int64(13)) % HASHED
    made = csr_array((np.ones(int(whole.sum())), (row[:count][whole], column)), shape=(len(texts), int(HASHED)))
    made.sum_duplicates()
    return made
