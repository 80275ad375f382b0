"""Voronoi grids tile their district; faults of a delivered grid are found and named."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from models import contracts
from models.errors import RequestError
from models.fusion import grids
from models.fusion.grid_checks import complete


def test_voronoi_cells_carry_the_codes_and_names_of_their_towns(towns, districts, crs):
    made = grids.voronoi_of_towns(towns, districts, crs)
    contracts.check("grids", made)
    assert set(made.geom_type) == {"MultiPolygon"}
    rows = made.set_index("grid_code")
    assert rows.loc["500110", ["level", "derived", "name"]].tolist() == ["district", False, "西区"]
    assert pd.isna(rows.loc["500110", "parent_code"])
    west = rows[rows["parent_code"] == "500110"]
    assert west["name"].to_dict() == {
        "500110001": "甲街道",
        "500110002": "乙镇",
        "500110003": "丙镇",
        "500110004": "飞地镇",
    }
    assert west["derived"].all() and (west["level"] == "town").all()


def test_voronoi_cells_tile_their_district_without_overlap(towns, districts, crs):
    flat = grids.voronoi_of_towns(towns, districts, crs).to_crs(crs)
    for district in districts.set_geometry(districts.segmentize(0.001).to_crs(crs)).itertuples():
        cells = flat[flat["parent_code"] == district.district_code].geometry.to_numpy()
        assert shapely.area(cells).sum() == pytest.approx(district.geometry.area, rel=1e-6)
        assert shapely.union_all(cells).area == pytest.approx(district.geometry.area, rel=1e-6)
    assert complete(grids.voronoi_of_towns(towns, districts, crs), crs).empty


def test_every_place_belongs_to_the_nearest_seat_of_its_district(towns, districts, crs):
    made = grids.voronoi_of_towns(towns, districts, crs).to_crs(crs)
    cells = made[made["parent_code"] == "500110"]
    seats = towns.to_crs(crs).set_index("name").loc[cells["name"]].geometry
    rng = np.random.default_rng(2)
    box = cells.total_bounds
    points = shapely.points(rng.uniform(box[:2], box[2:], (400, 2)))
    tree_cell, tree_point = shapely.STRtree(points).query(cells.geometry.to_numpy(), predicate="contains")
    distance = shapely.distance(points[:, None], seats.to_numpy()[None, :])
    assert tree_point.size > 200
    for cell, point in zip(tree_cell, tree_point, strict=True):
        assert distance[point].argmin() == cell


def test_a_district_without_a_seat_is_one_cell(towns, districts, crs):
    made = grids.voronoi_of_towns(towns, districts, crs)
    east = made[made["parent_code"] == "500111"]
    assert east["grid_code"].tolist() == ["500111001"]
    assert east["name"].tolist() == ["东区"]
    assert east.geometry.iloc[0].symmetric_difference(districts.geometry.iloc[1]).area < 1e-11


def test_seats_that_make_no_cell_are_listed_with_the_reason(towns, districts):
    listed = grids.left_out(towns, districts).set_index("town_code")["reason"].to_dict()
    assert listed == {
        "T04": "same place as T02",
        "T06": "outside every district",
        "T07": "outside every district",
    }


def test_only_the_named_districts_get_town_cells(towns, districts, crs):
    made = grids.voronoi_of_towns(towns, districts, crs, only=["500110"])
    assert set(made["grid_code"]) == {"500110", "500111", *(f"50011000{i}" for i in range(1, 5))}
    with pytest.raises(RequestError, match="500199; there are 500110, 500111"):
        grids.voronoi_of_towns(towns, districts, crs, only=["500199"])


def test_the_order_of_the_input_changes_no_code(towns, districts, crs):
    there = grids.voronoi_of_towns(towns, districts, crs)
    back = grids.voronoi_of_towns(towns.iloc[::-1], districts.iloc[::-1], crs)
    assert there["grid_code"].tolist() == back["grid_code"].tolist()
    assert there["name"].tolist() == back["name"].tolist()


def _grid(code, level, parent, box):
    return {"grid_code": code, "level": level, "parent_code": parent, "geometry": shapely.box(*box)}


def test_faults_of_a_delivered_grid_are_reported_with_code_partner_and_area():
    rows = [
        _grid("A", "district", None, (0, 0, 4000, 1000)),
        _grid("A1", "town", "A", (0, 0, 2000, 1000)),
        _grid("A2", "town", "A", (1900, 0, 3000, 1000)),
        _grid("A3", "town", "A", (3000, 0, 3500, 1100)),
        _grid("A1a", "grid", "A1", (0, 0, 2000, 1000)),
        _grid("B1", "town", "B", (9000, 0, 9100, 100)),
        _grid("C1", "town", None, (9200, 0, 9300, 100)),
        _grid("D1", "grid", "A1a", (9400, 0, 9500, 100)),
    ]
    frame = gpd.GeoDataFrame(pd.DataFrame(rows), geometry="geometry", crs=4544)
    frame = frame.set_geometry(frame.translate(500_000, 3_190_000).to_crs(4326))
    found = complete(frame, 4544)
    plain = {
        (r.problem, r.grid_code): (None if pd.isna(r.other_code) else r.other_code, r.area_km2)
        for r in found.itertuples()
    }
    assert plain[("overlap", "A1")] == ("A2", pytest.approx(0.1, rel=1e-3))
    assert plain[("overhang", "A3")] == ("A", pytest.approx(0.05, rel=3e-3))
    assert plain[("gap", "A")] == (None, pytest.approx(0.5, rel=3e-3))
    assert plain[("orphan", "B1")][0] == "B"
    assert plain[("orphan", "C1")][0] is None
    assert plain[("wrong_level", "D1")][0] == "A1a"
    assert ("gap", "A1") not in plain
    assert {problem for problem, _ in plain} == {"overlap", "overhang", "gap", "orphan", "wrong_level"}
    twice = pd.concat([frame.iloc[:2], frame.iloc[1:2]], ignore_index=True)
    assert "repeated" in complete(twice, 4544)["problem"].tolist()
