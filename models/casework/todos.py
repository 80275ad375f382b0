"""What waits for somebody: counts of their areas as of the business date, and a dash where their role may not act."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from models.casework.inbox import overdue
from models.casework.lifecycle import WARNINGS
from models.casework.rule_drafts import DRAFTS
from models.casework.scope import in_areas
from models.casework.tasks import TASKS

READERS = frozenset({"supervisor", "manager", "official", "auditor", "admin"})
DECIDERS = frozenset({"manager", "admin"})
STATES = {
    "warnings": ("open", "taken", "on_site", "closed"),
    "tasks": ("open", "follow_up", "closed", "cancelled"),
    "drafts": ("submitted",),
}


@dataclass(frozen=True)
class Todo:
    """One line of the list.

    Attributes
    ----------
    kind : warnings, tasks, or drafts of rules
    state : state of those counted
    count, late : how many, and how many of them are overdue; None (shown as a dash) where the role may not see them
    """

    kind: str
    state: str
    count: int | None
    late: int | None


def todos(
    connection: sa.Connection, areas: Collection[str], roles: Collection[str], as_of: dt.date
) -> tuple[Todo, ...]:
    """Count what waits in some areas.

    Parameters
    ----------
    areas : codes of districts, towns or grid cells; "*" is the whole city
    roles : roles of who asks; warnings and tasks are for supervision, drafts for those who approve them
    as_of : business date; overdue is due before it and not done
    """
    seen = bool(READERS & set(roles))
    lines = [
        Todo(kind, state, *counts)
        for kind, table in (("warnings", WARNINGS), ("tasks", TASKS))
        for state, counts in _counted(connection, table, areas, as_of, STATES[kind], seen=seen).items()
    ]
    waiting = None
    if DECIDERS & set(roles):
        submitted = sa.select(sa.func.count()).select_from(DRAFTS).where(DRAFTS.c.state == "submitted")
        waiting = int(connection.execute(submitted).scalar_one())
    return (*lines, Todo("drafts", "submitted", waiting, None))


def _counted(
    connection: sa.Connection, table: sa.Table, areas: Collection[str], as_of: dt.date, states: tuple[str, ...],
    *, seen: bool,
) -> dict[str, tuple[int | None, int | None]]:  # fmt: skip
    if not seen:
        return dict.fromkeys(states, (None, None))
    late = sa.func.sum(sa.case((overdue(table, as_of), 1), else_=0))
    query = sa.select(table.c.state, sa.func.count(), late).where(in_areas(table, areas)).group_by(table.c.state)
    found = {state: (int(n), int(m)) for state, n, m in connection.execute(query)}
    return {state: found.get(state, (0, 0)) for state in states}
