"""Plan against what was done: per item and level, with the year's plan to be written by those who may."""

from __future__ import annotations

import datetime as dt
from typing import Any

import dash_mantine_components as dmc
import pandas as pd
from dash import Dash, Input, Output, State, dcc, html, no_update

from layers.pages.context import Context, language_of, query, report
from layers.pages.elements import blank, button, failed, section
from layers.pages.marks import level_mark
from layers.pages.tasks_reading import PLANNERS, as_of, item_name, items, may_plan, need, places
from layers.refusals import refusal
from layers.text import date, number, text
from models.errors import AccessDeniedError, CityhexError

LEVELS = ("A", "B", "C", "D")
COUNTS = ("planned", "drawn", "done", "open", "overdue", "cancelled")


def sheet(context: Context, lang: str) -> list[Any]:
    """Choice of place, the table, and the form that writes the plan."""
    where = places(context, lang)
    chosen = html.Div(
        dmc.Select(
            id="tasks-plan-place", data=where, value=where[0]["value"] if where else None, size="xs", searchable=True,
            allowDeselect=False, label=text("tasks.place", lang), className="grow",
        ),
        className="queuebar",
    )  # fmt: skip
    form = html.Div(
        [
            html.Div(
                dmc.Select(id="tasks-plan-item", label=text("tasks.plan_item", lang), data=items(lang), value="A01",
                           size="xs", searchable=True, allowDeselect=False),
                className="whole",
            ),
            *(dmc.NumberInput(id=f"tasks-plan-{level}", label=text(f"level.{level}", lang), min=0, max=1_000_000,
                              size="xs", value=0, allowDecimal=False) for level in LEVELS),
            html.Div(button("tasks-plan-save", text("tasks.plan_save", lang), "device-floppy"), className="tasksacts"),
        ],
        className="tasksform",
        hidden=not may_plan(context),
    )  # fmt: skip
    said = html.Div(id="tasks-plan-said", role="status")
    return [
        chosen,
        html.Div([html.Div(id="tasks-plan-table"), form, said], className="scroll"),
        dcc.Store(id="tasks-plan-version"),
    ]


def table(frame: pd.DataFrame, year: int, today: str, lang: str) -> Any:
    """The comparison as a table with its sums."""
    if frame.empty:
        return blank(text("tasks.plan_none", lang, year=year), "calendar-stats")
    head = [html.Th(text("tasks.item", lang)), html.Th(text("tasks.level", lang)),
            *(html.Th(text(f"tasks.{k}", lang), className="end") for k in COUNTS)]  # fmt: skip
    rows = []
    for row in frame.to_dict("records"):
        numbers = [None if pd.isna(row[k]) else int(row[k]) for k in COUNTS]
        late = ["end late" if k == "overdue" and n else "end" for k, n in zip(COUNTS, numbers, strict=True)]
        cells = [html.Td(number(n, lang), className=c) for n, c in zip(numbers, late, strict=True)]
        rows.append(
            html.Tr(
                [
                    html.Td(item_name(row["item_code"], lang)),
                    html.Td(level_mark(row["level"], lang, size="small")),
                    *cells,
                ]
            )
        )
    sums = [html.Td(number(int(frame[k].fillna(0).sum()), lang), className="end") for k in COUNTS]
    foot = html.Tr([html.Td(text("tasks.sum", lang)), html.Td(), *sums])
    body = html.Table(
        [html.Thead(html.Tr(head)), html.Tbody(rows), html.Tfoot(foot)], className="plain", id="tasks-plan-sums"
    )
    note = text("tasks.plan_note", lang, year=year, date=date(today, lang))
    return section(text("tasks.plan_title", lang, year=year), note, body)


def register(app: Dash, context: Context) -> None:
    """Wire the sheet."""

    @app.callback(  # type: ignore[untyped-decorator]
        Output("tasks-plan-table", "children"),
        Input("tasks-plan-place", "value"),
        Input("tasks-version", "data"),
        Input("tasks-plan-version", "data"),
        State("url", "search"),
    )
    def fill(place: Any, version: Any, saved: Any, address: Any) -> Any:  # noqa: ARG001 - causes, not values
        lang, today = language_of(query(address), context.settings.language), as_of(context)
        if not place:
            return blank(text("tasks.no_place", lang), "map-pin")
        _own(context, place)
        try:
            found = context.store.plan_progress(today.year, place, today)
        except Exception as error:
            return failed(lang, report(error))
        return table(found, today.year, today.isoformat(), lang)

    @app.callback(  # type: ignore[untyped-decorator]
        Output("tasks-plan-said", "children"),
        Output("tasks-plan-version", "data"),
        Input("tasks-plan-save", "n_clicks"),
        State("tasks-plan-place", "value"),
        State("tasks-plan-item", "value"),
        *(State(f"tasks-plan-{level}", "value") for level in LEVELS),
        State("tasks-plan-version", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def save(clicks: Any, place: Any, item: Any, *more: Any) -> tuple[Any, Any]:
        numbers, version, lang = more[:4], more[4], language_of(query(more[5]), context.settings.language)
        if not clicks:
            return no_update, no_update
        need(context, PLANNERS, "a plan")
        _own(context, place)
        today = as_of(context)
        try:
            planned = {(item, level): int(n or 0) for level, n in zip(LEVELS, numbers, strict=True)}
            context.store.save_plan(
                today.year, place, planned, actor=context.actor.id, as_of=today, at=dt.datetime.now(dt.UTC)
            )
        except CityhexError as error:
            return html.Div(refusal(error, lang), className="strip", role="alert"), no_update
        return html.P(text("tasks.plan_saved", lang), className="cap psec"), (version or 0) + 1


def _own(context: Context, place: str) -> None:
    if not context.actor.works_in(None if place == "*" else place):
        raise AccessDeniedError(f"{context.actor.id} does not work in {place}")
