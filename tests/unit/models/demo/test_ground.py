import numpy as np
import shapely

from models.demo.neighbours import neighbours
from models.demo.plane import to_degrees, to_km
from models.demo.towns import WANSHENG

KM2 = 111.195**2 * np.cos(np.radians(28.85))


def test_every_polygon_is_valid_and_the_district_is_one_piece(city):
    assert shapely.is_valid(city.plan.polygons).all()
    assert city.plan.polygons[0].geom_type == "Polygon"
    assert not city.plan.polygons[0].interiors


def test_cells_fill_their_towns_and_towns_the_district_without_gap_or_overlap(city):
    areas = dict.fromkeys(("district", "town", "grid"), 0.0)
    for level, polygon in zip(city.plan.levels, city.plan.polygons, strict=True):
        areas[level] += polygon.area
    assert np.isclose(areas["grid"], areas["district"], rtol=1e-9)
    assert np.isclose(areas["town"], areas["district"], rtol=1e-9)
    union = shapely.union_all(city.plan.polygons[city.plan.cells])
    assert np.isclose(union.area, areas["district"], rtol=1e-9)


def test_the_district_has_about_the_area_of_qijiang(city):
    assert 2_300 < city.plan.polygons[0].area * KM2 < 3_200


def test_codes_are_hierarchical_and_several_hundred(city):
    plan = city.plan
    assert len(plan.cell_town) > 300
    assert len(set(plan.codes)) == len(plan.codes)
    for code, parent, level in zip(plan.codes, plan.parents, plan.levels, strict=True):
        assert len(code) == {"district": 6, "town": 9, "grid": 12}[level]
        assert parent == (code[: {"town": 6, "grid": 9}[level]] if level != "district" else None)


def test_every_town_has_its_seat_in_itself(city):
    plan = city.plan
    polygon_of = dict(zip(plan.codes, plan.polygons, strict=True))
    seats = {t.code: shapely.Point(to_degrees(t.seat)) for t in city.towns}
    assert len(seats) == 30
    assert sum(t.wansheng for t in city.towns) == len(WANSHENG) == 10
    assert all(polygon_of[code].contains(seat) for code, seat in seats.items())


def test_borders_are_not_straight_lines(city):
    ring = shapely.get_coordinates(city.plan.polygons[0])
    steps = np.hypot(*np.diff(to_km(ring), axis=0).T)
    assert steps.max() < 0.5
    assert len(ring) > 1_000


def test_neighbouring_sections_of_the_road_network_share_their_ends(city):
    ends = np.concatenate([r.line[[0, -1]] for r in city.roads if r.road_class == "residential"])
    distinct = np.unique(np.round(ends, 6), axis=0)
    assert len(distinct) < 0.75 * len(ends)
    assert {r.road_class for r in city.roads} == {
        "motorway",
        "trunk",
        "primary",
        "secondary",
        "tertiary",
        "residential",
    }


def test_degrees_and_kilometres_are_inverse():
    points = np.array([[106.5, 28.7], [107.0, 29.1]])
    assert np.allclose(to_degrees(to_km(points)), points, atol=1e-6)


def test_neighbours_share_the_border_points_of_the_district_and_leave_no_gap(city):
    district = city.plan.polygons[0]
    table, shapes = neighbours(district, np.random.default_rng(7))
    assert shapely.coverage_is_valid([district, *shapes])
    around = shapely.union_all([district, *shapes])
    assert around.geom_type == "Polygon" and not around.interiors
    assert max(shapely.area(shapely.intersection(district, shapes))) == 0
    assert table["district_code"].tolist() == ["500113", "500116", "520322", "500119"]
    seats = {"500113": (106.54, 29.379), "500116": (106.25, 29.29), "500119": (107.103, 29.152)}
    seats["520322"] = (106.83, 28.13)
    for code, shape in zip(table["district_code"], shapes, strict=True):
        assert shape.contains(shapely.Point(seats[code])), code
