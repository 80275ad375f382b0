"""Rows as a file holds them: text by header, with the physical line of each."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from models.errors import SourceError
from models.profile import Source
from models.profile.targets import naming

RAW_LIMIT = 2000
_WIDE_BLANKS = ("\u3000", "\u00a0")


@dataclass(frozen=True)
class BadRecord:
    """A record that cannot be told apart into columns; ``line`` is its physical line."""

    line: int
    found: str
    reason: str
    raw: str | None = None


@dataclass(frozen=True)
class RawRows:
    """Rows of one file.

    Attributes
    ----------
    frame : text columns (dtype ``str``) named by the headers that the manifest uses, n rows, default index;
        for shapes also ``geometry`` (shapely objects, in the file's own reference system)
    lines : int64, shape (n,): physical line of each row, header = 1; number of the feature for shapes
    bad : records that are no rows
    crs : reference system of the geometries as text, None where there are none
    notes : what a person should know about the file
    """

    frame: pd.DataFrame
    lines: npt.NDArray[np.int64]
    bad: tuple[BadRecord, ...] = ()
    crs: str | None = None
    notes: tuple[str, ...] = field(default=())


def naming_headers(source: Source) -> list[str]:
    """Headers under which a person may be named; their texts never reach the quarantine."""
    return [source.columns[name] for name in naming(source.table) if name in source.columns]


def needed_headers(source: Source) -> list[str]:
    """Headers that the manifest uses, each once, in its order."""
    headers = [*source.columns.values(), *source.where, *(i.header for i in source.indicators)]
    return list(dict.fromkeys(headers))


def require_headers(label: str, source: Source, present: list[str], hint: str = "") -> None:
    """Raise SourceError where a needed header is absent from, or repeated in, ``present``."""
    needed = needed_headers(source)
    absent = [h for h in needed if h not in present]
    if absent:
        shown = ", ".join(repr(h) for h in present[:40])
        raise SourceError(
            label,
            f"the column(s) {', '.join(repr(h) for h in absent)} are missing; the file has {shown}",
            needed=f"the headers named in the manifest of {source.id!r}",
            hint=hint,
        )
    repeated = [h for h in needed if present.count(h) > 1]
    if repeated:
        raise SourceError(label, f"the column(s) {', '.join(map(repr, repeated))} appear more than once")


def text_series(values: pa.ChunkedArray, nulls: tuple[str, ...] = ()) -> pd.Series:
    """Return Arrow strings as a Series of dtype ``str``, trimmed; empty texts and ``nulls`` become null.

    Only texts that begin or end with white space are copied: a register's texts are long and hardly any does.
    """
    return pd.Series(pd.array(pa.chunked_array([_clean(c, nulls) for c in values.chunks], pa.string()), dtype="str"))


def _clean(chunk: pa.Array, nulls: tuple[str, ...]) -> pa.Array:
    if chunk.offset:
        chunk = pa.concat_arrays([chunk])
    loose = _loose(chunk)
    if pc.any(loose).as_py():
        chunk = pc.replace_with_mask(chunk, loose, pc.utf8_trim_whitespace(chunk.filter(loose)))
    present = pc.greater(pc.binary_length(chunk), 0)
    for text in nulls:
        present = pc.and_(present, pc.not_equal(chunk, text))
    present = pc.fill_null(present, False)
    _, offsets, data = chunk.buffers()
    return pa.Array.from_buffers(chunk.type, len(chunk), [present.buffers()[1], offsets, data], offset=0)


def _loose(chunk: pa.Array) -> pa.Array:
    """Whether a text begins or ends with white space."""
    octets = chunk.cast(pa.binary())
    blanks = pa.array([b" ", b"\t", b"\n", b"\r"], pa.binary())
    ends = (pc.binary_slice(octets, 0, 1), pc.binary_slice(octets, -1))
    found = [pc.is_in(end, value_set=blanks) for end in ends]
    found += [pc.starts_with(chunk, s) for s in _WIDE_BLANKS] + [pc.ends_with(chunk, s) for s in _WIDE_BLANKS]
    return pc.fill_null(functools.reduce(pc.or_, found), False)
