"""One subject on one page of paper (主体概要): register, level with its reasons, warnings, what happened last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer

from layers.field import paper
from layers.panorama import Panorama
from layers.text import date, number, text

MOST_CAUSES = 10
MOST_EVENTS = 14
MOST_WARNINGS = 5
MOST_CHANGES = 3
SIZE = 8.0


def subject_summary(found: Panorama, stamp: paper.Stamp) -> bytes:
    """Make the page.

    Parameters
    ----------
    found : the subject as the actor may see it
    stamp : who, when, rules

    Returns
    -------
    A PDF of one page; from the same data version it changes with the time stamp only. It says that the level is an
    internal reference for allocating supervision.
    """
    lang = stamp.lang
    flow: list[Flowable] = [
        paper.words(text("field.summary_title", lang), 9, soft=True),
        paper.words(found.name, 15),
        paper.words(found.id, 9, soft=True),
        Spacer(0, 2 * mm),
        _register(found, lang),
        *_level(found, lang),
        *_changes(found, lang),
        *_warnings(found, lang),
        *_events(found, lang),
        Spacer(0, 2 * mm),
        paper.words(text("field.level_note", lang), 7.5, soft=True),
    ]
    return paper.pages(flow, text("field.summary_title", lang), stamp)


def _register(found: Panorama, lang: str) -> Flowable:
    row = found.row
    capital = row.get("capital_cny")
    money = text("field.summary_capital", lang, n=number(float(capital or 0), lang)) if _given(capital) else "–"
    section = row["industry_section"] if isinstance(row.get("industry_section"), str) else "unknown"
    pairs = [
        (text("list.established_on", lang), date(_day(row.get("established_on")), lang)),
        (text("subject.capital", lang), money),
        (text("list.industry", lang), text(f"section.{section}", lang)),
        (text("field.address", lang), row.get("address") or "–"),
    ]
    cells = [[_w(label, soft=True), _w(value)] for label, value in pairs]
    return paper.table(cells, (0.2, 0.8))


def _level(found: Panorama, lang: str) -> list[Flowable]:
    if not found.level:
        return [*_head(text("field.summary_level", lang)), _w(text("subject.no_level", lang))]
    level, score = found.level["level"], number(float(found.level["rule_score"]), lang, digits=1)
    said = text("field.summary_score", lang, level=level, score=score, rules=found.level["rule_version"])
    parts = [*_head(text("field.summary_level", lang)), _w(said)]
    if found.reasons is None:
        return [*parts, _w(text("subject.rules_gone", lang), soft=True)]
    head = [text(f"field.summary_{k}", lang) for k in ("factor", "value", "points", "basis")]
    rows = [[_w(h, soft=True) for h in head]]
    causes = found.reasons.causes
    for cause in causes[:MOST_CAUSES]:
        points = number(cause.points, lang, digits=1, signed=True)
        rows.append([_w(cause.title), _w(cause.value), _w(points), _w(cause.basis)])
    rest = sum(c.points for c in causes[MOST_CAUSES:])
    if len(causes) > MOST_CAUSES:
        others = text("field.summary_others", lang, n=len(causes) - MOST_CAUSES)
        rows.append([_w(others), _w(""), _w(number(rest, lang, digits=1, signed=True)), _w("")])
    for name, basis in found.reasons.vetoes:
        rows.append([_w(name), _w(""), _w(text("subject.veto", lang)), _w(basis)])
    return [*parts, Spacer(0, 1 * mm), paper.table(rows, (0.26, 0.2, 0.12, 0.42), head=True)]


def _changes(found: Panorama, lang: str) -> list[Flowable]:
    said = found.changes[:MOST_CHANGES]
    return [*_head(text("subject.change", lang)), *(_w(f"· {line}") for line in said)] if said else []


def _warnings(found: Panorama, lang: str) -> list[Flowable]:
    lines = [f"· {date(w['raised_on'], lang)}  {w['title']}  {w['line']}" for w in found.warnings[:MOST_WARNINGS]]
    return _listed(text("subject.warnings", lang), lines, len(found.warnings), lang)


def _events(found: Panorama, lang: str) -> list[Flowable]:
    lines = [f"· {date(e.day, lang)}  {e.said}" for e in found.events[:MOST_EVENTS]]
    return _listed(text("subject.timeline", lang), lines, len(found.events), lang)


def _listed(title: str, lines: Sequence[str], total: int, lang: str) -> list[Flowable]:
    if not lines:
        return []
    more = [text("field.summary_more", lang, n=total - len(lines))] if total > len(lines) else []
    return [*_head(title), *(_w(line) for line in [*lines, *more])]


def _head(title: str) -> list[Flowable]:
    return [Spacer(0, 2 * mm), paper.words(title, 10)]


def _w(said: object, *, soft: bool = False) -> Flowable:
    return paper.words(said, SIZE, soft=soft)


def _given(value: Any) -> bool:
    return value is not None and value == value  # noqa: PLR0124 - a missing number is not equal to itself


def _day(value: Any) -> str | None:
    said = str(value)[:10]
    return said if said[:2].isdigit() else None
