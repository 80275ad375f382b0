"""The forms of the warning page: owner, due date and measure; the result of a check; attachments.

They stand in the page from the start and keep what was typed: only the lists of choices are filled anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from layers import casefile
from layers.actors import staff
from layers.casefile import Casefile
from layers.pages.context import Context
from layers.pages.elements import Child, button, section
from layers.pages.warning_parts import blank_options
from layers.text import pick, text
from models.casework.documents import WORDS
from models.casework.results import Answer
from models.rules.checklists import Item, load_checklists

RESULTS = ("none_found", "rectify", "penalty", "unreachable", "transferred")
FOLLOW_UPS = ("none", "rectify", "reinspect", "penalty", "list")
OUTCOMES = ("confirmed", "not_confirmed", "data_fault")
KEEP_OPEN = "keep"
ANSWERS: Mapping[str, tuple[str, str | None]] = {
    "ok": ("ok", None),
    "moderate": ("fault", "moderate"),
    "high": ("fault", "high"),
    "na": ("not_applicable", None),
}
"""Choice of the form -> answer and severity of the record."""


def assign_form(lang: str) -> html.Div:
    """Who works on the warning, until when, by which measure."""
    parts = [
        dmc.Select(id="warning-measure", label=text("casework.measure", lang), data=[], size="xs", allowDeselect=False),
        html.Div(
            [
                dmc.Select(id="warning-owner", label=text("casework.owner", lang), data=[], size="xs", searchable=True),
                _day("warning-due", text("casework.due", lang)),
            ],
            className="wtwo",
        ),
        button("warning-assign", text("casework.assign", lang), "edit"),
    ]
    return html.Div(section(text("casework.assignment", lang), None, *parts), id="warning-assign-form", hidden=True)


def result_form(lang: str) -> html.Div:
    """What was found: subject, item, questions, result, follow-up, day, note, and whether the warning is closed."""
    follow = [
        dmc.Select(
            id="warning-follow", label=text("field.follow_up", lang), value="none", size="xs", allowDeselect=False,
            data=blank_options(FOLLOW_UPS, "field.follow_", lang),
        ),
        _day("warning-follow-due", text("casework.follow_due", lang), clearable=True),
    ]  # fmt: skip
    result = dmc.Select(
        id="warning-result", label=text("field.result", lang), data=blank_options(RESULTS, "field.result_", lang),
        size="xs", placeholder=text("casework.choose", lang),
    )  # fmt: skip
    closes = [{"value": KEEP_OPEN, "label": text("casework.keep_open", lang)}]
    closes += [{"value": name, "label": text(f"casework.do.{name}", lang)} for name in OUTCOMES]
    parts = [
        dmc.Select(id="warning-subject", label=text("field.subject", lang), data=[], size="xs", clearable=True,
                   searchable=True, placeholder=text("casework.whole_warning", lang)),
        dmc.Select(id="warning-item", label=text("casework.item", lang), data=[], size="xs", allowDeselect=False),
        html.Div(id="warning-questions"),
        html.Div([result, _day("warning-done-on", text("casework.done_on", lang))], className="wtwo"),
        html.Div(follow, className="wtwo"),
        dmc.Select(id="warning-closes", label=text("casework.closes", lang), data=closes, value=KEEP_OPEN, size="xs",
                   allowDeselect=False),
        dmc.Textarea(id="warning-note", label=text("field.note", lang), autosize=True, minRows=2, maxRows=6, size="xs"),
    ]  # fmt: skip
    return html.Div(section(text("casework.result", lang), None, *parts), id="warning-result-form", hidden=True)


def attach_form(lang: str) -> html.Div:
    """Attached files and the button that adds one."""
    label = text("casework.attach", lang)
    upload = dcc.Upload(
        html.Span(label, className="btn"),
        id="warning-upload",
        accept="image/jpeg,image/png,application/pdf",
        max_size=5 * 1024 * 1024,
        className="wupload",
    )
    parts = [
        html.Div(id="warning-files"),
        html.Div(upload, **{"data-chooser": label}),
        html.P(text("casework.attach_note", lang), className="cap"),
        html.Div(id="warning-attached", **{"aria-live": "polite"}),
    ]
    return html.Div(section(text("casework.attachments", lang), None, *parts), id="warning-attach-form", hidden=True)


def document_form(lang: str) -> html.Div:
    """Issued documents and the button that gives the next number."""
    parts = [
        html.Div(id="warning-documents"),
        html.Div(
            [
                dmc.Select(
                    id="warning-document-kind",
                    data=[
                        {"value": word, "label": text(f"casework.document.{kind}", lang)}
                        for kind, word in WORDS.items()
                    ],
                    value=WORDS["check"],
                    size="xs",
                    allowDeselect=False,
                    **{"aria-label": text("casework.document_kind", lang)},
                ),
                button("warning-issue", text("casework.issue", lang), "file-text"),
            ],
            id="warning-issue-box",
            className="wtwo",
        ),
    ]
    return html.Div(section(text("casework.documents", lang), None, *parts), id="warning-document-form", hidden=True)


def _day(ident: str, label: str, **more: Any) -> dmc.DateInput:
    return dmc.DateInput(id=ident, label=label, valueFormat="YYYY-MM-DD", size="xs", **more)


def filled(context: Context, case: Casefile, lang: str) -> tuple[Any, ...]:
    """Choices and values for the assignment form: measures, measure, owners, owner, due date."""
    measures = [{"value": m.code, "label": pick(m.name, lang)} for m in case.measures]
    people = [
        {"value": person.id, "label": pick(person.name, lang)}
        for person in staff(context.city).values()
        if casefile.DESK & set(person.roles)
    ]
    known = {option["value"] for option in people}
    for name in (context.actor.id, case.row["owner"]):
        if name and name not in known:
            people.append({"value": name, "label": name})
            known.add(name)
    return measures, case.row["measure"], people, case.row["owner"], case.row["due_on"].isoformat()


def task_for_result(case: Casefile) -> Mapping[str, Any] | None:
    """The task a result is entered for: the active one that is due first, or None."""
    active = case.tasks[case.tasks["state"].isin(("open", "follow_up"))]
    if active.empty or case.row["state"] not in ("taken", "on_site", "closed"):
        return None
    return {str(name): value for name, value in active.iloc[0].to_dict().items()}


def subject_choices(case: Casefile) -> list[dict[str, str]]:
    """Members a result may name."""
    return [{"value": m.subject_id, "label": m.name} for m in case.members]


def item_choices(context: Context, subject: str | None, lang: str) -> list[dict[str, str]]:
    """Check items of the subject's libraries."""
    items = casefile.subject_items(context.store, subject)
    return [{"value": item.code, "label": f"{item.code} {pick(item.name, lang)}"} for item in items]


def questions(code: str | None, lang: str) -> list[Child]:
    """One row of choices for every question of an item."""
    item = next((i for i in load_checklists().items if i.code == code), None)
    return [] if item is None else [_question(item, n, lang) for n in range(len(item.questions))]


def _question(item: Item, n: int, lang: str) -> html.Div:
    question = item.questions[n]
    label = pick(question.text, lang)
    choice = dmc.SegmentedControl(
        id={"type": "warning-answer", "code": question.code},
        data=[{"value": name, "label": text(f"casework.answer.{name}", lang)} for name in ANSWERS],
        value="ok",
        size="xs",
        fullWidth=True,
        **{"aria-label": label},
    )
    return html.Div([html.Span(label), choice], className="wquestion")


def answers(idents: Sequence[Mapping[str, str]], values: Sequence[str | None]) -> tuple[Answer, ...]:
    """Answers as they are recorded."""
    given = [(ident["code"], value) for ident, value in zip(idents, values, strict=True) if value in ANSWERS]
    return tuple(Answer(code, *ANSWERS[str(value)]) for code, value in given)
