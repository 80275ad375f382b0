"""Callbacks of the warning page that read: the list, one warning, its map, the choices of its forms, a file."""

from __future__ import annotations

import base64
import datetime as dt
import secrets
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, no_update

from layers import casefile, spec, worklist
from layers.casefile import Casefile
from layers.pages import warning_form, warning_papers, warning_parts
from layers.pages.context import Context, language_of, query, report
from layers.pages.elements import blank, failed
from layers.pages.marks import SEVERITIES
from layers.pages.queue_panel import circle
from layers.text import date, text
from models.casework.inbox import WarningFilter
from models.errors import AccessDeniedError, UnknownNameError

BACKGROUND = ("district-outlines", "grid-outlines")
MEMBER_RADIUS_M = 60
NAMES_ON_MAP = 12
LIST_LIMIT = 200
ACTIVE = ("open", "taken", "on_site")
SHOWN = 21
"""Outputs of `_shown`."""


def listed(
    context: Context, state: str, theme: str | None, severity: str | None, *, late: bool, lang: str
) -> tuple[list[dict[str, Any]], int]:
    """Rows of the list as data, and how many there are; ``assets/pages/warning.js`` draws them."""
    as_of = casefile.business_date(context.manifest)
    where = WarningFilter(
        states=ACTIVE if state == "active" else (state,),
        themes=(theme,) if theme else (),
        severities=(int(severity),) if severity else (),
        overdue=late,
    )
    frame, total = context.store.warnings_page(context.actor.areas, as_of, where, limit=LIST_LIMIT)
    rows = [
        {
            "key": item.key, "severity": item.severity, "grade": text(f"severity.{item.severity}", lang),
            "mark": SEVERITIES[item.severity][1], "kind": SEVERITIES[item.severity][0], "title": item.title,
            "line": item.line, "day": date(item.raised_on.isoformat(), lang), "late": item.late,
            "due": item.due if item.state != "closed" else text(f"casework.state.{item.state}", lang),
        }
        for item in worklist.items_of(context, frame, as_of, lang)
    ]  # fmt: skip
    return rows, total


def drawn(context: Context, case: Casefile, lang: str, theme: str) -> tuple[dict[str, Any], Any]:
    """The map of one warning: outlines, its cells or members as rings, the first members named; and the camera."""
    home = context.city.view
    placed = [(n, m) for n, m in enumerate(case.members, start=1) if m.lon is not None and m.lat is not None]
    around = [circle(m.lon, m.lat, MEMBER_RADIUS_M) for _, m in placed]
    cells = casefile.cells_of(case)
    rings = [*cells, *around]
    if not rings and case.row["lon"] is not None:
        rings = [circle(case.row["lon"], case.row["lat"], 5 * MEMBER_RADIUS_M)]
    selection = {"kind": "cell", "id": case.row["warning_key"], "rings": rings} if rings else None
    made = spec.map_spec(
        context.store, context.city, context.actor, lang=lang, theme=theme,
        view={"lon": home.lon, "lat": home.lat, "zoom": home.zoom, "t": 1},
        chosen=[spec.LayerState(name, True, 100) for name in BACKGROUND], period=None, selection=selection,
    )  # fmt: skip
    if made["layers"]:
        names = [{"text": f"{n} {m.name}", "lon": m.lon, "lat": m.lat, "rank": 0} for n, m in placed[:NAMES_ON_MAP]]
        last = made["layers"][-1]
        last["labels"] = [*last.get("labels", ()), *names]
    if not rings:
        return made, no_update
    lon, lat = zip(*(point for ring in cells or rings for point in ring), strict=True)
    pad_lon, pad_lat = (max(0.004, (max(v) - min(v)) * 0.4) for v in (lon, lat))
    bounds = [min(lon) - pad_lon, min(lat) - pad_lat, max(lon) + pad_lon, max(lat) + pad_lat]
    return made, {"kind": "fit", "bounds": bounds, "t": dt.datetime.now(dt.UTC).timestamp()}


def register(app: Dash, context: Context) -> None:
    """Wire what reads."""
    _list(app, context)
    _one(app, context)
    _choices(app, context)
    _file(app, context)


def language(context: Context, address: str | None) -> str:
    """Language of the address."""
    return language_of(query(address), context.settings.language)


def _list(app: Dash, context: Context) -> None:
    @app.callback(  # type: ignore[untyped-decorator]
        Output("warning-rows", "data"),
        Output("warning-empty", "children"),
        Output("warning-total", "children"),
        Input("warning-state", "value"),
        Input("warning-theme", "value"),
        Input("warning-severity", "value"),
        Input("warning-overdue", "checked"),
        Input("warning-version", "data"),
        State("url", "search"),
    )
    def rows(state: Any, theme: Any, severity: Any, late: Any, _version: Any, address: Any) -> tuple[Any, Any, Any]:
        lang = language(context, address)
        try:
            found, total = listed(context, state or "active", theme, severity, late=bool(late), lang=lang)
        except AccessDeniedError:
            raise
        except Exception as error:
            return no_update, failed(lang, report(error)), ""
        day = date(casefile.business_date(context.manifest).isoformat(), lang)
        none: Any = [] if found else blank(text("casework.none", lang, day=day), "circle-check")
        return found, none, text("casework.count", lang, n=f"{total:,}")

    app.clientside_callback(
        ClientsideFunction("warning", "first"),
        Output("warning-chosen", "data"),
        Input("page-start", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("warning", "rows"),
        Output("warning-list", "className"),
        Input("warning-rows", "data"),
        Input("warning-chosen", "data"),
    )
    app.clientside_callback(
        ClientsideFunction("warning", "key"),
        Output("warning-key", "data"),
        Input("warning-chosen", "data"),
        Input("warning-version", "data"),
        Input("theme", "data"),
        State("warning-key", "data"),
        prevent_initial_call=True,
    )


def _one(app: Dash, context: Context) -> None:
    @app.callback(  # type: ignore[untyped-decorator]
        Output("warning-head", "children"),
        Output("warning-evidence", "children"),
        Output("warning-life", "children"),
        Output("warning-papers", "children"),
        Output("warning-files", "children"),
        Output("warning-documents", "children"),
        Output("warning-steps", "children"),
        Output("warning-save", "hidden"),
        Output("warning-result-form", "hidden"),
        Output("warning-assign-form", "hidden"),
        Output("warning-attach-form", "hidden"),
        Output("warning-document-form", "hidden"),
        Output("warning-issue-box", "hidden"),
        Output("warning-measure", "data"),
        Output("warning-measure", "value"),
        Output("warning-owner", "data"),
        Output("warning-owner", "value"),
        Output("warning-due", "value"),
        Output("warning-revision", "data"),
        Output("map-spec", "data", allow_duplicate=True),
        Output("map-command", "data", allow_duplicate=True),
        Input("warning-key", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def show(asked: Any, address: Any) -> tuple[Any, ...]:
        lang = language(context, address)
        try:
            return _shown(context, asked or {}, lang)
        except AccessDeniedError:
            raise
        except UnknownNameError:
            said = blank(text("casework.gone", lang), "info-circle")
            return said, *([],) * 6, *(True,) * 6, *(no_update,) * 8
        except Exception as error:
            return failed(lang, report(error)), *(no_update,) * (SHOWN - 1)


def _shown(context: Context, asked: Any, lang: str) -> tuple[Any, ...]:
    key, theme = asked.get("key"), asked.get("theme") or "light"
    if not key:
        home = context.city.view
        made = spec.map_spec(
            context.store, context.city, context.actor, lang=lang, theme=theme,
            view={"lon": home.lon, "lat": home.lat, "zoom": home.zoom, "t": 1},
            chosen=[spec.LayerState(name, True, 100) for name in BACKGROUND], period=None, selection=None,
        )  # fmt: skip
        said = blank(text("casework.pick", lang), "alert-triangle")
        return said, *([],) * 6, *(True,) * 6, *(no_update,) * 5, None, made, no_update
    case = casefile.casefile(context, key, lang)
    if asked.get("opened"):
        now = dt.datetime.now(dt.UTC)
        context.store.log_access(context.actor.id, "read", f"warning {key}", max(1, len(case.members)), at=now)
    task = warning_form.task_for_result(case) if case.may_act else None
    redraw = asked.get("redraw", True)
    map_parts: tuple[Any, Any] = drawn(context, case, lang, theme) if redraw else (no_update, no_update)
    closed = case.row["state"] == "closed"
    return (
        warning_parts.head(case, lang),
        warning_parts.evidence(case, lang, theme),
        [*warning_parts.life(case, lang), warning_parts.rule_card(case, lang)],
        warning_parts.papers(case, lang),
        warning_papers.attachment_list(case, lang),
        warning_papers.document_list(case, lang),
        warning_parts.step_buttons(case, lang),
        task is None,
        task is None,
        not case.may_act or closed,
        False,
        False,
        not case.may_act,
        *warning_form.filled(context, case, lang),
        int(case.row["revision"]),
        *map_parts,
    )


def _choices(app: Dash, context: Context) -> None:
    @app.callback(  # type: ignore[untyped-decorator]
        Output("warning-subject", "data"),
        Output("warning-subject", "value"),
        Output("warning-subject", "disabled"),
        Output("warning-task", "data"),
        Output("warning-done-on", "value"),
        Output("warning-item", "value"),
        Input("warning-key", "data"),
        State("warning-task", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def begin(asked: Any, before: Any, address: Any) -> tuple[Any, ...]:
        """Ready the form for a task: another task begins anew, the same one keeps what was typed."""
        key = (asked or {}).get("key")
        if not key:
            return (no_update,) * 6
        lang = language(context, address)
        try:
            case = casefile.casefile(context, key, lang)
        except UnknownNameError:
            return (no_update,) * 6
        task = warning_form.task_for_result(case)
        if task is None:
            return (no_update,) * 3 + (None, no_update, no_update)
        stands = {
            "task": int(task["task_id"]), "revision": int(task["revision"]), "warning": key,
            "warning_revision": int(case.row["revision"]), "state": case.row["state"],
        }  # fmt: skip
        if before and before.get("task") == stands["task"] and before.get("revision") == stands["revision"]:
            return *(no_update,) * 3, {**before, **stands}, no_update, no_update
        own = task["subject_id"] if isinstance(task["subject_id"], str) else None
        item = task["item_code"] if isinstance(task["item_code"], str) else None
        form = {**stands, "form": secrets.token_hex(16)}
        return warning_form.subject_choices(case), own, own is not None, form, case.as_of.isoformat(), item

    @app.callback(  # type: ignore[untyped-decorator]
        Output("warning-item", "data"),
        Input("warning-subject", "value"),
        Input("warning-task", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def items(subject: Any, task: Any, address: Any) -> Any:
        if not task:
            return no_update
        try:
            return warning_form.item_choices(context, subject, language(context, address))
        except UnknownNameError:
            return []

    @app.callback(  # type: ignore[untyped-decorator]
        Output("warning-questions", "children"),
        Input("warning-item", "value"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def ask(item: Any, address: Any) -> Any:
        return warning_form.questions(item, language(context, address))


def _file(app: Dash, context: Context) -> None:
    @app.callback(  # type: ignore[untyped-decorator]
        Output("warning-download", "data"),
        Input({"type": "warning-file", "id": ALL}, "n_clicks"),
        State({"type": "warning-file", "id": ALL}, "id"),
        prevent_initial_call=True,
    )
    def give(clicks: Any, idents: Any) -> Any:
        pressed = [ident["id"] for count, ident in zip(clicks, idents, strict=True) if count]
        if not pressed:
            return no_update
        row = context.store.attachment(int(pressed[0]))
        if row["warning_key"]:
            casefile.guard_area(context.actor, context.store.warning(row["warning_key"]))
        content = context.store.read_attachment(int(pressed[0]), actor=context.actor.id, at=dt.datetime.now(dt.UTC))
        text_of = base64.b64encode(content).decode("ascii")
        return {"content": text_of, "filename": row["file_name"], "type": row["media_type"], "base64": True}
