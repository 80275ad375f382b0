"""What was found: a result closes its task or leaves a follow-up; saved twice it counts once, undone not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import sqlalchemy as sa

from models.casework import access_log, lifecycle, tasks
from models.casework.conflict import need_actor, new_id
from models.casework.lifecycle import Act, too_late
from models.errors import RequestError, UnknownNameError
from models.rules.checklists import load_checklists
from models.storage.rows import frame_of
from models.tables import Result, ResultAnswer
from models.tables.base import table_of
from models.tables.cases import FOLLOW_UPS

RESULTS, ANSWERS = table_of(Result), table_of(ResultAnswer)
_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtext(:key))")


@dataclass(frozen=True)
class Answer:
    """The answer to one question: ok, fault (with a severity high, moderate or low) or not_applicable."""

    code: str
    answer: str
    severity: str | None = None
    description: str | None = None


@dataclass(frozen=True)
class Entry:
    """What a person enters after a visit.

    Attributes
    ----------
    task_id, revision : the task as the person saw it
    idempotency_key : made once per form; the same key is saved once, however often it is sent
    done_on : business day of the visit
    result : none_found, rectify, penalty, unreachable or transferred
    follow_up, follow_up_due : what follows, and until when; ``none`` closes the task
    subject_id : the subject that was checked, where the task names none (a member of the warning)
    item_code : the item that was checked, where it is another than the task's
    officer : id of the officer, where it is not the actor
    outcome, warning_revision : closes the warning of the task at the same time
    source : ``screen``, or ``pack`` for a result that comes from an offline work pack
    """

    task_id: int
    revision: int
    idempotency_key: str
    done_on: dt.date
    result: str
    follow_up: str = "none"
    follow_up_due: dt.date | None = None
    answers: tuple[Answer, ...] = ()
    subject_id: str | None = None
    item_code: str | None = None
    score: float | None = None
    note: str | None = None
    officer: str | None = None
    outcome: str | None = None
    warning_revision: int | None = None
    source: str = "screen"


@dataclass(frozen=True)
class Recorded:
    """A saved result: its number, whether this very form had been saved before, and the task as it is now."""

    result_id: int
    repeated: bool
    task: dict[str, Any]


def record(connection: sa.Connection, entry: Entry, act: Act) -> Recorded:
    """Save a result, move its task and, where asked, close its warning: all of it or nothing.

    Raises
    ------
    ConflictError : somebody recorded or changed the task or the warning since
    RequestError : dates out of order, an item outside the subject's libraries, a fault in a result without findings
    """
    need_actor(act.actor, act.at)
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"key": entry.idempotency_key})
    same = sa.select(RESULTS).where(RESULTS.c.idempotency_key == entry.idempotency_key)
    earlier = connection.execute(same).first()
    if earlier is not None:
        if earlier.task_id != entry.task_id:
            raise RequestError(f"this form was saved for task {earlier.task_id} already")
        return Recorded(earlier.result_id, repeated=True, task=tasks.task(connection, entry.task_id))
    before = tasks.task(connection, entry.task_id)
    if before["revision"] != entry.revision:
        raise tasks.conflict(before)
    if before["state"] not in tasks.ACTIVE:
        raise RequestError(f"task {entry.task_id} is {before['state']}: it takes no more results")
    about = _checked(connection, entry, before, act.as_of)
    number = _insert(connection, entry, before, about, act)
    moved = _move_task(connection, entry, before, act)
    if entry.outcome is not None:
        _close_warning(connection, entry, before, act)
    what = f"result {number} of task {entry.task_id}"
    access_log.record(connection, act.actor, "record", what, rows=1, purpose=act.note, at=act.at)
    return Recorded(number, repeated=False, task=moved)


def _checked(
    connection: sa.Connection, entry: Entry, task: Mapping[str, Any], as_of: dt.date
) -> tuple[str | None, str | None]:
    """Test what was entered; gives the subject and the item the result is about."""
    if not entry.idempotency_key:
        raise RequestError("a result needs the key of its form")
    if entry.done_on > as_of:
        raise RequestError(f"done on {entry.done_on}: that is after the business date {as_of}")
    if entry.follow_up not in FOLLOW_UPS:
        raise RequestError(f"follow-up {entry.follow_up!r}; there are {', '.join(FOLLOW_UPS)}")
    if (entry.follow_up == "none") != (entry.follow_up_due is None):
        raise RequestError("a follow-up needs its date, and no follow-up has none")
    if entry.follow_up_due is not None and entry.follow_up_due < entry.done_on:
        raise RequestError(f"follow-up until {entry.follow_up_due}: that is before the visit on {entry.done_on}")
    faults = [answer.code for answer in entry.answers if answer.answer == "fault"]
    if entry.result == "none_found" and (faults or entry.follow_up != "none"):
        raise RequestError("nothing found goes neither with a fault nor with a follow-up: choose another result")
    subject = _subject(connection, entry, task)
    code = entry.item_code or task["item_code"]
    catalogue = load_checklists()
    if code is not None:
        item = catalogue.item(code)
        if subject is not None:
            item = catalogue.need_allowed(code, tasks.libraries(connection, {subject}, catalogue)[subject], subject)
        if entry.result not in item.results:
            raise RequestError(f"item {code} ends with {', '.join(item.results)}; not {entry.result}")
        known = {question.code for question in item.questions}
        if unknown := sorted({answer.code for answer in entry.answers} - known):
            raise RequestError(f"item {code} has no question {', '.join(unknown)}")
    return subject, code


def _subject(connection: sa.Connection, entry: Entry, task: Mapping[str, Any]) -> str | None:
    own: str | None = task["subject_id"]
    if entry.subject_id in (None, own):
        return own
    if own is not None:
        raise RequestError(f"task {entry.task_id} is about {own}, not {entry.subject_id}")
    members = tasks.members_of(lifecycle.warning(connection, task["warning_key"]))
    if entry.subject_id not in members:
        raise RequestError(f"{entry.subject_id} is not one of the subjects of warning {task['warning_key']}")
    return entry.subject_id


def _insert(
    connection: sa.Connection, entry: Entry, task: Mapping[str, Any], about: tuple[str | None, str | None], act: Act
) -> int:
    subject, item = about
    values = {
        "idempotency_key": entry.idempotency_key, "task_id": entry.task_id, "warning_key": task["warning_key"],
        "subject_id": subject, "item_code": item, "kind": task["kind"], "selected_by": task["selected_by"],
        "done_on": entry.done_on, "result": entry.result, "score": entry.score, "follow_up": entry.follow_up,
        "follow_up_due": entry.follow_up_due, "note": entry.note, "officer": entry.officer or act.actor,
        "actor": act.actor, "recorded_at": act.at, "source": entry.source,
    }  # fmt: skip
    number = new_id(connection.execute(sa.insert(RESULTS).values(**values)))
    rows = [{"result_id": number, **answer.__dict__} for answer in entry.answers]
    if rows:
        connection.execute(sa.insert(ANSWERS), rows)
    return number


def _move_task(connection: sa.Connection, entry: Entry, before: Mapping[str, Any], act: Act) -> dict[str, Any]:
    if entry.follow_up == "none":
        return tasks.move(connection, before, "record", act, state="closed", values={"closed_on": entry.done_on})
    values = {"due_on": entry.follow_up_due}
    return tasks.move(connection, before, "record", act, state="follow_up", values=values)


def _close_warning(connection: sa.Connection, entry: Entry, task: Mapping[str, Any], act: Act) -> None:
    if task["warning_key"] is None or entry.warning_revision is None:
        raise RequestError(f"task {entry.task_id} belongs to no warning that could be closed with it")
    values = {"opinion": entry.note} if entry.note else None
    lifecycle.step(connection, task["warning_key"], "close", act, revision=entry.warning_revision,
                   outcome=entry.outcome, values=values)  # fmt: skip
    tasks.cancel_open(connection, task["warning_key"], act)


def undo(connection: sa.Connection, result_id: int, act: Act) -> dict[str, Any]:
    """Take one's own result back within ten seconds, with all it moved; gives the task as it is now.

    Raises
    ------
    RequestError : somebody else's, undone already, or too long ago
    ConflictError : the task or the warning was moved since
    """
    need_actor(act.actor, act.at)
    row = connection.execute(sa.select(RESULTS).where(RESULTS.c.result_id == result_id)).first()
    if row is None:
        raise UnknownNameError(f"there is no result {result_id}")
    if row.actor != act.actor or row.undone_at is not None:
        raise RequestError(f"result {result_id} is not yours to undo, or is undone already")
    too_late(f"result {result_id}", row.recorded_at, act.at)
    before = tasks.task(connection, row.task_id)
    if (before["action"], before["actor"], before["acted_at"]) != ("record", act.actor, row.recorded_at):
        raise tasks.conflict(before)
    mark = {"undone_by": act.actor, "undone_at": act.at}
    connection.execute(sa.update(RESULTS).where(RESULTS.c.result_id == result_id).values(**mark))
    values = {"due_on": before["previous_due_on"], "closed_on": None}
    moved = tasks.move(connection, before, "undo", act, state=before["previous_state"], values=values)
    if row.warning_key is not None:
        warning = lifecycle.warning(connection, row.warning_key)
        if (warning["action"], warning["acted_at"]) == ("close", row.recorded_at):
            lifecycle.undo(connection, row.warning_key, act, revision=warning["revision"])
            tasks.undo_cancelled(connection, row.warning_key, act, row.recorded_at)
    access_log.record(connection, act.actor, "undo", f"result {result_id}", rows=1, purpose=None, at=act.at)
    return moved


def results_of(connection: sa.Connection, key: str) -> pd.DataFrame:
    """Results of a warning that count, newest first."""
    mine = (RESULTS.c.warning_key == key) & RESULTS.c.undone_at.is_(None)
    rows = connection.execute(sa.select(RESULTS).where(mine).order_by(RESULTS.c.result_id.desc())).all()
    return frame_of(rows, list(RESULTS.columns), connection.dialect.name)
