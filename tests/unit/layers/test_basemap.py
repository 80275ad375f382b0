"""The base map's payload: geometry that stays where it was, names in two languages, small enough to send at once."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from layers import basemap


def areas() -> gpd.GeoDataFrame:
    """Two districts that share a wavy border, and a neighbour."""
    y = np.linspace(28, 29, 200)
    wavy = list(zip(106.5 + 0.02 * np.sin(12 * y), y, strict=True))
    west = shapely.Polygon([*wavy, (106.0, 29.0), (106.0, 28.0)])
    east = shapely.Polygon([*wavy, (107.0, 29.0), (107.0, 28.0)])
    far = shapely.box(107.0, 28.0, 107.6, 29.0)
    columns = {
        "district_code": ["1", "2", "3"],
        "name": ["甲区", "石柱土家族自治县", "丙县"],
        "name_en": ["A", "Shizhu", None],
    }
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=[west, east, far], crs=4326)


def towns() -> gpd.GeoDataFrame:
    frame = pd.DataFrame(
        {
            "name": ["大镇", "古南街道", "三江镇"],
            "name_en": ["Da", "Gunan", "Sanjiang"],
            "population": [5e3, 9e4, np.nan],
        }
    )
    points = [shapely.Point(106.2, 28.5), shapely.Point(106.3, 28.6), shapely.Point(107.3, 28.5)]
    return gpd.GeoDataFrame(frame, geometry=points, crs=4326)


def roads() -> gpd.GeoDataFrame:
    frame = pd.DataFrame({"road_class": ["motorway", "motorway", "residential"]})
    lines = [[(106, 28.5), (106.2, 28.5)], [(106.2, 28.5), (106.4, 28.5)], [(106.1, 28.1), (106.1, 28.2)]]
    return gpd.GeoDataFrame(frame, geometry=[shapely.LineString(x) for x in lines], crs=4326)


def waters() -> gpd.GeoDataFrame:
    frame = pd.DataFrame(
        {"water_id": ["1", "2", "3"], "name": ["綦江", None, "长湖"], "kind": ["river", "stream", "lake"]}
    )
    shapes = [
        shapely.LineString([(106, 28.2), (106.9, 28.3)]),
        shapely.LineString([(106, 28.8), (106.1, 28.8)]),
        shapely.box(106.6, 28.6, 106.7, 28.7),
    ]
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=4326)


def line(steps: list[int]) -> np.ndarray:
    """Differences of 1e-5 degree back to degrees."""
    unpacked: np.ndarray = np.cumsum(np.array(steps).reshape(-1, 2), axis=0) * 1e-5
    return unpacked


def polygon(rings: list[list[int]]) -> shapely.Polygon:
    return shapely.Polygon(line(rings[0]), [line(r) for r in rings[1:]])


@pytest.fixture
def payload() -> Any:
    return json.loads(basemap.basemap(areas(), towns(), roads(), waters(), focus=("1", "2")))


def test_every_tier_keeps_the_land_and_finer_tiers_keep_more(payload: Any) -> None:
    land = areas().geometry[:2].union_all()
    off = [polygon(t["land"][0]).symmetric_difference(land).area / land.area for t in payload["tiers"]]
    points = [sum(map(len, t["land"][0])) for t in payload["tiers"]]
    assert max(off) < 0.005 and off[-1] < 1e-4
    assert points == sorted(points)
    assert all(len(t["land"]) == 1 and len(t["land"][0]) == 1 for t in payload["tiers"])  # one shape, no sliver
    assert [t["below"] for t in payload["tiers"]] == sorted(t["below"] for t in payload["tiers"])


def test_a_border_that_two_districts_share_stays_one_line(payload: Any) -> None:
    for tier in payload["tiers"]:
        west, east = (set(map(tuple, np.rint(line(ring) * 1e5).astype(int).tolist())) for ring in tier["inner"])
        shared = {p for p in west & east if 106.4 < p[0] * 1e-5 < 106.6}
        middle = {p for p in west | east if 106.4 < p[0] * 1e-5 < 106.6}
        assert shared == middle


def test_roads_are_ranked_joined_and_streets_come_late(payload: Any) -> None:
    coarse, fine = payload["tiers"][0]["roads"], payload["tiers"][-1]["roads"]
    assert set(coarse) == {"1"} and set(fine) == {"1", "3"}
    assert len(fine["1"]) == 1
    assert line(fine["1"][0])[[0, -1], 0].tolist() == pytest.approx([106.0, 106.4])


def test_water_has_widths_by_size_and_lakes_are_areas(payload: Any) -> None:
    tier = payload["tiers"][-1]
    assert [width for width, _ in tier["rivers"]] == [1.5, 0.6]
    assert polygon(tier["lakes"][0]).area == pytest.approx(0.01)


def test_names_carry_both_languages_and_their_rank(payload: Any) -> None:
    by_name = {label["zh"]: label for label in payload["labels"]}
    assert by_name["甲区"]["en"] == "A" and by_name["甲区"]["rank"] == 1
    assert by_name["石柱县"]["en"] == "Shizhu"
    assert by_name["古南"]["kind"] == "town" and by_name["大镇"]["rank"] == 2  # a name of two characters stays whole
    assert by_name["丙县"]["kind"] == "neighbour" and "en" not in by_name["丙县"]
    assert {"綦江", "长湖"} <= set(by_name)
    assert "三江" not in by_name and payload["around"] == [[107.3, 28.5]]  # outside the focus: a dot without a name


def test_one_district_in_focus_is_named_by_its_towns() -> None:
    payload = json.loads(basemap.basemap(areas(), towns(), focus=("1",)))
    kinds = {label["zh"]: label["kind"] for label in payload["labels"]}
    assert kinds["古南"] == "seat" and kinds["大镇"] == "town"
    assert "甲区" not in kinds and kinds["石柱县"] == "neighbour"
    assert payload["tiers"][0]["inner"] == []


def test_outlines_alone_make_a_base_map_and_order_does_not_matter() -> None:
    bare = json.loads(basemap.basemap(areas()))
    assert bare["tiers"][0]["roads"] == {} and bare["tiers"][0]["rivers"] == [] and bare["around"] == []
    assert basemap.basemap(areas(), towns(), roads(), waters()) == basemap.basemap(areas(), towns(), roads(), waters())


def test_a_city_without_districts_has_its_extent_and_no_land() -> None:
    shapes = [shapely.Point(1, 2), None, shapely.Point(1.5, 2.25)]
    points = gpd.GeoDataFrame({"n": [1, 2, 3]}, geometry=shapes, crs=4326)
    payload = json.loads(basemap.without_districts(points))
    assert payload["bounds"] == [1, 2, 1.5, 2.25]
    assert [tier["land"] for tier in payload["tiers"]] == [[]] * len(basemap.TIERS)
    square = {"district_code": ["1"], "name": ["甲区"], "name_en": ["A"]}
    whole = json.loads(basemap.basemap(gpd.GeoDataFrame(square, geometry=[shapely.box(1, 2, 3, 4)], crs=4326)))
    assert payload.keys() == whole.keys()
    assert payload["tiers"][0].keys() == whole["tiers"][0].keys()
