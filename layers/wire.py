"""Arrays as the bytes the map fetches: compressed columns with a content hash, and back again for tests.

The format is written down in ``docs/map.md``. Nothing here reads a store, knows a layer or decides who may
see what.
"""

from __future__ import annotations

import gzip
import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import brotli
import numpy as np
import numpy.typing as npt
import shapely

from layers.wire_columns import MAGIC, VERSION, Reader, WireError, column, header, planes
from layers.wire_hexes import mercator, outline_model
from layers.wire_lines import LINES, Lines, decode_lines, encode_lines

HEX, VALUES, POLYGONS, POINTS, FLOWS = 1, 2, 3, 4, 5
NO_DATA, SUPPRESSED, ESTIMATED, HIGHEST = 65535, 65534, 32768, 32765
OBSERVED_FLAG, ZERO_FLAG, SUPPRESSED_FLAG, NO_DATA_FLAG, ESTIMATED_FLAG = range(5)

Floats = npt.NDArray[np.float64]

__all__ = [
    "Flows", "Hexes", "Lines", "Points", "Polygons", "Scale", "Values", "WireError", "code_bounds", "compress",
    "decode", "encode_flows", "encode_hexes", "encode_lines", "encode_points", "encode_polygons", "encode_values",
    "etag", "mercator", "scale_for",
]  # fmt: skip


@dataclass(frozen=True)
class Scale:
    """value = code * factor + offset, code 0 to 32765; frozen over time so that periods can be compared."""

    factor: float
    offset: float = 0.0


@dataclass(frozen=True)
class Hexes:
    """Cell centres in degrees, and the outline model: 6 corners x (x, y) x (constant, dx, dy), Mercator
    units.
    """

    lon: Floats
    lat: Floats
    origin: tuple[float, float]
    outline: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Values:
    """Values in the measure's unit (NaN where there is none) and their flags as in a layer frame."""

    values: Floats
    flags: npt.NDArray[np.uint8]
    codes: npt.NDArray[np.uint16]
    scale: Scale


@dataclass(frozen=True)
class Polygons:
    """Rings by feature: ``feature``, ``size`` and ``hole`` per ring, lon and lat of all vertices in a row."""

    features: int
    feature: npt.NDArray[np.int32]
    size: npt.NDArray[np.int32]
    hole: npt.NDArray[np.bool_]
    lon: Floats
    lat: Floats


@dataclass(frozen=True)
class Points:
    """Points in the order they are drawn."""

    lon: Floats
    lat: Floats
    classes: npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Flows:
    """Places in degrees, and the places each flow leads from and to."""

    lon: Floats
    lat: Floats
    origin: npt.NDArray[np.int32]
    target: npt.NDArray[np.int32]


def encode_hexes(cells: npt.NDArray[np.uint64], lon: Floats, lat: Floats) -> bytes:
    """Encode the geometry of the cells of one H3 resolution.

    Parameters
    ----------
    cells : uint64 array of shape (n,)
        H3 ids of one resolution, strictly ascending; values must later come in the same order.
    lon, lat : float64 arrays of shape (n,)
        Cell centres in degrees (EPSG:4326).

    Raises
    ------
    WireError
        If the ids are not strictly ascending or the lengths differ.
    """
    cells = np.asarray(cells, np.uint64)
    if not len(cells) == len(lon) == len(lat):
        raise WireError(f"{len(cells)} cells but {len(lon)} longitudes and {len(lat)} latitudes")
    if len(cells) > 1 and not bool(np.all(cells[1:] > cells[:-1])):
        raise WireError("hex cells must be strictly ascending by id: sort them and drop duplicates first")
    x, y = mercator(lon, lat)
    origin = (float(x.mean()), float(y.mean())) if len(cells) else (0.0, 0.0)
    outline = outline_model(cells, origin)
    head = header(HEX, len(cells)) + struct.pack("<2d", *origin)
    return b"".join([head, outline.tobytes(), column(lon), column(lat)])


def scale_for(lowest: float, highest: float, *, whole: bool = False) -> Scale:
    """Return the scale that covers ``lowest`` to ``highest`` of all periods (and zero).

    ``whole`` says that the values are counts: they are kept exactly as long as the range is at most 32765.
    """
    offset, top = min(0.0, float(lowest)), max(0.0, float(highest))
    if not (np.isfinite(offset) and np.isfinite(top)):
        raise WireError(f"a scale needs finite ends, found {lowest!r} to {highest!r}")
    span = top - offset
    if span == 0 or (whole and span <= HIGHEST):
        return Scale(1.0, float(np.floor(offset)))
    return Scale(span / HIGHEST, offset)


def code_bounds(scale: Scale, breaks: Sequence[float]) -> npt.NDArray[np.int64]:
    """Return the lowest code of class 1, 2, ... for the lower bounds ``breaks``; the browser computes the same.

    A bound above the offset is at least code 1, so that the offset itself stays below it however close it lies.
    """
    above = np.asarray(breaks, np.float64) - scale.offset
    codes = np.where(above > 0, np.maximum(np.ceil(above / scale.factor - 1e-9), 1), 0)
    return np.clip(codes, 0, ESTIMATED).astype(np.int64)


def encode_values(
    values: Floats, flags: npt.NDArray[np.uint8], scale: Scale | None = None, breaks: Sequence[float] = ()
) -> bytes:
    """Encode one period of one measure as 16-bit codes.

    A suppressed value leaves no trace of what it was. Where rounding would move a value across one of
    ``breaks``, the nearest code on its own side is taken, so a cell has the class of its true value.

    Parameters
    ----------
    values : float64 array of shape (n,)
        In the unit of the measure; NaN is no data.
    flags : uint8 array of shape (n,)
        0 observed, 1 zero, 2 suppressed, 3 no coverage or no data, 4 estimated.
    scale : Scale, optional
        Frozen over the periods; without it the extremes of ``values`` are taken.
    breaks : sequence of float
        Ascending lower bounds of class 1, 2, ...

    Raises
    ------
    WireError
        If a shown value lies outside the scale, a flag is unknown or the lengths differ.
    """
    values, flags = np.asarray(values, np.float64), np.asarray(flags)
    if values.shape != flags.shape:
        raise WireError(f"{len(values)} values but {len(flags)} flags")
    if len(flags) and int(flags.max()) > ESTIMATED_FLAG:
        raise WireError(f"flag {int(flags.max())} is unknown; allowed: 0 to {ESTIMATED_FLAG}")
    values = np.where(flags == ZERO_FLAG, 0.0, values)
    shown = (flags != SUPPRESSED_FLAG) & (flags != NO_DATA_FLAG) & ~np.isnan(values)
    seen = values[shown]
    if scale is None:
        scale = scale_for(float(seen.min()), float(seen.max())) if len(seen) else Scale(1.0)
    codes = np.full(len(values), NO_DATA, np.uint16)
    codes[flags == SUPPRESSED_FLAG] = SUPPRESSED
    codes[shown] = _codes(seen, scale, breaks) | np.where(flags[shown] == ESTIMATED_FLAG, ESTIMATED, 0)
    body = struct.pack("<2d", scale.factor, scale.offset)
    return header(VALUES, len(codes), dtype=1) + body + planes(codes)


def _codes(values: Floats, scale: Scale, breaks: Sequence[float]) -> npt.NDArray[np.int64]:
    """Nearest code of every value, on its own side of every break."""
    steps = (values - scale.offset) / scale.factor
    # Extremes taken from other periods may miss the last digit of a float; more than that is a mistake.
    if len(steps) and (steps.min() < -0.5 or steps.max() > HIGHEST + 0.5):
        low, high = scale.offset, scale.offset + HIGHEST * scale.factor
        found = f"{values.min():g} to {values.max():g}"
        raise WireError(f"values run from {found}, but the scale only from {low:g} to {high:g}")
    codes = np.clip(np.rint(steps), 0, HIGHEST).astype(np.int64)
    if len(breaks):
        bounds = code_bounds(scale, breaks)
        wanted = np.searchsorted(np.asarray(breaks, np.float64), values, side="right")
        got = np.searchsorted(bounds, codes, side="right")
        up, down = got < wanted, got > wanted
        codes[up] = bounds[wanted[up] - 1]
        codes[down] = bounds[wanted[down]] - 1
        codes = np.clip(codes, 0, HIGHEST)
    return codes


def encode_polygons(geometries: Sequence[shapely.Polygon | shapely.MultiPolygon]) -> bytes:
    """Encode areas (EPSG:4326) in the given order, which must be the order of their values (ascending id)."""
    parts, of_feature = shapely.get_parts(np.asarray(geometries, object), return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    coords, of_ring = shapely.get_coordinates(rings, return_index=True)
    closing = np.append(of_ring[1:] != of_ring[:-1], True) if len(of_ring) else np.zeros(0, bool)
    coords, of_ring = coords[~closing], of_ring[~closing]
    hole = np.zeros(len(rings), np.uint8)
    hole[1:] = of_part[1:] == of_part[:-1]
    size = np.bincount(of_ring, minlength=len(rings))
    return b"".join([
        header(POLYGONS, len(geometries), len(coords)), struct.pack("<I", len(rings)),
        column(of_feature[of_part], degrees=False), column(size, degrees=False), hole.tobytes(),
        column(coords[:, 0]), column(coords[:, 1]),
    ])  # fmt: skip


def encode_points(lon: Floats, lat: Floats, classes: npt.NDArray[np.uint8]) -> bytes:
    """Encode points; they are reordered by class, then along a space-filling curve.

    So a higher class lies on top, neighbours compress well and whole rows off the screen can be left out.
    Whoever needs to know which subject a point is asks the server by coordinate; no id is sent.
    """
    lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    classes = np.asarray(classes, np.uint8)
    if not len(lon) == len(lat) == len(classes):
        raise WireError(f"{len(lon)} longitudes, {len(lat)} latitudes and {len(classes)} classes")
    if bool(np.isnan(lon).any() or np.isnan(lat).any()):
        raise WireError("points without coordinates cannot be drawn: leave them out and count them")
    order = np.lexsort((_morton(lon, lat), classes))
    columns = [column(lon[order]), column(lat[order]), classes[order].tobytes()]
    return b"".join([header(POINTS, len(lon)), *columns])


def encode_flows(lon: Floats, lat: Floats, origin: npt.NDArray[np.integer], target: npt.NDArray[np.integer]) -> bytes:
    """Encode the ends of flows, which must be in the order of their values.

    Parameters
    ----------
    lon, lat : float64 (places,), degrees (EPSG:4326)
    origin, target : (flows,) place that each leads from and to

    Raises
    ------
    WireError : the lengths differ, or a flow names a place that is not there
    """
    if len(lon) != len(lat) or len(origin) != len(target):
        raise WireError(f"{len(lon)} longitudes, {len(lat)} latitudes; {len(origin)} origins, {len(target)} targets")
    ends = np.concatenate([origin, target])
    if len(ends) and (ends.min() < 0 or ends.max() >= len(lon)):
        raise WireError(f"flows name places {ends.min()} to {ends.max()}; there are {len(lon)}")
    columns = [column(lon), column(lat), column(origin, degrees=False), column(target, degrees=False)]
    return b"".join([header(FLOWS, len(origin), len(lon)), *columns])


SPREAD = (
    (32, 0x00000000FFFFFFFF), (16, 0x0000FFFF0000FFFF), (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F), (2, 0x3333333333333333), (1, 0x5555555555555555),
)  # fmt: skip  # puts a zero bit between any two bits, halving the distance each time


def _morton(lon: Floats, lat: Floats) -> npt.NDArray[np.uint64]:
    """Position along a Z-order curve, 26 bits a side (0.6 m at the equator)."""
    code = np.zeros(len(lon), np.uint64)
    for shift, axis in ((0, (lon + 180.0) / 360.0), (1, (lat + 90.0) / 180.0)):
        bits = np.clip(axis * (1 << 26), 0, (1 << 26) - 1).astype(np.uint64)
        for step, mask in SPREAD:
            bits = (bits | (bits << np.uint64(step))) & np.uint64(mask)
        code |= bits << np.uint64(shift)
    return code


def decode(body: bytes) -> Hexes | Values | Polygons | Points | Flows | Lines:
    """Decode any body of the format; the inverse of the five encoders up to their rounding.

    Raises
    ------
    WireError
        If the bytes are not of this format or version, or are cut short.
    """
    reader = Reader(body)
    if reader.kind == HEX:
        origin = reader.unpack("<2d")
        outline = reader.array(np.float32, 36).reshape(6, 2, 3)
        return Hexes(reader.degrees(reader.n), reader.degrees(reader.n), (origin[0], origin[1]), outline)
    if reader.kind == VALUES:
        return _decode_values(reader)
    if reader.kind == POLYGONS:
        (rings,) = reader.unpack("<I")
        feature, size = reader.column(rings), reader.column(rings)
        hole = reader.array(np.uint8, rings).astype(bool)
        return Polygons(reader.n, feature, size, hole, reader.degrees(reader.m), reader.degrees(reader.m))
    if reader.kind == POINTS:
        return Points(reader.degrees(reader.n), reader.degrees(reader.n), reader.array(np.uint8, reader.n))
    if reader.kind == FLOWS:
        lon, lat = reader.degrees(reader.m), reader.degrees(reader.m)
        return Flows(lon, lat, reader.column(reader.n), reader.column(reader.n))
    if reader.kind == LINES:
        return decode_lines(reader)
    raise WireError(f"kind {reader.kind} is unknown; {MAGIC!r} version {VERSION} has {HEX} to {LINES}")


def _decode_values(reader: Reader) -> Values:
    scale = Scale(*reader.unpack("<2d"))
    codes = reader.planes(np.uint16, reader.n)
    flags = np.full(reader.n, OBSERVED_FLAG, np.uint8)
    flags[(codes & ESTIMATED) != 0] = ESTIMATED_FLAG
    flags[codes == SUPPRESSED] = SUPPRESSED_FLAG
    flags[codes == NO_DATA] = NO_DATA_FLAG
    values = (codes & (ESTIMATED - 1)).astype(np.float64) * scale.factor + scale.offset
    values[codes >= SUPPRESSED] = np.nan
    flags[(values == 0) & (flags == OBSERVED_FLAG)] = ZERO_FLAG
    return Values(values, flags, codes, scale)


def compress(body: bytes) -> dict[str, bytes]:
    """Return the body as ``{"br": ..., "gzip": ...}``: made once and stored, the same bytes for the same
    input.
    """
    return {
        "br": brotli.compress(body, quality=5, lgwin=22),
        "gzip": gzip.compress(body, compresslevel=6, mtime=0),
    }


def etag(body: bytes) -> str:
    """Return the content hash (16 hex digits of SHA-256) of the uncompressed body."""
    return hashlib.sha256(body).hexdigest()[:16]
