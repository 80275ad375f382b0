"""Bytes and back: what is encoded is what is drawn, exactly on its side of every class break."""

from __future__ import annotations

import itertools
import time

import h3
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers import wire
from layers.wire_columns import column

LON, LAT = 106.6, 29.0


def disc(rings: int, res: int = 9) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    ids = np.sort(
        np.array([h3.str_to_int(c) for c in h3.grid_disk(h3.latlng_to_cell(LAT, LON, res), rings)], np.uint64)
    )
    latlon = np.array([h3.cell_to_latlng(h3.int_to_str(int(c))) for c in ids])
    return ids, latlon[:, 1], latlon[:, 0]


def test_hex_centres_come_back_within_a_decimetre() -> None:
    ids, lon, lat = disc(20)
    got = wire.decode(wire.encode_hexes(ids, lon, lat))
    assert isinstance(got, wire.Hexes)
    assert np.abs(got.lon - lon).max() <= 5.1e-7
    assert np.abs(got.lat - lat).max() <= 5.1e-7


@pytest.mark.parametrize("res", [7, 8, 9])
def test_the_outline_model_is_true_to_a_thousandth_of_an_edge(res: int) -> None:
    ids, lon, lat = disc(60, res)
    got = wire.decode(wire.encode_hexes(ids, lon, lat))
    assert isinstance(got, wire.Hexes)
    for i in range(0, len(ids), 997):
        ring = np.array(h3.cell_to_boundary(h3.int_to_str(int(ids[i]))))
        x, y = wire.mercator(lon[i : i + 1], lat[i : i + 1])
        true = np.column_stack(wire.mercator(ring[:, 1], ring[:, 0])) - (x[0], y[0])
        model = got.outline @ np.array([1.0, x[0] - got.origin[0], y[0] - got.origin[1]])
        edge = np.hypot(*(true[0] - true[1]))
        assert min(np.abs(np.roll(true, k, axis=0) - model).max() for k in range(6)) < 1e-3 * edge


def test_unsorted_or_repeated_cells_are_refused() -> None:
    ids, lon, lat = disc(2)
    for wrong in (ids[::-1], np.repeat(ids[:1], len(ids))):
        with pytest.raises(wire.WireError, match="ascending"):
            wire.encode_hexes(wrong, lon, lat)


numbers = st.floats(-1e6, 1e6, allow_nan=False)


@settings(max_examples=150, deadline=None)
@given(
    cells=st.lists(st.tuples(st.one_of(numbers, st.just(float("nan"))), st.integers(0, 4)), min_size=1, max_size=40),
    breaks=st.lists(numbers, max_size=8, unique=True).map(sorted),
)
def test_values_keep_state_precision_and_class(cells: list[tuple[float, int]], breaks: list[float]) -> None:
    values, flags = np.array([v for v, _ in cells]), np.array([f for _, f in cells], np.uint8)
    got = wire.decode(wire.encode_values(values, flags, breaks=breaks))
    assert isinstance(got, wire.Values)
    values = np.where(flags == 1, 0.0, values)
    absent = (flags == 2) | (flags == 3) | np.isnan(values)
    assert np.array_equal(np.isnan(got.values), absent)
    assert np.array_equal(got.flags == 2, flags == 2)
    assert np.array_equal(got.flags == 4, (flags == 4) & ~absent)
    # moved to its own side of a break a value is at most one step off, more only where breaks lie within one step
    bounds = wire.code_bounds(got.scale, breaks)
    if len(set(bounds.tolist())) == len(bounds):
        assert np.all(np.abs(got.values - values)[~absent] <= 1.0001 * got.scale.factor)
        shown = (got.codes[~absent] & 32767).astype(int)
        classes = np.searchsorted(bounds, shown, side="right")
        assert np.array_equal(classes, np.searchsorted(breaks, values[~absent], side="right"))


def test_a_suppressed_value_leaves_no_trace() -> None:
    flags = np.array([0, 2, 0], np.uint8)
    scale = wire.scale_for(0, 100)
    bodies = {wire.encode_values(np.array([1.0, hidden, 3.0]), flags, scale) for hidden in (0.0, 7.0, 100.0, np.nan)}
    assert len(bodies) == 1
    free = {wire.encode_values(np.array([1.0, hidden, 3.0]), flags) for hidden in (0.0, 7.0, 1e9)}
    assert len(free) == 1  # not even through the scale


def test_counts_are_exact_and_a_value_off_the_scale_is_named() -> None:
    counts = np.array([0.0, 1.0, 17.0, 32765.0])
    got = wire.decode(wire.encode_values(counts, np.zeros(4, np.uint8), wire.scale_for(0, 32765, whole=True)))
    assert isinstance(got, wire.Values)
    assert got.values.tolist() == counts.tolist()
    with pytest.raises(wire.WireError, match="run from 0 to 300, but the scale only from 0 to 200"):
        wire.encode_values(np.array([0.0, 300.0]), np.zeros(2, np.uint8), wire.scale_for(0, 200))


def test_signed_changes_keep_their_sign() -> None:
    change = np.array([-0.4, -0.001, 0.0, 0.25])
    got = wire.decode(wire.encode_values(change, np.zeros(4, np.uint8), breaks=(-0.1, 0.0, 0.1)))
    assert isinstance(got, wire.Values)
    assert np.sign(got.values[[0, 1, 3]]).tolist() == [-1, -1, 1]
    assert np.abs(got.values - change).max() < 0.65 / 32765


def test_polygons_with_holes_and_parts_come_back() -> None:
    ring = shapely.box(106, 28, 107, 29).difference(shapely.box(106.4, 28.4, 106.6, 28.6))
    parts = shapely.MultiPolygon([shapely.box(107, 28, 107.5, 28.5), shapely.box(108, 28, 108.2, 28.2)])
    got = wire.decode(wire.encode_polygons([ring, parts]))
    assert isinstance(got, wire.Polygons)
    assert got.features == 2
    assert got.feature.tolist() == [0, 0, 1, 1]
    assert got.hole.tolist() == [False, True, False, False]
    assert got.size.tolist() == [4, 4, 4, 4]
    starts = np.concatenate([[0], np.cumsum(got.size)])
    rings = [list(zip(got.lon[a:b], got.lat[a:b], strict=True)) for a, b in itertools.pairwise(starts)]
    assert shapely.Polygon(rings[0], [rings[1]]).symmetric_difference(ring).area < 1e-6
    assert shapely.MultiPolygon([(rings[2], []), (rings[3], [])]).symmetric_difference(parts).area < 1e-6


def test_points_are_all_there_and_a_higher_class_is_drawn_later() -> None:
    rng = np.random.default_rng(3)
    lon, lat, kind = rng.uniform(106, 107, 500), rng.uniform(28, 29, 500), rng.integers(0, 5, 500).astype(np.uint8)
    got = wire.decode(wire.encode_points(lon, lat, kind))
    assert isinstance(got, wire.Points)
    assert np.all(np.diff(got.classes.astype(int)) >= 0)
    sent = sorted(zip(kind.tolist(), lon.round(6), lat.round(6), strict=True))
    assert np.allclose(sorted(zip(got.classes.tolist(), got.lon, got.lat, strict=True)), sent, atol=1e-9)


def test_empty_layers_have_a_body_too() -> None:
    none = np.zeros(0)
    for body in (wire.encode_hexes(none.astype(np.uint64), none, none), wire.encode_values(none, none.astype(np.uint8)),
                 wire.encode_polygons([]), wire.encode_points(none, none, none.astype(np.uint8))):  # fmt: skip
        wire.decode(body)


def test_bytes_of_another_kind_and_cut_bodies_are_refused() -> None:
    body = wire.encode_values(np.arange(50.0), np.zeros(50, np.uint8))
    for wrong in (b"", b"nothing like it at all", body[:-1], body[:20], body[:5] + b"\x09" + body[6:]):
        with pytest.raises(wire.WireError):
            wire.decode(wrong)


def test_a_million_cells_are_small_and_quick() -> None:
    side = np.arange(1000) * 0.003
    lon, lat = (axis.ravel() for axis in np.meshgrid(105 + side, 28 + side))
    counts = np.random.default_rng(1).poisson(200, len(lon)).astype(float)
    start = time.process_time()
    geometry = column(lon) + column(lat)
    values = wire.encode_values(counts, np.zeros(len(lon), np.uint8), wire.scale_for(0, 32765, whole=True))
    encoded = time.process_time() - start
    assert encoded < 3.0
    packed = wire.compress(values)
    assert len(values) == 2_000_032
    assert max(map(len, packed.values())) < 1_100_000
    assert len(geometry) == 8_000_000


def test_compression_and_etag_depend_on_the_content_alone() -> None:
    body = wire.encode_values(np.arange(1000.0), np.zeros(1000, np.uint8))
    assert wire.compress(body) == wire.compress(bytes(body))
    assert len(wire.etag(body)) == 16
    assert wire.etag(body) != wire.etag(body + b" ")
