"""What an inspect panel says of one cell or area: its industries and its trend."""

from __future__ import annotations

import pandas as pd

from models.analysis.registrations import month_range


def composition(subjects: pd.DataFrame) -> pd.DataFrame:
    """Return the industries of the given subjects, most frequent first.

    Returns
    -------
    section (A..T; null for subjects without one, always last), subjects, share of all given subjects.
    Counts add up to the subjects, shares to 1.
    """
    counts = subjects["industry_section"].value_counts(dropna=False)
    frame = pd.DataFrame({"section": counts.index.astype("str"), "subjects": counts.to_numpy("int64")})
    frame = frame.assign(missing=frame["section"].isna(), share=frame["subjects"] / max(len(subjects), 1))
    ordered = frame.sort_values(["missing", "subjects", "section"], ascending=[True, False, True], ignore_index=True)
    return ordered[["section", "subjects", "share"]]


def monthly_trend(monthly: pd.DataFrame, months: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return the registrations of one cell or area for every month, with 0 where there were none.

    Parameters
    ----------
    monthly : rows of one cell or area with ``month`` and ``subjects``
    months : the months to show, ascending; by default all from the first to the last row

    Returns
    -------
    month, subjects
    """
    shown = months or month_range(monthly)
    counts = monthly.groupby("month")["subjects"].sum().reindex(list(shown), fill_value=0)
    return pd.DataFrame({"month": pd.Series(shown, dtype="str"), "subjects": counts.to_numpy("int64")})


def yearly_trend(monthly: pd.DataFrame) -> pd.DataFrame:
    """Return the registrations of one cell or area for every year, 0 where none."""
    trend = monthly_trend(monthly)
    years = trend["month"].str.slice(0, 4).rename("year")
    return trend.groupby(years)["subjects"].sum().reset_index()
