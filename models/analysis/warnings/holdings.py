"""Abnormal investment (异常投资): capital raised without being paid in, bursts of holdings, holdings in a circle."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from models.analysis.warnings import episodes as spells
from models.analysis.warnings.candidates import Candidates, Fact, Inputs, excess, frame_of, nothing
from models.analysis.warnings.capital import SAME_RATIO, UNIT_FACTOR, of_subjects
from models.analysis.warnings.concentration import event_bursts, rows_of
from models.rules.warning_rules import WarningRule

Floats = npt.NDArray[np.float64]
FAR = np.int64(2**19)
"""A day no record reaches."""


def capital_jump(inputs: Inputs, rule: WarningRule) -> Candidates:
    """Capital raised ``min_ratio`` times and by ``min_increase_cny`` or more, of which little is paid in.

    A change by exactly 10,000 is a unit error and left to `capital.capital_fault`.

    Ends by itself on the day an annual report states that ``max_paid_in_share`` of the new capital is paid in. A firm
    whose reports do not state what is paid in keeps its warning, with that fact missing rather than 0.
    """
    changes = inputs.record("changes", "changed_on")
    before = changes["amount_before_cny"].to_numpy(np.float64, na_value=np.nan)
    after = changes["amount_after_cny"].to_numpy(np.float64, na_value=np.nan)
    rows = rows_of(inputs, changes["subject_id"])
    ratio = np.divide(after, before, out=np.zeros(after.size), where=before > 0)
    sharp = (changes["kind"] == "capital").to_numpy(bool) & (rows >= 0)
    slip = np.abs(np.abs(np.log10(np.where(ratio > 0, ratio, 1.0))) - np.log10(UNIT_FACTOR)) < SAME_RATIO
    sharp &= ~slip & (ratio >= rule.number("min_ratio")) & (after - before >= rule.number("min_increase_cny"))
    at = np.flatnonzero(sharp)
    days = spells.days_of(changes["changed_on"].to_numpy())[at]
    paid, paid_day = _paid_in(
        inputs, changes["subject_id"].to_numpy()[at], days, after[at] * rule.number("max_paid_in_share")
    )
    made = of_subjects(
        inputs,
        rule,
        rows[at],
        days,
        {"observed": ratio[at], "expected": np.ones(at.size), "strength": excess(ratio[at], rule.number("min_ratio"))},
        (
            Fact("capital_before_cny", before[at], None, "CNY", "changes"),
            Fact("capital_after_cny", after[at], None, "CNY", "changes", changes["changed_on"].to_numpy()[at]),
            Fact("capital_ratio", ratio[at], rule.number("min_ratio"), "", "changes"),
            Fact("paid_in_cny", paid, None, "CNY", "annual_reports"),
        ),
    )
    return _ended(made, paid_day, "paid_in")


def _paid_in(
    inputs: Inputs, subjects: npt.NDArray[np.object_], days: spells.Ints, enough: Floats
) -> tuple[Floats, spells.Ints]:
    """Paid-in capital of the last report, and the day of the first later report with enough of it (-1 for none)."""
    reports = inputs.record("annual_reports", "filed_on")[["subject_id", "filed_on", "paid_in_cny"]]
    asked = pd.DataFrame({"subject_id": subjects, "asked": np.arange(days.size), "since": days, "enough": enough})
    joined = asked.merge(reports[reports["paid_in_cny"].notna()], on="subject_id").sort_values("filed_on")
    filed = spells.days_of(joined["filed_on"].to_numpy())
    last = joined.groupby("asked")["paid_in_cny"].last().reindex(range(days.size)).to_numpy(np.float64)
    full = joined[(filed > joined["since"].to_numpy()) & (joined["paid_in_cny"] >= joined["enough"])]
    first = full.groupby("asked")["filed_on"].first().reindex(range(days.size))
    return last, np.where(first.isna(), np.int64(-1), spells.days_of(first.to_numpy()))


def _ended(made: Candidates, day: spells.Ints, reason: str) -> Candidates:
    """End candidates on days that are not negative and before their own end."""
    frame = made.frame.copy()
    own = np.where(frame["ended_on"].isna(), FAR, spells.days_of(frame["ended_on"].to_numpy()))
    sooner = (day >= 0) & (day < own)
    frame["ended_on"] = np.where(sooner, spells.dates_of(day), frame["ended_on"].to_numpy())
    frame["end_reason"] = frame["end_reason"].mask(pd.Series(sooner, index=frame.index), reason)
    return replace(made, frame=frame.astype({"ended_on": "datetime64[s]"}))


def investment_burst(inputs: Inputs, rule: WarningRule) -> Candidates:
    """Investors who took ``min_holdings`` new holdings within ``window_days`` (集中投资)."""
    holdings = inputs.record("investments", "invested_on")
    investor = holdings["investor_id"].where(holdings["investor_id"].notna(), holdings["investor_key"])
    rows = rows_of(inputs, holdings["subject_id"])
    known = investor.notna().to_numpy(bool) & (rows >= 0)
    events = pd.DataFrame(
        {
            "key": investor.to_numpy()[known],
            "day": spells.days_of(holdings["invested_on"].to_numpy())[known],
            "row": rows[known],
        }
    ).drop_duplicates(["key", "row"], ignore_index=True)
    return event_bursts(inputs, rule, events, ("investor", "holdings_of_investor", "investments"), "min_holdings")


def holding_cycle(inputs: Inputs, rule: WarningRule) -> Candidates:
    """Firms that hold each other in a circle of at most ``max_length`` (循环持股).

    Circles can only lie inside strongly connected components, which are found first in one pass; circles are then
    listed there by networkx (Gupta and Suzumura 2021), at most ``max_cycles``. A circle holds from the day of its last
    holding to the day its first holding ends.
    """
    holdings = inputs.record("investments", "invested_on")
    large = ~(holdings["share"] < rule.number("min_share")).fillna(False).to_numpy(bool)
    edges = holdings[large & holdings["investor_id"].notna().to_numpy(bool)]
    edges = edges[edges["investor_id"] != edges["subject_id"]]
    circles = _circles(edges, rule.days("max_length"), rule.days("max_cycles"))
    if not circles:
        return nothing(rule)
    invested = spells.days_of(edges["invested_on"].to_numpy())
    ended = np.where(edges["ended_on"].isna(), FAR, spells.days_of(edges["ended_on"].to_numpy()))
    dated = {
        pair: (day, end)
        for pair, day, end in zip(
            zip(edges["investor_id"], edges["subject_id"], strict=True), invested, ended, strict=True
        )
    }
    spans = [[dated[a, b] for a, b in zip(c, [*c[1:], c[0]], strict=True)] for c in circles]
    began = np.array([max(d for d, _ in s) for s in spans], np.int64)
    over = np.array([min(e for _, e in s) for s in spans], np.int64)
    kept = np.flatnonzero(over > began)
    ended_day = np.where(over[kept] <= inputs.today, over[kept], -1)
    length = np.array([len(circles[i]) for i in kept], np.float64)
    frame = {
        "target": pd.Series(["cycle:" + ",".join(circles[i]) for i in kept], dtype="str"),
        "subject_id": pd.Series([circles[i][0] for i in kept], dtype="str"),
        "began_on": spells.dates_of(began[kept]),
        "ended_on": spells.dates_of(ended_day, ended_day),
        "end_reason": pd.Series(["holding_ended" if e >= 0 else None for e in ended_day.tolist()], dtype="str"),
        "window_from": spells.dates_of(np.array([min(d for d, _ in spans[i]) for i in kept], np.int64)),
        "window_to": spells.dates_of(began[kept]),
        "observed": length,
        "strength": np.full(kept.size, 0.5),
    }
    members = pd.DataFrame(
        [(k, s, np.datetime64("NaT", "s")) for k, i in enumerate(kept) for s in circles[i]],
        columns=["candidate", "subject_id", "day"],
    )
    facts = (Fact("cycle_length", length, rule.number("max_length"), "firm", "investments"),)
    return Candidates(rule, frame_of(frame), facts, members)


def _circles(edges: pd.DataFrame, max_length: int, max_cycles: int) -> list[list[str]]:
    """Circles as lists of ids, each from its smallest id on, sorted."""
    codes, ids = pd.factorize(pd.concat([edges["investor_id"], edges["subject_id"]], ignore_index=True))
    start, end = codes[: len(edges)], codes[len(edges) :]
    size = len(ids)
    if not size:
        return []
    _, part = connected_components(coo_array((np.ones(len(edges)), (start, end)), (size, size)), connection="strong")
    inside = (part[start] == part[end]) & (np.bincount(part)[part[start]] > 1)
    graph = nx.DiGraph(zip(ids[start[inside]], ids[end[inside]], strict=True))
    found = []
    for circle in islice(nx.simple_cycles(graph, length_bound=max_length), max_cycles):
        first = circle.index(min(circle))
        found.append([str(c) for c in circle[first:] + circle[:first]])
    return sorted(found)
