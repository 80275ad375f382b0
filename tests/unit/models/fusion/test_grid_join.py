"""The grid join answers what geopandas.sjoin answers once the lowest code wins."""

from __future__ import annotations

from fractions import Fraction

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.errors import RequestError
from models.fusion.crossing import orientation
from models.fusion.grid_join import GridIndex

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


def sjoin_positions(geometries, codes, lon, lat):
    """Plain reference: geopandas' join, then the lowest code per point."""
    order = np.argsort(np.asarray(codes, dtype=object), kind="stable")
    grids = gpd.GeoDataFrame(
        {"position": np.arange(len(codes))}, geometry=np.asarray(geometries, dtype=object)[order], crs=4326
    )
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs=4326)
    joined = gpd.sjoin(points, grids, predicate="intersects", how="inner")
    out = np.full(len(points), -1, np.int32)
    lowest = joined.groupby(level=0)["position"].min()
    out[lowest.index] = lowest
    return out


def assert_equal_to_sjoin(geometries, codes, lon, lat):
    found = GridIndex(geometries, codes).locate(lon, lat)
    np.testing.assert_array_equal(found, sjoin_positions(geometries, codes, lon, lat))


def probes(geometries, rng, n=300):
    """Points that hurt: every vertex, every edge's midpoint, a step beside each, and random ones around."""
    vertices = shapely.get_coordinates(geometries)
    middles = (vertices[1:] + vertices[:-1]) / 2
    low, high = vertices.min(0) - 0.5, vertices.max(0) + 0.5
    beside = np.nextafter(vertices, rng.choice([-np.inf, np.inf], vertices.shape))
    points = np.vstack([vertices, middles, beside, rng.uniform(low, high, (n, 2))])
    return points[:, 0], points[:, 1]


def lattice_grids(draw):
    """Boxes, triangles, holes, several parts and slivers on a coarse lattice, often overlapping."""
    corner = st.integers(0, 12).map(lambda v: 106.0 + v / 8)
    shapes = []
    for _ in range(draw(st.integers(1, 8))):
        kind = draw(st.sampled_from(["box", "triangle", "holed", "parts", "sliver", "island"]))
        x, y = draw(corner), draw(corner) - 78.0
        w, h = draw(st.integers(1, 6)) / 8, draw(st.integers(1, 6)) / 8
        box = shapely.box(x, y, x + w, y + h)
        if kind == "triangle":
            shapes.append(shapely.Polygon([(x, y), (x + w, y + h / 3), (x + w / 7, y + h)]))
        elif kind == "holed":
            hole = [(x + w / 4, y + h / 4), (x + w * 0.75, y + h / 4), (x + w / 2, y + h * 0.75)]
            shapes.append(shapely.Polygon(box.exterior.coords, [hole]))
        elif kind == "parts":
            shapes.append(shapely.MultiPolygon([box, shapely.box(x + 2 * w, y, x + 3 * w, y + h)]))
        elif kind == "sliver":
            shapes.append(shapely.Polygon([(x, y), (x + w, y + h), (x + w, y + h + 1e-9)]))
        elif kind == "island":
            hole = shapely.box(x + w / 4, y + h / 4, x + w * 0.75, y + h * 0.75)
            core = shapely.box(x + w * 0.4, y + h * 0.4, x + w * 0.6, y + h * 0.6)
            shapes.append(shapely.MultiPolygon([box.difference(hole), core]))
        else:
            shapes.append(box)
    return shapes


@QUICK
@given(data=st.data(), seed=st.integers(0, 2**32 - 1))
def test_overlaps_holes_islands_slivers_and_borders_answer_as_sjoin(data, seed):
    shapes = lattice_grids(data.draw)
    codes = data.draw(st.permutations([f"G{i:02d}" for i in range(len(shapes))]))
    assert_equal_to_sjoin(shapes, codes, *probes(np.array(shapes, dtype=object), np.random.default_rng(seed)))


@QUICK
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(2, 40))
def test_a_tessellation_with_oblique_shared_borders_answers_as_sjoin(seed, n):
    rng = np.random.default_rng(seed)
    seats = shapely.MultiPoint(rng.uniform([106, 28], [107, 29], (n, 2)))
    cells = np.array(shapely.get_parts(shapely.voronoi_polygons(seats)), dtype=object)
    codes = [f"{i:03d}" for i in range(len(cells))]
    assert_equal_to_sjoin(cells, codes, *probes(cells, rng))


def test_a_point_on_a_shared_border_lies_in_the_lowest_code():
    left, right = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
    lon, lat = np.array([1.0, 1.0, 0.5, 1.5, 2.0]), np.array([0.5, 1.0, 0.5, 0.5, 0.0])
    assert GridIndex([left, right], ["b", "a"]).locate(lon, lat).tolist() == [0, 0, 1, 0, 0]
    assert GridIndex([left, right], ["a", "b"]).locate(lon, lat).tolist() == [0, 0, 0, 1, 1]


def test_a_hole_is_outside_but_its_border_and_the_island_in_it_are_not():
    ring = shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(3, 3), (6, 3), (6, 6), (3, 6)]])
    index = GridIndex([shapely.MultiPolygon([ring, shapely.box(4, 4, 5, 5)])], ["a"])
    assert index.locate([1, 3.5, 3.0, 4.5, 9.1], [1, 3.5, 4.0, 4.5, 1]).tolist() == [0, -1, 0, 0, -1]


def test_points_without_coordinates_and_far_away_lie_nowhere():
    index = GridIndex([shapely.box(0, 0, 1, 1)], ["a"])
    lon = np.array([np.nan, 0.5, np.inf, -np.inf, 1e300, 0.5])
    lat = np.array([0.5, np.nan, 0.5, 0.5, -1e300, 0.5])
    assert index.locate(lon, lat).tolist() == [-1, -1, -1, -1, -1, 0]
    assert index.locate([], []).tolist() == []


def test_codes_are_ascending_whatever_order_the_grids_come_in():
    shapes = [shapely.box(i, 0, i + 1, 1) for i in range(4)]
    index = GridIndex(shapes, ["d", "b", "c", "a"])
    assert index.codes.tolist() == ["a", "b", "c", "d"]
    assert index.codes[index.locate([0.5, 3.5], [0.5, 0.5])].tolist() == ["d", "a"]


def test_missing_and_empty_geometries_hold_nothing():
    index = GridIndex([None, shapely.Polygon(), shapely.box(0, 0, 1, 1)], ["a", "b", "c"])
    assert index.locate([0.5, 5], [0.5, 5]).tolist() == [2, -1]
    assert GridIndex([], []).locate([1.0], [1.0]).tolist() == [-1]


def test_a_wide_polygon_among_small_ones_and_a_line_thin_one():
    small = [shapely.box(100 + i / 100, 30, 100 + (i + 1) / 100, 30.01) for i in range(50)]
    shapes = [*small, shapely.box(99, 20, 120, 40), shapely.box(100, 25, 110, 25 + 1e-13)]
    codes = [f"{i:02d}" for i in range(len(shapes))]
    assert_equal_to_sjoin(shapes, codes, *probes(np.array(shapes, dtype=object), np.random.default_rng(5)))


@pytest.mark.parametrize(
    ("shapes", "codes", "message"),
    [
        ([shapely.box(0, 0, 1, 1)], ["a", "b"], "1 geometries and 2 codes"),
        ([shapely.box(0, 0, 1, 1)] * 2, ["a", "a"], "'a' occurs 2 times"),
        ([shapely.box(0, 0, 1, 1)] * 2, ["a", None], "1 of 2 grid codes are missing"),
        ([shapely.Point(0, 0)], ["a"], "grid 'a' is a Point"),
    ],
)
def test_grids_that_cannot_be_joined_are_refused_with_the_reason(shapes, codes, message):
    with pytest.raises(RequestError, match=message):
        GridIndex(shapes, codes)
    with pytest.raises(RequestError, match="one length"):
        GridIndex([shapely.box(0, 0, 1, 1)], ["a"]).locate([1.0, 2.0], [1.0])


@QUICK
@given(
    values=st.lists(st.floats(100, 101, width=64), min_size=4, max_size=4),
    share=st.floats(0, 1, width=64),
    steps=st.tuples(st.integers(-2, 2), st.integers(-2, 2)),
)
def test_the_side_of_a_line_is_that_of_exact_fractions(values, share, steps):
    ax, ay, bx, by = values
    px, py = ax + share * (bx - ax), ay + share * (by - ay)
    px, py = px + steps[0] * np.spacing(px), py + steps[1] * np.spacing(py)
    fax, fay, fbx, fby, fpx, fpy = (Fraction(float(v)) for v in (ax, ay, bx, by, px, py))
    exact = (fax - fpx) * (fby - fpy) - (fay - fpy) * (fbx - fpx)
    found = orientation(ax, ay, bx, by, px, py)
    assert (found > 0, found < 0) == (exact > 0, exact < 0)
