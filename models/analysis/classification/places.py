"""Levels by place: how many subjects of each level stand in a hexagon or an area."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.analysis.measures import positions_of
from models.contracts.levels import LEVELS
from models.fusion.membership import LEVELS as AREA_LEVELS

COUNTS = ("subjects", *(f"level_{level.lower()}" for level in LEVELS), "risk_share")


def levels_by_cell(levels: pd.Series, subjects: pd.DataFrame, resolutions: Sequence[int]) -> pd.DataFrame:
    """Return the level counts of every H3 cell that holds a located subject.

    Parameters
    ----------
    levels : n levels A to D, in the order of ``subjects``
    subjects : n rows with ``h3_r<resolution>`` for each resolution

    Returns
    -------
    ``levels_by_cell``. Over each resolution the counts add up to the located subjects.
    """
    codes = level_numbers(levels)
    parts = []
    for resolution in sorted(set(resolutions)):
        keys = subjects[f"h3_r{resolution}"]
        there = keys.notna().to_numpy(bool)
        cells, group = np.unique(keys[there].to_numpy(dtype=np.uint64), return_inverse=True)
        parts.append(
            pd.DataFrame({"h3": cells, "resolution": np.int64(resolution), **_counts(codes[there], group, cells.size)})
        )
    return pd.concat(parts, ignore_index=True)


def levels_by_area(levels: pd.Series, areas: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Return the level counts of every area of every level, 0 where it has no subject.

    Parameters
    ----------
    levels : n levels A to D, in the order of ``members``
    areas, members : of `models.fusion.membership`
    """
    codes = level_numbers(levels)
    parts = []
    for level in AREA_LEVELS:
        listed = areas.loc[areas["area_level"] == level, "area_code"]
        group = positions_of(members[level], listed)
        there = group >= 0
        counts = _counts(codes[there], group[there], len(listed))
        parts.append(pd.DataFrame({"area_code": listed.to_numpy(object), "area_level": level, **counts}))
    return pd.concat(parts, ignore_index=True).astype({"area_code": "str", "area_level": "str"})


def level_numbers(levels: pd.Series) -> npt.NDArray[np.int64]:
    """Return 0 (A) to 3 (D) of n levels."""
    return pd.Index(LEVELS).get_indexer(pd.Index(levels)).astype(np.int64)


def _counts(
    codes: npt.NDArray[np.int64], group: npt.NDArray[np.int64], groups: int
) -> dict[str, npt.NDArray[np.float64] | npt.NDArray[np.int64]]:
    table = np.bincount(group * len(LEVELS) + codes, minlength=groups * len(LEVELS)).reshape(groups, len(LEVELS))
    total = table.sum(axis=1)
    share = np.full(groups, np.nan)
    np.divide(table[:, 2:].sum(axis=1), total, out=share, where=total > 0)
    found = {f"level_{level.lower()}": table[:, at].astype(np.int64) for at, level in enumerate(LEVELS)}
    return {"subjects": total.astype(np.int64), **found, "risk_share": share}
