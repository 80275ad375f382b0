"""The double-random draw: what, where, by which ratios and seed; look at it, publish it, draw again to prove it."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update

from layers.pages import tasks_route
from layers.pages.context import Context, language_of, query, report
from layers.pages.elements import blank, button, failed, section, tag
from layers.pages.marks import level_mark
from layers.pages.queue_panel import circle
from layers.pages.tasks_reading import PLANNERS, as_of, item_name, items, levels, may_plan, need, places
from layers.refusals import refusal
from layers.text import date, number, pick, text
from models.analysis.draws import DrawRequest, DrawResult, Item
from models.casework.plans import plan_id
from models.errors import AccessDeniedError, CityhexError, RequestError
from models.rules.checklists import load_checklists
from models.rules.draws import load_draw_rules

DUE_DAYS = 60
MARKED = 300
DOT_RADIUS_M = 250


def sheet(context: Context, lang: str) -> list[Any]:
    """Form, preview, and the draws published this year."""
    if not may_plan(context):
        return [html.Div([blank(text("tasks.draw_not_you", lang), "dice-5"), _hidden()], className="scroll"),
                html.Div(id="tasks-draws", hidden=True)]  # fmt: skip
    rules, today = load_draw_rules(), as_of(context)
    schemes = [{"value": s.id, "label": pick(s.place, lang)} for s in rules.schemes if s.complete]
    where = places(context, lang)
    form = html.Div(
        [
            html.Div(
                dmc.MultiSelect(id="tasks-draw-items", label=text("tasks.items", lang), data=items(lang), value=["A01"],
                                searchable=True, size="xs"),
                className="whole",
            ),
            dmc.Select(id="tasks-draw-place", label=text("tasks.place", lang), data=where, searchable=True, size="xs",
                       value=where[0]["value"] if where else None, allowDeselect=False),
            dmc.Select(id="tasks-draw-scheme", label=text("tasks.scheme", lang), data=schemes, size="xs",
                       value=rules.default_scheme, allowDeselect=False),
            dmc.NumberInput(id="tasks-draw-part", label=text("tasks.part", lang), value=100, min=1, max=100,
                            suffix=" %", size="xs"),
            dmc.TextInput(id="tasks-draw-due", label=text("tasks.due_by", lang), size="xs",
                          value=(today + dt.timedelta(days=DUE_DAYS)).isoformat()),
            html.Div(
                [
                    dmc.TextInput(
                        id="tasks-draw-seed", label=text("tasks.seed", lang), value=new_seed(today), size="xs"
                    ),
                    html.P(text("tasks.seed_note", lang), className="cap"),
                ],
                className="whole",
            ),
            html.Div(
                [
                    button("tasks-draw-look", text("tasks.look", lang), "eye", kind="btn primary"),
                    button("tasks-draw-again", text("tasks.new_seed", lang), "dice-5"),
                ],
                className="tasksacts",
            ),
        ],
        className="tasksform",
    )  # fmt: skip
    shown = html.Div(id="tasks-draw-shown", **{"aria-live": "polite"})
    return [html.Div([form, shown, html.Div(id="tasks-draws"), dcc.Store(id="tasks-draw-agreed")], className="scroll")]


def _hidden() -> html.Div:
    """What the callbacks of the draw look for where the form is not shown."""
    names = ("items", "place", "scheme", "part", "due", "seed")
    return html.Div(
        [*(dcc.Input(id=f"tasks-draw-{n}", type="hidden") for n in names),
         *(html.Button(id=f"tasks-draw-{n}", n_clicks=0) for n in ("look", "again")), html.Div(id="tasks-draw-shown"),
         dcc.Store(id="tasks-draw-agreed")],
        hidden=True,
    )  # fmt: skip


def new_seed(day: dt.date) -> str:
    """A seed nobody chose: the day and eight random digits."""
    return f"{day.isoformat()}/{secrets.token_hex(4)}"


def request_of(context: Context, asked: Mapping[str, Any]) -> DrawRequest:
    """The request that the form describes, on the business date.

    Raises
    ------
    RequestError : something is missing
    AccessDeniedError : a place the actor does not work in
    """
    if not asked.get("items") or not asked.get("place") or not (asked.get("seed") or "").strip():
        raise RequestError("a draw needs at least one item, a place and a seed")
    place = str(asked["place"])
    if not context.actor.works_in(None if place == "*" else place):
        raise AccessDeniedError(f"{context.actor.id} does not work in {place}")
    rules, checks = load_draw_rules(), load_checklists()
    scheme = rules.usable(asked.get("scheme"))
    return DrawRequest(
        seed=str(asked["seed"]).strip(),
        day=as_of(context),
        items=tuple(Item(code, checks.item(code).library) for code in sorted(asked["items"])),
        shares=scheme.share,
        control_share=rules.control.share,
        rule_version=rules.version,
        scheme=scheme.id,
        officers_per_object=rules.officers_per_object,
        part=float(asked.get("part") or 100) / 100,
    )


def shown(result: DrawResult, request: DrawRequest, names: Mapping[str, str], lang: str) -> list[Any]:
    """The draw before it is published: counts per level, shortages, and the first that were drawn."""
    drawn = result.objects
    total = text("tasks.drawn_total", lang, n=number(len(drawn), lang), tasks=number(len(result.pairs), lang),
                 random=number(int((drawn["selected_by"] == "random").sum()), lang))  # fmt: skip
    parts: list[Any] = [section(text("tasks.preview", lang), total, _counts(result, request, lang))]
    short = drawn["shortage"].value_counts()
    if len(short):
        lines = [html.Li(text(f"tasks.short_{why}", lang, n=number(int(n), lang))) for why, n in short.items()]
        parts.append(section(text("tasks.unstaffed", lang), None, html.Ul(lines, className="dots")))
    first = [
        html.Tr([html.Td(str(row.position)), html.Td(names.get(str(row.subject_id), str(row.subject_id))),
                 html.Td(level_mark(str(row.level), lang, size="small")),
                 html.Td(text(f"tasks.why_{row.selected_by}", lang)), html.Td(str(row.ticket), className="soft num")])
        for row in drawn.head(12).itertuples()
    ]  # fmt: skip
    head = [html.Th(text(f"tasks.{k}", lang)) for k in ("number", "subject", "level", "why", "lot")]
    parts.append(section(text("tasks.first_lots", lang), None, _table(head, first)))
    parts.append(html.Div([html.Span(text("tasks.hash", lang, hash=result.inputs_hash))], className="psec hashline"))
    parts.append(
        html.Div(
            [button({"type": "tasks-publish", "n": 0}, text("tasks.publish", lang), "check", kind="btn primary"),
             html.Span(text("tasks.publish_note", lang), className="cap grow")],
            className="psec row gap8",
        )
    )  # fmt: skip
    return parts


def _counts(result: DrawResult, request: DrawRequest, lang: str) -> html.Table:
    keys = ("level", "eligible", "share", "earlier", "quota", "drawn", "of_random", "short")
    head = [html.Th(text(f"tasks.{k}", lang), className="" if k == "level" else "end") for k in keys]
    rows = []
    for row in result.counts.to_dict("records"):
        share = f"{100 * request.shares[row['level']] * request.part:.3g} %"
        cells = [row["eligible"], share, *(row[k] for k in ("earlier", "quota", "drawn", "random", "short"))]
        said = [c if isinstance(c, str) else number(int(c), lang) for c in cells]
        mark = html.Td(level_mark(row["level"], lang, size="small"))
        rows.append(html.Tr([mark, *(html.Td(c, className="end") for c in said)], **{"data-level": row["level"]}))
    return _table(head, rows)


def _table(head: Sequence[Any], rows: Sequence[Any]) -> html.Table:
    return html.Table([html.Thead(html.Tr(list(head))), html.Tbody(list(rows))], className="plain")


def published(context: Context, lang: str) -> list[Any]:
    """The year's draws, each with a button that draws it again."""
    frame = context.store.draws(as_of(context).year)
    if frame.empty:
        return [section(text("tasks.draws", lang), None, html.P(text("tasks.draws_none", lang), className="cap"))]
    rows = []
    for row in frame.to_dict("records"):
        codes = text("note.source_join", lang).join(item_name(i["code"], lang) for i in json.loads(row["items"]))
        rows.append(
            html.Tr(
                [
                    html.Td([html.B(row["draw_id"]), html.Div(codes, className="cap")]),
                    html.Td(date(str(row["drawn_on"])[:10], lang), className="soft"),
                    html.Td(row["drawn_by"], className="soft"),
                    html.Td(number(int(row["objects"]), lang), className="end"),
                    html.Td(row["seed"], className="soft"),
                    html.Td(
                        button({"type": "tasks-verify", "id": row["draw_id"]}, text("tasks.verify", lang), "refresh")
                    ),
                ]
            )
        )
    head = [html.Th(text(f"tasks.{k}", lang)) for k in ("draw", "drawn_on", "drawn_by", "objects", "seed")]
    return [section(text("tasks.draws", lang), None, _table([*head, html.Th()], rows), html.Div(id="tasks-verified"))]


def _dots(context: Context, result: DrawResult) -> list[Any]:
    places_ = context.store.subjects_of(result.objects["subject_id"].head(MARKED))
    there = places_[places_["lon"].notna()]
    return [circle(lon, lat, DOT_RADIUS_M) for lon, lat in zip(there["lon"], there["lat"], strict=True)]


def _failed(error: Exception, lang: str) -> Any:
    if isinstance(error, CityhexError):
        return html.Div(refusal(error, lang), className="strip", role="alert")
    return failed(lang, report(error))


def register(app: Dash, context: Context) -> None:
    """Wire the form."""
    fields = [State(f"tasks-draw-{name}", "value") for name in ("items", "place", "scheme", "part", "due", "seed")]

    @app.callback(  # type: ignore[untyped-decorator]
        Output("tasks-draw-shown", "children"),
        Output("tasks-draw-agreed", "data"),
        Output("map-spec", "data", allow_duplicate=True),
        Input("tasks-draw-look", "n_clicks"),
        *fields,
        State("theme", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def look(clicks: Any, *given: Any) -> tuple[Any, ...]:
        asked, theme, lang = _form(given), given[6], language_of(query(given[7]), context.settings.language)
        if not clicks:
            return (no_update,) * 3
        need(context, PLANNERS, "a draw")
        try:
            request = request_of(context, asked)
            result = context.store.preview_draw(request, levels(context), asked["place"])
            if result.objects.empty:
                return blank(text("tasks.nobody", lang), "info-circle"), None, no_update
            names = context.store.subjects_of(result.objects["subject_id"].head(12)).set_index("subject_id")["name"]
            said = shown(result, request, names.to_dict(), lang)
            dots = tasks_route.drawn(context, lang, theme, rings=_dots(context, result))
            return said, asked | {"hash": result.inputs_hash}, dots
        except AccessDeniedError:
            raise
        except Exception as error:
            return _failed(error, lang), None, no_update

    @app.callback(  # type: ignore[untyped-decorator]
        Output("tasks-draw-seed", "value"), Input("tasks-draw-again", "n_clicks"), prevent_initial_call=True
    )
    def reseed(clicks: Any) -> Any:
        return new_seed(as_of(context)) if clicks else no_update

    _publishing(app, context)


def _form(given: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(("items", "place", "scheme", "part", "due", "seed"), given, strict=False))


def _publishing(app: Dash, context: Context) -> None:
    @app.callback(  # type: ignore[untyped-decorator]
        Output("tasks-draw-shown", "children", allow_duplicate=True),
        Output("tasks-version", "data", allow_duplicate=True),
        Input({"type": "tasks-publish", "n": ALL}, "n_clicks"),
        State("tasks-draw-agreed", "data"),
        State("tasks-version", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def publish(clicks: Any, agreed: Any, version: Any, address: Any) -> tuple[Any, Any]:
        lang = language_of(query(address), context.settings.language)
        if not any(clicks or ()) or not agreed:
            return no_update, no_update
        need(context, PLANNERS, "a draw")
        try:
            request = request_of(context, agreed)
            name = context.store.publish_draw(
                request, levels(context), agreed["place"], actor=context.actor.id, at=dt.datetime.now(dt.UTC),
                due_on=_day(agreed["due"]), expected_hash=agreed["hash"],
                plan_id=plan_id(request.day.year, agreed["place"]),
            )  # fmt: skip
        except AccessDeniedError:
            raise
        except Exception as error:
            return _failed(error, lang), no_update
        made = len(context.store.drawn_objects(name))
        said = [tag(text("tasks.published", lang), "ok", "check"), html.B(name),
                html.P(text("tasks.published_note", lang, n=number(made, lang)))]  # fmt: skip
        return html.Div(said, className="blank", role="status"), (version or 0) + 1

    @app.callback(  # type: ignore[untyped-decorator]
        Output("tasks-draws", "children"), Input("tasks-version", "data"), State("url", "search")
    )
    def list_draws(version: Any, address: Any) -> Any:  # noqa: ARG001 - a cause, not a value
        lang = language_of(query(address), context.settings.language)
        return published(context, lang) if may_plan(context) else []

    @app.callback(  # type: ignore[untyped-decorator]
        Output("tasks-verified", "children"),
        Input({"type": "tasks-verify", "id": ALL}, "n_clicks"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def verify(clicks: Any, address: Any) -> Any:
        lang = language_of(query(address), context.settings.language)
        if not any(clicks or ()) or not ctx.triggered_id:
            return no_update
        name = ctx.triggered_id["id"]
        same = context.store.verify_draw(name)
        key, kind = ("tasks.verified", "ok") if same else ("tasks.not_verified", "danger")
        return html.P(tag(text(key, lang, draw=name), kind, "check" if same else "alert-triangle"), className="why")


def _day(value: str) -> dt.date:
    try:
        return dt.date.fromisoformat(value.strip())
    except ValueError as error:
        raise RequestError(f"{value!r} is no day; needed: YYYY-MM-DD") from error
