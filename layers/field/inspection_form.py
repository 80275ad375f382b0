"""The inspection form (现场检查记录表) on paper: one firm a sheet, with all items that are checked at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, PageBreak, Spacer

from layers.field import paper
from layers.field.sheets import Sheet, by_subject
from layers.text import pick, text

BOX = "□"
FOLLOW_UPS = ("none", "rectify", "reinspect", "penalty", "list")


def inspection_form(
    sheets: Sequence[Sheet], stamp: paper.Stamp, *, organ: str, numbers: Mapping[str, str] | None = None
) -> bytes:
    """Make the form.

    Parameters
    ----------
    sheets : tasks; those at one firm share a form
    stamp : who, when, rules
    organ : name of the authority, as it stands at the head
    numbers : document number by subject id; a line to write it on where there is none

    Returns
    -------
    A PDF file. The level of a firm does not stand on it: levels are internal.
    """
    flow: list[Flowable] = []
    for group in by_subject(sheets):
        flow += [
            *([PageBreak()] if flow else []),
            *_one(group, stamp.lang, organ, (numbers or {}).get(group[0].subject_id)),
        ]
    return paper.pages(flow, text("field.form_title", stamp.lang), stamp)


def _one(group: Sequence[Sheet], lang: str, organ: str, number: str | None) -> list[Flowable]:
    first = group[0]
    officers = "、".join(first.officers) if lang != "en" else ", ".join(first.officers)
    head = [
        (text("field.subject", lang), first.name),
        (text("field.uscc", lang), first.subject_id),
        (text("field.address", lang), first.address or "–"),
        (text("field.officers", lang), officers or "–"),
        (text("field.due", lang), first.due_on),
        (text("field.tasks", lang), ", ".join(str(s.task_id) for s in group)),
    ]
    rows = [[paper.words(label, soft=True), paper.words(value)] for label, value in head]
    return [
        paper.words(organ, 11, centred=True),
        paper.words(text("field.form_title", lang), 16, centred=True),
        paper.words(text("field.number", lang, number=number or "________________"), 9, centred=True, soft=True),
        Spacer(0, 3 * mm),
        paper.table(rows, (0.22, 0.78)),
        *(part for sheet in group for part in _item(sheet, lang)),
        Spacer(0, 4 * mm),
        KeepTogether(_signatures(lang)),
    ]


def _item(sheet: Sheet, lang: str) -> list[Flowable]:
    answers = [text(f"field.answer_{name}", lang) for name in ("ok", "fault", "not_applicable")]
    head = [text("field.question", lang), *answers, text("field.remark", lang)]
    rows = [[paper.words(h, 8.5, soft=True, centred=i in (1, 2, 3)) for i, h in enumerate(head)]]
    for number, question in enumerate(sheet.questions, start=1):
        said = paper.words(f"{number}. {pick(question.text, lang)}")
        rows.append([said, *(paper.words(BOX, centred=True) for _ in answers), paper.words("")])
    results = "   ".join(f"{BOX} {text(f'field.result_{name}', lang)}" for name in sheet.results)
    follow = "   ".join(f"{BOX} {text(f'field.follow_{name}', lang)}" for name in FOLLOW_UPS)
    closing = [
        [paper.words(text("field.result", lang), soft=True), paper.words(results)],
        [paper.words(text("field.follow_up", lang), soft=True), paper.words(follow)],
        [paper.words(text("field.note", lang), soft=True), Spacer(0, 14 * mm)],
    ]
    return [
        Spacer(0, 4 * mm),
        paper.words(f"{sheet.item_code}  {pick(sheet.item, lang)}", 11.5),
        paper.words(text("field.basis", lang, basis=pick(sheet.legal_basis, lang)), 8.5, soft=True),
        Spacer(0, 1.5 * mm),
        paper.table(rows, (0.5, 0.09, 0.09, 0.1, 0.22), head=True),
        paper.table(closing, (0.14, 0.86)),
    ]


def _signatures(lang: str) -> list[Flowable]:
    lines = [text(f"field.sign_{who}", lang) for who in ("officers", "subject", "witness")]
    day = text("field.sign_day", lang)
    rows = [[paper.words(line, soft=True), Spacer(0, 10 * mm), paper.words(day, soft=True)] for line in lines]
    return [paper.table(rows, (0.28, 0.42, 0.3))]
