"""GeoPackage geometry blobs: an 8-byte head, an envelope for all but points, then the geometry as ISO WKB.

Source: OGC 12-128r17 (GeoPackage 1.3), clause 2.1.3. Everything here works on whole arrays; no database is
involved.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

SRID = 4326
Objects = npt.NDArray[np.object_]
_ENVELOPE_BYTES = (0, 32, 48, 48, 64)
_POINT = 0
_EMPTY = 0x10


def encode(geometries: Iterable[Any], srid: int = SRID) -> list[bytes | None]:
    """Encode shapely geometries as little-endian, two-dimensional GeoPackage blobs.

    Parameters
    ----------
    geometries : shapely geometries or None, n of them
    srid : id of the reference system written into every head

    Returns
    -------
    n blobs; None where the geometry is None
    """
    shapes = np.asarray(list(geometries), dtype=object)
    if shapes.size == 0:
        return []
    tail = struct.pack("<i", srid)
    if np.all(shapely.get_type_id(shapes) == _POINT) and not shapely.is_empty(shapes).any():
        return _encode_points(shapely.get_coordinates(shapes), b"GP\0\x01" + tail)
    wkb = shapely.to_wkb(shapes, byte_order=1, output_dimension=2)
    full, bare, empty = b"GP\0\x03" + tail, b"GP\0\x01" + tail, b"GP\0\x11" + tail
    bounds = shapely.bounds(shapes)[:, [0, 2, 1, 3]].astype("<f8").tobytes()
    kinds, voids = shapely.get_type_id(shapes).tolist(), shapely.is_empty(shapes).tolist()
    blobs: list[bytes | None] = []
    for i, body in enumerate(wkb):
        if body is None:
            blobs.append(None)
        elif voids[i]:
            blobs.append(empty + body)
        elif kinds[i] == _POINT:
            blobs.append(bare + body)
        else:
            blobs.append(full + bounds[32 * i : 32 * i + 32] + body)
    return blobs


def _encode_points(coordinates: npt.NDArray[np.float64], head: bytes) -> list[bytes | None]:
    whole = np.empty(len(coordinates), dtype=[("head", "V13"), ("x", "<f8"), ("y", "<f8")])
    whole["head"] = np.void(head + b"\x01\x01\0\0\0")
    whole["x"], whole["y"] = coordinates.T
    return list(whole.view("V29").astype(object))


def split(blob: bytes) -> tuple[int, int, int]:
    """Read the head of a blob.

    Returns
    -------
    srid, flags byte, offset of the WKB

    Raises
    ------
    ValueError : not a GeoPackage blob; other programs do write theirs into such files (SpatiaLite's start with
        00 01)
    """
    if len(blob) < 8 or blob[:2] != b"GP" or blob[2] != 0:
        raise ValueError(f"not a GeoPackage geometry: it starts with {bytes(blob[:4]).hex(' ') or 'nothing'}")
    flags = blob[3]
    kind = (flags >> 1) & 7
    if kind >= len(_ENVELOPE_BYTES) or len(blob) < 8 + _ENVELOPE_BYTES[kind]:
        raise ValueError(f"not a GeoPackage geometry: envelope code {kind} in {len(blob)} bytes")
    srid = struct.unpack_from("<i" if flags & 1 else ">i", blob, 4)[0]
    return srid, flags, 8 + _ENVELOPE_BYTES[kind]


def is_empty(blob: bytes) -> bool:
    """Whether the head marks the geometry as empty."""
    return bool(split(blob)[1] & _EMPTY)


def envelope(blob: bytes) -> tuple[float, float, float, float] | None:
    """Bounds (min x, max x, min y, max y) of a blob, or None where it is empty.

    Raises
    ------
    ValueError : not a GeoPackage blob, or its WKB cannot be read
    """
    _, flags, offset = split(blob)
    if flags & _EMPTY:
        return None
    if offset > 8:
        x0, x1, y0, y1 = struct.unpack_from("<4d" if flags & 1 else ">4d", blob, 8)
        return x0, x1, y0, y1
    try:
        x0, y0, x1, y1 = shapely.from_wkb(bytes(blob[offset:])).bounds
    except shapely.errors.GEOSException as error:
        raise ValueError(f"not a GeoPackage geometry: {error}") from error
    return x0, x1, y0, y1


def decode(blobs: Sequence[bytes | None]) -> tuple[Objects, npt.NDArray[np.int64]]:
    """Decode blobs to shapely geometries.

    Returns
    -------
    geometries : array of n shapely geometries, None where the blob is None or cannot be read
    bad : positions of the blobs that could not be read (written by another program); the caller reports them
    """
    bodies: list[bytes | None] = []
    bad: list[int] = []
    for i, blob in enumerate(blobs):
        if blob is None:
            bodies.append(None)
            continue
        try:
            bodies.append(bytes(blob[split(blob)[2] :]))
        except ValueError:
            bodies.append(None)
            bad.append(i)
    shapes = shapely.from_wkb(np.asarray(bodies, dtype=object), on_invalid="ignore")
    unread = {
        i for i, (shape, body) in enumerate(zip(shapes, bodies, strict=True)) if shape is None and body is not None
    }
    return shapes, np.asarray(sorted(unread | set(bad)), dtype=np.int64)
