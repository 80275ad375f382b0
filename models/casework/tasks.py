"""Tasks: what has to be done at a subject or for a warning, until when, and by whom.

open -> closed, or -> follow-up -> closed, when a result is recorded; open or follow-up -> cancelled. Triggers of the
database hold the same (`models.tables.guards`).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa

from models.casework import access_log
from models.casework.conflict import ConflictError, need_actor, new_id
from models.casework.lifecycle import WARNINGS, Act, remember
from models.casework.scope import in_areas
from models.errors import RequestError, UnknownNameError
from models.rules.checklists import Catalogue, load_checklists
from models.storage.rows import frame_of
from models.tables import LegalPerson, Licence, Premises, Task
from models.tables.base import table_of

TASKS = table_of(Task)
_PERSONS, _LICENCES, _PREMISES = table_of(LegalPerson), table_of(Licence), table_of(Premises)
ACTIVE = ("open", "follow_up")
GIVEN = ("kind", "selected_by", "subject_id", "warning_key", "item_code", "measure", "plan_id", "draw_id", "officers",
         "owner", "due_on", "note")  # fmt: skip
"""What the maker of a task says about it."""
SELECTED_BY = {"warning": "warning", "draw": "random", "complaint": "complaint"}
_AT_ONCE = 500


def task(connection: sa.Connection, task_id: int) -> dict[str, Any]:
    """All columns of one task; raises UnknownNameError where there is none of that number."""
    row = connection.execute(sa.select(TASKS).where(TASKS.c.task_id == task_id)).first()
    if row is None:
        raise UnknownNameError(f"there is no task {task_id}")
    return dict(row._mapping)


def add(connection: sa.Connection, rows: Sequence[Mapping[str, Any]], act: Act) -> list[int]:
    """Make tasks.

    Parameters
    ----------
    rows : each with ``kind``, ``due_on``, and ``subject_id`` or ``warning_key``; the rest of `GIVEN` where known

    Returns
    -------
    Numbers of the tasks, in the order of the rows.

    Raises
    ------
    RequestError : a column nobody knows, neither subject nor warning, an item of another library
    """
    need_actor(act.actor, act.at)
    catalogue = load_checklists()
    known = libraries(connection, {str(row["subject_id"]) for row in rows if row.get("subject_id")}, catalogue)
    numbers = []
    for row in rows:
        if unknown := sorted(set(row) - set(GIVEN)):
            raise RequestError(f"a task has {', '.join(GIVEN)}; not {', '.join(unknown)}")
        subject, key, item = row.get("subject_id"), row.get("warning_key"), row.get("item_code")
        if not subject and not key:
            raise RequestError("a task is about a subject or a warning")
        if subject and item:
            catalogue.need_allowed(str(item), known[str(subject)], str(subject))
        values = {name: row.get(name) for name in GIVEN}
        values["selected_by"] = row.get("selected_by") or SELECTED_BY.get(str(row["kind"]), "other")
        values |= _place(connection, subject, key)
        stamp = {"action": "create", "actor": act.actor, "acted_on": act.as_of, "acted_at": act.at, "revision": 1}
        made = {"created_on": act.as_of, "created_by": act.actor, "state": "open", **stamp}
        number = new_id(connection.execute(sa.insert(TASKS).values(**values, **made)))
        about = {"task_id": number, "warning_key": key, "from_state": None, "to_state": "open"}
        remember(connection, about, act, action="create", revision=1)
        numbers.append(number)
    access_log.record(connection, act.actor, "create tasks", f"{len(numbers)} tasks", rows=len(numbers),
                      purpose=act.note, at=act.at)  # fmt: skip
    return numbers


def for_warning(connection: sa.Connection, warning: Mapping[str, Any], act: Act) -> int | None:
    """Make the task that taking a warning brings, unless one is active already; gives its number."""
    mine = (TASKS.c.warning_key == warning["warning_key"]) & TASKS.c.state.in_(ACTIVE)
    if connection.execute(sa.select(TASKS.c.task_id).where(mine)).first() is not None:
        return None
    catalogue, subject = load_checklists(), warning["subject_id"]
    items = catalogue.by_theme.get(warning["theme"], ())
    if subject:
        own = libraries(connection, {subject}, catalogue)[subject]
        items = tuple(code for code in items if catalogue.item(code).library in own)
    row = {
        "kind": "warning", "subject_id": subject, "warning_key": warning["warning_key"],
        "item_code": items[0] if items else None, "measure": warning["measure"], "owner": warning["owner"],
        "due_on": warning["due_on"],
    }  # fmt: skip
    return add(connection, [row], act)[0]


def libraries(connection: sa.Connection, subjects: Collection[str], catalogue: Catalogue) -> dict[str, frozenset[str]]:
    """Libraries each subject belongs to, by its section, its licences and whether it is a place of business.

    Raises
    ------
    UnknownNameError : a subject that is neither a legal person nor a place of business
    """
    found: dict[str, frozenset[str]] = {}
    wanted = sorted(subjects)
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        persons = sa.select(_PERSONS.c.uscc, _PERSONS.c.industry_section).where(_PERSONS.c.uscc.in_(some))
        places = sa.select(_PREMISES.c.premises_id).where(_PREMISES.c.premises_id.in_(some))
        held = sa.select(_LICENCES.c.subject_id, _LICENCES.c.library).where(
            _LICENCES.c.subject_id.in_(some), _LICENCES.c.revoked_on.is_(None)
        )
        licensed: dict[str, set[str]] = {}
        for row in connection.execute(held):
            licensed.setdefault(row.subject_id, set()).add(row.library)
        for row in connection.execute(persons):
            own = licensed.get(row.uscc, set())
            found[row.uscc] = catalogue.libraries_of(row.industry_section, own)
        for row in connection.execute(places):
            own = licensed.get(row.premises_id, set())
            found[row.premises_id] = catalogue.libraries_of(None, own, premises=True)
    if missing := sorted(set(wanted) - set(found)):
        raise UnknownNameError(f"no subject has the id {', '.join(missing[:5])}")
    return found


def _place(connection: sa.Connection, subject: str | None, key: str | None) -> dict[str, Any]:
    """Grid cell and district of a task: those of its subject, else of its warning."""
    table, column, value = (_PERSONS, _PERSONS.c.uscc, subject) if subject else (WARNINGS, WARNINGS.c.warning_key, key)
    codes = (table.c.grid_code, table.c.district_code)
    row = connection.execute(sa.select(*codes).where(column == value)).first()
    if row is None and subject:
        row = connection.execute(
            sa.select(sa.null().label("grid_code"), _PREMISES.c.district_code).where(_PREMISES.c.premises_id == subject)
        ).first()
    if row is None:
        raise UnknownNameError(f"no warning {key}" if not subject else f"no subject has the id {subject}")
    return {"grid_code": row.grid_code, "district_code": row.district_code}


def move(
    connection: sa.Connection, before: Mapping[str, Any], action: str, act: Act, *, state: str, values: dict[str, Any]
) -> dict[str, Any]:
    """Write one step of a task and its line in the history.

    Raises
    ------
    ConflictError : somebody acted on it since ``before`` was read
    """
    number, revision = before["task_id"], before["revision"] + 1
    stamp = {"action": action, "actor": act.actor, "acted_on": act.as_of, "acted_at": act.at, "revision": revision}
    change = {"previous_state": before["state"], "previous_due_on": before["due_on"], "state": state, **values, **stamp}
    same = (TASKS.c.task_id == number) & (TASKS.c.revision == before["revision"])
    if not connection.execute(sa.update(TASKS).where(same).values(**change)).rowcount:
        raise conflict(task(connection, number))
    about = {"task_id": number, "warning_key": before["warning_key"], "from_state": before["state"], "to_state": state}
    remember(connection, about, act, action=action, revision=revision)
    return {**before, **change}


def cancel(connection: sa.Connection, task_id: int, act: Act, *, revision: int) -> dict[str, Any]:
    """Take a task off the list without a result.

    Raises
    ------
    ConflictError : somebody acted since
    RequestError : it is closed or cancelled already
    """
    need_actor(act.actor, act.at)
    before = task(connection, task_id)
    if before["revision"] != revision:
        raise conflict(before)
    if before["state"] not in ACTIVE:
        raise RequestError(f"task {task_id} is {before['state']} and cannot be cancelled")
    access_log.record(connection, act.actor, "cancel", f"task {task_id}", rows=1, purpose=act.note, at=act.at)
    return move(connection, before, "cancel", act, state="cancelled", values={})


def cancel_open(connection: sa.Connection, key: str, act: Act) -> int:
    """Cancel the tasks of a warning that nobody began, because the warning is closed; gives their number."""
    mine = (TASKS.c.warning_key == key) & (TASKS.c.state == "open")
    rows = [dict(row._mapping) for row in connection.execute(sa.select(TASKS).where(mine))]
    for before in rows:
        move(connection, before, "cancel", act, state="cancelled", values={})
    return len(rows)


def undo_cancelled(connection: sa.Connection, key: str, act: Act, done_at: dt.datetime) -> None:
    """Bring back the tasks that closing a warning at this moment cancelled."""
    mine = (TASKS.c.warning_key == key) & (TASKS.c.action == "cancel") & (TASKS.c.actor == act.actor)
    for row in connection.execute(sa.select(TASKS).where(mine, TASKS.c.acted_at == done_at)).all():
        before = dict(row._mapping)
        values = {"due_on": before["previous_due_on"]}
        move(connection, before, "undo", act, state=before["previous_state"], values=values)


def conflict(now: Mapping[str, Any]) -> ConflictError:
    """Say who acted on this task since."""
    who = {"actor": now["actor"], "action": now["action"], "at": now["acted_at"], "state": now["state"]}
    return ConflictError(f"task {now['task_id']}", **who)


def tasks_frame(
    connection: sa.Connection, areas: Collection[str], as_of: dt.date, given: Mapping[str, Any]
) -> pd.DataFrame:
    """Tasks of some areas, the one due first in front, with the added column ``overdue``.

    Parameters
    ----------
    given : column -> value (or a list of values) that filters
    """
    if unknown := sorted(set(given) - set(TASKS.columns.keys())):
        raise RequestError(f"tasks have no column {', '.join(unknown)}")
    tests = [TASKS.c[n].in_(list(v)) if isinstance(v, (list, tuple, set)) else TASKS.c[n] == v
             for n, v in given.items()]  # fmt: skip
    query = sa.select(TASKS).where(in_areas(TASKS, areas), *tests).order_by(TASKS.c.due_on, TASKS.c.task_id)
    frame = frame_of(connection.execute(query).all(), list(TASKS.columns), connection.dialect.name)
    return frame.assign(overdue=(frame["due_on"] < pd.Timestamp(as_of)) & frame["state"].isin(ACTIVE))


def members_of(warning: Mapping[str, Any]) -> list[str]:
    """Ids of the subjects a warning is about."""
    ids: list[str] = json.loads(warning["member_ids"])
    return list(dict.fromkeys([*([warning["subject_id"]] if warning["subject_id"] else []), *ids]))
