"""Lists of casework for screens and builds: warnings of somebody's areas, confirmed ones, precision per rule."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import pandas as pd
import sqlalchemy as sa

from models.casework.lifecycle import EVENTS, WARNINGS
from models.casework.scope import in_areas
from models.errors import RequestError
from models.storage.rows import frame_of
from models.tables import Result
from models.tables.base import table_of

RESULTS = table_of(Result)
MAX_LIMIT = 10_000
_LONG = ("member_ids", "evidence")
_LISTED = [column for column in WARNINGS.columns if column.name not in _LONG]
CONFIRMED_COLUMNS = ("subject_id", "rule_id", "theme", "warning_key", "closed_on")


@dataclass(frozen=True)
class WarningFilter:
    """Which warnings a list shows; what is empty or None does not filter.

    Attributes
    ----------
    states : any of open, taken, on_site, closed
    themes, severities : themes and grades
    overdue : True only those not closed whose due date lies before the business date
    subject_id : warnings about this subject itself
    owner : who works on them
    """

    states: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    severities: tuple[int, ...] = ()
    overdue: bool = False
    subject_id: str | None = None
    owner: str | None = None


def overdue(table: sa.Table, as_of: dt.date) -> sa.ColumnElement[bool]:
    """Condition: due before the business date and not done."""
    return (table.c.due_on < as_of) & table.c.state.not_in(("closed", "cancelled"))


def warnings_page(
    connection: sa.Connection,
    areas: Collection[str],
    where: WarningFilter,
    as_of: dt.date,
    *,
    offset: int,
    limit: int,
) -> tuple[pd.DataFrame, int]:
    """One page of the warnings of some areas, what is most pressing first, and how many match.

    Returns
    -------
    Frame without evidence and member ids, with the added column ``overdue``; those not closed come first, then by
    severity and due date.
    """
    if offset < 0 or not 0 <= limit <= MAX_LIMIT:
        raise RequestError(f"offset {offset}, limit {limit}: needed are offset >= 0 and limit within 0 and {MAX_LIMIT}")
    tests = [in_areas(WARNINGS, areas), *_tests(where, as_of)]
    total = connection.execute(sa.select(sa.func.count()).select_from(WARNINGS).where(*tests)).scalar_one()
    c = WARNINGS.c
    order = (sa.case((c.state == "closed", 1), else_=0), c.severity.desc(), c.due_on, c.warning_key)
    query = sa.select(*_LISTED).where(*tests).order_by(*order).offset(offset).limit(limit)
    frame = frame_of(connection.execute(query).all(), _LISTED, connection.dialect.name)
    due = frame["due_on"] < pd.Timestamp(as_of)
    return frame.assign(overdue=due & (frame["state"] != "closed")), int(total)


def _tests(where: WarningFilter, as_of: dt.date) -> list[sa.ColumnElement[bool]]:
    c = WARNINGS.c
    tests: list[sa.ColumnElement[bool]] = []
    if where.states:
        tests.append(c.state.in_(where.states))
    if where.themes:
        tests.append(c.theme.in_(where.themes))
    if where.severities:
        tests.append(c.severity.in_(where.severities))
    if where.overdue:
        tests.append(overdue(WARNINGS, as_of))
    if where.subject_id is not None:
        tests.append(c.subject_id == where.subject_id)
    if where.owner is not None:
        tests.append(c.owner == where.owner)
    return tests


def events(connection: sa.Connection, key: str) -> pd.DataFrame:
    """The history of one warning, oldest first, without that of its tasks."""
    columns, own = list(EVENTS.columns), (EVENTS.c.warning_key == key) & EVENTS.c.task_id.is_(None)
    rows = connection.execute(sa.select(EVENTS).where(own).order_by(EVENTS.c.event_id)).all()
    return frame_of(rows, columns, connection.dialect.name)


def confirmed(connection: sa.Connection) -> pd.DataFrame:
    """Subjects of confirmed warnings, one row per subject and warning.

    Returns
    -------
    Columns subject_id, rule_id, theme, warning_key, closed_on (business date). A warning about one subject gives that
    subject; one about several gives every member but those that an own visit found without fault.
    """
    c = WARNINGS.c
    query = sa.select(c.subject_id, c.rule_id, c.theme, c.warning_key, c.acted_on, c.member_ids)
    closed = connection.execute(query.where(c.outcome == "confirmed").order_by(c.warning_key)).all()
    clean = sa.select(RESULTS.c.warning_key, RESULTS.c.subject_id).where(
        RESULTS.c.result == "none_found", RESULTS.c.undone_at.is_(None)
    )
    cleared = {(row.warning_key, row.subject_id) for row in connection.execute(clean)}
    rows = [
        (subject, row.rule_id, row.theme, row.warning_key, row.acted_on)
        for row in closed
        for subject in ([row.subject_id] if row.subject_id else json.loads(row.member_ids))
        if row.subject_id or (row.warning_key, subject) not in cleared
    ]
    frame = pd.DataFrame(rows, columns=list(CONFIRMED_COLUMNS)).astype(dict.fromkeys(CONFIRMED_COLUMNS[:4], "str"))
    return frame.assign(closed_on=pd.to_datetime(frame["closed_on"]).astype("datetime64[s]"))


def rule_precision(connection: sa.Connection) -> pd.DataFrame:
    """What became of the closed warnings of each rule and version.

    Returns
    -------
    Columns rule_id, rule_version, raised, active, confirmed, not_confirmed, data_fault, withdrawn, precision;
    ``precision`` = confirmed / (confirmed + not_confirmed + data_fault), null while a person closed none. Withdrawn
    ones were judged by nobody and do not count.
    """
    c = WARNINGS.c
    query = sa.select(c.rule_id, c.rule_version, c.state, c.outcome, sa.func.count().label("n"))
    rows = connection.execute(query.group_by(c.rule_id, c.rule_version, c.state, c.outcome)).all()
    found: dict[tuple[str, str], dict[str, Any]] = {}
    names = ("confirmed", "not_confirmed", "data_fault", "withdrawn")
    for row in rows:
        mine = found.setdefault((row.rule_id, row.rule_version), dict.fromkeys(("raised", "active", *names), 0))
        mine["raised"] += row.n
        mine[row.outcome or "active"] += row.n
    lines = []
    for (rule, version), mine in sorted(found.items()):
        judged = mine["confirmed"] + mine["not_confirmed"] + mine["data_fault"]
        share = mine["confirmed"] / judged if judged else None
        lines.append({"rule_id": rule, "rule_version": version, **mine, "precision": share})
    columns = ["rule_id", "rule_version", "raised", "active", *names, "precision"]
    return pd.DataFrame(lines, columns=columns).astype({"rule_id": "str", "rule_version": "str", "precision": "float"})
