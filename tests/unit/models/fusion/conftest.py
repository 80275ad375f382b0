"""A small city of two districts near Chongqing for the fusion tests."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

CRS = 4544
"""CGCS2000 / 3-degree Gauss-Kruger CM 105E, metres."""


@pytest.fixture
def crs() -> int:
    return CRS


@pytest.fixture
def districts() -> gpd.GeoDataFrame:
    wiggle = [(106.5 + 0.01 * np.sin(k), 28.8 + k * 0.02) for k in range(11)]
    west = shapely.Polygon([(106.4, 28.8), *wiggle, (106.4, 29.0)])
    east = shapely.Polygon([*wiggle, (106.65, 29.0), (106.65, 28.8)])
    return gpd.GeoDataFrame(
        {
            "district_code": pd.Series(["500110", "500111"], dtype="str"),
            "name": pd.Series(["西区", "东区"], dtype="str"),
            "source_id": pd.Series(["borders", "borders"], dtype="str"),
        },
        geometry=[shapely.MultiPolygon([west]), shapely.MultiPolygon([east])],
        crs="EPSG:4326",
    )


@pytest.fixture
def towns() -> gpd.GeoDataFrame:
    places = {
        "T03": ("丙镇", 106.45, 28.95, None),
        "T01": ("甲街道", 106.43, 28.85, None),
        "T02": ("乙镇", 106.47, 28.83, None),
        "T04": ("乙镇旧址", 106.47, 28.83, None),
        "T05": ("飞地镇", 106.39, 28.9, "500110"),
        "T06": ("外地镇", 107.9, 28.9, None),
        "T07": ("远方镇", 107.8, 28.9, "500999"),
    }
    rows = list(places.values())
    return gpd.GeoDataFrame(
        {
            "town_code": pd.Series(list(places), dtype="str"),
            "name": pd.Series([r[0] for r in rows], dtype="str"),
            "district_code": pd.Series([r[3] for r in rows], dtype="str"),
            "source_id": pd.Series(["seats"] * len(rows), dtype="str"),
        },
        geometry=gpd.points_from_xy([r[1] for r in rows], [r[2] for r in rows]),
        crs="EPSG:4326",
    )
