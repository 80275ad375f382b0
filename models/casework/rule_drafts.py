"""New versions of reviewed rules: one person writes, another decides, and only what was approved is ever used."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import sqlalchemy as sa

from models.casework import access_log
from models.casework.conflict import ConflictError, need_actor, new_id
from models.casework.connections import Connections
from models.errors import AccessDeniedError, RequestError, UnknownNameError
from models.storage.rows import frame_of
from models.tables import RuleDraft
from models.tables.base import table_of

DRAFTS = table_of(RuleDraft)


def draft(connection: sa.Connection, draft_id: int) -> dict[str, Any]:
    """All columns of one draft; raises UnknownNameError where there is none of that number."""
    row = connection.execute(sa.select(DRAFTS).where(DRAFTS.c.draft_id == draft_id)).first()
    if row is None:
        raise UnknownNameError(f"there is no draft {draft_id}")
    return dict(row._mapping)


def published(connection: sa.Connection, kind: str, name: str) -> dict[str, Any] | None:
    """The draft approved last for one rule file, or None where the file under ``data/rules`` counts."""
    mine = (DRAFTS.c.kind == kind) & (DRAFTS.c.name == name) & (DRAFTS.c.state == "approved")
    order = (DRAFTS.c.decided_at.desc(), DRAFTS.c.draft_id.desc())
    row = connection.execute(sa.select(DRAFTS).where(mine).order_by(*order).limit(1)).first()
    return None if row is None else dict(row._mapping)


class DraftDoor(Connections):
    """Drafts of rules: save, submit, approve or reject, and what is published."""

    def save_draft(
        self,
        kind: str,
        name: str,
        version: str,
        content: str,
        *,
        actor: str,
        at: dt.datetime,
        base_version: str | None = None,
        note: str | None = None,
        draft_id: int | None = None,
        revision: int | None = None,
    ) -> int:
        """Keep a draft, or a later text of the same draft while it is not submitted.

        Parameters
        ----------
        kind, name : which rule file, such as ``scorecard`` and ``general``
        version : version the file will have
        content : the whole file as text
        base_version : version it was written from
        draft_id, revision : of the draft to change, as last read; None makes a new one

        Returns
        -------
        Number of the draft.

        Raises
        ------
        AccessDeniedError : the draft is somebody else's
        ConflictError : it was changed or submitted meanwhile
        """
        need_actor(actor, at)
        if not (kind and name and version and content.strip()):
            raise RequestError("a draft needs kind, name, version and content")
        values = {"version": version, "base_version": base_version, "content": content, "note": note, "saved_at": at}
        with self._writing() as connection:
            if draft_id is None:
                own = {"kind": kind, "name": name, "state": "draft", "author": actor, "revision": 1}
                number = new_id(connection.execute(sa.insert(DRAFTS).values(**values, **own)))
                _log(connection, actor, "draft rule", number, at)
                return number
            before = draft(connection, draft_id)
            if before["author"] != actor:
                raise AccessDeniedError(f"draft {draft_id} is {before['author']}'s; make one of your own")
            _change(connection, before, revision, ("draft",), values)
            _log(connection, actor, "draft rule", draft_id, at)
            return draft_id

    def submit_draft(self, draft_id: int, *, actor: str, at: dt.datetime) -> None:
        """Hand a draft to a second person; its text is fixed from now on.

        Raises
        ------
        AccessDeniedError : it is somebody else's
        ConflictError : it is submitted already
        """
        need_actor(actor, at)
        with self._writing() as connection:
            before = draft(connection, draft_id)
            if before["author"] != actor:
                raise AccessDeniedError(f"draft {draft_id} is {before['author']}'s; only they can submit it")
            _change(connection, before, None, ("draft",), {"state": "submitted", "submitted_at": at})
            _log(connection, actor, "submit rule", draft_id, at)

    def approve_draft(self, draft_id: int, *, actor: str, at: dt.datetime, note: str | None = None) -> None:
        """Publish a draft: the next build uses it.

        Raises
        ------
        AccessDeniedError : its author cannot approve it
        ConflictError : it was decided already, or another version was published since it was written
        RequestError : the version was published before
        """
        with self._writing() as connection:
            before = draft(connection, draft_id)
            live = published(connection, before["kind"], before["name"])
            if live is not None and live["version"] == before["version"]:
                raise RequestError(f"version {before['version']} of {before['name']} is published already")
            if live is not None and before["base_version"] not in (None, live["version"]):
                raise ConflictError(
                    f"rule {before['name']}", actor=str(live["decided_by"]), action=f"published {live['version']}",
                    at=live["decided_at"], state=f"at version {live['version']}",
                )  # fmt: skip
            _decide(connection, before, "approved", actor=actor, at=at, note=note)

    def reject_draft(self, draft_id: int, *, actor: str, at: dt.datetime, note: str | None = None) -> None:
        """Turn a submitted draft down; it is kept. Raises as `approve_draft` does."""
        with self._writing() as connection:
            _decide(connection, draft(connection, draft_id), "rejected", actor=actor, at=at, note=note)

    def published_rule(self, kind: str, name: str) -> dict[str, Any] | None:
        """The version of a rule file approved last (version, content, author, decided_by, decided_at and more), or
        None where none was: then the file under ``data/rules`` counts."""
        with self._reading() as connection:
            return published(connection, kind, name)

    def draft(self, draft_id: int) -> dict[str, Any]:
        """All columns of one draft; raises UnknownNameError where there is none of that number."""
        with self._reading() as connection:
            return draft(connection, draft_id)

    def drafts(self, kind: str | None = None, name: str | None = None, state: str | None = None) -> pd.DataFrame:
        """Drafts, newest first; what is given filters."""
        given = {"kind": kind, "name": name, "state": state}
        tests = [DRAFTS.c[column] == value for column, value in given.items() if value is not None]
        with self._reading() as connection:
            rows = connection.execute(sa.select(DRAFTS).where(*tests).order_by(DRAFTS.c.draft_id.desc())).all()
            return frame_of(rows, list(DRAFTS.columns), connection.dialect.name)


def _log(connection: sa.Connection, actor: str, action: str, number: int, at: dt.datetime) -> None:
    access_log.record(connection, actor, action, f"draft {number}", rows=1, purpose=None, at=at)


def _decide(
    connection: sa.Connection, before: dict[str, Any], state: str, *, actor: str, at: dt.datetime, note: str | None
) -> None:
    need_actor(actor, at)
    if before["author"] == actor:
        raise AccessDeniedError(f"draft {before['draft_id']} is your own: a second person has to decide")
    values = {"state": state, "decided_by": actor, "decided_at": at, "decision_note": note}
    _change(connection, before, None, ("submitted",), values)
    what = f"{before['kind']} {before['name']} {before['version']}"
    access_log.record(connection, actor, f"{state} rule", what, rows=1, purpose=note, at=at)


def _change(
    connection: sa.Connection, before: dict[str, Any], revision: int | None, states: tuple[str, ...], values: Any
) -> None:
    c = DRAFTS.c
    seen = before["revision"] if revision is None else revision
    same = (c.draft_id == before["draft_id"]) & (c.revision == seen) & c.state.in_(states)
    done = connection.execute(sa.update(DRAFTS).where(same).values(**values, revision=seen + 1))
    if done.rowcount:
        return
    now = draft(connection, before["draft_id"])
    at = now["decided_at"] or now["submitted_at"] or now["saved_at"]
    who, what = now["decided_by"] or now["author"], now["state"] if now["state"] != "draft" else "saved"
    raise ConflictError(f"draft {now['draft_id']}", actor=who, action=what, at=at, state=now["state"])
