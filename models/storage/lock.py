"""One build of a city at a time: a lock file with a note of its holder, and on PostGIS a lock in the database too,
because two computers may share a database and not the folder."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from filelock import FileLock, Timeout

from models.errors import BuildBusyError, StoreError
from models.storage.faults import guarded

_KEYS = "hashtext('cityhex build'), hashtext(current_schema())"
_HOLDER = """
    SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND objsubid = 2
    AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid::bigint = hashtext('cityhex build')::bigint & 4294967295
    AND objid::bigint = hashtext(current_schema())::bigint & 4294967295"""
_MOST_OF_A_NAME = 22  # PostgreSQL keeps 63 bytes of an application's name


class BuildLock:
    """Lock of the builders of one city; the operating system and the database free it when its holder dies.

    Parameters
    ----------
    home : folder of the city
    engine, where : of the city's database, and how to name it in messages
    """

    def __init__(self, home: Path, engine: sa.Engine, where: str) -> None:
        self._home, self._where = home, where
        self._note = home / "build.lock.json"
        self._lock = FileLock(home / "build.lock", thread_local=False)
        self._engine = engine if engine.dialect.name == "postgresql" else None
        self._session: sa.Connection | None = None

    @property
    def held(self) -> bool:
        """Whether this store holds the lock."""
        return bool(self._lock.is_locked)

    @contextmanager
    def hold(self, now: dt.datetime | None = None) -> Iterator[None]:
        """Hold the lock; entering again inside is allowed.

        Raises
        ------
        BuildBusyError : another process or store holds it; the text names process, computer and time
        StoreError : the connection that held the lock of the database was lost since the lock was taken
        """
        self._home.mkdir(parents=True, exist_ok=True)
        outermost = not self.held
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise BuildBusyError(self._busy(self._noted())) from error
        try:
            if outermost:
                since = (now or dt.datetime.now(dt.UTC)).isoformat(timespec="seconds")
                note = {"pid": os.getpid(), "host": socket.gethostname(), "since": since}
                with guarded(self._where):
                    self._lock_database(note)
                self._note.write_text(json.dumps(note), encoding="utf-8")
            else:
                self._check_database()
            yield
        finally:
            if outermost:
                self._note.unlink(missing_ok=True)
                self._free_database()
            self._lock.release()

    def _noted(self) -> str:
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            return f"process {note['pid']} on {note['host']} since {note['since']}"
        except (OSError, ValueError, KeyError):
            return ""

    def _busy(self, who: str) -> str:
        return (
            f"{self._home.name}: this city is being built by {who or 'another process, since a moment ago'}. "
            "Wait until it has finished; what it publishes will show at once. A killed build frees the city by itself."
        )

    def _lock_database(self, note: dict[str, object]) -> None:
        if self._engine is None:
            return
        session = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            if not session.execute(sa.text(f"SELECT pg_try_advisory_lock({_KEYS})")).scalar_one():
                holder = str(session.execute(sa.text(_HOLDER)).scalar() or "").split("|")
                who = f"process {holder[1]} on {holder[2]} since {holder[3]}" if len(holder) == 4 else ""
                raise BuildBusyError(self._busy(who))
            name = f"build|{note['pid']}|{str(note['host'])[:_MOST_OF_A_NAME]}|{note['since']}"
            session.execute(sa.text("SELECT set_config('application_name', :name, false)"), {"name": name})
        except BaseException:
            _end(session)
            raise
        self._session = session

    def _check_database(self) -> None:
        if self._session is None:
            return
        try:
            self._session.execute(sa.text("SELECT 1"))
        except sa.exc.DBAPIError as error:
            raise StoreError(
                f"{self._home.name}: the connection that kept other builders out was lost, so nothing was changed. "
                "Build the city again."
            ) from error

    def _free_database(self) -> None:
        if self._session is not None:
            session, self._session = self._session, None
            # A server under load ends a closed session late; the next builder shall not find its lock held by nobody.
            if not session.invalidated:  # a lost connection has freed its lock already
                with contextlib.suppress(sa.exc.DBAPIError):
                    session.execute(sa.text(f"SELECT pg_advisory_unlock({_KEYS})"))
            _end(session)


def _end(session: sa.Connection) -> None:
    """Close the session itself, which frees its locks, instead of giving it back to the pool."""
    session.invalidate()
    session.close()
