"""Visits: all checks of one subject on one day that look for faults anew, with what they found."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.analysis.classification.events import Events, events_of

FAULT_RESULTS = ("rectify", "penalty", "transferred")
"""Results of a check that mean a fault was found."""
SERIOUS_RESULTS = ("penalty", "transferred")
"""Results that are serious whatever the findings say."""
KINDS = ("routine", "special", "warning", "complaint")
"""Kinds of check that are visits, in the order in which a day with several is called."""
COLUMNS = ("faults", "serious", "findings", "high", "score")


def visit_table(inspections: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """Return one row per subject and day of inspection; re-inspections and other kinds are left out.

    Parameters
    ----------
    inspections, findings : tables on contract; a finding belongs to its inspection, or where it names none that is
        known, to the subject's visit of the day it was found

    Returns
    -------
    subject_id, inspected_on, kind (the first of `KINDS` among the checks of the day), selected_by, findings, high
    (number of findings, and of high severity), faults (1.0 where a check found one), serious (1.0 where a finding is of
    high severity or a result is a penalty or a transfer), score (lowest of the day, NaN for none), officer_key;
    ascending by day and subject. The officer's key is for the validation only and is never an indicator.

    Notes
    -----
    A re-inspection looks at known faults again; counting it as an outcome inflates every measure of prediction. What is
    neither of `KINDS` (a visit before opening, a visit without inspection) says nothing about how a subject is run.
    """
    order = pd.Index(KINDS).get_indexer(pd.Index(inspections["kind"]))
    checks = inspections.assign(order=order)[order >= 0].sort_values("order", kind="stable")
    if checks.empty:
        return _nothing()
    faulty = checks["result"].isin(FAULT_RESULTS).astype(np.float64)
    punished = checks["result"].isin(SERIOUS_RESULTS).astype(np.float64)
    grouped = checks.assign(faults=faulty, serious=punished).groupby(
        ["inspected_on", "subject_id"], sort=True, observed=True
    )
    visits = grouped.agg(
        kind=("kind", "first"),
        selected_by=("selected_by", "first"),
        officer_key=("officer_key", "first"),
        faults=("faults", "max"),
        serious=("serious", "max"),
        score=("score", "min"),
    ).reset_index()
    counts = _found(inspections, findings)
    joined = visits.merge(counts, on=["subject_id", "inspected_on"], how="left")
    joined[["findings", "high"]] = joined[["findings", "high"]].fillna(0.0)
    joined["faults"] = np.maximum(joined["faults"], (joined["findings"] > 0).astype(np.float64))
    joined["serious"] = np.maximum(joined["serious"], (joined["high"] > 0).astype(np.float64))
    return joined


def _found(inspections: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """Number of findings and of high ones by subject and day; those of re-inspections meet no visit and drop out."""
    days = inspections.drop_duplicates("inspection_id").set_index("inspection_id")["inspected_on"]
    day = findings["inspection_id"].map(days)
    high = (findings["severity"] == "high").astype(np.float64)
    placed = pd.DataFrame(
        {
            "subject_id": findings["subject_id"],
            "inspected_on": day.fillna(findings["found_on"]).astype("datetime64[s]"),
            "findings": 1.0,
            "high": high,
        }
    )
    return placed.groupby(["subject_id", "inspected_on"], observed=True)[["findings", "high"]].sum().reset_index()


def _nothing() -> pd.DataFrame:
    texts = {name: pd.Series(dtype="str") for name in ("subject_id", "kind", "selected_by", "officer_key")}
    numbers = {name: pd.Series(dtype="float64") for name in COLUMNS}
    return pd.DataFrame({"inspected_on": pd.Series(dtype="datetime64[s]"), **texts, **numbers})


def visit_events(visits: pd.DataFrame, ids: pd.Index, *, recorded: bool) -> Events:
    """Return the visits as events of the subjects, without who inspected."""
    found = events_of(visits, ids, "inspected_on", COLUMNS)
    return Events(found.pos, found.day, found.values, recorded)
