"""Results of offline packs: bring a file in, see what was merged, decide what disagrees."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update

from layers.masking import area_of
from layers.pages.context import Context, language_of, query, report
from layers.pages.elements import blank, button, failed, icon, section, tag
from layers.pages.permits import DESK
from layers.pages.tasks_reading import as_of, item_name, may_write, need
from layers.refusals import refusal
from layers.text import date, text
from models.casework.packs import Merged
from models.errors import AccessDeniedError, CityhexError, RequestError


def sheet(lang: str) -> list[Any]:
    """Room for a file, what came of it, and the open conflicts."""
    return [
        html.Div(
            [
                html.P(text("tasks.packs_intro", lang), className="cap psec"),
                html.Div(
                    dcc.Upload(
                        html.Div([icon("inbox"), html.Div(text("tasks.upload", lang))], className="packdrop"),
                        id="tasks-pack-file", accept=".json,application/json", max_size=1_500_000,
                    ),
                    **{"data-chooser": text("tasks.upload", lang)},
                ),
                html.Div(id="tasks-pack-said", role="status"),
                html.Div(id="tasks-clashes"),
            ],
            className="scroll",
        )
    ]  # fmt: skip


def read(content: str) -> bytes:
    """The bytes of an uploaded file; RequestError where the browser sent none."""
    try:
        return base64.b64decode(content.split(",", 1)[1], validate=True)
    except (IndexError, binascii.Error) as error:
        raise RequestError("the file could not be read; choose it again") from error


def said(done: Merged, lang: str) -> html.Div:
    """What became of a file."""
    rows = [
        (text("tasks.merged", lang, n=len(done.merged)), "ok", "check"),
        (text("tasks.same", lang, n=len(done.same)), "info", "info-circle"),
        (text("tasks.conflicts", lang, n=len(done.conflicts)), "warn", "alert-triangle"),
        (text("tasks.refused_n", lang, n=len(done.refused)), "danger", "x"),
    ]
    counts = (done.merged, done.same, done.conflicts, done.refused)
    tags = [tag(label, kind, mark) for (label, kind, mark), n in zip(rows, counts, strict=True) if n]
    why = [html.Li(text("tasks.refused_task", lang, task=number, why=reason)) for number, reason in done.refused]
    return html.Div([html.Div(tags, className="row gap8"), html.Ul(why, className="dots")], className="psec")


def clashes(context: Context, lang: str) -> list[Any]:
    """The open conflicts of the actor's areas, what stands beside what came back."""
    frame = context.store.pack_entries("conflict")
    found = []
    for row in frame.to_dict("records"):
        task = context.store.task(int(row["task_id"]))
        if context.actor.works_in(area_of(task)):
            found.append(_clash(row, task, may_write(context), lang))
    if not found:
        return [blank(text("tasks.no_clash", lang), "circle-check")]
    return [section(text("tasks.clashes", lang), text("tasks.clashes_note", lang)), *found]


def _clash(row: dict[Any, Any], task: dict[str, Any], writes: bool, lang: str) -> html.Div:
    standing = row["standing"] if isinstance(row["standing"], str) else None
    two = [
        html.Div([html.B(text("tasks.stands", lang)), *_lines(standing, task, lang)]),
        html.Div([html.B(text("tasks.came_back", lang)), *_lines(row["content"], task, lang)]),
    ]
    number = int(row["entry_id"])
    acts = [
        button({"type": "tasks-keep", "id": number}, text("tasks.keep", lang), "check"),
        button({"type": "tasks-use", "id": number}, text("tasks.use", lang), "plus"),
    ]
    head = text(
        "tasks.clash_of", lang, task=row["task_id"], item=item_name(task["item_code"], lang), who=row["brought_by"]
    )
    return html.Div(
        [html.B(head), html.Div(two, className="two"), html.Div(acts if writes else [], className="row")],
        className="clash", **{"data-entry": str(number)},
    )  # fmt: skip


def _lines(content: str | None, task: dict[str, Any], lang: str) -> list[Any]:
    if content is None:
        return [html.Div(text("tasks.stands_state", lang, state=text(f"tasks.state_{task['state']}", lang)))]
    given = json.loads(content)
    faults = [a["code"] for a in given["answers"] if a["answer"] == "fault"]
    lines = [date(given["done_on"], lang), text(f"field.result_{given['result']}", lang),
             text(f"field.follow_{given['follow_up']}", lang)]  # fmt: skip
    if faults:
        lines.append(text("tasks.faults", lang, codes=", ".join(faults)))
    if given["note"]:
        lines.append(given["note"])
    return [html.Div(line) for line in lines]


def register(app: Dash, context: Context) -> None:
    """Wire the sheet."""

    @app.callback(  # type: ignore[untyped-decorator]
        Output("tasks-pack-said", "children"),
        Output("tasks-version", "data", allow_duplicate=True),
        Input("tasks-pack-file", "contents"),
        State("tasks-version", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def bring(content: Any, version: Any, address: Any) -> tuple[Any, Any]:
        lang = language_of(query(address), context.settings.language)
        if not content:
            return no_update, no_update
        need(context, DESK, "bringing results in")
        try:
            done = context.store.merge_pack(
                read(content), areas=sorted(context.actor.areas), actor=context.actor.id, as_of=as_of(context),
                at=dt.datetime.now(dt.UTC),
            )  # fmt: skip
        except CityhexError as error:
            return html.Div(refusal(error, lang), className="strip", role="alert"), no_update
        except Exception as error:
            return failed(lang, report(error)), no_update
        return said(done, lang), (version or 0) + 1

    @app.callback(  # type: ignore[untyped-decorator]
        Output("tasks-clashes", "children"), Input("tasks-version", "data"), State("url", "search")
    )
    def fill(version: Any, address: Any) -> Any:  # noqa: ARG001 - a cause, not a value
        return clashes(context, language_of(query(address), context.settings.language))

    @app.callback(  # type: ignore[untyped-decorator]
        Output("tasks-pack-said", "children", allow_duplicate=True),
        Output("tasks-version", "data", allow_duplicate=True),
        Input({"type": "tasks-keep", "id": ALL}, "n_clicks"),
        Input({"type": "tasks-use", "id": ALL}, "n_clicks"),
        State("tasks-version", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def decide(keep: Any, use: Any, version: Any, address: Any) -> tuple[Any, Any]:
        lang = language_of(query(address), context.settings.language)
        if not (any(keep or ()) or any(use or ())) or not ctx.triggered_id:
            return no_update, no_update
        need(context, DESK, "deciding on results")
        pressed = ctx.triggered_id
        try:
            _own(context, int(pressed["id"]))
            context.store.decide_pack_entry(
                int(pressed["id"]), use=pressed["type"] == "tasks-use", actor=context.actor.id, as_of=as_of(context),
                at=dt.datetime.now(dt.UTC),
            )  # fmt: skip
        except AccessDeniedError:
            raise
        except CityhexError as error:
            return html.Div(refusal(error, lang), className="strip", role="alert"), no_update
        return html.P(tag(text("tasks.decided", lang), "ok", "check"), className="psec"), (version or 0) + 1


def _own(context: Context, entry: int) -> None:
    frame = context.store.pack_entries(None)
    mine = frame[frame["entry_id"] == entry]
    task = context.store.task(int(mine["task_id"].iloc[0])) if len(mine) else None
    if task is not None and not context.actor.works_in(area_of(task)):
        raise AccessDeniedError(f"task {task['task_id']} lies outside of {context.actor.id}'s areas")
