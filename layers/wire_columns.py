"""The columns of the wire format: header, differences in byte planes, and a reader that never runs over
the end.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import numpy.typing as npt

from models.errors import CityhexError

MAGIC, VERSION, HEADER = b"CXW1", 1, "<4s4B2I"
MICRO = 1e6  # coordinates are whole millionths of a degree: 0.11 m


class WireError(CityhexError):
    """What should be drawn cannot be encoded, or bytes are not what they claim to be."""


def header(kind: int, n: int, m: int = 0, dtype: int = 0) -> bytes:
    """Return the 16 bytes every body begins with."""
    return struct.pack(HEADER, MAGIC, VERSION, kind, dtype, 0, n, m)


def planes(array: npt.NDArray[Any]) -> bytes:
    """Return the lowest bytes of all elements, then the next: similar bytes side by side compress well."""
    little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    return little.view(np.uint8).reshape(len(array), array.dtype.itemsize).T.tobytes()


def column(values: npt.NDArray[Any], *, degrees: bool = True) -> bytes:
    """Encode degrees (or, with ``degrees=False``, whole numbers) as differences, zigzag, in byte planes."""
    whole = np.rint(np.asarray(values, np.float64) * MICRO) if degrees else np.asarray(values)
    if degrees and len(whole) and not bool(np.abs(whole).max() <= 360 * MICRO):
        raise WireError("coordinates must be degrees (EPSG:4326); found one beyond 360 or not a number")
    whole = whole.astype(np.int64)
    step = whole - np.concatenate([whole[:0], np.zeros(min(1, len(whole)), np.int64), whole[:-1]])
    return planes(((step << 1) ^ (step >> 63)).astype(np.uint32))


class Reader:
    """Walks over one body."""

    def __init__(self, body: bytes) -> None:
        if len(body) < struct.calcsize(HEADER):
            raise WireError(f"the body has {len(body)} bytes, its header alone has {struct.calcsize(HEADER)}")
        magic, version, self.kind, self.dtype, _, self.n, self.m = struct.unpack_from(HEADER, body)
        if magic != MAGIC or version != VERSION:
            raise WireError(f"found {magic!r} version {version}, needed {MAGIC!r} version {VERSION}")
        self._body, self._at = body, struct.calcsize(HEADER)

    def _take(self, size: int) -> bytes:
        part = self._body[self._at : self._at + size]
        if len(part) < size:
            raise WireError(f"the body ends after {len(self._body)} bytes, {self._at + size} were announced")
        self._at += size
        return part

    def unpack(self, layout: str) -> tuple[Any, ...]:
        """Read a fixed layout (``struct``)."""
        return struct.unpack(layout, self._take(struct.calcsize(layout)))

    def array(self, dtype: type, n: int) -> npt.NDArray[Any]:
        """Read ``n`` plain little-endian elements."""
        kind = np.dtype(dtype).newbyteorder("<")
        return np.frombuffer(self._take(n * kind.itemsize), kind).astype(dtype)

    def planes(self, dtype: type, n: int) -> npt.NDArray[Any]:
        """Read ``n`` elements stored in byte planes."""
        size = np.dtype(dtype).itemsize
        raw = np.frombuffer(self._take(n * size), np.uint8).reshape(size, n)
        return np.ascontiguousarray(raw.T).view(np.dtype(dtype).newbyteorder("<")).reshape(n).astype(dtype)

    def column(self, n: int) -> npt.NDArray[np.int32]:
        """Read a column of whole numbers."""
        zigzag = self.planes(np.uint32, n).astype(np.int64)
        return np.cumsum((zigzag >> 1) ^ -(zigzag & 1)).astype(np.int32)

    def degrees(self, n: int) -> npt.NDArray[np.float64]:
        """Read a column of degrees."""
        return self.column(n) / MICRO
