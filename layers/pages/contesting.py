"""Objections and corrections (申诉、更正): a disputed record is left out of builds until somebody decided."""

from __future__ import annotations

import datetime as dt
from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, html, no_update

from layers import board, panorama
from layers.pages.context import Context, language_of, query, report
from layers.pages.elements import button, failed, icon
from layers.pages.permits import DESK
from layers.refusals import refusal
from layers.text import date, text
from models.errors import AccessDeniedError, CityhexError

MOST_RECORDS = 100


def buttons(context: Context, found: panorama.Panorama, lang: str) -> list[Any]:
    """What can be done with the subject: file an objection; say how many are pending."""
    pending = len(context.store.contests(found.id, "pending"))
    shown: list[Any] = []
    if pending:
        shown.append(html.Span(text("subject.contest_open", lang, n=pending), className="tag info"))
    if context.actor.has(DESK):
        shown.append(button("subject-contest", text("subject.contest", lang), "scale"))
    return shown


def dialog(context: Context, found: panorama.Panorama, lang: str) -> html.Dialog:
    """The form, closed at first."""
    options = [
        {"value": f"{event.table}:{event.record_id}", "label": f"{date(event.day, lang)} {event.said}"}
        for event in found.events
        if event.table in panorama.CONTESTED
    ]
    records = list({option["value"]: option for option in options}.values())[:MOST_RECORDS]
    form: list[Any] = [html.P(text("subject.contest_none", lang))]
    if records and context.actor.has(DESK):
        form = [
            html.P(text("subject.contest_note", lang), className="cap"),
            dmc.Select(
                id="subject-contest-record",
                label=text("subject.contest_record", lang),
                data=records,
                value=records[0]["value"],
                allowDeselect=False,
                comboboxProps={"withinPortal": False},
            ),
            dmc.Textarea(
                id="subject-contest-grounds", label=text("subject.contest_grounds", lang), minRows=3, autosize=True
            ),
            html.Div(
                button("subject-contest-send", text("subject.contest_send", lang), "check", kind="btn primary"),
                className="row gap8",
            ),
        ]
    return html.Dialog(
        [
            html.Div(
                [
                    html.H2(text("subject.contest_title", lang), className="grow"),
                    button("subject-contest-close", text("inspect.close", lang), "x", kind="quiet"),
                ],
                className="row gap8",
            ),
            *form,
            html.Div(id="subject-contest-said", role="status"),
        ],
        id="subject-contest-dialog",
        className="dialog",
        **{"aria-label": text("subject.contest_title", lang)},
    )


def register(app: Dash, context: Context) -> None:
    """Wire the form."""
    for trigger in ("subject-contest", "subject-contest-close"):
        app.clientside_callback(
            ClientsideFunction("subject", "dialog"),
            Output("subject-contest-dialog", "title", allow_duplicate=True),
            Input(trigger, "n_clicks"),
            prevent_initial_call=True,
        )

    @app.callback(  # type: ignore[untyped-decorator]
        Output("subject-contest-said", "children"),
        Output("subject-contest-send", "disabled"),
        Input("subject-contest-send", "n_clicks"),
        State("subject-contest-record", "value"),
        State("subject-contest-grounds", "value"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def send(clicks: Any, record: Any, grounds: Any, address: Any) -> tuple[Any, Any]:
        params = query(address)
        lang = language_of(params, context.settings.language)
        if not clicks or not record:
            return no_update, no_update
        try:
            number = _file(context, params.get("id", ""), str(record), str(grounds or ""))
        except AccessDeniedError:
            raise
        except CityhexError as error:
            return html.Div(refusal(error, lang), className="strip", role="alert"), False
        except Exception as error:
            return failed(lang, report(error)), False
        return html.Div([icon("check", "s14"), text("subject.contest_done", lang, n=number)], className="tag ok"), True


def _file(context: Context, ident: str, record: str, grounds: str) -> int:
    """Keep the objection; only whoever works on the subject may.

    Raises
    ------
    AccessDeniedError : another role, or somebody else's area
    """
    row = context.store.subject(ident)
    panorama.require(context.actor, row)
    if not context.actor.has(DESK):
        raise AccessDeniedError(f"objections are filed by {', '.join(sorted(DESK))}")
    table, _, key = record.partition(":")
    filed: int = context.store.file_contest(
        table, key, subject_id=ident, grounds=grounds, actor=context.actor.id,
        as_of=board.business_date(context.manifest), at=dt.datetime.now(dt.UTC),
    )  # fmt: skip
    return filed
