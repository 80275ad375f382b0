"""Change of registrations between two periods, by cell or by area."""

from __future__ import annotations

import pandas as pd

from models.errors import RequestError

Period = tuple[str, str]
"""First and last month, YYYY-MM, both included."""


def registrations_change(monthly: pd.DataFrame, key: str, earlier: Period, later: Period) -> pd.DataFrame:
    """Return registrations of two periods and their difference.

    The register holds only who is still in it, so the older period is short of those struck off since;
    compare periods close to each other.

    Parameters
    ----------
    monthly : registrations by month with ``month`` and ``subjects``
    key : column that names the cell or area
    earlier, later : the periods; equally many months, not overlapping

    Returns
    -------
    key (every one of ``monthly``, ascending), earlier, later (counts, 0 where none), change, change_rate
    (null where the earlier count is 0).

    Raises
    ------
    RequestError : the periods differ in length, overlap or run backwards
    """
    months = [pd.period_range(first, last, freq="M").strftime("%Y-%m") for first, last in (earlier, later)]
    if not len(months[0]) or len(months[0]) != len(months[1]) or earlier[1] >= later[0]:
        raise RequestError(
            f"periods {earlier[0]}..{earlier[1]} and {later[0]}..{later[1]} cannot be compared; needed: two "
            "periods of "
            "equally many months, the earlier one before the later"
        )
    names = pd.Index(sorted(monthly[key].unique()), name=key)
    before, after = (
        monthly[monthly["month"].isin(wanted)].groupby(key)["subjects"].sum().reindex(names, fill_value=0)
        for wanted in months
    )
    frame = pd.DataFrame({"earlier": before, "later": after, "change": after - before})
    return frame.assign(change_rate=frame["change"] / before.where(before > 0)).reset_index()
