"""One build of a city at a time: a lock file, with a note beside it that says who holds it and since when."""

from __future__ import annotations

import datetime as dt
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from models.errors import BuildBusyError


class BuildLock:
    """Lock of the builders of one city; the operating system frees it when its holder dies.

    Parameters
    ----------
    home : folder of the city
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._note = home / "build.lock.json"
        self._lock = FileLock(home / "build.lock", thread_local=False)

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
        """
        self._home.mkdir(parents=True, exist_ok=True)
        outermost = not self.held
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise BuildBusyError(self._holder()) from error
        try:
            if outermost:
                since = (now or dt.datetime.now(dt.UTC)).isoformat(timespec="seconds")
                note = {"pid": os.getpid(), "host": socket.gethostname(), "since": since}
                self._note.write_text(json.dumps(note), encoding="utf-8")
            yield
        finally:
            if outermost:
                self._note.unlink(missing_ok=True)
            self._lock.release()

    def _holder(self) -> str:
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            who = f"process {note['pid']} on {note['host']} since {note['since']}"
        except (OSError, ValueError, KeyError):
            who = "another process, since a moment ago"
        return (
            f"{self._home.name}: this city is being built by {who}. Wait until it has finished; what it "
            "publishes will "
            "show at once. A killed build frees the city by itself."
        )
