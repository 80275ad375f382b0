"""The same signaling model in DuckDB SQL, from event files to raw cubes, as one who knows DuckDB would write it.

The statements lie in `benchmarks/sql`: `signaling_days.sql` (codes, flags, groups of cells), `signaling_period.sql`
(segments that tile each user-day, days joined over nights, seconds of user x day x place x local hour),
`signaling_people.sql` (homes, workplaces, kinds of residents, nights observed, days elsewhere) and
`signaling_cubes.sql` (presence, people, visits, journeys, flags counted). A test finds every result of them equal to
that of `models.signaling`, row by row: tests/unit/benchmarks/test_signaling_sql.py.

What makes them fast, on one thread:

- A user, a second and a cell are one integer. The events are sorted once, and every rule that looks at a neighbour asks
  ``lag`` and ``lead`` over the whole sorted table, which DuckDB answers while it streams the rows. This leans on one
  thread keeping the order of rows, which SQL does not promise (`run` looks whether it did); with more threads the
  statements would have to say the order every time, and sort again.
- Runs of one cell stand for their events from there on: a third as many rows.
- What only one step after the other can tell is done so on the few rows in doubt, by recursive queries: impossible
  speeds that follow each other, groups of cells where two cells of a block are far from each other, the places of a
  user. Ping-pong needs no recursion: the chains that depend on each other alternate.

Left out of it: the keyed hash of pseudonyms (users are numbered), what becomes of rows that no service day takes (they
are dropped, not counted by reason), and the files of each day from which a stopped run goes on. It takes the country
and province of a user from any event, not the first. It refuses periods of more than 32 days, with clocks that change
or of zones that are off the hour, and holds at most 16 million users and 65,000 cells; the bound of 256 cells of one
user, of which the model's labels look at no more, is not in it. No part of the model is smaller for it: none of these
figures is reached in the files of the benchmark.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.signaling.events import HOME_MCC
from models.signaling.kernel_rules import KernelRules
from models.signaling.local import PeriodFiles
from models.signaling.network import Network
from models.signaling.night_coverage import load_night_rule
from models.signaling.profiles import Profile
from models.signaling.segments import MOST_CELLS
from models.signaling.service_day import START, ServiceDay
from models.signaling.undetermined import load_signal_rule

SQL = Path(__file__).parent / "sql"
STEPS = ("days", "period", "people", "cubes")
MOST_DAYS = 32
DAY_S = 86_400


@dataclass(frozen=True)
class Source:
    """What the statements are computed from, as `models.signaling.pipeline.Period` has it.

    Attributes
    ----------
    files, network, rules, profile : deliveries, network table, numbers of the kernel, definition of home and work
    zone : (cells) zone of each row of the network, -1 outside
    province : two digits of GB/T 2260 of the city's province
    """

    files: PeriodFiles
    network: Network
    rules: KernelRules
    profile: Profile
    zone: npt.NDArray[np.int64]
    province: str


def prepare(connection: Any, source: Source) -> None:
    """Make the tables ``files``, ``days`` and ``network`` and a macro for each number.

    Raises
    ------
    ValueError : the period or a rule is one that the statements do not cover
    """
    days = source.files.days
    first = days[0]
    _refuse(days, source)
    connection.execute("create table files (filename text, d integer, low timestamptz, high timestamptz)")
    connection.execute("create table days (d integer, date date, workday boolean)")
    for day in days:
        d = (day.date - first.date).days
        low, high = source.files.window(day.date)
        connection.execute(
            "insert into files values (?, ?, to_timestamp(?), to_timestamp(?))",
            [str(source.files.files[day.date]), d, low, high],
        )
        connection.execute("insert into days values (?, ?, ?)", [d, day.date, day.workday])
    connection.execute("set variable files = (select list(filename) from files)")
    table = source.network.table.assign(code=np.arange(len(source.network.table)), zone=source.zone)
    columns = ["code", "cell_id", "x", "y", "radius_m", "technology", "valid_from", "valid_to", "zone"]
    connection.register("rows_of_network", table[columns].fillna({"technology": ""}))
    connection.execute("create table network as select * from rows_of_network")
    for name, value in _numbers(source, first):
        connection.execute(f"create macro {name}() as {value!r}")


def _refuse(days: list[ServiceDay], source: Source) -> None:
    first, last = days[0], days[-1]
    steady = all(day.start - first.start == (day.date - first.date).days * DAY_S for day in days)
    if not steady or any(day.length_s != DAY_S or np.any(day.hour_edges % 3600) for day in days):
        raise ValueError("the statements need days of 24 hours that begin on the hour; clocks change in this period")
    if (last.date - first.date).days >= MOST_DAYS:
        raise ValueError(f"the statements hold {MOST_DAYS} days; found {first.date} to {last.date}")
    night, work = _windows(source)
    if not night[1] <= work[0] < work[1] <= night[0]:
        raise ValueError(f"the night must hold 04:00 and not touch the working hours; found {source.profile.id}")
    if 2 * source.rules.segments.stay_gap_s < DAY_S:
        raise ValueError("a day must have room for one silence that parts a stay, not two: stay_gap_s of 12 h or more")


def _windows(source: Source) -> tuple[tuple[int, int], tuple[int, int]]:
    """Seconds of a service day at which the night and the working hours begin and end."""
    profile = source.profile
    hours = (profile.night_from_hour, profile.night_to_hour, profile.work_from_hour, profile.work_to_hour)
    a, b, c, d = ((hour - START.hour) % 24 * 3600 for hour in hours)
    return (a, b), (c, d)


def _numbers(source: Source, first: ServiceDay) -> Iterator[tuple[str, Any]]:
    days = source.files.days
    want = source.profile.thresholds(len(days), sum(day.workday for day in days))
    yield from source.rules.flags._asdict().items()
    yield from source.rules.segments._asdict().items()
    yield from want._asdict().items()
    yield from load_night_rule()._asdict().items()
    yield from load_signal_rule()._asdict().items()
    night, work = _windows(source)
    yield from zip(("night_start", "night_end", "work_start", "work_end"), (*night, *work), strict=True)
    yield from {
        "start_s": first.start, "most_cells": MOST_CELLS, "home_mcc": HOME_MCC, "city_province": source.province,
    }.items()  # fmt: skip


def run(connection: Any) -> dict[str, Any]:
    """Compute everything in a prepared connection.

    Returns
    -------
    ``users``, ``homes``, ``work`` : how many there are; ``checks`` : devices present, devices of journeys, persons
    present, each summed over its cube

    Raises
    ------
    RuntimeError : this DuckDB did not keep the order of rows
    """
    for step in STEPS:
        connection.execute((SQL / f"signaling_{step}.sql").read_text(encoding="utf-8")).fetchall()
    for table, column in (("jumps", "i"), ("steps", "s"), ("stretches", "u * 32 + d")):
        beside = f"select {column} as now, lag({column}) over () as before from {table}"
        if _row(connection, f"select count(*) from ({beside}) where now < before")[0]:
            raise RuntimeError(f"the rows of {table} are out of order: DuckDB must run with one thread")
    users, homes, works = _row(connection, "select count(*), count(home_cell), count(work_cell) from labels")
    devices, persons = _row(connection, "select sum(devices)::bigint, sum(persons) from presence")
    moved = _row(connection, "select sum(devices)::bigint from journeys")[0]
    return {"users": users, "homes": homes, "work": works, "checks": [devices, moved, round(persons)]}


def _row(connection: Any, query: str) -> tuple[Any, ...]:
    found: tuple[Any, ...] = connection.execute(query).fetchall()[0]
    return found
