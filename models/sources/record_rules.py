"""What must hold within one row of a record of supervision; a row that breaks it goes to the quarantine with a reason.

The same rules are constraints of the database (`models.tables`), so that no other path goes round them. Rules that
need several rows, such as a subject listed twice, are `models.analysis.listings`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.sources.ledger import Ledger


@dataclass(frozen=True)
class RowRule:
    """One rule: the rows where ``broken`` is true fail at ``column`` for ``reason``; ``needs`` are columns it reads."""

    column: str
    needs: tuple[str, ...]
    reason: str
    broken: Callable[[pd.DataFrame], pd.Series]


def _not_before(last: str, first: str, meaning: str) -> RowRule:
    return RowRule(last, (last, first), f"lies before {meaning}", lambda f: f[last] < f[first])


def _one_without_other(given: str, needed: str, reason: str) -> RowRule:
    return RowRule(given, (given,), reason, lambda f: f[given].notna() & _missing(f, needed))


def _missing(frame: pd.DataFrame, column: str) -> pd.Series:
    return frame[column].isna() if column in frame else pd.Series(True, index=frame.index)


def _resolution(cells: pd.Series) -> npt.NDArray[np.int64]:
    """Resolution of H3 cells: bits 52 to 55 of the index; that of a missing cell means nothing."""
    bits = cells.fillna(0).to_numpy(dtype=np.uint64)
    return ((bits >> np.uint64(52)) & np.uint64(15)).astype(np.int64)


_SERIOUS = ("three_years", "serious_violation")
RULES: dict[str, tuple[RowRule, ...]] = {
    "inspections": (
        _not_before("follow_up_due", "inspected_on", "the day of the inspection"),
        _not_before("closed_on", "inspected_on", "the day of the inspection"),
    ),
    "findings": (_not_before("corrected_on", "found_on", "the day it was found"),),
    "complaints": (
        _not_before("closed_on", "received_on", "the day the complaint came in"),
        RowRule(
            "outcome",
            ("outcome", "closed_on"),
            "an open complaint has no day of closing",
            lambda f: (f["outcome"] == "open") & f["closed_on"].notna(),
        ),
    ),
    "listings": (
        _not_before("removed_on", "listed_on", "the day of the entry"),
        _one_without_other("removal", "removed_on", "a kind of removal needs the day of the removal"),
        RowRule(
            "report_year",
            ("ground",),
            "an entry for a missing annual report needs the year of the report",
            lambda f: (f["ground"] == "annual_report") & _missing(f, "report_year"),
        ),
        RowRule(
            "ground",
            ("ground", "list"),
            "not a ground of this list: three_years and serious_violation belong to the serious one, all others to the "
            "abnormal one",
            lambda f: (f["list"] == "serious") != f["ground"].isin(_SERIOUS),
        ),
    ),
    "licences": (
        _not_before("expires_on", "issued_on", "the day of issue"),
        _not_before("revoked_on", "issued_on", "the day of issue"),
    ),
    "annual_reports": (
        RowRule(
            "filed_on",
            ("filed_on", "report_year"),
            "a report is published after the year it is about",
            lambda f: f["filed_on"].dt.year <= f["report_year"],
        ),
    ),
    "investments": (
        _not_before("ended_on", "invested_on", "the first day of the holding"),
        RowRule(
            "investor_id",
            ("investor_id", "investor_key"),
            "an investor is a legal person or a natural one, not both",
            lambda f: f["investor_id"].notna() & f["investor_key"].notna(),
        ),
    ),
    "present_population": (
        RowRule("h3", ("h3",), "not a cell of resolution 8", lambda f: f["h3"].notna() & (_resolution(f["h3"]) != 8)),
    ),
    "credit_repairs": (
        _not_before("decided_on", "applied_on", "the day of the application"),
        RowRule(
            "decided_on",
            ("result",),
            "a decided repair needs the day of the decision, a pending one has none",
            lambda f: f["result"].notna() & ((f["result"] == "pending") != _missing(f, "decided_on")),
        ),
    ),
}
"""Rules by table."""


def refuse_broken(frame: pd.DataFrame, table: str, ledger: Ledger) -> None:
    """Reject the rows of ``frame`` (typed, n rows) that break a rule of their table."""
    for rule in RULES.get(table, ()):
        if not set(rule.needs) <= set(frame.columns):
            continue
        broken = rule.broken(frame).fillna(False).astype(bool)
        found = frame[rule.column].astype("str").fillna("") if rule.column in frame else ""
        ledger.reject(broken, rule.column, found, rule.reason)
