"""Workbooks (XLSX, ECMA-376) written directly: plain rows, one style for heads, nothing kept per cell.

A general writer makes an object of every cell and writes some 5,000 rows a second; a table of a hundred thousand
hexagons would keep its reader waiting for half a minute.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any
from xml.sax.saxutils import escape, quoteattr

BATCH = 2_000
MAX_TEXT = 32_767
"""Characters that a cell holds; longer texts are cut, as the format asks."""
MAX_NAME = 31
LETTERS = 26
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 cannot hold at all; they are left out."""
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_REL = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs></styleSheet>'
)


@dataclass(frozen=True)
class Sheet:
    """One sheet.

    Attributes
    ----------
    name : as on its tab; at most 31 characters
    head : titles of the columns, bold and kept in view; none where empty
    rows : texts, numbers and None; a text stays a text, whatever it begins with
    widths : of the first columns, in characters
    bold_first : whether the first column is bold
    """

    name: str
    head: Sequence[str]
    rows: Iterable[Sequence[Any]]
    widths: Sequence[int] = ()
    bold_first: bool = False


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """A workbook of the sheets, in that order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as book:
        book.writestr("[Content_Types].xml", _content_types(len(sheets)))
        book.writestr("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")]))
        book.writestr("xl/workbook.xml", _tabs(sheets))
        parts = [("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)]
        book.writestr("xl/_rels/workbook.xml.rels", _relations([*parts, ("styles", "styles.xml")]))
        book.writestr("xl/styles.xml", _STYLES)
        for n, sheet in enumerate(sheets, 1):
            with book.open(f"xl/worksheets/sheet{n}.xml", "w", force_zip64=True) as part:
                for piece in _sheet(sheet):
                    part.write(piece.encode("utf-8"))
    return out.getvalue()


@lru_cache(maxsize=1024)
def column_letters(index: int) -> str:
    """Name of a column counted from 0: A, B, ..., Z, AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, LETTERS)
        name = chr(ord("A") + rest) + name
    return name


def _sheet(sheet: Sheet) -> Iterator[str]:
    """The part of one sheet, piece by piece."""
    yield f'{_XML}<worksheet xmlns="{_MAIN}">'
    if sheet.head:
        pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        yield f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
    if sheet.widths:
        columns = (f'<col min="{n}" max="{n}" width="{w}" customWidth="1"/>' for n, w in enumerate(sheet.widths, 1))
        yield f"<cols>{''.join(columns)}</cols>"
    yield "<sheetData>"
    at = 1
    if sheet.head:
        yield _row(1, sheet.head, bold=len(sheet.head))
        at = 2
    rows = iter(sheet.rows)
    while batch := list(islice(rows, BATCH)):
        yield "".join([_row(n, row, bold=int(sheet.bold_first)) for n, row in enumerate(batch, at)])
        at += len(batch)
    yield "</sheetData></worksheet>"


def _row(at: int, values: Sequence[Any], *, bold: int) -> str:
    """One row; the first ``bold`` cells are bold, what is missing is left out."""
    cells = []
    for n, value in enumerate(values):
        if value is None:
            continue
        style = ' s="1"' if n < bold else ""
        place = f'<c r="{column_letters(n)}{at}"{style}'
        if isinstance(value, str):
            cells.append(f'{place} t="inlineStr"><is><t xml:space="preserve">{_text(value)}</t></is></c>')
        elif isinstance(value, float) and not math.isfinite(value):
            continue
        else:
            cells.append(f"{place}><v>{value!r}</v></c>")
    return f'<row r="{at}">{"".join(cells)}</row>'


@lru_cache(maxsize=4096)
def _text(value: str) -> str:
    return escape(_UNWRITABLE.sub("", value)[:MAX_TEXT]).replace("\r", "&#13;")


def _tabs(sheets: Sequence[Sheet]) -> str:
    tabs = (
        f'<sheet name={quoteattr(sheet.name[:MAX_NAME])} sheetId="{n}" r:id="rId{n}"/>'
        for n, sheet in enumerate(sheets, 1)
    )
    return f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_DOC}"><sheets>{"".join(tabs)}</sheets></workbook>'


def _relations(parts: Sequence[tuple[str, str]]) -> str:
    """Parts by kind and place, named rId1, rId2, ... in that order."""
    lines = (
        f'<Relationship Id="rId{n}" Type="{_DOC}/{kind}" Target="{place}"/>' for n, (kind, place) in enumerate(parts, 1)
    )
    return f'{_XML}<Relationships xmlns="{_REL}">{"".join(lines)}</Relationships>'


def _content_types(sheets: int) -> str:
    parts = [("workbook.xml", "sheet.main"), ("styles.xml", "styles")]
    parts += [(f"worksheets/sheet{n}.xml", "worksheet") for n in range(1, sheets + 1)]
    lines = (f'<Override PartName="/xl/{name}" ContentType="{_TYPE}.{kind}+xml"/>' for name, kind in parts)
    rels = "application/vnd.openxmlformats-package.relationships+xml"
    return (
        f'{_XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Default Extension="rels" ContentType="{rels}"/><Default Extension="xml" ContentType="application/xml"/>'
        f"{''.join(lines)}</Types>"
    )
