"""Callbacks of the queue page: list, choose, save, undo."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, html, no_update

from layers import spec, unplaced
from layers.masking import may_see_names, shown_name
from layers.pages import deciding, queue_panel
from layers.pages.context import Context, language_of, query, report
from layers.pages.elements import failed, tag
from layers.text import text
from models.sources.legal_persons.entity_types import infer

BACKGROUND = ("district-outlines", "grid-outlines")
POINT_RADIUS_M = {1: 30, 2: 120, 3: 600, 4: 1000, 5: 3000}
"""Radius drawn about a clicked position of each level, metres; the next build computes the real one."""
CLOSEST_ZOOM = 14


def waiting(
    context: Context, offset: int, limit: int, words: str | None, lang: str
) -> tuple[list[dict[str, Any]], int]:
    """Rows of the waiting list."""
    page, total = context.store.queue_page(offset, limit, words or None)
    found = named(context, _records(page))
    rows = [
        {
            "uscc": row["uscc"],
            "name": row["name"],
            "why": unplaced.why(row.get("reasons"), row.get("address"), lang),
            "address": row.get("address") or "",
            "district": row.get("district_given") or "",
        }
        for row in found
    ]
    return rows, total


def named(context: Context, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of the queue with the names the actor may see.

    Somebody who works in a part of the city sees no personal names here: the queue knows no areas.
    """
    if not rows or may_see_names(context.actor, None):
        return rows
    codes, names = (pd.Series([row[key] for row in rows], dtype="str") for key in ("uscc", "name"))
    kinds = infer(pd.Series(pd.NA, index=codes.index, dtype="str"), names, codes)["entity_type"]
    return [
        row | {"name": shown_name(row["name"], kind if isinstance(kind, str) else None, context.actor)}
        for row, kind in zip(rows, kinds, strict=True)
    ]


def decided(context: Context, lang: str) -> list[dict[str, Any]]:
    """Rows of the decisions, newest first."""
    zone = ZoneInfo(context.city.timezone)
    found = []
    for row in reversed(_records(context.store.aliases(active=True))):
        name = named(context, [context.store.subject(row["uscc"])])[0]["name"]
        place = text("queue.lonlat", lang, lon=f"{row['lon']:.4f}", lat=f"{row['lat']:.4f}")
        at = pd.Timestamp(row["decided_at"])
        at = (at.tz_localize("UTC") if at.tzinfo is None else at).tz_convert(zone)
        found.append(
            {
                "alias_id": str(row["alias_id"]),
                "name": name,
                "place": place,
                "at": at.strftime("%Y-%m-%d %H:%M"),
                "actor": row["decided_by"],
            }
        )
    return found


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(key): value for key, value in row.items()} for row in plain.to_dict("records")]


def waiting_row(context: Context, uscc: str) -> dict[str, Any] | None:
    """The row of one firm in the queue, or None where it waits no longer."""
    page, _ = context.store.queue_page(0, 50, uscc)
    return next((row for row in named(context, _records(page)) if row["uscc"] == uscc), None)


def background(context: Context, candidates: Sequence[queue_panel.Candidate], lang: str, theme: str) -> dict[str, Any]:
    """The map under the candidates: outlines, with one label per candidate."""
    home = context.city.view
    drawn = spec.map_spec(
        context.store, context.city, context.actor, lang=lang, theme=theme,
        view={"lon": home.lon, "lat": home.lat, "zoom": home.zoom, "t": 1},
        chosen=[spec.LayerState(name, True, 100) for name in BACKGROUND], period=None, selection=None,
    )  # fmt: skip
    labels = [
        {"text": f"{n + 1} {c['name']}", "lon": c["lon"], "lat": c["lat"], "rank": 0} for n, c in enumerate(candidates)
    ]
    if drawn["layers"]:
        last = drawn["layers"][-1]
        last["labels"] = [*last.get("labels", ()), *labels]
    return drawn


def rings(
    candidates: Sequence[queue_panel.Candidate], choice: Mapping[str, Any] | None, level: int
) -> dict[str, Any] | None:
    """The error circle of the choice, or of every candidate where nothing is chosen yet."""
    kind = (choice or {}).get("kind")
    if choice and kind == "point":
        radius = POINT_RADIUS_M[level]
        return {"kind": "cell", "id": "point", "rings": [queue_panel.circle(choice["lon"], choice["lat"], radius)]}
    shown = [candidates[choice["n"]]] if choice and kind == "candidate" else candidates
    if not shown:
        return None
    circles = [queue_panel.circle(c["lon"], c["lat"], max(30.0, float(c["error_radius_m"]))) for c in shown]
    return {"kind": "cell", "id": "candidates", "rings": circles}


def bounds(candidates: Sequence[queue_panel.Candidate]) -> list[float] | None:
    """West, south, east, north that hold the error circles of all candidates."""
    corners = [
        p
        for c in candidates
        for p in queue_panel.circle(c["lon"], c["lat"], 2 * max(500.0, float(c["error_radius_m"])))
    ]
    if not corners:
        return None
    lon, lat = zip(*corners, strict=True)
    return [min(lon), min(lat), max(lon), max(lat)]


def firm_shown(context: Context, uscc: str | None, lang: str, theme: str) -> tuple[Any, ...]:
    """Panel, whether form and foot are hidden, candidates, choice, note, message, map spec and command for one firm."""
    row = waiting_row(context, uscc) if uscc else None
    if row is None:
        said = no_update if not uscc else html.Div(tag(text("queue.gone", lang), "warn"), className="blank")
        return said, True, True, [], None, "", [], background(context, (), lang, theme), no_update
    candidates = queue_panel.candidates_of(row)
    matched = context.store.subject(row["uscc"]).get("matched_text")
    box = bounds(candidates)
    fit = {"kind": "fit", "bounds": box, "t": dt.datetime.now(dt.UTC).timestamp()} if box else no_update
    body = queue_panel.firm(row, matched, candidates, lang)
    return body, False, False, candidates, None, "", [], background(context, candidates, lang, theme), fit


def register(app: Dash, context: Context) -> None:
    """Wire the page."""
    _lists(app, context)
    _firm(app, context)
    deciding.register(app, context)


def _language(context: Context, address: str | None) -> str:
    return language_of(query(address), context.settings.language)


def _lists(app: Dash, context: Context) -> None:
    @app.callback(  # type: ignore[untyped-decorator]
        Output("queue-list", "getRowsResponse"),
        Output("queue-total", "children"),
        Input("queue-list", "getRowsRequest"),
        State("queue-search", "value"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def block(asked: Any, words: Any, address: Any) -> tuple[Any, Any]:
        lang = _language(context, address)
        if not asked:
            return no_update, no_update
        try:
            rows, total = waiting(context, asked["startRow"], asked["endRow"] - asked["startRow"], words, lang)
        except Exception as error:
            return {"rowData": [], "rowCount": 0}, text("state.error_plain", lang, id=report(error))
        return {"rowData": rows, "rowCount": total}, text("queue.count", lang, n=f"{total:,}")

    @app.callback(  # type: ignore[untyped-decorator]
        Output("decided-list", "getRowsResponse"),
        Input("decided-list", "getRowsRequest"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def history(asked: Any, address: Any) -> Any:
        if not asked:
            return no_update
        rows = decided(context, _language(context, address))
        return {"rowData": rows[asked["startRow"] : asked["endRow"]], "rowCount": len(rows)}

    app.clientside_callback(
        ClientsideFunction("queue", "refresh"),
        Output("queue-list", "className"),
        Input("queue-search", "value"),
        Input("queue-version", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("queue", "tab"),
        Output("queue-open", "hidden"),
        Output("queue-decided", "hidden"),
        Input("queue-tab", "value"),
    )
    app.clientside_callback(
        ClientsideFunction("queue", "chosenRow"),
        Output("queue-subject", "data"),
        Input("queue-list", "selectedRows"),
        State("queue-subject", "data"),
        prevent_initial_call=True,
    )

    @app.callback(  # type: ignore[untyped-decorator]
        Output("decided-undo", "children"),
        Input("decided-list", "selectedRows"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def offer_undo(rows: Any, address: Any) -> Any:
        if not rows:
            return []
        lang = _language(context, address)
        return deciding.undo_button(rows[0]["alias_id"], rows[0]["name"], lang)


def _firm(app: Dash, context: Context) -> None:
    app.clientside_callback(
        ClientsideFunction("queue", "first"),
        Output("queue-subject", "data", allow_duplicate=True),
        Input("queue-view", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("queue", "key"),
        Output("queue-key", "data"),
        Input("queue-subject", "data"),
        Input("theme", "data"),
        Input("queue-view", "data"),
        prevent_initial_call=True,
    )

    @app.callback(  # type: ignore[untyped-decorator]
        Output("queue-panel", "children"),
        Output("queue-form", "hidden"),
        Output("queue-foot", "hidden"),
        Output("queue-candidates", "data"),
        Output("queue-choice", "data"),
        Output("queue-note", "value"),
        Output("queue-said", "children"),
        Output("map-spec", "data", allow_duplicate=True),
        Output("map-command", "data", allow_duplicate=True),
        Input("queue-key", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def show(key: Any, address: Any) -> tuple[Any, ...]:
        lang = _language(context, address)
        try:
            return firm_shown(context, key.get("uscc"), lang, key["theme"])
        except Exception as error:
            return failed(lang, report(error)), True, True, [], None, "", [], no_update, no_update

    app.clientside_callback(
        ClientsideFunction("queue", "choose"),
        Output("queue-choice", "data", allow_duplicate=True),
        Input({"type": "candidate", "n": ALL}, "n_clicks"),
        Input("map-click", "data"),
        State("queue-subject", "data"),
        prevent_initial_call=True,
    )

    @app.callback(  # type: ignore[untyped-decorator]
        Output("queue-choices", "children"),
        Output("queue-position", "children"),
        Output("queue-level-box", "hidden"),
        Output("queue-save", "disabled"),
        Output("map-command", "data", allow_duplicate=True),
        Input("queue-choice", "data"),
        Input("queue-candidates", "data"),
        Input("queue-level", "value"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def choice(chosen: Any, candidates: Any, level: Any, address: Any) -> tuple[Any, ...]:
        lang = _language(context, address)
        found = candidates or []
        command = {
            "kind": "select",
            "selection": rings(found, chosen, int(level or 2)),
            "t": dt.datetime.now(dt.UTC).timestamp(),
        }
        is_point = bool(chosen) and chosen["kind"] == "point"
        return (
            queue_panel.choices(found, chosen, lang),
            queue_panel.position(chosen, lang),
            not is_point,
            not chosen,
            command,
        )
