"""Entering the result of one task: questions, result, what follows; saved once however often it is pressed, undone for
ten seconds."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update

from layers.access import require_area
from layers.field.sheets import Sheet
from layers.masking import area_of
from layers.pages.context import Context, language_of, query, report
from layers.pages.elements import button, failed, section, tag
from layers.pages.permits import DESK
from layers.pages.tasks_reading import as_of, need
from layers.refusals import refusal
from layers.text import pick, text
from models.casework.results import Answer, Entry
from models.errors import AccessDeniedError, CityhexError, RequestError

FOLLOW_UPS = ("none", "rectify", "reinspect", "penalty", "list")
ANSWERS = ("ok", "fault", "not_applicable")
SEVERITY = "moderate"
"""How severe a fault counts that is entered here; the offline pack and the warning page ask for it."""


def form(sheet: Sheet, today: dt.date, lang: str) -> Any:
    """The form of one task; ``tasks-form`` names the task as it was seen, and the form itself for sending it once."""
    asked = [
        dmc.RadioGroup(
            dmc.Group([dmc.Radio(label=text(f"field.answer_{a}", lang), value=a, size="xs") for a in ANSWERS]),
            id={"type": "tasks-answer", "code": q.code}, label=f"{n}. {pick(q.text, lang)}", size="xs",
        )
        for n, q in enumerate(sheet.questions, start=1)
    ]  # fmt: skip
    results = [{"value": r, "label": text(f"field.result_{r}", lang)} for r in sheet.results]
    follow = [{"value": f, "label": text(f"field.follow_{f}", lang)} for f in FOLLOW_UPS]
    day = {"valueFormat": "YYYY-MM-DD", "size": "xs"}
    fields = [
        *asked,
        html.Div(
            [
                dmc.Select(id="tasks-result", label=text("field.result", lang), data=results, size="xs"),
                dmc.DateInput(id="tasks-done-on", label=text("pack.done_on", lang), value=today.isoformat(), **day),
                dmc.Select(id="tasks-follow", label=text("field.follow_up", lang), data=follow, value="none", size="xs",
                           allowDeselect=False),
                dmc.DateInput(id="tasks-follow-due", label=text("pack.follow_up_due", lang), clearable=True, **day),
            ],
            className="two",
        ),
        dmc.Textarea(id="tasks-note", label=text("field.note", lang), autosize=True, minRows=1, maxRows=5, size="xs"),
        button("tasks-save", text("tasks.save", lang), "device-floppy", kind="btn primary"),
    ]  # fmt: skip
    seen = {"task_id": sheet.task_id, "revision": sheet.revision, "key": f"screen-{secrets.token_hex(12)}"}
    body = html.Div([*fields, dcc.Store(id="tasks-form", data=seen)], className="entry")
    return section(text("tasks.enter", lang), text("tasks.enter_note", lang), body)


def entry_of(seen: Mapping[str, Any], given: Mapping[str, Any], answers: Sequence[tuple[str, Any]]) -> Entry:
    """The entry of a form.

    Raises
    ------
    RequestError : a question without an answer, no result, a day missing; says which
    """
    open_ = [code for code, said in answers if not said]
    if open_:
        raise RequestError(f"questions without an answer: {', '.join(open_)}")
    if not given.get("result") or not given.get("done_on"):
        raise RequestError("a result and the day of the check are needed")
    due = given.get("due") if given.get("follow") != "none" else None
    return Entry(
        task_id=int(seen["task_id"]),
        revision=int(seen["revision"]),
        idempotency_key=str(seen["key"]),
        done_on=dt.date.fromisoformat(str(given["done_on"])[:10]),
        result=str(given["result"]),
        follow_up=str(given.get("follow") or "none"),
        follow_up_due=dt.date.fromisoformat(str(due)[:10]) if due else None,
        answers=tuple(Answer(code, said, SEVERITY if said == "fault" else None) for code, said in answers),
        note=(given.get("note") or "").strip() or None,
    )


def _said(result_id: int, lang: str) -> Any:
    undo = button({"type": "tasks-undo", "id": result_id}, text("tasks.undo", lang), "arrow-back-up", kind="btn gone")
    return html.Div([tag(text("tasks.recorded", lang), "ok", "check"), undo], className="row gap8")


def _strip(error: Exception, lang: str) -> Any:
    """What went wrong, loudly; the form keeps what was entered."""
    if isinstance(error, CityhexError):
        return html.Div(refusal(error, lang), className="strip", role="alert")
    return failed(lang, report(error))


def register(app: Dash, context: Context) -> None:
    """Wire saving and undoing."""

    @app.callback(  # type: ignore[untyped-decorator]
        Output("tasks-said", "children"),
        Output("tasks-version", "data", allow_duplicate=True),
        Input("tasks-save", "n_clicks"),
        State("tasks-form", "data"),
        State({"type": "tasks-answer", "code": ALL}, "value"),
        State({"type": "tasks-answer", "code": ALL}, "id"),
        *(State(f"tasks-{name}", "value") for name in ("result", "follow", "follow-due", "done-on", "note")),
        State("tasks-version", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def save(clicks: Any, seen: Any, values: Any, ids: Any, *more: Any) -> tuple[Any, Any]:
        version, lang = more[5], language_of(query(more[6]), context.settings.language)
        if not clicks or not seen:
            return no_update, no_update
        need(context, DESK, "recording a result")
        given = dict(zip(("result", "follow", "due", "done_on", "note"), more, strict=False))
        try:
            task = context.store.task(int(seen["task_id"]))
            require_area(context.actor, area_of(task), DESK, f"task {seen['task_id']}")
            made = entry_of(seen, given, [(i["code"], v) for i, v in zip(ids, values, strict=True)])
            kept = context.store.record_result(
                made, actor=context.actor.id, as_of=as_of(context), at=dt.datetime.now(dt.UTC)
            )
        except AccessDeniedError:
            raise
        except Exception as error:
            return _strip(error, lang), no_update
        return _said(kept.result_id, lang), (version or 0) + 1

    @app.callback(  # type: ignore[untyped-decorator]
        Output("tasks-said", "children", allow_duplicate=True),
        Output("tasks-version", "data", allow_duplicate=True),
        Input({"type": "tasks-undo", "id": ALL}, "n_clicks"),
        State("tasks-version", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def undo(clicks: Any, version: Any, address: Any) -> tuple[Any, Any]:
        lang = language_of(query(address), context.settings.language)
        if not any(clicks or ()) or not ctx.triggered_id:
            return no_update, no_update
        need(context, DESK, "undoing a result")
        try:
            context.store.undo_result(
                int(ctx.triggered_id["id"]), actor=context.actor.id, as_of=as_of(context), at=dt.datetime.now(dt.UTC)
            )
        except Exception as error:
            return _strip(error, lang), no_update
        return tag(text("tasks.undone", lang), "info", "arrow-back-up"), (version or 0) + 1
