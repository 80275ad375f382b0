"""Callbacks of the warning page that write: steps, assignment, results, undo, attachments."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from collections.abc import Callable
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, html, no_update

from layers import casefile
from layers.pages import warning_form
from layers.pages.context import Context, report
from layers.pages.elements import failed, icon, tag
from layers.pages.warning_wiring import language
from layers.refusals import refusal
from layers.text import has, text
from models.casework.conflict import ConflictError
from models.casework.results import Entry
from models.errors import AccessDeniedError, CityhexError, RequestError

Said = tuple[Any, Any, Any]
"""Message, version of what was written (which reads everything anew), and what may be undone."""


def _who(context: Context) -> dict[str, Any]:
    """Actor, business date and moment of an act.

    Raises
    ------
    AccessDeniedError : the actor's role may only read
    """
    actor = context.actor
    if not actor.has(casefile.DESK):
        raise AccessDeniedError(f"{actor.id} may read warnings and not work on them")
    as_of = casefile.business_date(context.manifest)
    return {"actor": actor.id, "as_of": as_of, "at": dt.datetime.now(dt.UTC)}


def _own(context: Context, key: str) -> dict[str, Any]:
    row: dict[str, Any] = context.store.warning(key)
    casefile.guard_area(context.actor, row)
    return row


def _done(what: str, lang: str) -> html.Div:
    return html.Div([tag(text(what, lang), "ok", "check")], className="wsaid")


def _strip(said: str) -> html.Div:
    return html.Div([icon("alert-triangle"), html.Span(said)], className="strip", role="alert")


def conflict_words(error: ConflictError, lang: str) -> str:
    """Who did what when, in the language of the page; and that nothing was lost."""
    action, state = f"casework.action.{error.action}", f"casework.state.{error.state}"
    at = error.at.astimezone().strftime("%H:%M:%S")
    return text(
        "casework.conflict", lang, actor=error.actor, action=_word(action, error.action, lang), at=at,
        state=_word(state, error.state, lang),
    )  # fmt: skip


def _word(key: str, plain: str, lang: str) -> str:
    return text(key, lang) if has(key, lang) else plain


def _attempt(context: Context, lang: str, version: Any, act: Callable[[], tuple[Any, Any]]) -> Said:
    """Do something; say what came of it. Whatever fails keeps the forms as they are."""
    try:
        said, undo = act()
    except AccessDeniedError:
        raise
    except ConflictError as error:
        if error.actor == context.actor.id:
            return _done("casework.saved", lang), (version or 0) + 1, no_update
        return _strip(conflict_words(error, lang)), (version or 0) + 1, None
    except RequestError as error:
        return _strip(refusal(error, lang)), no_update, no_update
    except CityhexError as error:
        return _strip(text("casework.not_saved", lang, why=refusal(error, lang))), no_update, no_update
    except Exception as error:
        return failed(lang, report(error)), no_update, no_update
    return said, (version or 0) + 1, undo


def register(app: Dash, context: Context) -> None:
    """Wire what writes."""
    _steps(app, context)
    _assignment(app, context)
    _results(app, context)
    _undo(app, context)
    _documents(app, context)
    _attachments(app, context)


SAID = (
    Output("warning-said", "children", allow_duplicate=True),
    Output("warning-version", "data", allow_duplicate=True),
    Output("warning-undoable", "data", allow_duplicate=True),
)


def _steps(app: Dash, context: Context) -> None:
    @app.callback(  # type: ignore[untyped-decorator]
        *SAID,
        Input({"type": "warning-step", "action": ALL, "outcome": ALL}, "n_clicks"),
        State("warning-key", "data"),
        State("warning-revision", "data"),
        State("warning-note", "value"),
        State("warning-version", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def step(  # noqa: PLR0917 - one argument per store
        clicks: Any, asked: Any, revision: Any, note: Any, version: Any, address: Any
    ) -> Said:
        pressed = ctx.triggered_id
        if not any(clicks or ()) or not isinstance(pressed, dict) or not asked:
            return no_update, no_update, no_update
        lang, key = language(context, address), asked["key"]

        def act() -> tuple[Any, Any]:
            _own(context, key)
            outcome = pressed["outcome"] or None
            now = context.store.step_warning(
                key, pressed["action"], revision=int(revision or 0), outcome=outcome, **_who(context),
                note=(note or "").strip() or None if pressed["action"] == "close" else None,
            )  # fmt: skip
            said = _done(f"casework.did.{outcome or pressed['action']}", lang)
            return said, {"kind": "step", "key": key, "revision": now["revision"], "t": version}

        return _attempt(context, lang, version, act)


def _assignment(app: Dash, context: Context) -> None:
    @app.callback(  # type: ignore[untyped-decorator]
        *SAID,
        Input("warning-assign", "n_clicks"),
        State("warning-key", "data"),
        State("warning-revision", "data"),
        State("warning-measure", "value"),
        State("warning-owner", "value"),
        State("warning-due", "value"),
        State("warning-version", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def assign(  # noqa: PLR0917 - one argument per control
        clicks: Any, asked: Any, revision: Any, measure: Any, owner: Any, due: Any, version: Any, address: Any
    ) -> Said:
        if not clicks or not asked:
            return no_update, no_update, no_update
        lang, key = language(context, address), asked["key"]

        def act() -> tuple[Any, Any]:
            row = _own(context, key)
            until = dt.date.fromisoformat(str(due)[:10]) if due else row["due_on"]
            context.store.edit_warning(
                key, revision=int(revision or 0), measure=measure, owner=owner or None, due_on=until, **_who(context)
            )
            return _done("casework.assigned", lang), None

        return _attempt(context, lang, version, act)


def _results(app: Dash, context: Context) -> None:
    @app.callback(  # type: ignore[untyped-decorator]
        *SAID,
        Output("warning-note", "value"),
        Output("warning-result", "value"),
        Output("warning-follow", "value"),
        Output("warning-follow-due", "value"),
        Output("warning-closes", "value"),
        Input("warning-save", "n_clicks"),
        State("warning-task", "data"),
        State("warning-subject", "value"),
        State("warning-item", "value"),
        State({"type": "warning-answer", "code": ALL}, "id"),
        State({"type": "warning-answer", "code": ALL}, "value"),
        State("warning-result", "value"),
        State("warning-done-on", "value"),
        State("warning-follow", "value"),
        State("warning-follow-due", "value"),
        State("warning-closes", "value"),
        State("warning-note", "value"),
        State("warning-version", "data"),
        State("url", "search"),
        running=[(Output("warning-save", "disabled"), True, False)],
        prevent_initial_call=True,
    )
    def save(  # noqa: PLR0917 - one argument per control
        clicks: Any, task: Any, subject: Any, item: Any, idents: Any, values: Any, result: Any, done: Any, follow: Any,
        follow_due: Any, closes: Any, note: Any, version: Any, address: Any,
    ) -> tuple[Any, ...]:  # fmt: skip
        kept = (no_update,) * 5
        if not clicks or not task:
            return no_update, no_update, no_update, *kept
        lang = language(context, address)
        if not result or not done:
            return _strip(text("casework.incomplete", lang)), no_update, no_update, *kept

        def act() -> tuple[Any, Any]:
            _own(context, task["warning"])
            entry = Entry(
                task_id=task["task"], revision=task["revision"], idempotency_key=task["form"], subject_id=subject,
                item_code=item, answers=warning_form.answers(idents, values), result=result,
                done_on=dt.date.fromisoformat(str(done)[:10]), follow_up=follow or "none",
                follow_up_due=dt.date.fromisoformat(str(follow_due)[:10]) if follow_due else None,
                note=(note or "").strip() or None, officer=context.actor.officer_id,
                outcome=None if closes in (None, warning_form.KEEP_OPEN) else closes,
                warning_revision=task["warning_revision"],
            )  # fmt: skip
            saved = context.store.record_result(entry, **_who(context))
            return _done("casework.recorded", lang), {"kind": "result", "id": saved.result_id, "t": version}

        said = _attempt(context, lang, version, act)
        saved = isinstance(said[2], dict)
        return *said, *(("", None, "none", None, warning_form.KEEP_OPEN) if saved else kept)


def _documents(app: Dash, context: Context) -> None:
    @app.callback(  # type: ignore[untyped-decorator]
        *SAID,
        Input("warning-issue", "n_clicks"),
        State("warning-document-kind", "value"),
        State("warning-key", "data"),
        State("warning-version", "data"),
        State("url", "search"),
        running=[(Output("warning-issue", "disabled"), True, False)],
        prevent_initial_call=True,
    )
    def issue(clicks: Any, kind: Any, asked: Any, version: Any, address: Any) -> Said:
        if not clicks or not asked or not kind:
            return no_update, no_update, no_update
        lang, key = language(context, address), asked["key"]

        def act() -> tuple[Any, Any]:
            _own(context, key)
            case = casefile.casefile(context, key, lang)
            title = f"{casefile.measure_name(case.row['measure'], lang)}: {case.title}"
            about = {"warning_key": key, "subject_id": case.row["subject_id"], **_who(context)}
            made = context.store.issue_document(kind, title, organ=context.city.supervision.organ, **about)
            return html.Div([tag(made["number"], "ok", "file-text")], className="wsaid"), None

        return _attempt(context, lang, version, act)


def _undo(app: Dash, context: Context) -> None:
    app.clientside_callback(
        ClientsideFunction("warning", "offerUndo"),
        Output("warning-undo", "hidden"),
        Input("warning-undoable", "data"),
        prevent_initial_call=True,
    )

    @app.callback(  # type: ignore[untyped-decorator]
        *SAID,
        Input("warning-undo", "n_clicks"),
        State("warning-undoable", "data"),
        State("warning-version", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def take_back(clicks: Any, undoable: Any, version: Any, address: Any) -> Said:
        if not clicks or not undoable:
            return no_update, no_update, no_update
        lang = language(context, address)

        def act() -> tuple[Any, Any]:
            if undoable["kind"] == "result":
                context.store.undo_result(int(undoable["id"]), **_who(context))
            else:
                key = undoable["key"]
                _own(context, key)
                context.store.undo_warning(key, revision=int(undoable["revision"]), **_who(context))
            return _done("casework.undone", lang), None

        return _attempt(context, lang, version, act)


def _attachments(app: Dash, context: Context) -> None:
    @app.callback(  # type: ignore[untyped-decorator]
        Output("warning-attached", "children"),
        Output("warning-version", "data", allow_duplicate=True),
        Input("warning-upload", "contents"),
        State("warning-upload", "filename"),
        State("warning-key", "data"),
        State("warning-version", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def attach(contents: Any, name: Any, asked: Any, version: Any, address: Any) -> tuple[Any, Any]:
        if not contents or not asked:
            return no_update, no_update
        lang, key = language(context, address), asked["key"]

        def act() -> tuple[Any, Any]:
            who = _who(context)
            _own(context, key)
            context.store.add_attachment(
                _bytes(contents), str(name or ""), actor=who["actor"], at=who["at"], warning_key=key
            )
            return _done("casework.attached", lang), None

        said, newer, _ = _attempt(context, lang, version, act)
        return said, newer


def _bytes(contents: str) -> bytes:
    """Content of a file as the browser sends it: ``data:<type>;base64,<text>``."""
    try:
        return base64.b64decode(contents.partition(",")[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise RequestError("the file did not arrive whole; send it again") from error
