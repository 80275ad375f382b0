"""The local engine: days of one period on all cores of one machine, each from its files to the work area.

A service day needs the file of its date and the hours before 04:00 of the next one. Every worker takes a run of dates
and hands the early hours on, so each file is read once but for the first of a run.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from models.signaling.day import DayEvents, DayResult, compute_day
from models.signaling.drives import Matching, chains_of
from models.signaling.events import Account, Events, Pseudonyms, read_events
from models.signaling.flags import FLAG_NAMES, count_flags
from models.signaling.grouping import group_parts
from models.signaling.kernel_rules import KernelRules
from models.signaling.network import Network
from models.signaling.night_coverage import NightRule, load_night_rule, seen_hours
from models.signaling.room import Room
from models.signaling.service_day import ServiceDay, service_day
from models.signaling.work_area import LAYOUT, WorkArea

DayDone = Callable[[int, int], None]
EVENT_BYTES = 100
"""Memory that an event of a day takes at its peak: read, grouped, computed, and the file of the next date beside it."""
CSV_ROW_BYTES = 40
"""Least length of a row of a CSV file."""


@dataclass(frozen=True)
class PeriodFiles:
    """The deliveries of one period.

    Attributes
    ----------
    files : date -> file with the events of that local date
    timezone : IANA name
    workdays : date -> whether it is a working day, where the city's calendar differs from Monday to Friday
    """

    files: Mapping[dt.date, Path]
    timezone: str
    workdays: Mapping[dt.date, bool]

    def day(self, date: dt.date) -> ServiceDay:
        """The service day that starts on a date."""
        return service_day(date, self.timezone, workday=self.workdays.get(date))

    def window(self, date: dt.date) -> tuple[int, int]:
        """UTC seconds between which the rows of a date's file belong to a service day of the period."""
        day, before = self.day(date), date - dt.timedelta(days=1)
        return (self.day(before).start if before in self.files else day.start), day.end

    @property
    def days(self) -> list[ServiceDay]:
        """Every service day with a file, ascending."""
        return [self.day(date) for date in sorted(self.files)]


def compute_days(
    period: PeriodFiles,
    network: Network,
    rules: KernelRules,
    area: WorkArea,
    key: bytes,
    *,
    links: Mapping[str, bytes] | None = None,
    matching: Matching | None = None,
    workers: int = 1,
    memory_mb: int | None = None,
    on_day: DayDone | None = None,
) -> int:
    """Compute every day of a period that the work area does not hold yet.

    Parameters
    ----------
    key : key of the period's pseudonyms
    links : name -> key of each pair of periods that this one belongs to
    matching : main roads along which drives are looked for, None for none
    workers : threads; the kernel and the readers leave the interpreter lock
    memory_mb : limit that may leave some workers without work; one day at a time is always computed
    on_day : told how many days are done, and of how many

    Returns
    -------
    Number of days computed now. Any order, any number of workers and any interruption give the same files.
    """
    area.open()
    night = load_night_rule()
    digests = digests_of(period, network, rules, night, key, links, matching, workers)
    waiting = [date for date, digest in digests.items() if not area.has(date, digest)]
    done = [len(digests) - len(waiting)]

    def run(dates: Sequence[dt.date]) -> None:
        reader, room = _Reader(period, network, Pseudonyms(key, links)), Room()
        for date in dates:
            _one_day(date, digests[date], reader, room, period, network, rules, night, area, matching)
            done[0] += 1
            if on_day is not None:
                on_day(done[0], len(digests))

    shares = [
        list(part)
        for part in np.array_split(np.array(waiting, dtype=object), days_at_once(period, workers, memory_mb))
        if len(part)
    ]
    with ThreadPoolExecutor(max(1, len(shares))) as pool:
        for future in [pool.submit(run, share) for share in shares]:
            future.result()
    pa.default_memory_pool().release_unused()
    return len(waiting)


def days_at_once(period: PeriodFiles, workers: int, memory_mb: int | None) -> int:
    """Days that may be computed at the same time: as many as there are workers and as fit into the memory."""
    if memory_mb is None or not period.files:
        return max(1, workers)
    rows = max(_rows(file) for file in period.files.values())
    return max(1, min(workers, int(memory_mb * 1e6 / (max(1, rows) * EVENT_BYTES))))


def _rows(file: Path) -> int:
    if file.suffix == ".parquet":
        return int(pq.read_metadata(file, memory_map=True).num_rows)
    return file.stat().st_size // CSV_ROW_BYTES


class _Reader:
    """Reads files and keeps the last one: its late hours are the day's own, its early ones the day before's.

    A row of a file outside of these two service days, or in the early hours before the first day, is rejected and
    counted, so that the rows kept are exactly the events of all days.
    """

    def __init__(self, period: PeriodFiles, network: Network, pseudonyms: Pseudonyms) -> None:
        self._period, self._network, self._pseudonyms = period, network, pseudonyms
        self._last: tuple[dt.date, Events] | None = None
        self._rooms = Room(), Room()  # of the file before, which the day at hand still needs, and of the next one

    def read(self, date: dt.date) -> Events | None:
        """The events of a date's file, None where there is no file."""
        if date not in self._period.files:
            return None
        if self._last is None or self._last[0] != date:
            codes, window = self._network.codes_on(date), self._period.window(date)
            self._rooms = self._rooms[::-1]
            file, room = self._period.files[date], self._rooms[0]
            self._last = (date, read_events(file, codes, window, self._pseudonyms, room=room))
        return self._last[1]


def _one_day(
    date: dt.date,
    digest: str,
    reader: _Reader,
    room: Room,
    period: PeriodFiles,
    network: Network,
    rules: KernelRules,
    night: NightRule,
    area: WorkArea,
    matching: Matching | None,
) -> None:
    day = period.day(date)
    own, following = reader.read(date), reader.read(date + dt.timedelta(days=1))
    events = group_parts([b for e in (own, following) if e is not None for b in e.blocks], day.start, day.end, room)
    attributes, account = (None, Account()) if own is None else (own.attributes, own.account)
    del own, following  # as large as what is computed from them
    result = compute_day(events, network.cells_on(date), day, rules, room)
    info = {"digest": digest, **figures(events, result, account, night)}
    chains = None if matching is None else chains_of(events, result.flags, matching.ways, matching.rules)
    area.save(date, events.users, result, info, attributes, chains)


def figures(events: DayEvents, result: DayResult, account: Account, night: NightRule) -> dict[str, Any]:
    """What a day, or a bucket of it, says about itself."""
    counted = count_flags(result.flags)
    return {
        "events": len(events.keys),
        "users": len(events.users),
        "rows": len(result.row_user),
        "flags": dict(zip(FLAG_NAMES, counted.tolist(), strict=True)),
        "file": asdict(account),
        "seen": seen_hours(result.heard, night),
    }


def digests_of(
    period: PeriodFiles,
    network: Network,
    rules: KernelRules,
    night: NightRule,
    key: bytes,
    links: Mapping[str, bytes] | None,
    matching: Matching | None,
    workers: int = 1,
) -> dict[dt.date, str]:
    """Digest of everything that each day depends on, dates ascending; as many files at a time as there are workers."""
    with ThreadPoolExecutor(workers) as pool:
        prints = dict(zip(period.files, pool.map(_print, period.files.values()), strict=True))
    roads = b"" if matching is None else matching.digest.encode()
    salt = b"".join([key, *(pair for _, pair in sorted((links or {}).items())), roads])
    return {date: _digest(date, prints, period, network, rules, night, salt) for date in sorted(period.files)}


def _print(file: Path) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _digest(
    date: dt.date,
    prints: Mapping[dt.date, str],
    period: PeriodFiles,
    network: Network,
    rules: KernelRules,
    night: NightRule,
    key: bytes,
) -> str:
    day = period.day(date)
    parts = [
        LAYOUT,
        prints[date],
        prints.get(date + dt.timedelta(days=1), ""),
        network.digest,
        rules.digest,
        list(night),
        hashlib.sha256(key).hexdigest(),
        [day.start, day.end],
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
