"""New registrations (新登记) by month of establishment, by H3 cell and by area."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.analysis.measures import positions_of
from models.fusion.membership import LEVELS

_NONE = np.int64(-(2**62))


def registrations_by_cell_month(subjects: pd.DataFrame, resolutions: Sequence[int] = (7, 8, 9)) -> pd.DataFrame:
    """Return located subjects by cell and month of establishment; months without any have no row.

    Only subjects still in the register are seen: those struck off since are missing from every past month.

    Returns
    -------
    ``registrations_by_cell_month`` frame ascending by resolution, cell, month. Over each resolution the
    counts add up to the located subjects that have a date.
    """
    months = month_numbers(subjects["established_on"])
    parts = []
    for resolution in sorted(set(resolutions)):
        keys = subjects[f"h3_r{resolution}"]
        present = keys.notna().to_numpy(bool) & (months != _NONE)
        cells, group = np.unique(keys[present].to_numpy(dtype=np.uint64), return_inverse=True)
        at, month, counts = _count(group, months[present])
        parts.append(
            pd.DataFrame(
                {
                    "h3": cells[at],
                    "resolution": np.int64(resolution),
                    "month": month_texts(month),
                    "subjects": counts,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def registrations_by_area_month(subjects: pd.DataFrame, areas: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Return located subjects by area and month of establishment; months without any have no row.

    Parameters
    ----------
    subjects : n rows, subjects frame
    areas, members : of `models.fusion.membership`

    Returns
    -------
    ``registrations_by_area_month`` frame ascending by level, area, month.
    """
    months = month_numbers(subjects["established_on"])
    parts = []
    for level in LEVELS:
        codes = areas.loc[areas["area_level"] == level, "area_code"]
        group = positions_of(members[level], codes)
        present = (group >= 0) & (months != _NONE)
        at, month, counts = _count(group[present], months[present])
        frame = pd.DataFrame(
            {
                "area_code": codes.to_numpy(object)[at],
                "area_level": level,
                "month": month_texts(month),
                "subjects": counts,
            }
        )
        parts.append(frame.astype({"area_code": "str", "area_level": "str"}))
    return pd.concat(parts, ignore_index=True)


def month_range(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return every month (YYYY-MM) from the first to the last of a frame with ``month``, without gaps."""
    if frame.empty:
        return ()
    first, last = pd.Period(frame["month"].min(), "M"), pd.Period(frame["month"].max(), "M")
    return tuple(pd.period_range(first, last, freq="M").strftime("%Y-%m"))


def undated(subjects: pd.DataFrame) -> int:
    """Return how many located subjects have no date of establishment and so stand in no month."""
    return int((subjects["located"].astype(bool) & subjects["established_on"].isna()).sum())


def month_numbers(dates: pd.Series) -> npt.NDArray[np.int64]:
    """Return months since January 1970 of n dates; a very low number where there is no date."""
    months = dates.to_numpy().astype("datetime64[M]")
    return np.where(np.isnat(months), _NONE, months.astype(np.int64))


def month_texts(months: npt.NDArray[np.int64]) -> pd.Series:
    """Return YYYY-MM of n months since January 1970 (dtype str)."""
    distinct, position = np.unique(months, return_inverse=True)
    texts = np.datetime_as_string(distinct.astype("datetime64[M]"), unit="M").astype(object)
    return pd.Series(texts[position] if texts.size else texts, dtype="str")


def _count(
    group: npt.NDArray[np.int64], months: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return group, month and count of every pair that occurs, ascending."""
    if not months.size:
        nothing = np.zeros(0, np.int64)
        return nothing, nothing, nothing
    first = months.min()
    span = np.int64(months.max() - first + 1)
    pairs, counts = np.unique(group * span + (months - first), return_counts=True)
    return pairs // span, pairs % span + first, counts.astype(np.int64)
