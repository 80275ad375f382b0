"""Zeros that nobody can vouch for: where most subjects of a district wait in the queue, none seen is not none there."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers import frames
from layers.products import Products

MOST = 0.5
"""Share of a district's subjects that must be located before an empty cell in it counts as zero."""

LEVELS = ("grid", "town", "district")


def known_zeros(frame: pd.DataFrame, products: Products, kind: str, resolution: str) -> pd.DataFrame:
    """Turn zeros into no data in districts whose subjects are mostly not located.

    Parameters
    ----------
    frame : layer frame on all ids of ``resolution``, ascending
    kind : ``hex`` or ``grid``

    Returns
    -------
    A copy; a cell without a district (on the city's edge) is in doubt as soon as any district is.
    """
    doubtful = _doubtful(products)
    if not doubtful:
        return frame
    district = _district_of(products, kind, resolution)
    unsure = district.isin(doubtful).to_numpy(bool) | district.isna().to_numpy(bool)
    unsure &= frame["value"].to_numpy(np.float64) == 0
    value = np.where(unsure, np.nan, frame["value"].to_numpy(np.float64))
    return frame.assign(value=value, flag=np.where(unsure, frames.NO_DATA, frame["flag"].to_numpy(np.int64)))


@lru_cache(maxsize=4)
def _doubtful(products: Products) -> frozenset[str]:
    rows = frames.by_area(products, "subjects_by_area", "district")
    share: npt.NDArray[np.float64] = rows["located_share"].to_numpy(np.float64, na_value=np.nan)
    return frozenset(rows.index[share < MOST])


def _district_of(products: Products, kind: str, resolution: str) -> pd.Series:
    if kind == "hex":
        codes_of_cells: pd.Series = frames.cells(products, resolution)["district_code"]
        return codes_of_cells
    grids = products.frame("grids")
    above = dict(zip(grids["grid_code"], grids["parent_code"].fillna(""), strict=True))
    districts = set(grids.loc[grids["level"] == "district", "grid_code"])
    codes = frames.areas(products, resolution)["area_code"]
    return pd.Series([_ancestor(code, above, districts) for code in codes], dtype="str")


def _ancestor(code: str, above: dict[str, str], districts: set[str]) -> str | None:
    """The district at or above a supervision cell; None where its line of parents names none."""
    for _ in LEVELS:
        if code in districts:
            return code
        code = above.get(code, "")
    return None
