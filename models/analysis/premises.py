"""Places of business (经营场所) and what their inspections found."""

from __future__ import annotations

import pandas as pd

SERIOUS = ("low", "moderate", "high")


def premises_checks(
    premises: pd.DataFrame, inspections: pd.DataFrame, findings: pd.DataFrame, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Inspections of every place until a day, and the most serious fault at the last routine one.

    A finding belongs to that inspection where it names it, or names none and is of the same place and day. What was
    found at complaints and re-inspections does not count: places are compared by the check that all of them get.

    Parameters
    ----------
    premises, inspections, findings : rows on their contracts; n places
    as_of : later inspections and findings have not happened

    Returns
    -------
    n rows on the contract ``premises_checks`` in the order of ``premises``, without ``grid_code``. Not accounted for:
    places that were closed since, which no source here states.
    """
    done = inspections[inspections["inspected_on"] <= as_of]
    by_place = done.groupby("subject_id")["inspected_on"]
    routine = done[done["kind"] == "routine"]
    last = routine.groupby("subject_id")["inspected_on"].max()
    worst = _worst(routine[routine["inspected_on"] == _of(routine["subject_id"], last)], findings)
    ids = premises["premises_id"]
    return pd.DataFrame(
        {
            "premises_id": ids,
            "lon": premises["lon"].astype("float64"),
            "lat": premises["lat"].astype("float64"),
            "district_code": premises["district_code"],
            "inspections": ids.map(by_place.size()).fillna(0).astype("int64"),
            "last_on": _of(ids, by_place.max()),
            "last_routine_on": _of(ids, last),
            "worst": ids.map(worst).astype("str"),
        },
        index=premises.index,
    ).reset_index(drop=True)


def _of(ids: pd.Series, days: pd.Series) -> pd.Series:
    """Day of each id, NaT where it has none."""
    return days.reindex(ids).set_axis(ids.index).astype("datetime64[s]")


def _worst(last: pd.DataFrame, findings: pd.DataFrame) -> pd.Series:
    """Most serious finding by place over its last routine inspections (several on one day count together)."""
    days = last[["subject_id", "inspected_on"]].drop_duplicates()
    same_day = findings.merge(days, left_on=["subject_id", "found_on"], right_on=["subject_id", "inspected_on"])
    named = same_day["inspection_id"]
    own = same_day[named.isna() | named.isin(last["inspection_id"])]
    ranks = own["severity"].map({name: rank for rank, name in enumerate(SERIOUS, start=1)}).astype("int64")
    highest = ranks.groupby(own["subject_id"]).max().reindex(days["subject_id"].unique()).fillna(0).astype("int64")
    return highest.map(dict(enumerate(("none", *SERIOUS)))).astype("str")
