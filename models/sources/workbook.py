"""Reads XLSX as text, after a look at what it would expand to."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np
import openpyxl
import pandas as pd

from models.errors import SourceError
from models.profile import Source
from models.sources.files import FoundFile
from models.sources.raw import RawRows, needed_headers, require_headers
from models.sources.result import ShareRead

MAX_EXPANDED_BYTES = 200 << 20
MAX_RATIO = 100
# A tiny file of repeated cells compresses well without being dangerous.
_RATIO_FROM_BYTES = 10 << 20
MAX_ROWS = 1_048_576
_STEP = 5000


def read_workbook(file: FoundFile, source: Source, on_progress: ShareRead | None = None) -> RawRows:
    """Read one sheet of an XLSX file as text; a formula stays the text it is, ``=`` first.

    Numbers become their shortest text, dates ISO texts. The sheet is the manifest's, or the only one.

    Raises
    ------
    SourceError : not an XLSX file, one that expands too much, macros or links to other files in it, a
        needed column absent, no rows
    """
    guard(file)
    book = openpyxl.load_workbook(file.path, read_only=True, data_only=False, keep_links=False)
    try:
        sheet = book[_sheet_name(file, source, book.sheetnames)]
        rows = sheet.iter_rows(values_only=True)
        headers = _headers(file, source, rows)
        require_headers(file.label, source, headers)
        kept, lines = _collect(file, source, rows, headers, on_progress)
    finally:
        book.close()
    columns = needed_headers(source)
    data = {h: pd.Series([row[i] for row in kept], dtype="str") for i, h in enumerate(columns)}
    frame = pd.DataFrame(data, index=pd.RangeIndex(len(kept)))
    return RawRows(frame, np.array(lines, dtype=np.int64))


def guard(file: FoundFile) -> None:
    """Raise SourceError where a workbook would expand too much, carries macros or links to other files."""
    try:
        with zipfile.ZipFile(file.path) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile as error:
        empty = file.path.stat().st_size == 0
        what = "the file is empty" if empty else "this is not an XLSX workbook, or it is truncated"
        raise SourceError(file.label, what, needed="an XLSX workbook") from error
    expanded = sum(e.file_size for e in entries)
    packed = max(sum(e.compress_size for e in entries), 1)
    names = [e.filename for e in entries]
    if expanded > MAX_EXPANDED_BYTES or (expanded > _RATIO_FROM_BYTES and expanded > MAX_RATIO * packed):
        raise SourceError(
            file.label,
            f"the workbook expands from {packed:,} to {expanded:,} bytes and was not opened",
            needed=f"at most {MAX_EXPANDED_BYTES >> 20} MB and a ratio of {MAX_RATIO}",
            hint="Export the sheet as CSV",
        )
    if any(n.endswith("vbaProject.bin") for n in names):
        raise SourceError(file.label, "the workbook carries macros and was not opened", needed="XLSX without macros")
    if any(n.startswith("xl/externalLinks/") for n in names):
        raise SourceError(file.label, "the workbook links to other files and was not opened", needed="values only")
    if "xl/workbook.xml" not in names:
        raise SourceError(file.label, "this zip file is not an XLSX workbook", needed="an XLSX workbook")


def _sheet_name(file: FoundFile, source: Source, names: list[str]) -> str:
    if source.sheet is None and len(names) == 1:
        return names[0]
    if source.sheet not in names:
        what = "no sheet is named in the manifest" if source.sheet is None else f"there is no sheet {source.sheet!r}"
        raise SourceError(file.label, f"{what}; the workbook has {', '.join(map(repr, names))}", needed="sheet")
    return source.sheet


def _headers(file: FoundFile, source: Source, rows: Iterator[tuple[Any, ...]]) -> list[str]:
    row: tuple[Any, ...] = ()
    for _ in range(max(source.header_row, 1)):
        row = next(rows, ())
    if not any(v is not None for v in row):
        raise SourceError(file.label, f"row {max(source.header_row, 1)} is empty", needed="a row of headers")
    return [cell_text(v) or "" for v in row]


def _collect(
    file: FoundFile,
    source: Source,
    rows: Iterator[tuple[Any, ...]],
    headers: list[str],
    on_progress: ShareRead | None,
) -> tuple[list[list[str | None]], list[int]]:
    positions = [headers.index(h) for h in needed_headers(source)]
    kept: list[list[str | None]] = []
    lines: list[int] = []
    for line, row in enumerate(rows, start=max(source.header_row, 1) + 1):
        if line > MAX_ROWS:
            raise SourceError(file.label, f"the sheet has more than {MAX_ROWS:,} rows", hint="Export it as CSV")
        if all(v is None for v in row):
            continue
        texts = [cell_text(row[p]) if p < len(row) else None for p in positions]
        kept.append([None if t in source.nulls else t for t in texts])
        lines.append(line)
        if on_progress is not None and len(lines) % _STEP == 0:
            on_progress(0.5)
    return kept, lines


def cell_text(value: object) -> str | None:
    """Text of one cell; None for an empty one."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    # openpyxl gives control characters as _x000D_.
    text = re.sub(r"_x000[dD]_", "", str(value)).strip()
    return text or None
