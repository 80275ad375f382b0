"""Early warnings (预警处置): how many wait, how old they are, which units closed how many; never a person or firm."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from layers import board, frames
from layers.access import EVERYWHERE, lies_in
from layers.text import date, text
from layers.wall.drawing import draw, layer_of, named
from layers.wall.places import level_of, top
from layers.wall.scene import Scene, View, bars, kpi, strip
from layers.worklist import ACTIVE
from models.casework.inbox import MAX_LIMIT, WarningFilter
from models.casework.lifecycle import WITHDRAWN
from models.profile import load_staff

NEEDS = ("subjects", "warnings", "cells")
LAYERS = ("warning-density",)
AGES = ((0, 2), (3, 7), (8, 30), (31, None))
"""Days since a warning was raised, first and last of each group."""
WEEK, MONTH = 7, 30
COLUMNS = ("theme", "raised_on", "due_on", "district_code", "grid_code", "state", "outcome", "actor", "acted_on")


def build(view: View) -> Scene:
    """The scene at the business date, from the casework as it stands now."""
    waiting, closed = active(view), handled(view)
    ages, level = by_age(waiting, view.as_of), level_of(view.products)
    units = by_unit(view, closed)
    where = of_areas(view, waiting, level)
    items = view.say("unit.items")
    most = top(where, view.spec.top)
    said = {str(code): view.amount(float(n), items) for code, n in most.items()}
    picture, legend = draw(view, layer_of(view, LAYERS), labels=named(view, level, most, said))
    late = int((waiting["due_on"] < pd.Timestamp(view.as_of)).sum())
    new = int((waiting["raised_on"] > pd.Timestamp(view.as_of - dt.timedelta(days=WEEK))).sum())
    confirmed = int((closed["outcome"] == "confirmed").sum())
    worth = len(waiting) and 100 * late / len(waiting) >= view.spec.threshold("late_percent")
    kpis = (
        kpi(view, "open_warnings", len(waiting), items, note=view.say("note.new_week", n=view.number(new))),
        kpi(view, "late_warnings", late, items, tone="bad" if worth else None, note=view.say("note.past_date")),
        kpi(view, "handled_warnings", len(closed), items, note=view.say("note.confirmed", n=view.number(confirmed))),
    )
    rows = [(label(view, first, last), n) for (first, last), n in zip(AGES, ages, strict=True)]
    return Scene(
        sentence(view, ages, late), kpis, (_ages(view, rows, units), _who(view, units, waiting)), picture, legend,
        strip(view, "chart.ages", items, [(name, view.number(n)) for name, n in rows]), date(view.as_of, view.lang),
        view.as_of.isoformat(), ("legal_persons",),
    )  # fmt: skip


def active(view: View) -> pd.DataFrame:
    """All warnings that are not closed, as the list of supervisors has them."""
    return _all(view, WarningFilter(states=ACTIVE))


def handled(view: View) -> pd.DataFrame:
    """Warnings that people closed within the thirty days up to the business date; nobody closed a withdrawn one."""
    rows = _all(view, WarningFilter(states=("closed",)))
    since = pd.Timestamp(view.as_of - dt.timedelta(days=MONTH))
    found: pd.DataFrame = rows[(rows["outcome"] != WITHDRAWN) & (pd.to_datetime(rows["acted_on"]) > since)]
    return found


def _all(view: View, where: WarningFilter) -> pd.DataFrame:
    parts: list[pd.DataFrame] = []
    total, offset = 1, 0
    while offset < total:
        rows, total = view.store.warnings_page(("*",), view.as_of, where, offset=offset, limit=MAX_LIMIT)
        parts.append(rows[list(COLUMNS)])
        offset += MAX_LIMIT
    return pd.concat(parts, ignore_index=True)


def by_age(waiting: pd.DataFrame, as_of: dt.date) -> list[int]:
    """Warnings by days since they were raised, in the groups of `AGES`; together they are all of them."""
    days = (pd.Timestamp(as_of) - pd.to_datetime(waiting["raised_on"])).dt.days.clip(lower=0)
    return [int(((days >= first) & (days <= (last if last is not None else days))).sum()) for first, last in AGES]


def of_areas(view: View, waiting: pd.DataFrame, level: str) -> pd.Series:
    """Warnings by area of a level; those that stand in no area of it do not count."""
    if level == "district":
        found: pd.Series = waiting["district_code"].dropna().value_counts()
        return found.sort_index()
    codes = sorted(frame_codes(view, level), key=len, reverse=True)
    own = waiting["grid_code"].dropna().map(lambda code: next((c for c in codes if lies_in(str(code), c)), None))
    counted: pd.Series = own.dropna().value_counts()
    return counted.sort_index()


def frame_codes(view: View, level: str) -> list[str]:
    """Codes of the areas of a level."""
    return [str(code) for code in frames.areas(view.products, level)["area_code"]]


def by_unit(view: View, closed: pd.DataFrame) -> dict[str, int]:
    """Closed warnings by the unit of whoever closed them, the most first.

    The unit is the area somebody works in; the whole city, several areas and people who are not on the staff list have
    units of their own, so that no person is named.
    """
    staff = {person.id: person.areas for person in load_staff(view.city)}
    found: dict[str, int] = {}
    for actor, n in closed["actor"].value_counts().items():
        name = unit_of(view, staff.get(str(actor)))
        found[name] = found.get(name, 0) + int(n)
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def unit_of(view: View, areas: tuple[str, ...] | None) -> str:
    """Name of the unit that works in some areas; None stands for somebody who is not on the list."""
    if areas is None:
        return view.say("warnings.unit_other")
    if EVERYWHERE in areas:
        return view.say("warnings.unit_city")
    if len(areas) > 1:
        return view.say("warnings.unit_several")
    return board.known_name(view.products, areas[0], view.lang)


def sentence(view: View, ages: list[int], late: int) -> str:
    """How many wait and how many of them for more than a month; then whether many are past their date.

    From ``late_percent`` of all on the sentence asks for attention.
    """
    total = sum(ages)
    if not total:
        return view.say("warnings.none")
    said = view.say("warnings.waiting", n=view.number(total), old=view.number(ages[-1]))
    if not late:
        return said + view.say("warnings.in_time")
    share = 100 * late / total
    rule = "attention" if share >= view.spec.threshold("late_percent") else "few_late"
    return said + view.say(f"warnings.{rule}", n=view.number(late), share=view.percent(share, digits=0))


def label(view: View, first: int, last: int | None) -> str:
    """A group of days in words."""
    if last is None:
        return view.say("warnings.days_more", n=first - 1)
    return view.say("warnings.days", first=first, last=last)


def _ages(view: View, rows: list[tuple[str, int]], units: Mapping[str, int]) -> dict[str, object]:
    done = [view.say("warnings.did", unit=name, n=view.number(n)) for name, n in list(units.items())[:3]]
    words = view.say("joint").join(done) if done else view.say("warnings.nobody")
    entries = [{"label": name, "value": n, "text": view.number(n)} for name, n in rows]
    return {"kind": "ages", "title": view.say("chart.ages"), "unit": view.say("unit.items"), "rows": entries,
            "handled": {"text": view.say("warnings.handled", units=words)}}  # fmt: skip


def _who(view: View, units: Mapping[str, int], waiting: pd.DataFrame) -> dict[str, object]:
    """Who closed how many; what is open by theme, where nobody has closed any."""
    items = view.say("unit.items")
    if units:
        rows = [(name, float(n), view.number(n)) for name, n in list(units.items())[: view.spec.top]]
        return bars(view, "chart.units", items, view.accent(), rows)
    themes = waiting["theme"].value_counts().head(view.spec.top)
    rows = [(text(f"warning.theme.{theme}", view.lang), float(n), view.number(int(n))) for theme, n in themes.items()]
    return bars(view, "chart.themes", items, view.shade("risk", 3), rows)
