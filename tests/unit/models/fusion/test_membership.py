"""A located subject has the district it is counted in, whatever its address says."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
from shapely.geometry import box

from models.fusion.membership import memberships, with_counted_district


def areas() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    districts = gpd.GeoDataFrame(
        {"district_code": ["500101", "500102"], "name": ["西", "东"]},
        geometry=[box(106, 29, 107, 30), box(107, 29, 108, 30)],
        crs="EPSG:4326",
    )
    grids = gpd.GeoDataFrame(
        {
            "grid_code": ["500101", "500101001", "500102"],
            "level": ["district", "town", "district"],
            "name": ["西", "镇", "东"],
            "parent_code": [None, "500101", None],
        },
        geometry=[box(106, 29, 107, 30), box(106, 29, 106.5, 30), box(107, 29, 108, 30)],
        crs="EPSG:4326",
    )
    return grids, districts


def test_the_district_is_that_of_the_grid_cell_else_of_the_polygon_else_none():
    grids, districts = areas()
    subjects = pd.DataFrame({
        "located": [True, True, True, False],
        "grid_code": pd.Series(["500101001", None, None, None], dtype="str"),
        "lon": [106.2, 107.5, 110.0, None],
        "lat": [29.5, 29.5, 29.5, None],
        "district_code": pd.Series(["500102", "500101", "500101", "500102"], dtype="str"),
    })  # fmt: skip
    found = with_counted_district(subjects, grids, districts)
    assert found["district_code"].fillna("none").tolist() == ["500101", "500102", "none", "500102"]
    counted = memberships(subjects, grids, districts)["district"].value_counts().to_dict()
    assert found.loc[found["located"], "district_code"].value_counts().to_dict() == counted
    assert subjects["district_code"].tolist() == ["500102", "500101", "500101", "500102"]
