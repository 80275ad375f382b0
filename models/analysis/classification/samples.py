"""Visits with the indicators known before them: what a score is trained on and tested with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from models.analysis.classification.events import day_number
from models.analysis.classification.indicators import indicators
from models.analysis.classification.population import Subjects

OUTCOME_COLUMNS = ("subject_id", "inspected_on", "selected_by", "officer_key", "outcome")


def samples(
    subjects: Subjects, visits: pd.DataFrame, *, kinds: Sequence[str], outcome: str, names: Sequence[str]
) -> pd.DataFrame:
    """Return the visits of some kinds with the indicators of their subjects at the month end before.

    Parameters
    ----------
    subjects : prepared subjects with their records
    visits : `models.analysis.classification.visits.visit_table`
    kinds : kinds of visit that count
    outcome : column of the visits: ``serious`` or ``faults``
    names : indicators

    Returns
    -------
    Ascending by day: `OUTCOME_COLUMNS`, ``inspected_before`` (whether the subject had been visited by then) and one
    column per indicator. Every record behind an indicator is dated before the month of the visit, so no indicator can
    know what the visit found.
    """
    chosen = visits[visits["kind"].isin(tuple(kinds))]
    pos = subjects.ids.get_indexer(pd.Index(chosen["subject_id"]))
    chosen, pos = chosen[pos >= 0], pos[pos >= 0]
    month = chosen["inspected_on"].to_numpy().astype("datetime64[M]")
    wanted = tuple(dict.fromkeys((*names, "visits")))
    parts = []
    for start in np.unique(month):
        rows = np.flatnonzero(month == start)
        known = indicators(subjects, day_number(pd.Timestamp(start)) - 1, wanted).iloc[pos[rows]]
        own = chosen.iloc[rows]
        parts.append(
            pd.DataFrame(
                {
                    **{c: own[c].to_numpy() for c in OUTCOME_COLUMNS[:-1]},
                    "outcome": own[outcome].to_numpy(np.float64),
                    "inspected_before": known["visits"].to_numpy() > 0,
                    **{name: known[name].to_numpy() for name in names},
                }
            )
        )
    if not parts:
        return pd.DataFrame(columns=[*OUTCOME_COLUMNS, "inspected_before", *names])
    return pd.concat(parts, ignore_index=True).sort_values(["inspected_on", "subject_id"], ignore_index=True)
