"""GeoPackage blobs: what is written is read back, and what is foreign is refused with its first bytes."""

from __future__ import annotations

import struct

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from models.tables import blobs

numbers = st.floats(-180, 180).map(lambda v: v + 0.0)
points = st.builds(shapely.Point, numbers, numbers)
lines = st.lists(st.tuples(numbers, numbers), min_size=2, max_size=6).map(shapely.LineString)
polygons = st.lists(st.tuples(numbers, numbers), min_size=3, max_size=6).map(shapely.Polygon)
empties = st.sampled_from([shapely.Point(), shapely.Polygon(), shapely.MultiPolygon()])
shapes = st.one_of(st.none(), points, lines, polygons, polygons.map(lambda p: shapely.MultiPolygon([p])), empties)


@given(st.lists(shapes, max_size=8))
def test_what_is_encoded_is_decoded_to_the_same_bytes(given_shapes):
    encoded = blobs.encode(given_shapes)
    back, bad = blobs.decode(encoded)
    assert bad.size == 0
    assert [None if s is None else s.wkb for s in back] == [None if s is None else s.wkb for s in given_shapes]


@given(st.one_of(points, lines, polygons))
def test_the_envelope_is_that_of_the_shape(shape):
    x0, y0, x1, y1 = shape.bounds
    (blob,) = blobs.encode([shape])
    assert blobs.envelope(blob) == (x0, x1, y0, y1)
    assert blobs.split(blob)[0] == 4326


def test_many_points_are_encoded_as_each_alone():
    many = shapely.points(np.random.default_rng(0).uniform(-90, 90, (50, 2)))
    assert blobs.encode(many) == [blobs.encode([point, None])[0] for point in many]


def test_a_point_has_the_bytes_of_the_standard():
    wanted = b"GP\0\x01" + struct.pack("<i", 4326) + struct.pack("<BIdd", 1, 1, 106.5, 29.25)
    assert blobs.encode([shapely.Point(106.5, 29.25)]) == [wanted]


def test_empty_shapes_have_no_envelope_and_say_so():
    for shape in (shapely.Point(), shapely.Polygon()):
        (blob,) = blobs.encode([shape])
        assert blobs.is_empty(blob)
        assert blobs.envelope(blob) is None
    assert not blobs.is_empty(blobs.encode([shapely.Point(1, 2)])[0])


def test_a_big_endian_blob_of_another_program_is_read():
    body = shapely.to_wkb(shapely.LineString([(1, 2), (3, 5)]), byte_order=0)
    blob = b"GP\0\x02" + struct.pack(">i", 4326) + struct.pack(">4d", 1, 3, 2, 5) + body
    assert blobs.envelope(blob) == (1, 3, 2, 5)
    assert blobs.decode([blob])[0][0] == shapely.LineString([(1, 2), (3, 5)])


@pytest.mark.parametrize(
    "blob", [b"", b"GP", bytes.fromhex("0001e6100000"), b"GP\x01" + bytes(20), b"GP\0\x0f" + bytes(90)]
)
def test_a_foreign_blob_is_refused_and_its_neighbours_are_kept(blob):
    with pytest.raises(ValueError, match="not a GeoPackage geometry"):
        blobs.split(blob)
    good = blobs.encode([shapely.Point(1, 2)])[0]
    back, bad = blobs.decode([good, blob, None, good[:-3]])
    assert back[0] == shapely.Point(1, 2)
    assert bad.tolist() == [1, 3]


@given(st.binary(max_size=80))
def test_no_bytes_crash_the_reader(blob):
    back, _ = blobs.decode([blob, b"GP\0\x01" + blob])
    assert len(back) == 2
    for candidate in (blob, b"GP\0\x01" + blob):
        try:
            blobs.envelope(candidate)
        except ValueError as error:
            assert "not a GeoPackage geometry" in str(error)
