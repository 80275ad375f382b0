"""Legal persons (市场主体) by H3 cell and by area: how many, their capital, their industries."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from models.analysis.measures import COLUMNS, measure, positions_of, usable_capital
from models.fusion import hexes
from models.fusion.membership import LEVELS, stated_district


def subjects_by_cell(subjects: pd.DataFrame, resolutions: Sequence[int] = (7, 8, 9)) -> pd.DataFrame:
    """Return the measures of every H3 cell that holds a located subject.

    Parameters
    ----------
    subjects : subjects frame with ``h3_r<resolution>`` for each resolution

    Returns
    -------
    ``subjects_by_cell`` frame, ascending by resolution and cell. Counts and capital sums of a cell are
    those of its children; over each resolution they add up to the located subjects. ``located_share`` is
    null: an un-located subject has no cell.
    """
    return pd.concat([_cells_of(subjects, resolution) for resolution in sorted(set(resolutions))], ignore_index=True)


def _cells_of(subjects: pd.DataFrame, resolution: int) -> pd.DataFrame:
    keys = subjects[f"h3_r{resolution}"]
    present = keys.notna().to_numpy(bool)
    cells, group = np.unique(keys[present].to_numpy(dtype=np.uint64), return_inverse=True)
    position = np.full(len(subjects), -1, np.int64)
    position[present] = group
    frame = measure(subjects, position, cells.size)
    named = frame.assign(
        h3=cells, resolution=np.int64(resolution), located_share=np.nan, area_km2=hexes.areas_km2(cells)
    )
    return named[["h3", "resolution", *COLUMNS]]


def subjects_by_area(subjects: pd.DataFrame, areas: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Return the measures of every area of every level, with 0 where an area has no subject.

    Parameters
    ----------
    subjects : n rows, subjects frame
    areas : `models.fusion.membership.area_frame`
    members : n rows, `models.fusion.membership.memberships`

    Returns
    -------
    ``subjects_by_area`` frame. ``subjects`` counts located subjects. ``located_share`` of a district is the
    located ones as a share of these and the un-located ones whose address names the district; null for towns
    and grids, to which un-located subjects cannot be assigned.
    """
    return pd.concat([_areas_of(subjects, areas, members, level) for level in LEVELS], ignore_index=True)


def _areas_of(subjects: pd.DataFrame, areas: pd.DataFrame, members: pd.DataFrame, level: str) -> pd.DataFrame:
    listed = areas[areas["area_level"] == level]
    frame = measure(subjects, positions_of(members[level], listed["area_code"]), len(listed))
    share = np.full(len(listed), np.nan)
    if level == "district":
        unlocated = stated_district(subjects).value_counts()
        waiting = unlocated.reindex(listed["area_code"], fill_value=0).to_numpy(np.float64)
        known = frame["subjects"].to_numpy(np.float64) + waiting
        np.divide(frame["subjects"].to_numpy(np.float64), known, out=share, where=known > 0)
    named = frame.assign(
        area_code=listed["area_code"].to_numpy(object),
        area_level=level,
        located_share=share,
        area_km2=listed["area_km2"].to_numpy(np.float64),
    ).astype({"area_code": "str", "area_level": "str"})
    return named[["area_code", "area_level", *COLUMNS]]


def capital_account(subjects: pd.DataFrame) -> dict[str, float]:
    """Return how many subjects' capital was used and why the others were not.

    Returns
    -------
    ``used`` (counted in sums and medians), ``implausible``, ``unreadable``, ``missing`` (counts that add up
    to the subjects) and ``capital_cny_sum`` (yuan, of the used ones).
    """
    capital = usable_capital(subjects)
    used = np.isfinite(capital)
    flags = subjects["capital_flag"]
    implausible = int((flags == "implausible").sum())
    unreadable = int((flags == "unreadable").sum())
    return {
        "used": int(used.sum()),
        "implausible": implausible,
        "unreadable": unreadable,
        "missing": len(subjects) - int(used.sum()) - implausible - unreadable,
        "capital_cny_sum": float(capital[used].sum()),
    }
