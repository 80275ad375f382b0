"""The year's inspection plan (年度抽查计划) and what became of it: planned, drawn, done, open, overdue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd
import sqlalchemy as sa

from models.casework.conflict import need_actor
from models.casework.lifecycle import Act
from models.casework.scope import in_areas
from models.casework.tasks import ACTIVE, TASKS
from models.errors import RequestError
from models.rules.checklists import load_checklists
from models.tables import DrawObject, PlanLine
from models.tables.base import table_of

LINES, OBJECTS = table_of(PlanLine), table_of(DrawObject)
LEVELS = ("A", "B", "C", "D")
WHOLE_CITY = "*"
COUNTS = ("drawn", "done", "open", "overdue", "cancelled")
COLUMNS = ("item_code", "level", "planned", *COUNTS)


def plan_id(year: int, area: str) -> str:
    """Name of a unit's plan, such as ``2015-500110``."""
    return f"{year}-{'city' if area == WHOLE_CITY else area}"


def save(connection: sa.Connection, year: int, area: str, planned: Mapping[tuple[str, str], int], act: Act) -> str:
    """Write how many subjects of each item and level a unit means to check; gives the plan's id.

    Parameters
    ----------
    planned : (item code, level) -> number; lines that are not named stay as they are

    Raises
    ------
    UnknownNameError : an item that is not in the catalogue
    RequestError : a level or number that cannot be
    """
    need_actor(act.actor, act.at)
    name, catalogue = plan_id(year, area), load_checklists()
    for (item, level), number in sorted(planned.items()):
        catalogue.item(item)
        if level not in LEVELS or number < 0:
            raise RequestError(f"{item}, level {level}: {number}; needed are a level of A to D and a number from 0")
        mine = (LINES.c.plan_id == name) & (LINES.c.item_code == item) & (LINES.c.level == level)
        stamp = {"planned": number, "saved_by": act.actor, "saved_at": act.at}
        changed = connection.execute(sa.update(LINES).where(mine).values(**stamp, revision=LINES.c.revision + 1))
        if not changed.rowcount:
            key = {"plan_id": name, "year": year, "area_code": area, "item_code": item, "level": level}
            connection.execute(sa.insert(LINES).values(**key, **stamp, revision=1))
    return name


def progress(connection: sa.Connection, year: int, area: str, as_of: dt.date) -> pd.DataFrame:
    """Plan against what was done, per item and level.

    Returns
    -------
    item_code, level, planned (missing where nothing was planned), and of the tasks that draws of the year made in the
    area: drawn (all), done (closed), open (open or in follow-up), overdue (of these, due before the business date),
    cancelled. drawn = done + open + cancelled, and their sums are those of the task table.
    """
    lines = connection.execute(
        sa.select(LINES.c.item_code, LINES.c.level, LINES.c.planned).where(LINES.c.plan_id == plan_id(year, area))
    ).all()
    plan = pd.DataFrame(lines, columns=["item_code", "level", "planned"]).astype({"planned": "Int64"})
    c = TASKS.c
    active = c.state.in_(ACTIVE)
    tests = (c.state == "closed", active, active & (c.due_on < as_of), c.state == "cancelled")
    sums = (sa.func.sum(sa.case((test, 1), else_=0)) for test in tests)
    query = (
        sa.select(c.item_code, OBJECTS.c.level, sa.func.count(), *sums)
        .join(OBJECTS, (OBJECTS.c.draw_id == c.draw_id) & (OBJECTS.c.subject_id == c.subject_id))
        .where(OBJECTS.c.year == year, c.kind == "draw", in_areas(TASKS, [area]))
        .group_by(c.item_code, OBJECTS.c.level)
    )
    made = pd.DataFrame(connection.execute(query).all(), columns=["item_code", "level", *COUNTS])
    both = plan.merge(made, on=["item_code", "level"], how="outer")
    both[list(COUNTS)] = both[list(COUNTS)].fillna(0).astype("int64")
    return both[list(COLUMNS)].sort_values(["item_code", "level"], ignore_index=True)
