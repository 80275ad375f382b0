"""Objections of firms (申诉、更正): a disputed record does not count in the next build until somebody decided."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import sqlalchemy as sa

from models.casework import access_log
from models.casework.conflict import ConflictError, need_actor, new_id
from models.casework.connections import Connections
from models.errors import RequestError, UnknownNameError
from models.storage.rows import frame_of
from models.tables import Contest
from models.tables.base import table_of
from models.tables.papers import CONTESTED

CONTESTS = table_of(Contest)
DECISIONS = ("upheld", "rejected")
LEFT_OUT = ("pending", "upheld")
"""States in which the record stays out of a build: not decided yet, or the firm was right."""


class ContestDoor(Connections):
    """Objections: file, decide, and what a build leaves out."""

    def file_contest(
        self,
        table: str,
        record_id: str,
        *,
        subject_id: str,
        grounds: str,
        actor: str,
        as_of: dt.date,
        at: dt.datetime,
    ) -> int:
        """Keep an objection to one record.

        Parameters
        ----------
        table, record_id : which record, by table and natural key (parts of a key joined by ":")
        grounds : the firm's own words

        Raises
        ------
        RequestError : a table without single records, no grounds
        ConflictError : an objection to this record is pending already
        """
        need_actor(actor, at)
        if table not in CONTESTED or not record_id or not grounds.strip():
            raise RequestError(f"an objection needs grounds and a record of {', '.join(CONTESTED)}")
        c = CONTESTS.c
        with self._writing() as connection:
            same = (c.table_name == table) & (c.record_id == record_id) & (c.state == "pending")
            if (earlier := connection.execute(sa.select(CONTESTS).where(same)).first()) is not None:
                raise ConflictError(
                    f"objection to {record_id}", actor=earlier.filed_by, action="filed", at=earlier.filed_at,
                    state="pending",
                )  # fmt: skip
            values = {"table_name": table, "record_id": record_id, "subject_id": subject_id, "grounds": grounds.strip()}
            filed = {"filed_by": actor, "filed_on": as_of, "filed_at": at, "state": "pending", "revision": 1}
            number = new_id(connection.execute(sa.insert(CONTESTS).values(**values, **filed)))
            access_log.record(connection, actor, "contest", f"{table} {record_id}", rows=1, purpose=None, at=at)
            return number

    def decide_contest(
        self,
        contest_id: int,
        decision: str,
        *,
        actor: str,
        as_of: dt.date,
        at: dt.datetime,
        note: str | None = None,
    ) -> None:
        """Decide an objection: ``upheld`` keeps the record out of builds for good, ``rejected`` lets it count again.

        Raises
        ------
        RequestError : another decision
        ConflictError : somebody decided before
        """
        need_actor(actor, at)
        if decision not in DECISIONS:
            raise RequestError(f"decision {decision!r}; there are {', '.join(DECISIONS)}")
        c = CONTESTS.c
        with self._writing() as connection:
            row = connection.execute(sa.select(CONTESTS).where(c.contest_id == contest_id)).first()
            if row is None:
                raise UnknownNameError(f"there is no objection {contest_id}")
            values = {"state": decision, "decided_by": actor, "decided_on": as_of, "decided_at": at}
            pending = (c.contest_id == contest_id) & (c.state == "pending") & (c.revision == row.revision)
            change = sa.update(CONTESTS).where(pending).values(**values, decision_note=note, revision=row.revision + 1)
            if not connection.execute(change).rowcount:
                raise _decided(row)
            what = f"objection {contest_id} {decision}"
            access_log.record(connection, actor, "decide contest", what, rows=1, purpose=note, at=at)

    def contested(self) -> pd.DataFrame:
        """Records that the next build leaves out: columns table_name, record_id, subject_id, state."""
        columns = [CONTESTS.c[name] for name in ("table_name", "record_id", "subject_id", "state")]
        query = sa.select(*columns).where(CONTESTS.c.state.in_(LEFT_OUT)).order_by(CONTESTS.c.contest_id)
        with self._reading() as connection:
            return frame_of(connection.execute(query).all(), columns, connection.dialect.name)

    def contests(self, subject_id: str | None = None, state: str | None = None) -> pd.DataFrame:
        """Objections, newest first, of one subject or in one state where given."""
        given = {"subject_id": subject_id, "state": state}
        tests = [CONTESTS.c[name] == value for name, value in given.items() if value is not None]
        query = sa.select(CONTESTS).where(*tests).order_by(CONTESTS.c.contest_id.desc())
        with self._reading() as connection:
            return frame_of(connection.execute(query).all(), list(CONTESTS.columns), connection.dialect.name)


def _decided(row: Any) -> ConflictError:
    return ConflictError(
        f"objection {row.contest_id}",
        actor=row.decided_by or row.filed_by,
        action=row.state,
        at=row.decided_at or row.filed_at,
        state=row.state,
    )
