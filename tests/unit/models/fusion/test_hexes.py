"""H3 arrays agree with h3-py cell by cell."""

from __future__ import annotations

import h3
import numpy as np
import pytest
import shapely

from models.errors import RequestError
from models.fusion import hexes


@pytest.fixture(scope="module")
def points() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(11)
    lon = np.concatenate([rng.uniform(106.4, 106.9, 500), rng.uniform(-180, 180, 300), [180.0, -180.0, 0.0]])
    lat = np.concatenate([rng.uniform(28.6, 29.1, 500), rng.uniform(-90, 90, 300), [0.0, 90.0, -90.0]])
    return lon, lat


def _ints(cells: list[str]) -> np.ndarray:
    return np.array([h3.str_to_int(c) for c in cells], np.uint64)


def _texts(cells: np.ndarray) -> list[str]:
    return [h3.int_to_str(int(c)) for c in cells]


@pytest.mark.parametrize("resolution", [0, 5, 7, 8, 9, 15])
def test_a_point_lies_in_the_cell_that_h3_py_names(points, resolution):
    lon, lat = points
    expected = _ints([h3.latlng_to_cell(y, x, resolution) for x, y in zip(lon, lat, strict=True)])
    np.testing.assert_array_equal(hexes.cells_of(lon, lat, resolution), expected)


def test_a_missing_coordinate_has_the_null_cell_and_shifts_no_other():
    lon = np.array([106.5, np.nan, 106.6, np.inf, 106.7, 106.7])
    lat = np.array([28.9, 28.9, np.nan, 28.9, -91.0, 28.9])
    cells = hexes.cells_of(lon, lat, 9)
    assert (cells == hexes.H3_NULL).tolist() == [False, True, True, True, True, False]
    assert cells[5] == h3.str_to_int(h3.latlng_to_cell(28.9, 106.7, 9))
    assert hexes.cells_of([], [], 9).size == 0


def test_parents_are_those_of_h3_py_and_null_stays_null(points):
    cells = hexes.cells_of(*points, 9)
    for resolution in (9, 8, 7, 0):
        expected = _ints([h3.cell_to_parent(c, resolution) for c in _texts(cells)])
        np.testing.assert_array_equal(hexes.parents(cells, resolution), expected)
        assert set(hexes.resolutions(expected)) == {resolution}
    assert hexes.parents(np.array([hexes.H3_NULL]), 7).tolist() == [0]


def test_a_cell_has_no_finer_parent_and_no_seventeenth_resolution():
    cells = hexes.cells_of([106.5], [28.9], 7)
    with pytest.raises(RequestError, match="coarser than resolution 8"):
        hexes.parents(cells, 8)
    with pytest.raises(RequestError, match="allowed: 0 to 15"):
        hexes.cells_of([106.5], [28.9], 16)
    with pytest.raises(RequestError, match="one length"):
        hexes.cells_of([106.5, 107.0], [28.9], 9)


def test_counts_rolled_up_through_parents_are_conserved(points):
    cells = hexes.cells_of(*points, 9)
    via_8 = hexes.parents(hexes.parents(cells, 8), 7)
    np.testing.assert_array_equal(via_8, hexes.parents(cells, 7))
    _, counts = np.unique(via_8, return_counts=True)
    assert counts.sum() == cells.size


def test_centres_outlines_and_areas_are_those_of_h3_py(points):
    cells = np.unique(hexes.cells_of(*points, 8))
    lon, lat = hexes.centres(cells)
    texts = _texts(cells)
    np.testing.assert_allclose(np.c_[lat, lon], [h3.cell_to_latlng(c) for c in texts], atol=1e-10)
    np.testing.assert_allclose(hexes.areas_km2(cells), [h3.cell_area(c) for c in texts], rtol=1e-6)
    for cell, outline in zip(texts[:40], hexes.boundaries(cells)[:40], strict=True):
        ring = shapely.get_coordinates(outline)[:-1]
        np.testing.assert_allclose(ring[:, ::-1], h3.cell_to_boundary(cell), atol=1e-10)


def test_the_reference_outline_moved_to_its_centre_is_the_cell():
    cell = int(hexes.cells_of([106.65], [28.9], 8)[0])
    offsets = hexes.outline_offsets(cell)
    lon, lat = hexes.centres(np.array([cell], np.uint64))
    assert offsets.shape == (6, 2)
    moved = shapely.Polygon(np.add(offsets, [lon[0], lat[0]]))
    assert moved.symmetric_difference(hexes.boundaries(np.array([cell], np.uint64))[0]).area < 1e-15
    with pytest.raises(RequestError, match="5 corners"):
        hexes.outline_offsets(h3.str_to_int(h3.get_pentagons(8)[0]))


@pytest.mark.parametrize("resolution", [7, 8, 9])
def test_polyfill_takes_the_centres_inside_as_h3_py_does(resolution):
    shell = [(106.4, 28.8), (106.7, 28.75), (106.72, 29.0), (106.5, 29.05)]
    hole = [(106.5, 28.85), (106.55, 28.95), (106.6, 28.86)]
    polygon = shapely.Polygon(shell, [hole])
    expected = np.unique(_ints(h3.geo_to_cells(polygon, resolution)))
    found = hexes.polyfill(polygon, resolution)
    np.testing.assert_array_equal(found, expected)
    lon, lat = hexes.centres(found)
    assert shapely.contains_xy(polygon, lon, lat).all()


def test_touching_polyfill_is_every_cell_that_meets_the_polygon():
    polygon = shapely.box(106.4, 28.8, 106.5, 28.87)
    found = hexes.polyfill(polygon, 8, touching=True)
    around = hexes.disk(found, 2)
    meets = shapely.intersects(hexes.boundaries(around), polygon)
    np.testing.assert_array_equal(found, around[meets])
    tiny = shapely.Point(106.45, 28.83).buffer(1e-6)
    assert hexes.polyfill(tiny, 7).size == 0
    np.testing.assert_array_equal(hexes.polyfill(tiny, 7, touching=True), hexes.cells_of([106.45], [28.83], 7))
    assert hexes.polyfill(shapely.Polygon(), 7).size == 0


def test_polyfills_of_adjoining_polygons_share_no_cell():
    left, right = shapely.box(106.4, 28.8, 106.5, 28.9), shapely.box(106.5, 28.8, 106.6, 28.9)
    whole = hexes.polyfill(shapely.union_all([left, right]), 9)
    halves = np.concatenate([hexes.polyfill(left, 9), hexes.polyfill(right, 9)])
    np.testing.assert_array_equal(np.sort(halves), whole)


def test_rings_disks_and_neighbours_are_those_of_h3_py():
    text = h3.latlng_to_cell(28.9, 106.65, 9)
    cells = _ints([text])
    np.testing.assert_array_equal(hexes.ring(cells, 2), np.sort(_ints(h3.grid_ring(text, 2))))
    np.testing.assert_array_equal(hexes.disk(cells, 2), np.sort(_ints(h3.grid_disk(text, 2))))
    assert set(hexes.neighbours(int(cells[0]))) == set(_ints(h3.grid_ring(text, 1)))
