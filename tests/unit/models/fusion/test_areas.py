"""City cells cover the city, memberships follow the hierarchy, areal weights conserve."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from models import contracts
from models.errors import RequestError
from models.fusion import areas, grids, hexes
from models.fusion.membership import area_frame, memberships, stated_district


@pytest.fixture
def cells_of_grids(towns, districts, crs):
    return grids.voronoi_of_towns(towns, districts, crs, only=["500110"])


def test_city_cells_are_those_that_meet_a_district_and_their_parents(districts, cells_of_grids):
    found = areas.city_cells(districts, cells_of_grids, (7, 8))
    contracts.check("cells", found)
    city = districts.union_all()
    for resolution in (7, 8):
        own = found.loc[found["resolution"] == resolution, "h3"].to_numpy()
        around = hexes.disk(own, 2)
        meets = around[shapely.intersects(hexes.boundaries(around), city)]
        assert set(meets) <= set(own)
    eights = found.loc[found["resolution"] == 8, "h3"].to_numpy()
    sevens = found.loc[found["resolution"] == 7, "h3"].to_numpy()
    np.testing.assert_array_equal(np.unique(hexes.parents(eights, 7)), sevens)
    lon, lat = found["lon"].to_numpy(), found["lat"].to_numpy()
    inside = shapely.contains_xy(city, lon, lat)
    np.testing.assert_array_equal(found["district_code"].notna(), inside)
    assert set(found["grid_code"].dropna()) == {"500111", *(f"50011000{i}" for i in range(1, 5))}


def test_cells_of_subjects_beyond_the_border_are_added_once(districts, cells_of_grids):
    cells = areas.city_cells(districts, cells_of_grids, (7, 8))
    far = hexes.cells_of([107.5, 107.5, 106.45], [29.5, 29.5, 28.9], 8)
    keys = {f"h3_r{r}": pd.Series(hexes.parents(far, r), dtype="UInt64") for r in (7, 8)}
    subjects = pd.DataFrame(keys)
    joined = areas.with_subjects(cells, subjects, districts, cells_of_grids)
    added = joined[~joined["h3"].isin(cells["h3"])]
    assert sorted(added["resolution"]) == [7, 8]
    assert added["district_code"].isna().all()
    contracts.check("cells", joined)
    pd.testing.assert_frame_equal(areas.with_subjects(cells, subjects[2:], districts, cells_of_grids), cells)


def test_a_subject_belongs_to_its_cell_and_all_cells_above(districts, cells_of_grids):
    subjects = pd.DataFrame(
        {
            "grid_code": pd.Series(["500110002", "500111", None, None, None], dtype="str"),
            "located": [True, True, True, True, False],
            "lon": pd.Series([106.47, 106.6, 106.6, 108.0, pd.NA], dtype="Float64"),
            "lat": pd.Series([28.83, 28.9, 28.9, 28.9, pd.NA], dtype="Float64"),
            "district_code": pd.Series(["500110", None, None, None, "500111"], dtype="str"),
        }
    ).set_axis([7, 3, 5, 1, 9])
    found = memberships(subjects, cells_of_grids, districts)
    assert found.index.tolist() == [7, 3, 5, 1, 9]
    assert found["district"].fillna("-").tolist() == ["500110", "500111", "500111", "-", "-"]
    assert found["town"].fillna("-").tolist() == ["500110002", "-", "-", "-", "-"]
    assert found["grid"].isna().all()
    assert stated_district(subjects).fillna("-").tolist() == ["-", "-", "-", "-", "500111"]


def test_the_areas_are_all_cells_of_the_grid_and_the_districts_beside_it(districts, cells_of_grids, crs):
    west_only = cells_of_grids[cells_of_grids["grid_code"] != "500111"]
    listed = area_frame(west_only, districts, crs)
    assert listed["area_code"].tolist() == ["500110", "500111", *(f"50011000{i}" for i in range(1, 5))]
    assert listed["area_level"].tolist() == ["district"] * 2 + ["town"] * 4
    km2 = listed.set_index("area_code")["area_km2"]
    assert km2["500110"] == pytest.approx(km2[2:].sum(), rel=1e-6)
    assert km2["500111"] == pytest.approx(districts.segmentize(0.001).to_crs(crs).area.iloc[1] / 1e6)


def test_areal_weights_spread_a_total_without_losing_any(districts, crs):
    polygons = districts.rename(columns={"district_code": "code"})
    cells = hexes.polyfill(districts.union_all(), 8, touching=True)
    weights = areas.areal_weights(cells, polygons, crs)
    assert (weights["weight"] > 0).all()
    residents = pd.Series({"500110": 801_041.0, "500111": 255_776.0})
    spread = weights["weight"] * weights["code"].map(residents)
    assert spread.sum() == pytest.approx(1_056_817.0, rel=1e-9)
    np.testing.assert_allclose(weights.groupby("code")["weight"].sum(), 1.0, rtol=1e-9)


def test_areal_weights_are_the_intersections_one_by_one(districts, crs):
    polygons = districts.rename(columns={"district_code": "code"})
    cells = hexes.polyfill(districts.union_all(), 7, touching=True)
    weights = areas.areal_weights(cells, polygons, crs).set_index(["code", "h3"])["area_km2"]
    hexagons = gpd.GeoSeries(hexes.boundaries(cells), crs=4326).to_crs(crs)
    expected = {
        (code, cell): shape.intersection(hexagon).area / 1e6
        for code, shape in zip(polygons["code"], areas.in_metres(polygons.geometry, crs), strict=True)
        for cell, hexagon in zip(cells, hexagons, strict=True)
        if shape.intersection(hexagon).area > 0
    }
    assert weights.to_dict() == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_a_hexagon_split_in_halves_has_half_the_weight_in_each(crs):
    cell = hexes.cells_of([106.6], [28.9], 7)
    hexagon = gpd.GeoSeries(hexes.boundaries(cell), crs=4326).to_crs(crs).iloc[0]
    west, south, east, north = hexagon.bounds
    middle = hexagon.centroid.x
    halves = [shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)]
    shapes = [half.intersection(hexagon) for half in halves]
    polygons = gpd.GeoDataFrame({"code": ["w", "e"]}, geometry=shapes, crs=crs).to_crs(4326)
    weights = areas.areal_weights(cell, polygons, crs).set_index("code")
    assert weights["weight"].tolist() == pytest.approx([1.0, 1.0])
    assert weights.loc["w", "area_km2"] == pytest.approx(weights.loc["e", "area_km2"], rel=1e-3)


def test_polygons_that_the_cells_do_not_cover_are_refused(districts, crs):
    polygons = districts.rename(columns={"district_code": "code"})
    cells = hexes.polyfill(districts.geometry.iloc[0], 8, touching=True)
    with pytest.raises(RequestError, match="1 of 2 polygons uncovered, first '500111'"):
        areas.areal_weights(cells, polygons, crs)


def test_a_long_parallel_stays_a_parallel_in_metres(crs):
    band = gpd.GeoSeries([shapely.box(106.4, 28.8, 106.9, 28.9)], crs=4326)
    fine = band.segmentize(1e-4).to_crs(crs).area.iloc[0]
    assert areas.in_metres(band, crs).area.iloc[0] == pytest.approx(fine, rel=1e-6)
    assert band.to_crs(crs).area.iloc[0] != pytest.approx(fine, rel=1e-6)
