"""Offline work packs: handed out, and their results merged later; what disagrees is listed and nothing written over."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import sqlalchemy as sa

from models.casework import access_log, results, tasks
from models.casework.conflict import need_actor
from models.casework.lifecycle import Act
from models.casework.pack_file import Given, PackFile
from models.casework.results import ANSWERS, RESULTS, Answer, Entry
from models.casework.scope import lies_in
from models.errors import RequestError, UnknownNameError
from models.storage.rows import frame_of
from models.tables import PackEntry, WorkPack
from models.tables.base import table_of

PACKS, ENTRIES = table_of(WorkPack), table_of(PackEntry)
MAX_TASKS = 200


@dataclass
class Merged:
    """What became of a file: task numbers merged, the same as before, in conflict, and refused with the reason."""

    merged: list[int] = field(default_factory=list)
    same: list[int] = field(default_factory=list)
    conflicts: list[int] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)


def hand_out(connection: sa.Connection, task_ids: Sequence[int], act: Act) -> str:
    """Write down a new pack and give its id (12 hex digits).

    Raises
    ------
    UnknownNameError : a task that is not there
    RequestError : no task, or more than `MAX_TASKS`
    """
    need_actor(act.actor, act.at)
    numbers = sorted(set(task_ids))
    if not 1 <= len(numbers) <= MAX_TASKS:
        raise RequestError(f"{len(numbers)} tasks in one work pack; needed are 1 to {MAX_TASKS}")
    for number in numbers:
        tasks.task(connection, number)
    said = json.dumps(numbers)
    pack_id = hashlib.sha256(f"{act.actor}|{act.at.isoformat()}|{said}".encode()).hexdigest()[:12]
    values = {"pack_id": pack_id, "tasks": said, "made_on": act.as_of, "made_by": act.actor, "made_at": act.at}
    connection.execute(sa.insert(PACKS).values(**values))
    access_log.record(
        connection, act.actor, "export", f"work pack {pack_id}", rows=len(numbers), purpose=act.note, at=act.at
    )
    return pack_id


def merge(connection: sa.Connection, file: PackFile, act: Act, areas: Collection[str]) -> Merged:
    """Take the results of a file over, each on its own.

    A result is recorded where its task takes one and nobody recorded another since the pack was made. Where somebody
    did, or the task was cancelled, it becomes one conflict that a person decides; the standing result stays. The same
    file, or the same result in another file, changes nothing a second time.

    Parameters
    ----------
    areas : areas of whoever brings the file; results from elsewhere are refused

    Raises
    ------
    UnknownNameError : no such pack was handed out here
    """
    need_actor(act.actor, act.at)
    pack = connection.execute(sa.select(PACKS).where(PACKS.c.pack_id == file.pack_id)).mappings().first()
    if pack is None:
        raise UnknownNameError(f"no work pack {file.pack_id} was handed out by this city")
    known, done = set(json.loads(pack["tasks"])), Merged()
    for given in file.results:
        if given.task_id not in known:
            done.refused.append((given.task_id, "not a task of this pack"))
            continue
        try:
            with connection.begin_nested():
                _one(connection, given, dict(pack), act, areas=areas, done=done)
        except RequestError as error:
            done.refused.append((given.task_id, str(error)))
    said = f"work pack {file.pack_id}: {len(done.merged)} merged, {len(done.conflicts)} conflicts"
    access_log.record(connection, act.actor, "merge", said, rows=len(file.results), purpose=act.note, at=act.at)
    return done


def _one(
    connection: sa.Connection, given: Given, pack: dict[str, Any], act: Act, *, areas: Collection[str], done: Merged
) -> None:
    task = tasks.task(connection, given.task_id)
    if not lies_in(areas, task["grid_code"], task["district_code"]):
        raise RequestError(f"task {given.task_id} lies outside of {act.actor}'s areas")
    key = given.key
    if connection.execute(sa.select(ENTRIES.c.entry_id).where(ENTRIES.c.entry_key == key)).first() is not None:
        done.same.append(given.task_id)
        return
    standing = _standing(connection, given.task_id, since=pack["made_at"])
    if standing == given.content:
        done.same.append(given.task_id)
        return
    values = {"entry_key": key, "pack_id": pack["pack_id"], "task_id": given.task_id, "content": given.content}
    values |= {"standing": standing, "brought_by": act.actor, "brought_at": act.at}
    if standing is None and task["state"] in tasks.ACTIVE:
        results.record(connection, _entry(given, task["revision"], key), act)
        connection.execute(sa.insert(ENTRIES).values(**values, state="merged"))
        done.merged.append(given.task_id)
        return
    connection.execute(sa.insert(ENTRIES).values(**values, state="conflict"))
    done.conflicts.append(given.task_id)


def decide(connection: sa.Connection, entry_id: int, act: Act, *, use: bool) -> None:
    """Decide a conflict: keep what stands, or record the other result too, as the later one.

    Raises
    ------
    UnknownNameError : no such entry
    RequestError : it is no open conflict, or the result cannot be recorded now
    """
    need_actor(act.actor, act.at)
    row = connection.execute(sa.select(ENTRIES).where(ENTRIES.c.entry_id == entry_id)).mappings().first()
    if row is None:
        raise UnknownNameError(f"there is no entry {entry_id} of a work pack")
    if row["state"] != "conflict":
        raise RequestError(f"entry {entry_id} is {row['state']}; only an open conflict can be decided")
    if use:
        task = tasks.task(connection, row["task_id"])
        if task["state"] not in tasks.ACTIVE:
            task = tasks.move(connection, task, "reopen", act, state="open", values={"closed_on": None})
        given = Given.model_validate_json(row["content"])
        results.record(connection, _entry(given, task["revision"], row["entry_key"]), act)
    stamp = {"decided_by": act.actor, "decided_at": act.at, "note": act.note}
    state = "used" if use else "kept"
    connection.execute(sa.update(ENTRIES).where(ENTRIES.c.entry_id == entry_id).values(state=state, **stamp))
    access_log.record(
        connection, act.actor, f"decide {state}", f"work pack entry {entry_id}", rows=1, purpose=act.note, at=act.at
    )


def entries(connection: sa.Connection, state: str | None = "conflict") -> pd.DataFrame:
    """Results that came back, newest first: open conflicts, those of another state, or all (None)."""
    query = sa.select(ENTRIES).order_by(ENTRIES.c.entry_id.desc())
    if state is not None:
        query = query.where(ENTRIES.c.state == state)
    return frame_of(connection.execute(query).all(), list(ENTRIES.columns), connection.dialect.name)


def _standing(connection: sa.Connection, task_id: int, *, since: Any) -> str | None:
    """The result of a task that was recorded after the pack was made, as the file would write it."""
    mine = (RESULTS.c.task_id == task_id) & RESULTS.c.undone_at.is_(None) & (RESULTS.c.recorded_at > since)
    row = connection.execute(sa.select(RESULTS).where(mine).order_by(RESULTS.c.result_id.desc())).mappings().first()
    if row is None:
        return None
    asked = sa.select(ANSWERS.c.code, ANSWERS.c.answer, ANSWERS.c.severity).where(
        ANSWERS.c.result_id == row["result_id"]
    )
    answers = [dict(r) for r in connection.execute(asked).mappings()]
    names = ("task_id", "done_on", "result", "follow_up", "follow_up_due", "note")
    return Given(revision=0, answers=tuple(answers), **{name: row[name] for name in names}).content


def _entry(given: Given, revision: int, key: str) -> Entry:
    return Entry(
        task_id=given.task_id,
        revision=revision,
        idempotency_key=f"pack-{key}",
        done_on=given.done_on,
        result=given.result,
        follow_up=given.follow_up,
        follow_up_due=given.follow_up_due,
        answers=tuple(Answer(a.code, a.answer, a.severity) for a in given.answers),
        note=given.note,
        source="pack",
    )
