"""Tasks of a store as field work: sheets with their checklists, joint visits, and the route of a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from pyproj import Transformer

from layers.access import SUPERVISION, Actor, require_area
from layers.field.sheets import Question, Sheet
from layers.masking import area_of, shown_name
from models.analysis.draws import Route, building_keys, day_route, joint_visits
from models.errors import RequestError, UnknownNameError
from models.profile import City
from models.rules.checklists import Catalogue, load_checklists
from models.rules.field_work import FieldWork, load_field_work

NO_PLACE = "no_place"
MOST = 200


@dataclass(frozen=True)
class DayPlan:
    """A day in the field.

    Attributes
    ----------
    visits : one row per task: task_id, subject_id, item_code, visit_id, minutes
    route : the visits in driving order; ``refused`` also names those without a place (reason ``no_place``)
    stops : one row per visit of the route: order, visit_id, begin (HH:MM), leave, leg_m, lon, lat, subjects (ids)
    start : longitude and latitude of where the day begins
    """

    visits: pd.DataFrame
    route: Route
    stops: pd.DataFrame
    start: tuple[float, float]


def chosen_tasks(store: Any, actor: Actor, as_of: dt.date, task_ids: Sequence[int]) -> pd.DataFrame:
    """The tasks of these numbers, in their order of due date.

    Raises
    ------
    RequestError : none, or more than `MOST`
    UnknownNameError : a task that is not there
    AccessDeniedError : a task outside of the actor's areas, or somebody who does not supervise
    """
    wanted = sorted(set(task_ids))
    if not 1 <= len(wanted) <= MOST:
        raise RequestError(f"{len(wanted)} tasks; needed are 1 to {MOST}")
    found: pd.DataFrame = store.tasks(["*"], as_of, task_id=wanted)
    if missing := sorted(set(wanted) - set(found["task_id"])):
        raise UnknownNameError(f"there is no task {', '.join(map(str, missing[:5]))}")
    for row in found.to_dict("records"):
        require_area(actor, area_of(row), SUPERVISION, f"task {row['task_id']}")
    if found["subject_id"].isna().any():
        number = found.loc[found["subject_id"].isna(), "task_id"].iloc[0]
        raise RequestError(f"task {number} names no subject that could be visited")
    return found.reset_index(drop=True)


def sheets(
    store: Any, actor: Actor, tasks: pd.DataFrame, plan: DayPlan | None = None, catalogue: Catalogue | None = None
) -> list[Sheet]:
    """Sheets of tasks, with names as the actor may see them, in the order of the day's route where there is one."""
    checks = catalogue or load_checklists()
    subjects = {row["subject_id"]: row for row in _records(store.subjects_of(tasks["subject_id"]))}
    officers = store.officer_names()
    placed = _placed(plan)
    return [_sheet(row, subjects, officers, checks, placed, actor) for row in _records(tasks)]


def day_plan(
    store: Any,
    city: City,
    tasks: pd.DataFrame,
    start: tuple[float, float],
    rules: FieldWork | None = None,
) -> DayPlan:
    """Join tasks into visits and order them; firms without a place are refused, not guessed.

    Parameters
    ----------
    tasks : rows of the task table that name subjects
    start : longitude, latitude of where the day begins and ends
    """
    known = rules or load_field_work()
    subjects = store.subjects_of(tasks["subject_id"])
    visits = _visits(tasks, subjects, known)
    firms = subjects.set_index("subject_id")
    stops = visits.drop_duplicates("visit_id").set_index("visit_id")
    where = firms.loc[stops["subject_id"]]
    to_metres = Transformer.from_crs(4326, city.crs, always_xy=True)
    located = (where["lon"].notna() & where["lat"].notna()).to_numpy()
    lon, lat = where["lon"].to_numpy(dtype=float), where["lat"].to_numpy(dtype=float)
    x, y = to_metres.transform(lon[located], lat[located])
    names = stops.index[located]
    windows = visits.assign(section=visits["subject_id"].map(firms["industry_section"])).groupby("visit_id")["section"]
    opens, closes = _windows(windows.agg(list).reindex(names), known)
    table = pd.DataFrame(
        {"stop_id": names, "x": x, "y": y, "service_min": stops.loc[names, "minutes"].to_numpy(),
         "open_min": opens, "close_min": closes}
    )  # fmt: skip
    route = day_route(
        table,
        to_metres.transform(*start),
        starts_min=known.day.starts,
        ends_min=known.day.ends,
        speed_kmh=known.day.speed_kmh,
        road_factor=known.day.road_factor,
    )
    lost = pd.DataFrame({"stop_id": stops.index[~located].astype("str"), "reason": NO_PLACE})
    refused = pd.concat([route.refused, lost], ignore_index=True)
    route = Route(route.stops, refused, route.length_m, route.home_min, route.engine)
    points = pd.DataFrame({"lon": lon[located], "lat": lat[located]}, index=names)
    return DayPlan(visits, route, _stops(route, visits, points), start)


def clock(minutes: float) -> str:
    """Minutes of the day as HH:MM, rounded to the minute."""
    whole = round(minutes)
    return f"{whole // 60:02d}:{whole % 60:02d}"


def _visits(tasks: pd.DataFrame, subjects: pd.DataFrame, rules: FieldWork) -> pd.DataFrame:
    keys = pd.Series(building_keys(subjects, rules.visit.together_level).to_numpy(), index=subjects["subject_id"])
    if missing := sorted(set(tasks["subject_id"]) - set(keys.index)):
        raise UnknownNameError(f"no subject has the id {', '.join(missing[:5])}")
    pairs = pd.DataFrame(
        {
            "subject_id": tasks["subject_id"].astype("str"),
            "item_code": tasks["item_code"].fillna(tasks["measure"]).fillna("-").astype("str"),
            "building": tasks["subject_id"].map(keys).astype("str"),
            "team": tasks["officers"].fillna("").astype("str"),
        }
    )
    visits = joint_visits(
        pairs,
        minutes_per_firm=rules.visit.minutes_per_firm,
        minutes_per_item=rules.visit.minutes_per_item,
        longest_minutes=rules.visit.longest_minutes,
    )
    numbered = pairs.assign(task_id=tasks["task_id"])[["task_id", "subject_id", "item_code"]]
    return numbered.merge(visits[["subject_id", "item_code", "visit_id", "minutes"]], on=["subject_id", "item_code"])


def _windows(sections: pd.Series, rules: FieldWork) -> tuple[list[float | None], list[float | None]]:
    """Opening and closing minute of each visit: the narrowest of its firms' windows."""
    opens: list[float | None] = []
    closes: list[float | None] = []
    for own in sections:
        found = [rules.windows[s] for s in own if s in rules.windows]
        opens.append(max((w[0] for w in found), default=None))
        closes.append(min((w[1] for w in found), default=None))
    return opens, closes


def _stops(route: Route, visits: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    found = route.stops.rename(columns={"stop_id": "visit_id"})
    subjects = visits.groupby("visit_id")["subject_id"].agg(lambda ids: list(dict.fromkeys(ids)))
    found["subjects"] = subjects.reindex(found["visit_id"]).to_numpy()
    return found.assign(
        begin=[clock(m) for m in found["begin_min"]],
        leave=[clock(m) for m in found["leave_min"]],
        lon=points["lon"].reindex(found["visit_id"]).to_numpy(),
        lat=points["lat"].reindex(found["visit_id"]).to_numpy(),
    )


def _placed(plan: DayPlan | None) -> dict[int, tuple[int, str]]:
    if plan is None:
        return {}
    at = {row["visit_id"]: (int(row["order"]), str(row["begin"])) for row in plan.stops.to_dict("records")}
    return {int(row["task_id"]): at[row["visit_id"]] for row in plan.visits.to_dict("records") if row["visit_id"] in at}


def _sheet(  # noqa: PLR0917 - what a sheet is made of
    row: Mapping[str, Any], subjects: Mapping[str, Mapping[str, Any]], officers: Mapping[str, str],
    checks: Catalogue, placed: Mapping[int, tuple[int, str]], actor: Actor,
) -> Sheet:  # fmt: skip
    firm = subjects[row["subject_id"]]
    item = checks.item(row["item_code"]) if row["item_code"] else None
    order, begin = placed.get(int(row["task_id"]), (None, None))
    team = [officers.get(name, name) for name in str(row["officers"] or "").split(";") if name]
    return Sheet(
        task_id=int(row["task_id"]),
        revision=int(row["revision"]),
        kind=row["kind"],
        subject_id=row["subject_id"],
        name=shown_name(firm["name"], firm["entity_type"], actor, area_of(firm)),
        address=firm["address"] or "",
        item_code=row["item_code"] or "",
        item=item.name if item else {"zh-Hans": row["measure"] or "", "en": row["measure"] or ""},
        legal_basis=item.legal_basis if item else {"zh-Hans": "–", "en": "–"},
        questions=tuple(Question(q.code, q.text) for q in item.questions) if item else (),
        results=item.results if item else ("none_found", "rectify", "penalty", "unreachable", "transferred"),
        due_on=str(row["due_on"])[:10],
        officers=tuple(team),
        order=order,
        begin=begin,
        lon=firm["lon"],
        lat=firm["lat"],
    )


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(key): value for key, value in row.items()} for row in plain.to_dict("records")]
