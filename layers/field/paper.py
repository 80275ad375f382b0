"""A4 pages with a watermark: who made them, when, which page, by which version of the rules.

Nothing but the time stamp changes between two runs on the same data: the file's own dates and identity are fixed
(reportlab's invariant mode) and the pages are not compressed, so that two files can be compared byte by byte. Chinese
is set in the CID font STSong-Light of Adobe's Asian font pack, which PDF readers know and no font file is needed for.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFontFamily
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph, Table, TableStyle

from layers.text import text

FONT = "STSong-Light"
MARGIN = 16 * mm
INK, SOFT, LINE, MARK = (colors.HexColor(c) for c in ("#17202b", "#475362", "#8a94a1", "#e4e7eb"))
WIDTH = A4[0] - 2 * MARGIN


@dataclass(frozen=True)
class Stamp:
    """What the watermark says.

    Attributes
    ----------
    actor : who made the paper
    at : when, with its time zone
    timezone : IANA name of the city's time zone, in which it is shown
    rule_version : version of the rules the paper rests on
    as_of : business date of the data, ISO
    lang : language of the paper
    """

    actor: str
    at: dt.datetime
    timezone: str
    rule_version: str
    as_of: str
    lang: str

    @property
    def moment(self) -> str:
        """The time as it is printed."""
        return self.at.astimezone(ZoneInfo(self.timezone)).strftime("%Y-%m-%d %H:%M:%S")


def style(size: float = 9.5, *, soft: bool = False, centred: bool = False) -> ParagraphStyle:
    """A style of text; the font has one weight, so what is more important is set larger."""
    return ParagraphStyle(
        f"s{size}{soft}{centred}",
        fontName=_font(),
        fontSize=size,
        leading=size * 1.5,
        textColor=SOFT if soft else INK,
        alignment=1 if centred else 0,
        wordWrap="CJK",
    )


def words(said: object, size: float = 9.5, **kinds: bool) -> Paragraph:
    """A paragraph; marks of XML in the text are shown as they are."""
    plain = str(said).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Paragraph(plain, style(size, **kinds))


def table(rows: Sequence[Sequence[Any]], widths: Sequence[float], *, head: bool = False) -> Table:
    """A ruled table over the whole width; ``widths`` are shares that sum to 1."""
    look: list[tuple[Any, ...]] = [
        ("GRID", (0, 0), (-1, -1), 0.5, LINE),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LEFTPADDING", (0, 0), (-1, -1), 5),
        ("RIGHTPADDING", (0, 0), (-1, -1), 5),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
    ]
    if head:
        look.append(("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#eceef1")))
    return Table(
        [list(row) for row in rows], colWidths=[WIDTH * w for w in widths], style=TableStyle(look), repeatRows=int(head)
    )


def pages(flow: Sequence[Flowable], title: str, stamp: Stamp) -> bytes:
    """Set the parts on as many pages as they need and put the watermark on each.

    Returns
    -------
    The PDF file; equal for equal parts and stamps.
    """
    _font()
    out = io.BytesIO()
    document = BaseDocTemplate(
        out,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=20 * mm,
        title=title,
        author="Cityhex",
        invariant=1,
        pageCompression=0,
    )
    frame = Frame(MARGIN, 20 * mm, WIDTH, A4[1] - MARGIN - 20 * mm, leftPadding=0, rightPadding=0)
    document.addPageTemplates(PageTemplate(frames=[frame], onPage=lambda canvas, _: _watermark(canvas, stamp)))
    document.build(list(flow))
    return out.getvalue()


def _font() -> str:
    """Name of the font, made known to reportlab before its first use."""
    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
        registerFontFamily(FONT, FONT, FONT, FONT, FONT)
    return FONT


def _watermark(canvas: Canvas, stamp: Stamp) -> None:
    said = f"{stamp.actor}  {stamp.moment}"
    canvas.saveState()
    canvas.setFont(FONT, 15)
    canvas.setFillColor(MARK)
    for row in range(4):
        canvas.saveState()
        canvas.translate(A4[0] / 2, A4[1] * (row + 0.5) / 4)
        canvas.rotate(28)
        canvas.drawCentredString(0, 0, f"{said}        {said}")
        canvas.restoreState()
    canvas.setFont(FONT, 7.5)
    canvas.setFillColor(SOFT)
    foot = text(
        "field.paper_foot",
        stamp.lang,
        actor=stamp.actor,
        time=stamp.moment,
        rules=stamp.rule_version,
        as_of=stamp.as_of,
        page=canvas.getPageNumber(),
    )
    canvas.drawString(MARGIN, 11 * mm, foot)
    canvas.restoreState()
