"""The day at the right: chosen tasks as joint visits in the order of the route, on the map, as papers and as a pack."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from layers import spec
from layers import theme as look
from layers.field.reading import DayPlan, chosen_tasks, clock, day_plan, sheets
from layers.masking import area_of, shown_name
from layers.pages import tasks_entry
from layers.pages.context import Context, language_of, query, report
from layers.pages.elements import blank, failed, icon, section, tag
from layers.pages.tasks_reading import as_of, item_name, may_write
from layers.refusals import refusal
from layers.text import number, text
from models.errors import AccessDeniedError, CityhexError
from models.rules.field_work import load_field_work

BACKGROUND = ("district-outlines", "grid-outlines")


def panel(lang: str) -> list[Any]:
    """Head, visits, and the foot with papers and pack."""
    return [
        html.Div(
            html.Div(html.H2(text("tasks.day", lang), className="ptitle grow"), className="row"), className="ptop"
        ),
        html.Div(html.Div(blank(text("tasks.pick", lang), "list-check"), id="tasks-day"), className="scroll"),
        html.Div(id="tasks-said", className="tasksaid", **{"aria-live": "polite"}),
        html.Div(
            [
                _form("form", "tasks-form-tasks", "tasks-form-start", text("tasks.form", lang), "printer", lang),
                _form("pack", "tasks-pack-tasks", "tasks-pack-start", text("tasks.pack", lang), "download", lang),
            ],
            id="tasks-foot",
            className="pfoot",
            hidden=True,
        ),
    ]


def _form(what: str, tasks_id: str, start_id: str, label: str, mark: str, lang: str) -> html.Form:  # noqa: PLR0917
    """A form that posts the chosen tasks; the answer is a file, so the page stays."""
    return html.Form(
        [
            dcc.Input(id=tasks_id, name="tasks", type="hidden", value=""),
            dcc.Input(id=start_id, name="start", type="hidden", value=""),
            dcc.Input(id=f"{tasks_id}-lang", name="lang", type="hidden", value=lang),
            html.Button([icon(mark), label], type="submit", className="btn", id=f"tasks-{what}-send"),
        ],
        action=f"/api/field/{what}",
        method="post",
        className="grow",
    )


def home(context: Context) -> tuple[float, float]:
    """Where the day begins where nobody said otherwise: the middle of the actor's own area, else of the city."""
    own = sorted(a for a in context.actor.areas if a != "*")
    grids = context.store.frame("grids", ["grid_code", "geometry"])
    mine = grids[[any(code.startswith(a) for a in own) for code in grids["grid_code"]]]
    if not len(mine):
        return context.city.view.lon, context.city.view.lat
    point = mine.geometry.union_all().representative_point()
    return round(point.x, 6), round(point.y, 6)


def drawn(
    context: Context, lang: str, theme: str, *, route: DayPlan | None = None, rings: Sequence[Any] = ()
) -> dict[str, Any]:
    """The map: outlines, and on them the route of a day with numbers and times, or rings about places."""
    view = context.city.view
    made = spec.map_spec(
        context.store, context.city, context.actor, lang=lang, theme=theme,
        view={"lon": view.lon, "lat": view.lat, "zoom": view.zoom, "t": 1},
        chosen=[spec.LayerState(name, True, 100) for name in BACKGROUND], period=None, selection=None,
    )  # fmt: skip
    if rings:
        made["selection"] = {"kind": "cell", "id": "places", "rings": list(rings)}
    if route is not None and len(route.stops):
        stops = [{k: row[k] for k in ("order", "begin", "lon", "lat")} for row in route.stops.to_dict("records")]
        home_ = list(route.start)
        path = [home_, *([s["lon"], s["lat"]] for s in stops), home_]
        made["route"] = {"path": path, "stops": stops, "colour": look.colours(theme)["accent"]}
    return made


def _bounds(plan: DayPlan) -> list[float]:
    lon, lat = [plan.start[0], *plan.stops["lon"]], [plan.start[1], *plan.stops["lat"]]
    edge = 0.004
    return [min(lon) - edge, min(lat) - edge, max(lon) + edge, max(lat) + edge]


def day(context: Context, plan: DayPlan, tasks: Any, lang: str) -> list[Any]:
    """The visits in words, with what does not fit."""
    firms = context.store.subjects_of(plan.visits["subject_id"]).set_index("subject_id").to_dict("index")
    kinds = {key: f["entity_type"] if isinstance(f["entity_type"], str) else None for key, f in firms.items()}
    names = {key: shown_name(f["name"], kinds[key], context.actor, area_of(f)) for key, f in firms.items()}
    pairs = plan.visits.groupby("visit_id")["item_code"].agg(lambda c: list(dict.fromkeys(c))).to_dict()
    route, total = plan.route, plan.visits["visit_id"].nunique()
    head = text(
        "tasks.summary", lang, tasks=len(tasks), visits=total, km=number(route.length_m / 1000, lang, digits=1),
        home=clock(route.home_min),
    )  # fmt: skip
    begins = clock(load_field_work().day.starts)
    parts: list[Any] = [
        html.Div(
            [html.P(head), html.P(text("tasks.begins", lang, time=begins), className="cap")],
            className="psec",
            **{"data-visits": str(total)},
        ),
        html.Ol(
            [_stop(row, names, pairs[row["visit_id"]], lang) for row in plan.stops.to_dict("records")],
            className="stops",
            id="tasks-stops",
        ),
    ]
    if len(route.refused):
        of_visit = plan.visits.groupby("visit_id")["subject_id"].agg(lambda c: list(dict.fromkeys(c))).to_dict()
        lines = [
            html.Li(
                [
                    html.Span(text("note.source_join", lang).join(names[s] for s in of_visit[row["stop_id"]])),
                    tag(text(f"tasks.refused_{row['reason']}", lang), "warn", "alert-triangle"),
                ]
            )
            for row in route.refused.to_dict("records")
        ]
        parts.append(section(text("tasks.refused", lang), None, html.Ul(lines, className="refused")))
    parts.append(html.P(text("tasks.route_note", lang), className="cap psec"))
    return parts


def _stop(row: Mapping[Any, Any], names: Mapping[str, str], codes: Sequence[str], lang: str) -> html.Li:
    said = text("note.source_join", lang).join(item_name(code, lang) for code in codes)
    return html.Li(
        [
            html.Span(str(row["order"]), className="no"),
            html.Div(
                [
                    html.B(text("note.source_join", lang).join(names[s] for s in row["subjects"])),
                    html.Span(said, className="cap"),
                    html.Span(
                        text("tasks.leg", lang, begin=row["begin"], leave=row["leave"],
                             km=number(row["leg_m"] / 1000, lang, digits=1)),
                        className="cap num",
                    ),
                ],
                className="stop",
            ),
        ]
    )  # fmt: skip


def register(app: Dash, context: Context) -> None:
    """Plan the day of what is chosen; a click on the map moves the start."""
    app.clientside_callback(
        ClientsideFunction("tasks", "start"),
        Output("tasks-start", "data"),
        Input("map-click", "data"),
        State("tasks-chosen", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("tasks", "key"),
        Output("tasks-key", "data"),
        Input("tasks-chosen", "data"),
        Input("tasks-start", "data"),
        Input("theme", "data"),
        Input("page-start", "data"),
        prevent_initial_call=True,
    )

    @app.callback(  # type: ignore[untyped-decorator]
        Output("tasks-day", "children"),
        Output("tasks-foot", "hidden"),
        Output("tasks-form-tasks", "value"),
        Output("tasks-pack-tasks", "value"),
        Output("tasks-form-start", "value"),
        Output("tasks-pack-start", "value"),
        Output("map-spec", "data", allow_duplicate=True),
        Output("map-command", "data", allow_duplicate=True),
        Input("tasks-key", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def plan(key: Any, address: Any) -> tuple[Any, ...]:
        lang = language_of(query(address), context.settings.language)
        chosen, theme = key.get("chosen"), key["theme"]
        if not chosen:
            empty = blank(text("tasks.pick", lang), "list-check")
            return empty, True, "", "", "", "", drawn(context, lang, theme), no_update
        try:
            return _planned(context, chosen, key.get("start"), lang, theme)
        except AccessDeniedError:
            raise
        except CityhexError as error:
            said = html.Div(refusal(error, lang), className="strip", role="alert")
        except Exception as error:
            said = failed(lang, report(error))
        return said, True, "", "", "", "", no_update, no_update


def _planned(context: Context, chosen: Sequence[int], start: Any, lang: str, theme: str) -> tuple[Any, ...]:
    tasks = chosen_tasks(context.store, context.actor, as_of(context), chosen)
    begin = (float(start["lon"]), float(start["lat"])) if start else home(context)
    found = day_plan(context.store, context.city, tasks, begin)
    fit = {"kind": "fit", "bounds": _bounds(found), "t": dt.datetime.now(dt.UTC).timestamp()}
    numbers, place = ",".join(map(str, chosen)), f"{begin[0]},{begin[1]}"
    body = day(context, found, tasks, lang)
    if len(tasks) == 1 and may_write(context):
        (sheet,) = sheets(context.store, context.actor, tasks, found)
        body.append(tasks_entry.form(sheet, as_of(context), lang))
    shown = drawn(context, lang, theme, route=found)
    return body, not may_write(context), numbers, numbers, place, place, shown, fit
