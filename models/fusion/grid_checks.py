"""Whether a supervision grid is complete: codes have parents, cells neither overlap nor leave gaps."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from models.fusion.areas import in_metres

PARENT_LEVELS: dict[str, tuple[str, ...]] = {
    "district": (),
    "town": ("district",),
    "grid": ("town", "district"),
}
"""What may stand above a cell; a grid may hang on its district where a city has no town level."""
TOLERANCE_KM2 = 1e-4
"""100 m2: less is the rounding of drawn borders, not a finding."""
_COLUMNS = {"grid_code": "str", "problem": "str", "other_code": "str", "area_km2": "float64"}


def complete(grids: gpd.GeoDataFrame, crs: int, *, tolerance_km2: float = TOLERANCE_KM2) -> pd.DataFrame:
    """Return everything that keeps a grids frame from being a complete hierarchy; no rows where it is one.

    Parameters
    ----------
    grids : grids frame, EPSG:4326
    crs : EPSG code of the working CRS, metres
    tolerance_km2 : overlaps, gaps and overhangs up to this size are not reported

    Returns
    -------
    grid_code, problem, other_code (nullable), area_km2 (nullable), where problem is one of

    * ``repeated``: the code stands more than once
    * ``orphan``: parent_code is missing, or no cell has it (other_code)
    * ``wrong_level``: the parent (other_code) is not of a level above
    * ``overlap``: shares area_km2 with its sibling other_code
    * ``overhang``: area_km2 of the cell lies outside its parent other_code
    * ``gap``: area_km2 of the cell is covered by none of its children
    """
    flat = grids.set_geometry(in_metres(grids.geometry, crs))
    parts = [_codes(flat), _overlaps(flat, tolerance_km2), _against_parents(flat, tolerance_km2)]
    frame = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    return frame.astype(_COLUMNS).sort_values(["problem", "grid_code"], ignore_index=True)


def _frame(rows: list[tuple[str, str, str | None, float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS)


def _codes(grids: gpd.GeoDataFrame) -> pd.DataFrame:
    level = dict(zip(grids["grid_code"], grids["level"], strict=True))
    repeated = grids.loc[grids["grid_code"].duplicated(), "grid_code"]
    rows: list[tuple[str, str, str | None, float]] = [(c, "repeated", None, np.nan) for c in repeated]
    for code, own, parent in zip(grids["grid_code"], grids["level"], grids["parent_code"], strict=True):
        if pd.isna(parent):
            if PARENT_LEVELS[own]:
                rows.append((code, "orphan", None, np.nan))
        elif parent not in level:
            rows.append((code, "orphan", parent, np.nan))
        elif level[parent] not in PARENT_LEVELS[own]:
            rows.append((code, "wrong_level", parent, np.nan))
    return _frame(rows)


def _overlaps(grids: gpd.GeoDataFrame, tolerance: float) -> pd.DataFrame:
    """Pairs of one level that share area; reported once, at the lower code, which keeps the subjects."""
    rows = []
    for _, same in grids.groupby("level"):
        shapes, codes = same.geometry.to_numpy(), same["grid_code"].to_numpy(object)
        left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
        once = left < right
        left, right = left[once], right[once]
        shared = shapely.area(shapely.intersection(shapes[left], shapes[right])) / 1e6
        for i in np.flatnonzero(shared > tolerance):
            low, high = sorted((codes[left[i]], codes[right[i]]))
            rows.append((low, "overlap", high, float(shared[i])))
    return _frame(rows)


def _against_parents(grids: gpd.GeoDataFrame, tolerance: float) -> pd.DataFrame:
    shape = dict(zip(grids["grid_code"], grids.geometry, strict=True))
    rows = []
    for parent, children in grids[grids["parent_code"].isin(shape)].groupby("parent_code"):
        outline = shape[parent]
        over = shapely.area(shapely.difference(children.geometry.to_numpy(), outline)) / 1e6
        for i in np.flatnonzero(over > tolerance):
            rows.append((children["grid_code"].iloc[i], "overhang", parent, float(over[i])))
        gap = shapely.difference(outline, shapely.union_all(children.geometry.to_numpy())).area / 1e6
        if gap > tolerance:
            rows.append((str(parent), "gap", None, float(gap)))
    return _frame(rows)
