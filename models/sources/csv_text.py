"""Reads CSV, plain or gzipped, block by block, and keeps the physical line of every record."""

from __future__ import annotations

import codecs
import csv
import io
import zlib

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from models.errors import SourceError
from models.profile import Source
from models.sources.csv_stream import CountingStream, opened
from models.sources.encodings import CANDIDATES, explain
from models.sources.files import FoundFile
from models.sources.raw import (
    RAW_LIMIT,
    BadRecord,
    RawRows,
    naming_headers,
    needed_headers,
    require_headers,
    text_series,
)
from models.sources.result import ShareRead

Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_BLOCK = 4 << 20
_HEAD = 1 << 20
# Fewer bytes beyond ASCII than this may look like UTF-8 by chance.
_ENOUGH_BYTES = 6


def read_csv(file: FoundFile, source: Source, on_progress: ShareRead | None = None) -> RawRows:
    """Read one CSV file as text.

    Parameters
    ----------
    file : plain, or gzipped where the name ends in .gz
    source : its manifest; only the columns it names are kept
    on_progress : called after each block

    Returns
    -------
    Rows with their physical lines, right also after values that span lines. Empty lines are no records.

    Raises
    ------
    SourceError : empty file, truncated gzip, text in another encoding, a needed column absent, a quote
        never closed
    """
    headers = _headers(file, source)
    stream = CountingStream(file.path)
    bad: list[pa_csv.InvalidRow] = []

    def note(row: pa_csv.InvalidRow) -> str:
        bad.append(row)
        return "skip"

    try:
        reader = pa_csv.open_csv(
            pa.PythonFile(stream, mode="r"),
            read_options=pa_csv.ReadOptions(
                use_threads=False,
                block_size=_BLOCK,
                skip_rows=max(source.header_row - 1, 0),
                column_names=headers if source.header_row == 0 else None,
                encoding=_arrow_encoding(source.encoding),
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=source.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=note,
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types={h: pa.string() for h in headers}, strings_can_be_null=False, check_utf8=True
            ),
        )
        table = _collect(reader, stream, on_progress)
    except (UnicodeDecodeError, pa.ArrowInvalid, OSError, EOFError, zlib.error) as error:
        raise _whole_file_error(file, source, error) from error
    finally:
        stream.close()
    return _with_lines(file, source, table, headers, bad, stream=stream)


def _arrow_encoding(encoding: str) -> str:
    # Under exactly this name Arrow reads the bytes as they are instead of converting them first.
    return "utf8" if _is_utf8(encoding) else encoding


def _is_utf8(encoding: str) -> bool:
    return codecs.lookup(encoding.removesuffix("-sig")).name == "utf-8"


def _collect(reader: pa_csv.CSVStreamingReader, stream: CountingStream, on_progress: ShareRead | None) -> pa.Table:
    batches, rows = [], 0
    for batch in reader:
        batches.append(batch)
        rows += batch.num_rows
        if on_progress is not None:
            on_progress(stream.share())
    return pa.Table.from_batches(batches, schema=reader.schema)


def _with_lines(
    file: FoundFile,
    source: Source,
    table: pa.Table,
    headers: list[str],
    bad: list[pa_csv.InvalidRow],
    *,
    stream: CountingStream,
) -> RawRows:
    has_header = source.header_row > 0
    before = source.header_row + sum(h.count("\n") for h in headers) if has_header else 0
    one_line_each = stream.lines() == before + table.num_rows + len(bad)
    breaks, blank = _breaks_and_blanks(table, one_line_each=one_line_each)
    # Arrow numbers the rows it refuses among all rows it read, the header being row 1.
    refused = np.array([row.number - 1 - int(has_header) for row in bad], dtype=np.int64)
    good = np.ones(table.num_rows + len(bad), dtype=bool)
    good[refused] = False
    extra = np.zeros(len(good), dtype=np.int64)
    extra[good] = breaks
    extra[refused] = [row.text.count("\n") for row in bad]
    lines = before + 1 + np.arange(len(good)) + np.cumsum(extra) - extra
    if stream.quotes % 2 and len(extra) and extra[-1]:
        what = f"a quotation mark opened on line {lines[-1]} is never closed; the rest of the file is in it"
        raise SourceError(file.label, what, hint="Close it, or double the quotation mark where it is part of a text")
    kept = table.filter(pa.array(~blank)) if blank.any() else table
    columns = {h: text_series(kept.column(headers.index(h)), source.nulls) for h in needed_headers(source)}
    return RawRows(
        pd.DataFrame(columns, index=pd.RangeIndex(kept.num_rows)),
        lines[good][~blank],
        tuple(_bad_record(source, row, int(line)) for row, line in zip(bad, lines[refused], strict=True)),
    )


def _breaks_and_blanks(table: pa.Table, *, one_line_each: bool) -> tuple[Longs, Flags]:
    """Line breaks inside the values of each row, and whether a row holds nothing at all."""
    breaks = np.zeros(table.num_rows, dtype=np.int64)
    blank = np.ones(table.num_rows, dtype=bool)
    for column in table.columns:
        if blank.any():
            blank &= pc.equal(pc.binary_length(column), 0).to_numpy()
        if not one_line_each and pc.any(pc.match_substring(column, "\n")).as_py():
            breaks += pc.count_substring(column, "\n").to_numpy()
    return breaks, blank


def _bad_record(source: Source, row: pa_csv.InvalidRow, line: int) -> BadRecord:
    # The columns cannot be told apart, so a person's name cannot be taken out of the text.
    raw = None if naming_headers(source) else row.text[:RAW_LIMIT]
    reason = f"the row has {row.actual_columns} columns where the header has {row.expected_columns}"
    return BadRecord(line, f"{row.actual_columns} columns", reason, raw)


def _headers(file: FoundFile, source: Source) -> list[str]:
    """Headers as they stand, or column numbers from "1" where the file has none."""
    _refuse_utf8(file, source)
    first = _first_record(file, source, source.encoding)
    if first is None:
        raise SourceError(file.label, "the file is empty", needed="a header and at least one row")
    headers = [str(i + 1) for i in range(len(first))] if source.header_row == 0 else first
    require_headers(file.label, source, headers, _encoding_hint(file, source, headers))
    return headers


def _refuse_utf8(file: FoundFile, source: Source) -> None:
    """Refuse UTF-8 declared as something else: most encodings decode it without an error, into nonsense."""
    if _is_utf8(source.encoding):
        return
    head = _head(file, source)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return
    if sum(byte > 127 for byte in head) >= _ENOUGH_BYTES:
        what = f"the bytes are UTF-8, but the manifest declares {source.encoding}"
        raise SourceError(file.label, what, hint="Change encoding in the manifest to utf-8")


def _head(file: FoundFile, source: Source) -> bytes:
    try:
        with opened(file.path) as stream:
            return stream.read(_HEAD)
    except (OSError, EOFError, zlib.error) as error:
        raise _whole_file_error(file, source, error) from error


def _first_record(file: FoundFile, source: Source, encoding: str) -> list[str] | None:
    head = _head(file, source)
    if _is_utf8(encoding):
        encoding = "utf-8-sig"
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=source.delimiter)
    records = [row for row, _ in zip(rows, range(max(source.header_row, 1)), strict=False)]
    return records[-1] if len(records) == max(source.header_row, 1) and any(records[-1]) else None


def _encoding_hint(file: FoundFile, source: Source, headers: list[str]) -> str:
    if set(needed_headers(source)) <= set(headers):
        return ""
    for encoding in CANDIDATES:
        found = _first_record(file, source, encoding) or []
        if set(needed_headers(source)) <= set(found):
            return f"With the encoding {encoding} they are found; change encoding in the manifest"
    return ""


def _whole_file_error(file: FoundFile, source: Source, error: Exception) -> SourceError:
    if isinstance(error, UnicodeDecodeError):
        return explain(file.label, lambda: opened(file.path), source.encoding)
    text = str(error)
    if isinstance(error, (EOFError, zlib.error)) or "gzip" in text.lower():
        return SourceError(
            file.label,
            f"the gzip file is truncated or damaged ({text}); nothing of it was loaded",
            hint="Fetch it again and compare its size",
        )
    if "invalid UTF8" in text or "UTF8" in text:
        return explain(file.label, lambda: opened(file.path), source.encoding)
    return SourceError(file.label, f"cannot be read as CSV ({text})", hint="Check delimiter and quotation marks")
