"""What the pages of supervision share: level and severity marks, a warning's row, a line of a fact, cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from dash import html

from layers.pages.elements import Child, icon, tag
from layers.text import date, text

LEVELS = ("D", "C", "B", "A")
"""The order in which levels stand everywhere: the one to look at first, first."""
SEVERITIES = {3: ("danger", "alert-triangle"), 2: ("warn", "alert-triangle"), 1: ("", "info-circle")}
Size = Literal["", "xl", "small"]


def level_mark(level: str | None, lang: str, *, size: Size = "", words: bool = False) -> html.Span:
    """Letter and shape of a level: A circle, B square, C triangle, D diamond; the colour comes third.

    Parameters
    ----------
    level : A, B, C, D, or None for a subject that is not classified
    size : "" 20 px, "xl" 52 px for the head of a page, "small" 16 px
    words : whether the level's name stands beside the mark
    """
    known = level if level in LEVELS else None
    said = text(f"level.{known}", lang) if known else text("level.none", lang)
    mark = html.Span(
        known or "–",
        className=" ".join(p for p in ("lv", f"lv-{known or 'none'}", size) if p),
        title=said,
        role="img",
        **{"aria-label": said},
    )
    return html.Span([mark, html.Span(said)], className="lvw") if words else html.Span(mark, className="lvw")


def severity_tag(severity: int, lang: str) -> html.Span:
    """Severity 1 to 3 of a warning as a word on a soft ground, with an icon."""
    kind, mark = SEVERITIES[severity]
    return tag(text(f"severity.{severity}", lang), kind, mark)


def warning_row(
    warning: Mapping[str, Any], title: str, line: str, lang: str, *, due: str | None = None, late: bool = False,
    ident: Any = None, chosen: bool = False,
) -> html.Button:  # fmt: skip
    """One warning of a list: severity, what it is about, when it was raised, until when it is to be worked off.

    Parameters
    ----------
    warning : severity, theme, raised_on (ISO date or date) of the product or of the casework table
    title : what it is called
    line : what was observed, one short sentence
    due : until when, in words
    late : whether that day is past
    ident : id of the button where it can be chosen
    """
    kind, mark = SEVERITIES[int(warning["severity"])]
    said = text(f"severity.{int(warning['severity'])}", lang)
    top = [html.B(title, className="cut"), html.Span(date(str(warning["raised_on"])[:10], lang), className="cap num")]
    body: list[Child] = [html.Span(top, className="wrow-top"), html.Span(line, className="wrow-line")]
    if due:
        body.append(html.Span([icon("clock", "s14"), due], className="wrow-due late" if late else "wrow-due"))
    extra = {} if ident is None else {"id": ident, "n_clicks": 0}
    pressed = {"aria-pressed": "true" if chosen else "false"}
    return html.Button(
        [
            html.Span([icon(mark), html.Span(said, className="sr")], className=f"wrow-mark {kind}".strip(), title=said),
            html.Span(body, className="wrow-body"),
        ],
        className="wrow on" if chosen else "wrow",
        type="button",
        **extra,
        **pressed,
    )


def fact_line(label: str, value: Child, note: str | None = None) -> html.Div:
    """Label, value and, below, where it comes from; for lists of facts that are read, not compared."""
    inside: list[Child] = [html.Div(value, className="fl-value")]
    if note:
        inside.append(html.Div(note, className="cap"))
    return html.Div([html.Div(label, className="fl-label"), html.Div(inside, className="grow")], className="fl")


def asof_line(as_of: str | None, lang: str, version: str | None = None) -> html.Span:
    """Until when the data reach and, where given, by which version of the rules they were judged."""
    parts = [text("shell.asof", lang, date=date(as_of, lang))]
    if version:
        parts.append(text("marks.version", lang, version=version))
    return html.Span(" · ".join(parts), className="cap num", **{"data-asof": as_of or ""})


def card(  # noqa: PLR0917 - the order in which a card is read
    title: str, body: Child | Sequence[Child], source: str, as_of: str | None, note: Child = None, kind: str = "",
    *, level: int = 2,
) -> html.Section:  # fmt: skip
    """A card: title, a note beside it, content; every card says its source and its day to machines and tooltips."""
    heading = {2: html.H2, 3: html.H3}[level]
    head: list[Child] = [heading(title, title=f"{source} · {as_of}" if as_of else source)]
    if note is not None:
        head.append(html.Span(note, className="cap grow") if isinstance(note, str) else note)
    inside: list[Any] = list(body) if isinstance(body, (list, tuple)) else [body]
    return html.Section(
        [html.Div(head, className="card-head"), *inside],
        className=f"card padded {kind}".strip(),
        **{"data-asof": as_of or "", "data-source": source},
    )
