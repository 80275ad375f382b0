"""Rows as a file holds them: text by header, with the physical line of each, and the records that are no rows."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from models.errors import SourceError
from models.profile import Source

RAW_LIMIT = 2000
# Canonical column that holds a person's name; it never reaches the quarantine.
PERSON = "representative"


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
    frame : text columns (dtype ``str``) named by the headers that the manifest uses, n rows, default index; for
        shapes also ``geometry`` (shapely objects, in the file's own reference system)
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


def text_series(values: pa.ChunkedArray | pa.Array, nulls: tuple[str, ...] = ()) -> pd.Series:
    """Return Arrow strings as a Series of dtype ``str``, trimmed; empty texts and ``nulls`` become null."""
    trimmed = pa.compute.utf8_trim_whitespace(values)
    blank = pa.compute.is_in(trimmed, value_set=pa.array(["", *nulls], trimmed.type))
    kept = pa.compute.if_else(blank, pa.scalar(None, trimmed.type), trimmed)
    chunked = kept if isinstance(kept, pa.ChunkedArray) else pa.chunked_array([kept])
    return pd.Series(pd.array(chunked, dtype="str"))
