"""One period from its deliveries to raw cubes: days, people, weights, sums. Nothing here is protected yet.

Two passes over the buckets: the first labels people, the second sums them with the weights that only all people
together give. Memory follows the number of buckets taken at once, not the size of the city.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from models.signaling import cubes, elsewhere, undetermined
from models.signaling.bridges import Calendar
from models.signaling.day import DayResult
from models.signaling.events import HOME_MCC
from models.signaling.flags import FLAG_NAMES
from models.signaling.journeys import journeys_of
from models.signaling.kernel_rules import KernelRules
from models.signaling.local import PeriodFiles
from models.signaling.network import Network
from models.signaling.night_coverage import NightCoverage, coverage_of, load_night_rule
from models.signaling.period import PeriodRows, calendar_of, join_days, label
from models.signaling.profiles import AnyProfile
from models.signaling.work_area import BUCKETS, TABLES, Area

ROW_BYTES = 40
"""Memory that one row of a bucket takes at its peak, with its copies."""

KEPT_SHARE = 0.25
"""Part of the memory setting in which joined rows wait for the second pass; rows beyond it are joined again."""

Users = npt.NDArray[np.uint64]
Group = tuple[int, int]
"""First and last (exclusive) bucket of users that are taken at once."""
Told = Callable[[int, int], None]
T = TypeVar("T")


@dataclass(frozen=True)
class Raw:
    """Raw cubes of a period, by cell code; may not leave `models.signaling`.

    Attributes
    ----------
    presence : by place, hour and type of day
    people : persons, sum of squared weights and devices by home_cell, work_cell (missing where none), resident_class
        and origin
    visits : persons on a mean day, sum of squares and devices by zone and origin, of those who are no residents
    journeys : see `journeys.journeys_of`
    quality : figure -> value: counts of flags and rejected rows, people by class
    """

    presence: cubes.Presence
    people: pd.DataFrame
    visits: pd.DataFrame
    journeys: pd.DataFrame
    quality: dict[str, float]


@dataclass(frozen=True)
class Period:
    """What a period is computed from.

    Attributes
    ----------
    files, network, rules, profile : deliveries, network table, numbers of the kernel, definition of home and work
    area : work area that holds the computed days
    home_province : two digits of GB/T 2260
    memory_mb : limit that decides how many buckets are taken at once
    judged : how the whole period is observed by night, where this is a part of its users
    workers : groups of users computed at a time; the memory is shared between them
    """

    files: PeriodFiles
    network: Network
    rules: KernelRules
    profile: AnyProfile
    area: Area
    home_province: str
    memory_mb: int
    judged: NightCoverage | None = None
    workers: int = 1

    @property
    def calendar(self) -> Calendar:
        """The days of the period, for compiled code."""
        return calendar_of(self.files.days)

    @property
    def night(self) -> NightCoverage:
        """Whether the computed days see people by night."""
        if self.judged is not None:
            return self.judged
        return coverage_of((self.area.day(day.date).info() for day in self.files.days), load_night_rule())

    def over(self, work: Callable[[PeriodRows, Group], T]) -> Iterator[T]:
        """What a function makes of the joined rows of each group of users, in order; the groups share nobody.

        As many groups at a time are worked on as there are workers; one more waits, so that nobody is idle while what
        was made of a group is taken.
        """
        with ThreadPoolExecutor(self.workers) as pool:
            waiting: deque[Future[T]] = deque()
            for group in self.groups():
                if len(waiting) > self.workers:
                    yield waiting.popleft().result()
                waiting.append(pool.submit(self._worked, work, group))
            while waiting:
                yield waiting.popleft().result()

    def _worked(self, work: Callable[[PeriodRows, Group], T], group: Group) -> T:
        return work(self.joined(group), group)

    def joined(self, group: Group) -> PeriodRows:
        """Rows of a group of users over all days; those of the first groups are kept, as far as the memory allows."""
        if group in self._kept:
            return self._kept[group]
        rows = join_days(self.days(group), self.calendar, self.network.sites, self.rules)
        if sum(kept.nbytes for kept in self._kept.values()) + rows.nbytes <= KEPT_SHARE * self.memory_mb * 1e6:
            self._kept[group] = rows
        return rows

    @cached_property
    def _kept(self) -> dict[Group, PeriodRows]:
        return {}

    def days(self, group: Group, tables: Sequence[str] = TABLES) -> list[tuple[Users, DayResult]]:
        """Users of a group and some tables of theirs of each day."""
        return [self.area.day(day.date).slice(*group, tables) for day in self.files.days]

    def groups(self) -> Iterator[Group]:
        """First and last (exclusive) bucket of each group of users that is taken at once."""
        step = self._at_once()
        for low in range(0, BUCKETS, step):
            yield low, min(BUCKETS, low + step)

    def _at_once(self) -> int:
        rows = sum(int(self.area.day(day.date).info()["rows"]) for day in self.files.days)
        memory = (1 - KEPT_SHARE) * self.memory_mb * 1e6
        groups = max(self.workers, int(np.ceil(2 * rows * ROW_BYTES * self.workers / memory)))
        return max(1, BUCKETS // min(groups, BUCKETS))


def people_of(period: Period, told: Told | None = None) -> pd.DataFrame:
    """Label everybody: one row per user, in order of pseudonym, with the origin the operator knows.

    Returns
    -------
    The columns of `period.label` and of `elsewhere.seen`, the hashes of the links, and ``origin``: international,
    inter_provincial or intra_city, by home country and home province where delivered, else intra_city. A number segment
    is not a residence: it classes visitors only. Where the period is hardly observed by night, nobody has a home, a
    workplace or a kind of stay: see `models.signaling.night_coverage`.
    """
    calendar, sites = period.calendar, period.network.sites
    known = [period.area.day(day.date).attributes() for day in period.files.days]
    said = pa.concat_tables(known, promote_options="permissive").to_pandas()
    attributes = said.drop_duplicates("user").set_index("user")
    hashed = [name for name in attributes if attributes[name].dtype == "uint64"]
    attributes = attributes.astype(dict.fromkeys(hashed, "UInt64"))  # a hash through a float would be another one
    beyond, rule = elsewhere.beyond_cells(period.network.table), undetermined.load_signal_rule()
    window = (period.profile.night_from_hour, period.profile.night_to_hour)
    want = period.profile.thresholds(len(calendar.workday), int(calendar.workday.sum()))

    def labelled(rows: PeriodRows, _: Group) -> pd.DataFrame:
        table = label(rows, calendar, sites, period.rules, period.profile, beyond)
        table = pd.concat([table, elsewhere.seen(rows, beyond, window).drop(columns="user")], axis=1)
        return undetermined.named(table, rule, want.resident_nights, int(calendar.length_s.sum()))

    parts = []
    for k, table in enumerate(period.over(labelled), start=1):
        parts.append(table)
        if told is not None:
            told(k, BUCKETS)
    people = pd.concat(parts, ignore_index=True).join(attributes, on="user")
    named = people if period.night.sufficient else _nameless(people)
    return named.assign(origin=_origin(people, period.home_province))


def _nameless(people: pd.DataFrame) -> pd.DataFrame:
    """The user table without homes and workplaces, everybody passing: of nights nobody saw the labels only guess."""
    nowhere = pd.array([pd.NA] * len(people), dtype="Int32")
    return people.assign(
        home_cell=nowhere,
        work_cell=nowhere,
        home_class=_all(people["home_class"], "unknown"),
        work_class=_all(people["work_class"], "unknown"),
        resident_class=_all(people["resident_class"], "passing"),
        home_nights=0,
    )


def _all(column: pd.Series, name: str) -> pd.Series:
    return pd.Series(pd.Categorical([name] * len(column), categories=column.cat.categories), index=column.index)


def _origin(people: pd.DataFrame, home_province: str) -> pd.Series:
    origin = pd.Series("intra_city", index=people.index)
    if "home_province" in people:
        other = people["home_province"].notna() & (people["home_province"] != home_province)
        origin = origin.mask(other, "inter_provincial")
    if "mcc" in people:
        origin = origin.mask(people["mcc"].notna() & (people["mcc"] != HOME_MCC), "international")
    return origin.astype("str")


def sum_up(period: Period, people: pd.DataFrame, zone: npt.NDArray[np.int64], told: Told | None = None) -> Raw:
    """Sum everybody into raw cubes; who is undetermined is in the cube of people only.

    Parameters
    ----------
    people : `people_of`, in order of pseudonym, with ``weight``
    zone : (cells) zone of each network cell, -1 outside: town of `zones.Zones.town_of_cell`
    """
    calendar, cells = period.calendar, len(period.network.table)
    staying = (people["resident_class"] == "resident").to_numpy(dtype=bool)
    unsure = (people["resident_class"] == undetermined.NAME).to_numpy(dtype=bool)
    total = cubes.Presence(
        np.zeros((cells + cubes.FIRST_CELL, 24, 2)), np.zeros((cells + cubes.FIRST_CELL, 24, 2), np.int32)
    )
    everybody = people["user"].to_numpy(np.uint64)

    def summed_up(rows: PeriodRows, group: Group) -> tuple[cubes.Presence, Any, Any]:
        days = period.days(group, ("trip",))
        first = int(np.searchsorted(everybody, rows.users[0])) if len(rows.users) else 0
        own = people.iloc[first : first + len(rows.users)]
        stays, nobody = (mask[first : first + len(own)] for mask in (staying, unsure))
        weights = np.where(nobody, np.nan, own["weight"].to_numpy("float64"))
        return (
            cubes.presence(rows, weights, stays, calendar, cells),
            journeys_of(days, calendar, own.assign(weight=weights), period.network.sites, period.rules.segments, zone),
            cubes.visits(rows, own[~stays & ~nobody], calendar, zone),
        )

    journeys, visits = [], []
    for k, (present, moved, visiting) in enumerate(period.over(summed_up), start=1):
        total += present
        journeys.append(moved)
        visits.append(visiting)
        if told is not None:
            told(k, BUCKETS)
    by = ["home_cell", "work_cell", "resident_class", "origin"]
    grouped = people.assign(square=people["weight"] ** 2).groupby(by, observed=True, dropna=False)
    summed = grouped.agg(persons=("weight", "sum"), squares=("square", "sum"), devices=("weight", "size")).reset_index()
    return Raw(total, summed, cubes.added(visits), cubes.added(journeys), _quality(period, people))


def _quality(period: Period, people: pd.DataFrame) -> dict[str, float]:
    figures: dict[str, float] = dict.fromkeys((f"events_{name}" for name in FLAG_NAMES), 0.0)
    figures |= {"rows_read": 0.0, "rows_rejected": 0.0, "events_of_cells_without_position": 0.0}
    for day in period.files.days:
        info = period.area.day(day.date).info()
        for name, count in info["flags"].items():
            figures[f"events_{name}"] += count
        figures["rows_read"] += info["file"]["read"]
        figures["rows_rejected"] += sum(info["file"]["rejected"].values())
        figures["events_of_cells_without_position"] += info["file"]["unplaced"]
    for column in ("home_class", "work_class", "resident_class"):
        for name, count in people[column].value_counts().items():
            figures[f"{column}_{name}"] = float(count)
    figures |= night_figures(period.night)
    figures["mean_coverage"] = float(people["coverage"].mean()) if len(people) else float("nan")
    return dict(sorted(figures.items()))


def night_figures(night: NightCoverage) -> dict[str, float]:
    """What the quality of a period says of its nights."""
    share = float("nan") if night.share is None else night.share
    return {"night_share": share, "night_sufficient": float(night.sufficient)}
