"""Events of one date: when a telephone is heard, by which cell, in the order of time; no dirt yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from models.demo.signaling.diaries import BEYOND, ERRAND, HOME, SECOND, WORK, day_of, places_at, present_on
from models.demo.signaling.people import ABROAD_PLACE, CLASSES, Floats, Ints, People
from models.demo.signaling.towers import REGIONS, Serving, Towers, pick, serving

_MORNING = [0.25, 0.3, 0.6, 1.0, 1.3, 1.4, 1.4, 1.4, 1.3, 1.2, 1.2, 1.2]
_EVENING = [1.3, 1.4, 1.5, 1.6, 1.6, 1.5, 1.2, 0.9, 0.6, 0.4, 0.3, 0.25]
BY_HOUR = np.array([*_MORNING, *_EVENING])
"""How much telephones are heard, by hour since 04:00; at night by updates of the network only."""


class Batch(NamedTuple):
    """Events in order of time.

    Attributes
    ----------
    person : (n) row in `People`
    time : (n) UTC seconds
    row : (n) row of the network table, -1 where the cell is not of this network
    abroad : (n) heard in a network abroad
    role : (n) fixed place at which the person is, -1 on the way or beyond the city
    """

    person: Ints
    time: npt.NDArray[np.int64]
    row: npt.NDArray[np.int32]
    abroad: npt.NDArray[np.bool_]
    role: Ints


def taken(batch: Batch, which: npt.NDArray[Any]) -> Batch:
    """Some events of a batch, by mask or position."""
    columns: list[Any] = [column[which] for column in batch]
    return Batch(*columns)


def together(batches: Sequence[Batch]) -> Batch:
    """Several batches, one after the other."""
    columns: list[Any] = [np.concatenate(column) for column in zip(*batches, strict=True)]
    return Batch(*columns)


class Homes(NamedTuple):
    """Serving cells of the fixed places of everybody in one period, by role."""

    by_role: dict[int, Serving]


def serving_places(people: People, net: Towers, period: int, first: np.datetime64) -> Homes:
    """Cells that serve home, work, errand place and second home of everybody."""
    active = net.active(first)
    found = {}
    for role, place in ((HOME, people.home), (WORK, people.work), (ERRAND, people.errand), (SECOND, people.second)):
        found[role] = serving(net, active, np.nan_to_num(place[:, period], nan=0.0))
    return Homes(found)


def service_day_events(
    people: People, net: Towers, homes: Homes, period: int, date: dt.date, day: int, days: int, workday: bool,
    per_day: float, luck: Floats, rng: np.random.Generator, start: int,
) -> Batch:  # fmt: skip
    """Events of the service day that starts at 04:00 of ``date`` (UTC second ``start``).

    Parameters
    ----------
    per_day : mean events of an active telephone
    luck : (n, 3) numbers of each person that never change: length and start of a visit, and how active it is
    """
    active = net.active(np.datetime64(date))
    seen = people.subscriber[:, period] & present_on(people, period, day, days, luck)
    inside = np.flatnonzero(seen & (people.where[:, period] >= 0))
    diary = day_of(people, inside, period, workday, workday and date.weekday() == 4, rng)
    rate = per_day * (0.4 + 1.2 * luck[inside, 2]) * np.where(people.kind[inside] == CLASSES.index("silent"), 0.15, 1.0)
    counts = rng.poisson(rate)
    rows = np.repeat(np.arange(len(inside)), counts)
    hour = _hours(len(rows), rng)
    role, place, moving = places_at(diary, rows, hour)
    row = np.full(len(rows), -1, np.int32)
    for kind, served in homes.by_role.items():
        mine = (role == kind) & ~moving
        row[mine] = pick(served, inside[rows[mine]], active, rng)
    beyond = role == BEYOND
    codes = np.array([net.region_row(code) for code in REGIONS], dtype=np.int32)
    row[beyond] = codes[people.works_beyond[inside[rows[beyond]]]]
    known = moving & ~np.isnan(place[:, 0]) & (row < 0)
    if known.any():
        row[known] = pick(serving(net, active, place[known], masts=2, kept=3), np.arange(int(known.sum())), active, rng)
    keep = row >= 0
    fixed = np.where(moving | beyond, -1, role)
    parts = [(inside[rows[keep]], hour[keep], row[keep], np.zeros(int(keep.sum()), dtype=bool), fixed[keep])]
    parts.append(_elsewhere(people, period, codes, rng))
    person, hours, cells, abroad, fixed = (np.concatenate(column) for column in zip(*parts, strict=True))
    time = start + np.floor(hours * 3600).astype(np.int64)
    order = np.argsort(time, kind="stable")
    return Batch(person[order], time[order], cells[order].astype(np.int32), abroad[order], fixed[order])


def _hours(count: int, rng: np.random.Generator) -> Floats:
    steps = np.concatenate([[0.0], np.cumsum(BY_HOUR) / BY_HOUR.sum()])
    return np.asarray(np.interp(rng.random(count), steps, np.arange(25.0)).clip(0, 23.9997))


def _elsewhere(
    people: People, period: int, codes: npt.NDArray[np.int32], rng: np.random.Generator
) -> tuple[Ints, Floats, npt.NDArray[np.int32], npt.NDArray[np.bool_], Ints]:
    """A few events of subscribers beyond the city: what a province-wide operator still knows of them."""
    away = np.flatnonzero(people.subscriber[:, period] & (people.where[:, period] < 0))
    rows = np.repeat(away, rng.poisson(3.0, len(away)))
    where = people.where[rows, period]
    abroad = where == ABROAD_PLACE
    region = codes[np.where(abroad, 0, -1 - where)]
    cells = np.where(abroad, -1, region).astype(np.int32)
    return rows, _hours(len(rows), rng), cells, abroad, np.full(len(rows), -1)
