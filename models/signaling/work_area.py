"""Where per-user rows live while a period is computed: apart from the store, owner-only, and deleted in time.

A day is written beside its place and renamed into it, so a killed run leaves whole days only. Each carries the digest
of everything it depends on; a day whose digest still fits is not computed again.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from models.signaling.day import DayResult, nothing
from models.signaling.drives import Chains, chains_within, together
from models.signaling.events import NOBODY

Array = npt.NDArray[Any]
_NARROW = {"row_seconds": np.int16, "edge_from_stay": np.uint8, "edge_to_stay": np.uint8}
_READ_AS = {"row_seconds": np.int32, "edge_from_stay": np.bool_, "edge_to_stay": np.bool_}
TABLES = ("row", "trip", "edge")
"""Tables of a `DayResult`, by the first word of their columns."""
LAYOUT = 2
"""Number of the form of the files here, part of every digest: days kept in another form are computed again."""
BUCKETS = 64
"""Ranges of the hashed pseudonyms that a period is computed in; a run may join several, never split one."""


@dataclass(frozen=True)
class StoredDay:
    """One computed day on disk: its users and the columns of its `DayResult`, Arrow files mapped into memory."""

    folder: Path

    def info(self) -> dict[str, Any]:
        """What the day says about itself: digest, counts of flags, account of the file."""
        found: dict[str, Any] = json.loads((self.folder / "day.json").read_text("utf-8"))
        return found

    def attributes(self) -> pa.Table:
        """What the file of the day says of its users: user and, where delivered, mcc and home_province."""
        path = self.folder / "attributes.arrow"
        return _table(path) if path.exists() else NOBODY

    def slice(self, low: int, high: int, tables: Sequence[str] = TABLES) -> tuple[npt.NDArray[np.uint64], DayResult]:
        """Users whose pseudonym lies within two bucket numbers, and their part of some tables of the result."""
        users = _read(self.folder / "users.arrow")["users"]
        first, last = within(users, low, high)
        columns: dict[str, Array] = {}
        for kind in tables:
            held = _read(self.folder / f"{kind}.arrow")
            owner = held[f"{kind}_user"]
            begin, end = np.searchsorted(owner, np.array([first, last], owner.dtype))  # of one kind: nothing is copied
            for column, values in held.items():
                part = values[begin:end].astype(_READ_AS.get(column, values.dtype))
                columns[column] = part - np.int32(first) if column.endswith("_user") else part
        return np.array(users[first:last]), replace(nothing(), **columns)

    def chains(self, low: int, high: int) -> tuple[npt.NDArray[np.uint64], Chains]:
        """Users whose pseudonym lies within two bucket numbers, and their drives along roads, where kept."""
        users = _read(self.folder / "users.arrow")["users"]
        first, last = within(users, low, high)
        own = np.array(users[first:last])
        if not (self.folder / "chains.npz").exists():
            return own, together([])
        with np.load(self.folder / "chains.npz") as stored:
            whole = Chains(*(stored[field.name] for field in fields(Chains)))
        return own, chains_within(whole, first, last)


def _table(file: Path) -> pa.Table:
    """An Arrow file, as long as it is used backed by the file."""
    with pa.memory_map(str(file)) as source, pa.ipc.open_file(source) as opened:
        return opened.read_all()


def _read(file: Path) -> dict[str, Array]:
    """Columns of an Arrow file of one batch."""
    table = _table(file)
    return {name: table.column(name).to_numpy() for name in table.schema.names}


def _write(file: Path, table: pa.Table) -> None:
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def within(users: npt.NDArray[np.uint64], low: int, high: int) -> tuple[int, int]:
    """Positions of the users, ascending, whose pseudonym lies within two bucket numbers."""
    first = int(np.searchsorted(users, np.uint64(low) << np.uint64(58)))
    last = len(users) if high >= BUCKETS else int(np.searchsorted(users, np.uint64(high) << np.uint64(58)))
    return first, last


class ComputedDay(Protocol):
    """A computed day, of everybody or of some of the users."""

    def info(self) -> dict[str, Any]:
        """Counts: rows, flags, and the account of the file."""

    def attributes(self) -> pa.Table:
        """What the delivery says of the users."""

    def slice(self, low: int, high: int, tables: Sequence[str] = TABLES) -> tuple[npt.NDArray[np.uint64], DayResult]:
        """Users within two bucket numbers, and their part of some tables of the result; the others are empty."""

    def chains(self, low: int, high: int) -> tuple[npt.NDArray[np.uint64], Chains]:
        """Users within two bucket numbers, and their drives along main roads."""


class Area(Protocol):
    """Where the computed days of a period are."""

    def day(self, date: dt.date) -> ComputedDay:
        """The day of a date."""


@dataclass(frozen=True)
class WorkArea:
    """The work area of one period of one city.

    Parameters
    ----------
    folder : made owner-only where it is missing
    """

    folder: Path

    def open(self) -> WorkArea:
        """Make the folder, and delete what a killed run left half written."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        for half in self.folder.glob("*.tmp"):
            shutil.rmtree(half)
        return self

    def day(self, date: dt.date) -> StoredDay:
        """Where the day is, or will be."""
        return StoredDay(self.folder / f"day={date.isoformat()}")

    def has(self, date: dt.date, digest: str) -> bool:
        """Whether the day is there and was computed from exactly this."""
        day = self.day(date)
        return (day.folder / "day.json").exists() and day.info()["digest"] == digest

    def save(
        self,
        date: dt.date,
        users: npt.NDArray[np.uint64],
        result: DayResult,
        info: Mapping[str, Any],
        attributes: pa.Table | None = None,
        chains: Chains | None = None,
    ) -> StoredDay:
        """Write a day, whole or not at all.

        Parameters
        ----------
        attributes : what the file says of users (home country, province)
        chains : their drives along main roads
        """
        final = self.day(date)
        beside = self.folder / f"{final.folder.name}.{os.getpid()}.tmp"
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir()
        _write(beside / "users.arrow", pa.table({"users": users}))
        for kind in TABLES:
            names = [f.name for f in fields(DayResult) if f.name.startswith(f"{kind}_")]
            held = {name: getattr(result, name) for name in names}
            narrow = {name: values.astype(_NARROW.get(name, values.dtype), copy=False) for name, values in held.items()}
            _write(beside / f"{kind}.arrow", pa.table(narrow))
        if attributes is not None:
            _write(beside / "attributes.arrow", attributes)
        if chains is not None:
            np.savez(beside / "chains.npz", **asdict(chains))
        (beside / "day.json").write_text(json.dumps(info, sort_keys=True), encoding="utf-8")
        shutil.rmtree(final.folder, ignore_errors=True)
        beside.rename(final.folder)
        return final

    def purge(self) -> None:
        """Delete everything of the period: called when the retention time is over."""
        shutil.rmtree(self.folder, ignore_errors=True)


def expire(folder: Path, retention_days: int, now: dt.datetime) -> list[str]:
    """Delete the work areas of a city that nothing was written to for the retention time.

    Parameters
    ----------
    folder : holds one work area per period
    retention_days : 0 deletes every one
    now : moment with its time zone

    Returns
    -------
    Names of the periods whose rows are gone.
    """
    gone = []
    for period in sorted(folder.iterdir()) if folder.is_dir() else ():
        newest = max(path.stat().st_mtime for path in (period, *period.rglob("*")))
        if now.timestamp() - newest >= retention_days * 86_400:
            WorkArea(period).purge()
            gone.append(period.name)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
    return gone
