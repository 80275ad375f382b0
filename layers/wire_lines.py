"""Lines in the wire format: road sections in the order of their values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from layers.wire_columns import Reader, column, header

LINES = 6

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Lines:
    """Vertices of each line in its direction of travel: ``size`` per line, lon and lat of all vertices in a row."""

    size: npt.NDArray[np.int32]
    lon: Floats
    lat: Floats


def encode_lines(lines: Sequence[shapely.LineString]) -> bytes:
    """Encode lines (EPSG:4326), which must be in the order of their values (ascending id)."""
    coords, of_line = shapely.get_coordinates(np.asarray(lines, object), return_index=True)
    size = np.bincount(of_line, minlength=len(lines)) if len(coords) else np.zeros(len(lines), np.int64)
    columns = [column(size, degrees=False), column(coords[:, 0]), column(coords[:, 1])]
    return b"".join([header(LINES, len(lines), len(coords)), *columns])


def decode_lines(reader: Reader) -> Lines:
    """The inverse, up to the rounding of coordinates."""
    return Lines(reader.column(reader.n), reader.degrees(reader.m), reader.degrees(reader.m))
