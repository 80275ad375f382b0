"""Which candidates become warnings: a weekly number of alerts, filled by rank, with false discoveries bounded."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.rules.warning_rules import Budget

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def benjamini_hochberg(p: Floats, tests: float, q: float) -> Flags:
    """Return which of n p-values are discoveries at false discovery rate ``q`` among ``tests`` hypotheses.

    Benjamini and Hochberg (1995, JRSS B 57:289): reject the k smallest where k is the largest i with
    ``p_(i) <= i q / m``. ``m`` is the number of hypotheses tested, of which only the small p-values were kept, so it
    may be larger than n. NaN is never a discovery.
    """
    known = np.flatnonzero(np.isfinite(p))
    found = np.zeros(p.size, bool)
    if not known.size:
        return found
    order = known[np.argsort(p[known], kind="stable")]
    total = max(float(tests), float(known.size))
    passing = np.flatnonzero(p[order] <= q * np.arange(1, order.size + 1) / total)
    if passing.size:
        found[order[: passing[-1] + 1]] = True
    return found


def allot(pool: pd.DataFrame, *, alerts_per_week: int, budget: Budget, weeks: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Return the raised candidates with the week in which they are raised and their rank in it.

    Parameters
    ----------
    pool : one row per candidate of the budgeted lane: ``week`` (number of the week in which it began), ``ended_week``
        (in which it ended; a large number while it holds), ``score``, ``p_value``, ``tests``, ``rule_id``, ``key``
    alerts_per_week : places per week
    weeks : the weeks of the replay, ascending

    Returns
    -------
    index of ``pool``, ``raised_week``, ``rank`` from 1. Each week's places go to the highest scores among what began in
    it and what found no place in the ``carry_weeks`` before and still holds; ties go to the smaller key. While others
    wait, one rule takes at most ``max_per_rule_share`` of the places. Candidates with a p-value take part only if they
    are discoveries among all hypotheses tested in the week they began.
    """
    eligible = pool[_discovered(pool, budget)].sort_values(["score", "key"], ascending=[False, True])
    cap = max(1, int(alerts_per_week * budget.max_per_rule_share))
    raised: list[pd.DataFrame] = []
    waiting = eligible
    for week in weeks.tolist():
        live = waiting["week"].between(week - budget.carry_weeks, week) & (waiting["ended_week"] >= week)
        here = waiting[live]
        within = here.groupby("rule_id").cumcount() < cap
        chosen = pd.concat([here[within], here[~within]]).head(alerts_per_week)
        chosen = chosen.sort_values(["score", "key"], ascending=[False, True])
        raised.append(chosen.assign(raised_week=week, rank=np.arange(1, len(chosen) + 1))[["raised_week", "rank"]])
        waiting = waiting.drop(index=chosen.index)
    return pd.concat(raised) if raised else pool.iloc[:0].assign(raised_week=0, rank=0)[["raised_week", "rank"]]


def _discovered(pool: pd.DataFrame, budget: Budget) -> Flags:
    """Whether each candidate has no p-value, or is a discovery among the tests of its week."""
    p = pool["p_value"].to_numpy(np.float64)
    passed: Flags = ~np.isfinite(p)
    for _, rows in pool.groupby("week"):
        at = pool.index.get_indexer(rows.index)
        tests = float(rows.drop_duplicates("rule_id")["tests"].fillna(0).sum())
        passed[at] |= benjamini_hochberg(p[at], tests, budget.fdr_q)
    return passed
