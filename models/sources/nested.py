"""Reads JSON that holds a list of headers and a list of rows somewhere inside, as web pages hand tables
over."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from models.errors import SourceError
from models.profile import Source
from models.sources.encodings import explain
from models.sources.files import FoundFile
from models.sources.raw import RAW_LIMIT, BadRecord, RawRows, naming_headers, needed_headers, require_headers
from models.sources.result import ShareRead
from models.sources.workbook import cell_text


def read_json(file: FoundFile, source: Source, on_progress: ShareRead | None = None) -> RawRows:
    """Read a JSON file whose headers stand at the manifest's ``sheet`` and whose rows at its ``layer``.

    Both are paths of keys joined by points, for example ``table.header`` and ``table.rows``. Rows are lists
    of cells; without ``sheet`` they are objects. A row's line is its position from 1.

    Raises
    ------
    SourceError : not JSON, nothing at these paths, a needed column absent
    """
    try:
        document = json.loads(file.path.read_text(encoding=source.encoding))
    except UnicodeDecodeError as error:
        raise explain(file.label, lambda: file.path.open("rb"), source.encoding) from error
    except json.JSONDecodeError as error:
        raise SourceError(file.label, f"is not JSON: {error}", hint="Fetch it again") from error
    rows = _at(file, document, source.layer or "")
    headers = [str(h) for h in _at(file, document, source.sheet)] if source.sheet else _keys(rows)
    require_headers(file.label, source, headers)
    if on_progress is not None:
        on_progress(1.0)
    return _raw_rows(source, rows, headers)


def _raw_rows(source: Source, rows: list[Any], headers: list[str]) -> RawRows:
    needed = needed_headers(source)
    kept: list[list[str | None]] = []
    lines: list[int] = []
    bad: list[BadRecord] = []
    for line, row in enumerate(rows, start=1):
        if isinstance(row, dict):
            cells = [row.get(h) for h in needed]
        elif isinstance(row, list) and len(row) == len(headers):
            cells = [row[headers.index(h)] for h in needed]
        else:
            size = len(row) if isinstance(row, list) else 1
            reason = f"the row has {size} columns where the header has {len(headers)}"
            raw = None if naming_headers(source) else json.dumps(row, ensure_ascii=False)[:RAW_LIMIT]
            bad.append(BadRecord(line, f"{size} columns", reason, raw))
            continue
        texts = [cell_text(json.dumps(c, ensure_ascii=False) if isinstance(c, dict | list) else c) for c in cells]
        kept.append([None if t in source.nulls else t for t in texts])
        lines.append(line)
    data = {h: pd.Series([row[i] for row in kept], dtype="str") for i, h in enumerate(needed)}
    frame = pd.DataFrame(data, index=pd.RangeIndex(len(kept)))
    return RawRows(frame, np.array(lines, dtype=np.int64), tuple(bad))


def _at(file: FoundFile, document: Any, path: str) -> list[Any]:
    value = document
    for key in filter(None, path.split(".")):
        if not isinstance(value, dict) or key not in value:
            keys = ", ".join(value) if isinstance(value, dict) else type(value).__name__
            raise SourceError(file.label, f"there is no {path!r}; at {key!r} the file has {keys}")
        value = value[key]
    if not isinstance(value, list):
        raise SourceError(file.label, f"{path!r} is not a list", needed="a list of rows or headers")
    return value


def _keys(rows: list[Any]) -> list[str]:
    return list(dict.fromkeys(k for row in rows if isinstance(row, dict) for k in row))
