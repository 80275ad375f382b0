"""A small invented gazetteer under real names, for addresses worked by hand."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from models.fusion.addresses import Gazetteer, Matcher, MatchRules

DISTRICTS = {  # code: (name, west edge of a box of 0.2 by 0.2 degrees at 29.4 N)
    "500103": ("渝中区", 106.0),
    "500105": ("江北区", 106.2),
    "500107": ("九龙坡区", 106.4),
    "500108": ("南岸区", 106.6),
    "500110": ("綦江区", 106.8),
    "500111": ("大足区", 107.0),
    "500112": ("渝北区", 107.2),
    "500154": ("开州区", 107.4),
    "500233": ("忠县", 107.6),
    "500240": ("石柱土家族自治县", 107.8),
}

CHANGES = [
    ("500222", "綦江县", "500110", "merge"),
    ("500110", "万盛区", "500110", "merge"),
    ("500225", "大足县", "500111", "merge"),
    ("500111", "双桥区", "500111", "merge"),
    ("500234", "开县", "500154", "rename"),
    (None, "江北县", "500112", "split"),
    (None, "北部新区", "500112", "zone"),
    (None, "北部新区", "500105", "zone"),
    (None, "双桥经开区", "500111", "zone"),
]

PLACES = [  # name, kind, district, address, lon, lat
    ("观音桥街道", "town", "500105", None, 106.30, 29.50),
    ("五里店街道", "town", "500105", None, None, None),
    ("石桥铺街道", "town", "500107", None, 106.45, 29.45),
    ("白市驿镇", "town", "500107", None, 106.55, 29.55),
    ("古南;古南镇;綦江县", "town", "500110", None, 106.85, 29.45),
    ("赶水镇", "town", "500110", None, 106.95, 29.55),
    ("万盛;万盛区;万盛街道", "town", "500110", None, 106.90, 29.42),
    ("人和街道", "town", "500112", None, 107.30, 29.50),
    ("龙兴镇", "town", "500112", None, 107.35, 29.55),
    ("邮亭镇", "town", "500111", None, 107.10, 29.50),
    ("汉丰街道", "town", "500154", None, 107.50, 29.50),
    ("白鹤镇", "town", "500154", None, 107.55, 29.55),
    ("忠州镇", "town", "500233", None, 107.70, 29.50),
    ("石宝镇", "town", "500233", None, 107.75, 29.55),
    ("新立镇", "town", "500233", None, 107.65, 29.45),
    ("新立乡", "town", "500240", None, 107.85, 29.45),
    ("南宾镇", "town", "500240", None, 107.90, 29.50),
    ("双河镇", "town", "500111", None, 107.05, 29.45),
    ("双河镇", "town", "500240", None, 107.95, 29.55),
    ("高庙村", "village", "500107", None, 106.50, 29.48),
    ("东风社区", "village", "500107", None, 106.52, 29.49),
    ("解放碑", "poi", "500103", "渝中区民权路177号", 106.1400, 29.5000),
    ("甲商店", "poi", "500103", "渝中区中山二路99号", 106.1000, 29.5000),
    ("乙商店", "poi", "500103", "渝中区中山二路101号", 106.1010, 29.5000),
    ("丙商店", "poi", "500103", "渝中区中山二路111号", 106.1060, 29.5000),
    ("丁商店", "poi", "500103", "渝中区中山二路100号", 106.1000, 29.5010),
    ("戊商店", "poi", "500103", "渝中区中山二路120号", 106.1200, 29.5010),
    ("第三人民医院", "poi", "500103", None, 106.1500, 29.5200),
    ("己商店", "poi", "500103", "民权路1号", 106.1200, 29.5050),
    ("庚商店", "poi", "500103", "长江路52弄3号", 106.1300, 29.5300),
    ("辛商店", "poi", "500105", "建新北路5号", 106.3000, 29.5100),
    ("壬商店", "poi", "500103", "和平路7号", 106.1100, 29.4900),
    ("癸商店", "poi", "500105", "和平路9号", 106.3100, 29.4900),
    ("綦江工业园区", "zone", "500110", None, 106.83, 29.47),
    ("大石坝街道", "town", "500105", None, None, None),
    ("重庆市江北区大石坝街道办事处", "poi", "500105", None, 106.27, 29.52),
    ("重庆市江北区寸滩街道办事处", "poi", "500105", None, 106.36, 29.55),
]


@pytest.fixture(scope="session")
def frames() -> dict[str, pd.DataFrame]:
    """Frames of the small city on their contracts."""
    codes = list(DISTRICTS)
    boxes = [shapely.box(west, 29.4, west + 0.2, 29.6) for _, west in DISTRICTS.values()]
    names = [name for name, _ in DISTRICTS.values()]
    places = pd.DataFrame(PLACES, columns=["name", "kind", "district_code", "address", "lon", "lat"])
    places["place_id"] = [f"p{i:02d}" for i in range(len(places))]
    changes = pd.DataFrame(CHANGES, columns=["old_code", "old_name", "new_code", "kind"])
    changes["new_name"] = changes["new_code"].map({c: n for c, (n, _) in DISTRICTS.items()})
    return {
        "places": places,
        "districts": gpd.GeoDataFrame({"district_code": codes, "name": names}, geometry=boxes, crs=4326),
        "towns": pd.DataFrame({"town_code": [], "name": [], "district_code": [], "geometry": []}),
        "area_changes": changes,
    }


@pytest.fixture(scope="session")
def gazetteer(frames: dict[str, pd.DataFrame]) -> Gazetteer:
    return Gazetteer.build(**frames)


@pytest.fixture(scope="session")
def matcher(gazetteer: Gazetteer) -> Matcher:
    """The seats of the invented city lie 10 km and more apart, so their radii are larger than a real city's."""
    return Matcher(gazetteer, MatchRules(max_error_radius_m=100_000.0))


@pytest.fixture(scope="session")
def reference() -> ModuleType:
    """Slow and obvious counterparts of the normaliser and the trie."""
    path = Path(__file__).with_name("reference_names.py")
    spec = importlib.util.spec_from_file_location("reference_names", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def one(matcher: Matcher, address: str | None, field: str | None = None, area: str | None = None) -> pd.Series:
    """Match a single row; ``area`` stands in positions 3-8 of its credit code."""
    frame = pd.DataFrame(
        {"uscc": [f"91{area}MA5U00000X" if area else None], "address": [address], "district_given": [field]}
    )
    return matcher.match(frame).iloc[0]


@pytest.fixture(scope="session")
def match_one(matcher: Matcher):
    return lambda address, field=None, area=None: one(matcher, address, field, area)


def metres_between(row: pd.Series, lon: float, lat: float) -> float:
    """Distance of a result to a point on a plane at 29.5 N; enough for a test."""
    return float(np.hypot((row["lon"] - lon) * 96_800, (row["lat"] - lat) * 110_800))
