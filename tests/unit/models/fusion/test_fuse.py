"""Every located subject gets its keys, and nobody is lost."""

from __future__ import annotations

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
import shapely

from models.errors import RequestError
from models.fusion import grids as grids_module
from models.fusion.fuse import ConservationError, conservation, fuse


@pytest.fixture
def cells(towns, districts, crs):
    return grids_module.voronoi_of_towns(towns, districts, crs)


@pytest.fixture
def located():
    rng = np.random.default_rng(4)
    n = 400
    is_located = rng.random(n) < 0.8
    lon = pd.Series(rng.uniform(106.35, 106.7, n), dtype="Float64").mask(~is_located & (rng.random(n) < 0.5))
    lat = pd.Series(rng.uniform(28.75, 29.05, n), dtype="Float64").mask(lon.isna())
    return pd.DataFrame({"uscc": [f"U{i:03d}" for i in range(n)], "lon": lon, "lat": lat, "located": is_located})


def test_keys_are_those_of_geopandas_and_h3_row_by_row(located, cells):
    found = fuse(located, cells)
    leaves = cells[cells["level"] == "town"]
    assert found["uscc"].tolist() == located["uscc"].tolist()
    for row in found.itertuples():
        if not row.located:
            assert pd.isna(row.grid_code) and not row.outside
            assert pd.isna(row.h3_r7) and pd.isna(row.h3_r8) and pd.isna(row.h3_r9)
            continue
        holding = leaves.loc[leaves.intersects(shapely.Point(row.lon, row.lat)), "grid_code"]
        assert (None if pd.isna(row.grid_code) else row.grid_code) == (holding.min() if len(holding) else None)
        assert row.outside == (not len(holding))
        nine = h3.latlng_to_cell(row.lat, row.lon, 9)
        assert h3.int_to_str(int(row.h3_r9)) == nine
        assert h3.int_to_str(int(row.h3_r8)) == h3.cell_to_parent(nine, 8)
        assert h3.int_to_str(int(row.h3_r7)) == h3.cell_to_parent(nine, 7)
    assert (found["h3_r7"].dtype, found["grid_code"].dtype, found["outside"].dtype) == ("UInt64", "str", bool)
    assert "grid_code" not in located


def test_grids_and_outside_and_unlocated_add_up_to_the_subjects(located, cells):
    found = fuse(located, cells)
    account = conservation(found)
    per_grid = found["grid_code"].value_counts().sum()
    assert per_grid == account["in_grid"] > 0
    assert account["outside"] > 0 and account["unlocated"] > 0
    assert per_grid + account["outside"] + account["unlocated"] == account["subjects"] == len(located)
    assert account["located"] == int(located["located"].sum())


def test_an_account_that_does_not_add_up_is_refused(located, cells):
    found = fuse(located, cells)
    first = int(np.flatnonzero(found["grid_code"].notna())[0])
    broken = found.assign(outside=found["outside"] | (found.index == first))
    with pytest.raises(ConservationError, match=f"1 of 400 subjects .*rows \\[{first}\\]"):
        conservation(broken)


def test_a_located_subject_without_coordinates_is_refused(cells):
    frame = pd.DataFrame({"lon": [106.5, np.nan], "lat": [28.9, 28.9], "located": [True, True]})
    with pytest.raises(RequestError, match=r"1 of 2 subjects .*first: row 1"):
        fuse(frame, cells)


def test_overlapping_cells_leave_the_subject_in_the_lowest_code():
    boxes = gpd.GeoDataFrame(
        {"grid_code": ["b", "a"], "parent_code": pd.Series([None, None], dtype="str")},
        geometry=[shapely.box(106, 28, 107, 29), shapely.box(106.5, 28, 107.5, 29)],
        crs=4326,
    )
    frame = pd.DataFrame({"lon": [106.2, 106.7, 107.2], "lat": [28.5] * 3, "located": [True] * 3})
    assert fuse(frame, boxes, (8,))["grid_code"].tolist() == ["b", "a", "a"]


def test_no_subjects_and_no_grids_are_answered_too(located, cells):
    assert len(fuse(located.iloc[:0], cells)) == 0
    nothing = fuse(located, cells.iloc[:0])
    assert conservation(nothing)["outside"] == int(located["located"].sum())
