"""A numbered document of a warning (文书) on paper: to whom, on what facts, which measure on which legal basis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Spacer

from layers.casefile import Casefile
from layers.field import paper
from layers.text import date, pick, text
from models.casework.documents import WORDS

MOST_MEMBERS = 20


def warning_document(document: Mapping[str, Any], case: Casefile, stamp: paper.Stamp, *, organ: str) -> bytes:
    """Make the document.

    Parameters
    ----------
    document : row of the table of documents
    case : its warning, with names as the actor may see them
    stamp : who, when, rules
    organ : name of the authority, as it stands at the head

    Returns
    -------
    A PDF file. The facts are those kept when the warning was raised, so that the paper does not change with later
    builds; the level of a firm does not stand on it, levels are internal.
    """
    lang = stamp.lang
    kinds = {word: text(f"casework.document.{kind}", lang) for kind, word in WORDS.items()}
    kind = kinds.get(document["kind"], document["kind"])
    flow: list[Flowable] = [
        paper.words(organ, 11, centred=True),
        paper.words(kind, 16, centred=True),
        paper.words(text("field.number", lang, number=document["number"]), 9, centred=True, soft=True),
        Spacer(0, 3 * mm),
        paper.table(_head(document, case, lang), (0.22, 0.78)),
        *_titled(text("field.document_facts", lang), _facts(case)),
        *_titled(text("field.document_subjects", lang), _subjects(case, lang)),
        *_titled(text("field.document_measure", lang), _measure(case, lang)),
        Spacer(0, 4 * mm),
        KeepTogether(_signatures(lang)),
    ]
    return paper.pages(flow, f"{document['number']} {kind}", stamp)


def _head(document: Mapping[str, Any], case: Casefile, lang: str) -> list[list[Flowable]]:
    pairs = [
        (text("field.document_matter", lang), document["title"]),
        (text("field.document_issued_on", lang), date(document["issued_on"], lang)),
        (text("field.document_issued_by", lang), document["issued_by"]),
        (text("field.document_warning", lang), f"{case.row['warning_key']}  {case.title}"),
        (text("field.document_raised_on", lang), date(case.row["raised_on"], lang)),
    ]
    if case.row["due_on"] is not None:
        pairs.append((text("field.due", lang), date(case.row["due_on"], lang)))
    return [[paper.words(label, soft=True), paper.words(value)] for label, value in pairs]


def _facts(case: Casefile) -> list[Flowable]:
    rows = [[paper.words(s.label, 8.5, soft=True), paper.words(s.value, 8.5), paper.words(s.note or "", 8.5, soft=True)]
            for s in case.sentences]  # fmt: skip
    return [paper.table(rows, (0.32, 0.38, 0.3))] if rows else []


def _subjects(case: Casefile, lang: str) -> list[Flowable]:
    own = case.row["subject_id"]
    found = [m for m in case.members if m.subject_id == own] or list(case.members)
    if not found:
        return []
    head = [text(f"field.{name}", lang) for name in ("subject", "uscc", "address")]
    rows = [[paper.words(h, 8.5, soft=True) for h in head]]
    rows += [[paper.words(v or "–", 8.5) for v in (m.name, m.subject_id, m.address)] for m in found[:MOST_MEMBERS]]
    all_ = 1 if len(found) == 1 else max(int(case.row["members"] or 0), len(found))
    more = all_ - min(len(found), MOST_MEMBERS)
    rest = [paper.words(text("field.summary_more", lang, n=more), 8.5, soft=True)] if more else []
    return [paper.table(rows, (0.36, 0.26, 0.38), head=True), *rest]


def _measure(case: Casefile, lang: str) -> list[Flowable]:
    if not case.measures:
        return []
    first = case.measures[0]
    basis = text("field.basis", lang, basis=pick(first.legal_basis, lang))
    return [paper.words(pick(first.name, lang)), paper.words(basis, 8.5, soft=True)]


def _titled(title: str, parts: list[Flowable]) -> list[Flowable]:
    return [Spacer(0, 3 * mm), paper.words(title, 11), Spacer(0, 1 * mm), *parts] if parts else []


def _signatures(lang: str) -> list[Flowable]:
    lines = [text(f"field.{name}", lang) for name in ("document_opinion", "sign_officers", "sign_subject")]
    day = text("field.sign_day", lang)
    heights = (16, 10, 10)
    rows = [[paper.words(line, soft=True), Spacer(0, h * mm), paper.words(day, soft=True)]
            for line, h in zip(lines, heights, strict=True)]  # fmt: skip
    return [paper.table(rows, (0.28, 0.42, 0.3))]
