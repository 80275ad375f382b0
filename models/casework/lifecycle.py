"""The life of a warning: which step leads from where to where, who may take it, and what is written down.

open -> taken -> on site -> closed (confirmed, not confirmed, data fault); a closed one may be reopened; the machine
withdraws one whose condition has ended. A data fault may be closed from the desk, without a visit. The last step of a
person may be undone by the same person for a few seconds. Triggers of the database hold the same matrix
(`models.tables.guards`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from models.casework import access_log
from models.casework.conflict import SYSTEM, ConflictError, need_actor
from models.errors import RequestError, UnknownNameError
from models.tables import CaseworkEvent, CaseworkWarning
from models.tables.base import table_of

WARNINGS = table_of(CaseworkWarning)
EVENTS = table_of(CaseworkEvent)
UNDO_S = 10
"""Seconds for which a step can be undone; the store allows a little more for the way there."""
GRACE_S = 5
WITHDRAWN = "withdrawn"
STEPS: dict[tuple[str, str], tuple[tuple[str, str | None], ...]] = {
    ("open", "take"): (("taken", None),),
    ("taken", "visit"): (("on_site", None),),
    ("taken", "close"): (("closed", "data_fault"),),
    ("on_site", "close"): (("closed", "confirmed"), ("closed", "not_confirmed"), ("closed", "data_fault")),
    ("closed", "reopen"): (("open", None),),
}
"""What a person may do: (state, action) -> the states and outcomes it may lead to."""
UNDOABLE = ("take", "visit", "close", "reopen")


@dataclass(frozen=True)
class Act:
    """Who acts, when, and why.

    Attributes
    ----------
    actor : name of the person, or "system"
    as_of : business date of the act
    at : moment of the act, with its time zone; for the log only
    note : reason, where one was given
    """

    actor: str
    as_of: dt.date
    at: dt.datetime
    note: str | None = None


def warning(connection: sa.Connection, key: str) -> dict[str, Any]:
    """All columns of one warning; raises UnknownNameError where there is none of that key."""
    row = connection.execute(sa.select(WARNINGS).where(WARNINGS.c.warning_key == key)).first()
    if row is None:
        raise UnknownNameError(f"there is no warning {key}")
    return dict(row._mapping)


def may(state: str, action: str) -> tuple[tuple[str, str | None], ...]:
    """States and outcomes a person may bring a warning to by this action; empty where it is not allowed."""
    return STEPS.get((state, action), ())


def step(
    connection: sa.Connection,
    key: str,
    action: str,
    act: Act,
    *,
    revision: int,
    outcome: str | None = None,
    values: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Take one step of a person and write it down.

    Parameters
    ----------
    action : take, visit, close or reopen
    revision : of the warning as the person saw it
    outcome : how it ends, for close
    values : other columns that change with it (owner, opinion)

    Returns
    -------
    The warning as it is now.

    Raises
    ------
    ConflictError : somebody acted since the person looked
    RequestError : the step does not lead on from where the warning stands
    """
    need_actor(act.actor, act.at)
    before = warning(connection, key)
    if before["revision"] != revision:
        raise conflict(before)
    targets = may(before["state"], action)
    target = next((t for t in targets if t[1] == outcome), None)
    if act.actor == SYSTEM or target is None:
        raise _not_allowed(before, action, outcome, act.actor)
    more = dict(values or {})
    if action == "take":
        more.setdefault("owner", act.actor)
    if action == "reopen":
        more["reopened_on"] = act.as_of
    return move(connection, before, action, act, state=target[0], outcome=target[1], values=more)


def undo(connection: sa.Connection, key: str, act: Act, *, revision: int) -> dict[str, Any]:
    """Take the last step back.

    Raises
    ------
    ConflictError : somebody acted since
    RequestError : there is nothing to undo, it was somebody else's step, or too long ago
    """
    need_actor(act.actor, act.at)
    before = warning(connection, key)
    if before["revision"] != revision:
        raise conflict(before)
    if before["action"] not in UNDOABLE or before["actor"] != act.actor:
        raise RequestError(f"warning {key}: the last step ({before['action']}, {before['actor']}) is not yours to undo")
    too_late(f"warning {key}", before["acted_at"], act.at)
    values = {"owner": before["previous_owner"]}
    if before["action"] == "reopen":
        values["reopened_on"] = None
    state, outcome = before["previous_state"], before["previous_outcome"]
    return move(connection, before, "undo", act, state=state, outcome=outcome, values=values)


def too_late(what: str, done_at: dt.datetime, now: dt.datetime) -> None:
    """Refuse to undo what was done too long ago; RequestError says how long."""
    seconds = (now - done_at).total_seconds()
    if seconds > UNDO_S + GRACE_S:
        raise RequestError(f"{what}: that was {seconds:.0f} s ago; it can be undone for {UNDO_S} s. Reopen it instead.")


def edit(connection: sa.Connection, key: str, act: Act, *, revision: int, values: dict[str, Any]) -> dict[str, Any]:
    """Change owner, due date, measure or opinion without moving the warning; raises as `step` does."""
    need_actor(act.actor, act.at)
    unknown = sorted(set(values) - {"owner", "due_on", "measure", "opinion"})
    if unknown:
        raise RequestError(f"of a warning owner, due_on, measure and opinion can be changed; not {', '.join(unknown)}")
    before = warning(connection, key)
    if before["revision"] != revision:
        raise conflict(before)
    if act.actor == SYSTEM:
        raise _not_allowed(before, "edit", None, act.actor)
    return move(connection, before, "edit", act, state=before["state"], outcome=before["outcome"], values=values)


def withdraw(connection: sa.Connection, before: dict[str, Any], act: Act, values: dict[str, Any]) -> dict[str, Any]:
    """Close a warning in the machine's name because its condition has ended."""
    own = Act(SYSTEM, act.as_of, act.at, act.note)
    return move(connection, before, "withdraw", own, state="closed", outcome=WITHDRAWN, values=values)


def move(
    connection: sa.Connection,
    before: dict[str, Any],
    action: str,
    act: Act,
    *,
    state: str,
    outcome: str | None,
    values: dict[str, Any],
) -> dict[str, Any]:
    """Write a step that was found to be allowed, its line in the history and, for persons, in the access log."""
    key, revision = before["warning_key"], before["revision"] + 1
    stamp = {"action": action, "actor": act.actor, "acted_on": act.as_of, "acted_at": act.at, "revision": revision}
    previous = {f"previous_{name}": before[name] for name in ("state", "outcome", "owner")}
    same = (WARNINGS.c.warning_key == key) & (WARNINGS.c.revision == before["revision"])
    change = {**values, **stamp, **previous, "state": state, "outcome": outcome}
    if not connection.execute(sa.update(WARNINGS).where(same).values(**change)).rowcount:
        raise conflict(warning(connection, key))
    about = {"warning_key": key, "from_state": before["state"], "to_state": state, "outcome": outcome}
    remember(connection, about, act, action=action, revision=revision)
    if act.actor != SYSTEM:
        access_log.record(connection, act.actor, action, f"warning {key}", rows=1, purpose=act.note, at=act.at)
    return {**before, **change}


def remember(connection: sa.Connection, about: dict[str, Any], act: Act, *, action: str, revision: int) -> None:
    """Append one line to the history of a warning or task."""
    line = {"action": action, "actor": act.actor, "acted_on": act.as_of, "acted_at": act.at, "note": act.note}
    connection.execute(sa.insert(EVENTS).values(**about, **line, revision=revision))


def conflict(now: dict[str, Any]) -> ConflictError:
    """Say who acted on this warning since."""
    return ConflictError(
        f"warning {now['warning_key']}",
        actor=now["actor"],
        action=now["action"],
        at=now["acted_at"],
        state=now["outcome"] or now["state"],
    )


def _not_allowed(before: dict[str, Any], action: str, outcome: str | None, actor: str) -> RequestError:
    stands = before["outcome"] or before["state"]
    wanted = f"{action} as {outcome}" if outcome else action
    allowed = [
        f"{what}{'' if end is None else f' as {end}'}"
        for (state, what), targets in STEPS.items()
        for _, end in targets
        if state == before["state"]
    ]
    return RequestError(
        f"warning {before['warning_key']} is {stands}: {actor} cannot {wanted} it; possible now: {', '.join(allowed)}"
    )
