"""Reads Parquet as text columns, so that one set of rules converts every format."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from models.errors import SourceError
from models.profile import Source
from models.sources.files import FoundFile
from models.sources.raw import RawRows, needed_headers, require_headers, text_series
from models.sources.result import ShareRead


def read_parquet(file: FoundFile, source: Source, on_progress: ShareRead | None = None) -> RawRows:
    """Read one Parquet file; a row's line is its position from 1, as there is no header.

    Raises
    ------
    SourceError : not Parquet, truncated, a needed column absent
    """
    try:
        parquet = pq.ParquetFile(file.path)
    except (pa.ArrowInvalid, OSError) as error:
        raise SourceError(file.label, f"cannot be read as Parquet ({error})", hint="Fetch it again") from error
    with parquet:
        require_headers(file.label, source, list(parquet.schema_arrow.names))
        table = parquet.read(columns=needed_headers(source))
    if on_progress is not None:
        on_progress(1.0)
    columns = {h: text_series(_text(table.column(h)), source.nulls) for h in needed_headers(source)}
    frame = pd.DataFrame(columns, index=pd.RangeIndex(table.num_rows))
    return RawRows(frame, np.arange(1, table.num_rows + 1, dtype=np.int64))


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        return pc.strftime(column, format="%Y-%m-%d")
    return pc.cast(column, pa.string())
