"""The work area of a period that a cluster computes: one file for each day and bucket of users, on shared storage.

A bucket holds the users whose hashed pseudonym leaves its number as remainder. Its days look like those of a
`work_area.WorkArea`, so `pipeline` labels and sums a bucket as it does a whole city.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from models.signaling.day import DayResult, nothing
from models.signaling.drives import Chains, chains_within, together
from models.signaling.events import NOBODY, Account
from models.signaling.flags import FLAG_NAMES
from models.signaling.work_area import TABLES, within


@dataclass(frozen=True)
class BucketDay:
    """One computed day of one bucket; a file that is not there is a day on which nobody of the bucket was heard."""

    file: Path

    def info(self) -> dict[str, Any]:
        """What the day says of the bucket: rows, counts of flags, account of the rows read for it."""
        if not self.file.is_file():
            return {"rows": 0, "flags": dict.fromkeys(FLAG_NAMES, 0), "file": vars(Account())}
        with np.load(self.file) as held:
            found: dict[str, Any] = json.loads(held["info"].tobytes())
        return found

    def attributes(self) -> pa.Table:
        """What the delivery says of the users of the bucket: user and, where delivered, mcc and home_province."""
        if not self.file.is_file():
            return NOBODY
        with np.load(self.file) as held:
            return pa.ipc.open_stream(held["attributes"].tobytes()).read_all()

    def slice(self, low: int, high: int, tables: Sequence[str] = TABLES) -> tuple[npt.NDArray[np.uint64], DayResult]:
        """Users of the bucket within two bucket numbers of a `work_area.WorkArea`, and their part of some tables."""
        if not self.file.is_file():
            return np.empty(0, np.uint64), nothing()
        with np.load(self.file) as held:
            users = held["users"]
            first, last = within(users, low, high)
            columns: dict[str, npt.NDArray[Any]] = {}
            for kind in tables:
                owner = held[f"{kind}_user"]
                begin, end = np.searchsorted(owner, np.array([first, last], owner.dtype))
                for name in (f.name for f in fields(DayResult) if f.name.startswith(f"{kind}_")):
                    part = held[name][begin:end]
                    columns[name] = part - np.int32(first) if name.endswith("_user") else part
        return users[first:last], replace(nothing(), **columns)

    def chains(self, low: int, high: int) -> tuple[npt.NDArray[np.uint64], Chains]:
        """Users of the bucket within two bucket numbers of a `work_area.WorkArea`, and their drives along roads."""
        if not self.file.is_file():
            return np.empty(0, np.uint64), together([])
        with np.load(self.file) as held:
            users = held["users"]
            first, last = within(users, low, high)
            if "chain_user" not in held:
                return users[first:last], together([])
            whole = Chains(*(held[f"chain_{field.name}"] for field in fields(Chains)))
        return users[first:last], chains_within(whole, first, last)


@dataclass(frozen=True)
class BucketArea:
    """One bucket of a period's work area.

    Parameters
    ----------
    folder : work area of the period, on storage that driver and executors reach under the same path
    bucket : its number
    """

    folder: Path
    bucket: int

    def day(self, date: dt.date) -> BucketDay:
        """Where a day of the bucket is, or will be."""
        return BucketDay(self.folder / f"day={date.isoformat()}" / f"bucket={self.bucket:05d}.npz")

    def save(
        self,
        date: dt.date,
        users: npt.NDArray[np.uint64],
        result: DayResult,
        info: Mapping[str, Any],
        attributes: pa.Table,
        chains: Chains | None = None,
    ) -> None:
        """Write a day of the bucket, whole or not at all; a task that runs twice writes the same."""
        file = self.day(date).file
        file.parent.mkdir(parents=True, exist_ok=True)
        columns = {f.name: getattr(result, f.name) for f in fields(DayResult) if f.name.startswith(TABLES)}
        if chains is not None:
            columns |= {f"chain_{f.name}": getattr(chains, f.name) for f in fields(Chains)}
        packed = pa.BufferOutputStream()
        with pa.ipc.new_stream(packed, attributes.schema) as writer:
            writer.write_table(attributes)
        beside = file.with_suffix(f".{os.uname().nodename}.{os.getpid()}.tmp")
        with beside.open("wb") as handle:
            np.savez(
                handle,
                users=users,
                info=np.frombuffer(json.dumps(info, sort_keys=True).encode(), np.uint8),
                attributes=np.frombuffer(packed.getvalue(), np.uint8),
                **columns,
            )
        beside.replace(file)
