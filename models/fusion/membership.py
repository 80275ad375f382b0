"""The areas of a city and which of them each subject is counted in."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from models.fusion.areas import codes_at, in_metres

LEVELS = ("district", "town", "grid")
"""Levels of the areas that are counted, coarse to fine."""


def area_frame(grids: gpd.GeoDataFrame, districts: gpd.GeoDataFrame, crs: int) -> pd.DataFrame:
    """Return every area that is counted: all supervision cells, and the districts that are not among them.

    Parameters
    ----------
    grids, districts : frames in EPSG:4326
    crs : EPSG code of the working CRS, metres

    Returns
    -------
    area_code, area_level (district, town, grid), name, parent_code (nullable), area_km2 (in the working
    CRS); ordered by level and code.
    """
    listed = grids[["grid_code", "level", "name", "parent_code", "geometry"]].rename(
        columns={"grid_code": "area_code", "level": "area_level"}
    )
    rest = districts[~districts["district_code"].isin(grids.loc[grids["level"] == "district", "grid_code"])]
    rest = rest[["district_code", "name", "geometry"]].rename(columns={"district_code": "area_code"})
    rest = rest.assign(area_level="district", parent_code=pd.Series(pd.NA, index=rest.index, dtype="str"))
    joined = gpd.GeoDataFrame(pd.concat([rest[listed.columns], listed], ignore_index=True), crs="EPSG:4326")
    frame = pd.DataFrame(joined.drop(columns="geometry")).assign(area_km2=in_metres(joined.geometry, crs).area / 1e6)
    rank = frame["area_level"].map({level: i for i, level in enumerate(LEVELS)})
    ordered: pd.DataFrame = frame.assign(rank=rank).sort_values(["rank", "area_code"], ignore_index=True)
    return ordered.drop(columns="rank")


def memberships(subjects: pd.DataFrame, grids: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the district, town cell and grid each subject is counted in.

    A subject in a supervision cell belongs to that cell and to the cells above it by ``parent_code``; so
    children add up to their parent. A located subject whose cell names no district, or that is in no cell,
    belongs to the district whose polygon holds its point. Un-located subjects belong nowhere; see
    `stated_district` for what is known of them.

    Returns
    -------
    n rows on the index of ``subjects`` with ``district``, ``town``, ``grid`` (codes, dtype str, nullable).
    """
    chain = _ancestors(grids)
    own = subjects["grid_code"]
    found = {level: own.map(chain[level]).astype("str") for level in LEVELS}
    missing = subjects["located"].to_numpy(bool) & found["district"].isna().to_numpy()
    if missing.any() and len(districts):
        rows = subjects[missing]
        at = codes_at(
            districts.geometry,
            districts["district_code"],
            rows["lon"].to_numpy(np.float64, na_value=np.nan),
            rows["lat"].to_numpy(np.float64, na_value=np.nan),
        )
        found["district"] = found["district"].fillna(at.set_axis(rows.index))
    return pd.DataFrame(found, index=subjects.index)


def with_counted_district(subjects: pd.DataFrame, grids: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give every located subject the ``district_code`` it is counted in, so that lists and counts agree.

    Null where it is counted in none. Un-located subjects keep the district their address names.
    """
    counted = memberships(subjects, grids, districts)["district"]
    located = subjects["located"].astype(bool)
    return subjects.assign(district_code=subjects["district_code"].astype("str").where(~located, counted))


def stated_district(subjects: pd.DataFrame) -> pd.Series:
    """Return the district the address names for un-located subjects; null for located ones (dtype str)."""
    known: pd.Series = subjects["district_code"].astype("str").where(~subjects["located"].astype(bool))
    return known


def _ancestors(grids: gpd.GeoDataFrame) -> dict[str, dict[str, str]]:
    """Level -> cell code -> code of its ancestor (or itself) at that level."""
    level = dict(zip(grids["grid_code"], grids["level"], strict=True))
    has_parent = grids[grids["parent_code"].notna()]
    parent = dict(zip(has_parent["grid_code"], has_parent["parent_code"], strict=True))
    chain: dict[str, dict[str, str]] = {name: {} for name in LEVELS}
    for code in level:
        above: str | None = code
        for _ in LEVELS:
            if above is None or above not in level:
                break
            chain[level[above]].setdefault(code, above)
            above = parent.get(above)
    return chain
