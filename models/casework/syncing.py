"""The warnings of a build meet those people work on: new ones come in once, ended ones go by themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from models.casework import access_log, lifecycle, tasks
from models.casework.conflict import SYSTEM
from models.casework.lifecycle import EVENTS, WARNINGS, Act
from models.rules.measures import Measures
from models.tables.guards import EVIDENCE

ENDED = "the condition has ended"
GONE = "the build does not find it any more"
_GIVEN = tuple(name for name in EVIDENCE if name not in ("warning_id", "build_id", "first_seen_on"))


@dataclass(frozen=True)
class Synced:
    """What a meeting of build and casework did: warnings raised, withdrawn, and known before."""

    raised: int
    withdrawn: int
    known: int


def sync(
    connection: sa.Connection,
    frame: pd.DataFrame,
    measures: Measures,
    *,
    as_of: dt.date,
    at: dt.datetime,
    build_id: str | None,
    since: dt.date | None = None,
    named: Mapping[str, str] | None = None,
) -> Synced:
    """Bring in the warnings of a build.

    Parameters
    ----------
    frame : n rows of the product ``warnings``
    measures : days a warning may wait by severity, and the measure each theme asks for
    as_of : business date of the build; new warnings are due so many days after it
    at : moment, for the log
    named : code of the measure each rule names, by rule
    since : first day of the period the build looked at; the earliest day of a warning in the frame where not given

    Notes
    -----
    A key is one episode, so what is known is never raised again, closed or not, and its evidence stays what it was
    when it was raised. A warning still worked on is withdrawn in the name of "system" where the build says that it
    ended, or where the build's period holds its day and the build does not find it; one a person reopened after its
    end is left to that person. One that had ended already when it was first seen comes in and is withdrawn at once.
    """
    known = {row.warning_key: dict(row._mapping) for row in connection.execute(sa.select(WARNINGS))}
    rows = _plain(frame)
    new = [row for row in rows if row["warning_key"] not in known]
    act = Act(SYSTEM, as_of, at)
    for row in new:
        row_in = _row(row, measures, named or {}, act, build_id)
        connection.execute(sa.insert(WARNINGS).values(**row_in))
        known[row["warning_key"]] = row_in
    if new:
        connection.execute(sa.insert(EVENTS), [_raised(row["warning_key"], act) for row in new])
    first = since or min((row["raised_on"] for row in rows), default=None)
    withdrawn = _withdraw_ended(connection, rows, known, act, first)
    if new or withdrawn:
        log = f"warnings raised {len(new)}, withdrawn {withdrawn}"
        access_log.record(connection, SYSTEM, "sync", log, rows=len(new) + withdrawn, purpose=build_id, at=at)
    return Synced(len(new), withdrawn, len(rows) - len(new))


def _withdraw_ended(
    connection: sa.Connection,
    rows: list[dict[str, Any]],
    known: Mapping[str, dict[str, Any]],
    act: Act,
    first: dt.date | None,
) -> int:
    found = {row["warning_key"]: row for row in rows}
    count = 0
    for key, stands in known.items():
        if stands["state"] == "closed":
            continue
        row = found.get(key)
        if row is None:
            if first is None or stands["raised_on"] < first or stands["reopened_on"] is not None:
                continue
            ended, reason = act.as_of, GONE
        elif row["ended_on"] is None:
            continue
        else:
            ended, reason = row["ended_on"], row["end_reason"] or ENDED
        if stands["reopened_on"] is not None and ended <= stands["reopened_on"]:
            continue
        own = Act(SYSTEM, act.as_of, act.at, reason)
        lifecycle.withdraw(connection, stands, own, {"ended_on": ended, "end_reason": reason})
        tasks.cancel_open(connection, key, own)
        count += 1
    return count


def _row(
    row: Mapping[str, Any], measures: Measures, named: Mapping[str, str], act: Act, build_id: str | None
) -> dict[str, Any]:
    prescribed = measures.of_warning(row["theme"], data_fault=row["data_fault"], first=named.get(row["rule_id"]))
    start = {"state": "open", "outcome": None, "owner": None, "opinion": None, "reopened_on": None, "revision": 1}
    stamp = {"action": "raise", "actor": SYSTEM, "acted_on": act.as_of, "acted_at": act.at}
    return {
        **{name: row.get(name) for name in _GIVEN},
        "build_id": build_id,
        "first_seen_on": act.as_of,
        "due_on": measures.due_on(row["severity"], act.as_of),
        "measure": prescribed[0].code if prescribed else None,
        **start,
        **stamp,
    }


def _raised(key: str, act: Act) -> dict[str, Any]:
    line = {"action": "raise", "actor": SYSTEM, "acted_on": act.as_of, "acted_at": act.at, "note": None}
    return {"warning_key": key, "task_id": None, "from_state": None, "to_state": "open", **line, "revision": 1}


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as Python values: dates as dates, nothing as None."""
    return [{str(name): _value(value) for name, value in row.items()} for row in frame.to_dict("records")]


def _value(value: Any) -> Any:
    if value is None or value is pd.NaT or (not isinstance(value, str) and pd.isna(value)):
        return None
    if isinstance(value, dt.datetime):
        return value.date()
    return value.item() if isinstance(value, np.generic) else value
