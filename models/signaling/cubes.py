"""Sums over users: present people by cell and hour, residents, workers, commuters and journeys. Raw: not for the store.

Every cube row carries ``persons`` (sum of weights) and ``devices`` (distinct raw devices), because the disclosure
threshold is tested on devices before any weight. Cubes of several buckets are added: a device is in one bucket.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.fusion.compiled import compiled
from models.signaling.bridges import Calendar
from models.signaling.day import DayResult
from models.signaling.flags import ABROAD
from models.signaling.kernel_rules import SegmentRules
from models.signaling.period import PeriodRows, Sites
from models.signaling.segments import MOVING, UNKNOWN

BINS = {UNKNOWN: "unknown", ABROAD: "abroad", MOVING: "moving"}
"""Where seconds are that no cell holds; they come before the cells on the first axis of a presence cube."""
FIRST_CELL = len(BINS)
DAYTYPES = ("workday", "weekend")
DISTANCE_BANDS_M = (500.0, 2_000.0, 10_000.0, 50_000.0)
"""Lower bounds of the distance bands of journeys (MITMS methodology v8)."""
PURPOSES = ("commute", "return", "other")

Users = npt.NDArray[np.uint64]
Zone = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Presence:
    """People present by place, local hour and type of day.

    Attributes
    ----------
    persons : (3 + cells, 24, 2) mean number present; the first three places are `BINS`
    devices : (3 + cells, 24, 2) distinct devices over the period
    """

    persons: Floats
    devices: Ints

    def __add__(self, other: Presence) -> Presence:
        """Presence of two buckets, which share no device."""
        return Presence(self.persons + other.persons, self.devices + other.devices)


def presence(
    rows: PeriodRows, weights: Floats, staying: npt.NDArray[np.bool_], calendar: Calendar, cells: int
) -> Presence:
    """Mean number of people present at each place, hour and type of day.

    Parameters
    ----------
    weights : (users) persons that each user stands for
    staying : (users) residents, for whom a day without events is a day nobody saw; of all others it is a day away
    cells : number of cell codes

    Notes
    -----
    A resident's days are averaged over the time that is known of them, a visitor's over all days of the type. So for
    each hour and type of day the sum over places is the sum of the weights of the residents observed, plus the shares
    of the visitors. A resident of whom nothing is known at an hour of any day of the type is in the bin of the unknown
    with the whole weight; where the hour is known on some days, the others are taken to be like them, for a phone that
    is silent in the small hours of working days would else empty the city before every rush hour.
    """
    shape = (cells + FIRST_CELL, 24, len(DAYTYPES))
    persons, devices = np.zeros(shape), np.zeros(shape, np.int32)
    days = np.array([calendar.workday.sum(), (~calendar.workday).sum()], np.int64)
    kind = np.where(calendar.workday, 0, 1).astype(np.int32)
    _present(
        rows.start, rows.day, rows.place, rows.hour, rows.seconds, weights.astype(np.float64), staying, kind, days,
        persons, devices, np.full(shape, -1, np.int32),
    )  # fmt: skip
    return Presence(persons, devices)


@compiled
def _present(
    start: npt.NDArray[np.int64], day: Ints, place: Ints, hour: npt.NDArray[np.int8], seconds: Ints, weights: Floats,
    staying: npt.NDArray[np.bool_], kind: Ints, days: npt.NDArray[np.int64], persons: Floats, devices: Ints, seen: Ints,
) -> None:  # fmt: skip
    observed, known = np.zeros((2, 24), np.int64), np.zeros((2, 24), np.int64)
    for u in range(start.size - 1):
        low, high = start[u], start[u + 1]
        observed[:], known[:] = 0, 0
        for i in range(low, high):
            observed[kind[day[i]], hour[i]] += seconds[i]
            known[kind[day[i]], hour[i]] += seconds[i] if place[i] != UNKNOWN else 0
        for i in range(low, high):
            p, h, k = place[i] + 3, hour[i], kind[day[i]]
            whole = 3600.0 * days[k]
            if staying[u]:
                if place[i] == UNKNOWN and known[k, h] > 0:
                    continue
                whole = float(known[k, h] if known[k, h] > 0 else observed[k, h])
            persons[p, h, k] += weights[u] * seconds[i] / whole
            if seen[p, h, k] != u:
                seen[p, h, k] = u
                devices[p, h, k] += 1


def counted(users: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Persons and devices of a user table by some of its columns; users without a value in one of them are left out.

    Parameters
    ----------
    users : one row per user, with ``weight``
    by : columns such as home_cell, work_cell
    """
    known = users.dropna(subset=list(by))
    grouped = known.groupby(list(by), observed=True, sort=True)["weight"]
    return grouped.agg(persons="sum", devices="size").reset_index()


def added(cubes: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Sum of cubes of different buckets with the same columns."""
    joined = pd.concat(cubes, ignore_index=True)
    by = [c for c in joined.columns if c not in ("persons", "devices")]
    return joined.groupby(by, observed=True, sort=True)[["persons", "devices"]].sum().reset_index()


def visits(rows: PeriodRows, visitors: pd.DataFrame, calendar: Calendar, zone: Zone) -> pd.DataFrame:
    """Where people who are no residents are: persons on a mean day and distinct devices, by zone and origin.

    Parameters
    ----------
    visitors : rows of the user table, with user, origin and weight
    zone : (cells) zone of each network cell, -1 outside; outside is not counted
    """
    names, origin = np.unique(visitors["origin"].to_numpy("str"), return_inverse=True)
    row = np.searchsorted(rows.users, visitors["user"].to_numpy(np.uint64))
    shape = (int(zone.max(initial=-1)) + 1, len(names))
    persons, devices = np.zeros(shape), np.zeros(shape, np.int64)
    _visits(
        row, rows.start, rows.place, rows.seconds, zone, origin.astype(np.int64),
        visitors["weight"].to_numpy("float64"),
        float(calendar.length_s.sum()), persons, devices,
    )  # fmt: skip
    at, whose = np.nonzero(devices)
    return pd.DataFrame(
        {"zone": at, "origin": names[whose], "persons": persons[at, whose], "devices": devices[at, whose]}
    ).astype({"origin": "str"})


@compiled
def _visits(
    row: Zone, start: Zone, place: Ints, seconds: Ints, zone: Zone, origin: Zone, weight: Floats, whole: float,
    persons: Floats, devices: Zone,
) -> None:  # fmt: skip
    seen = np.full(persons.shape[0], -1, np.int64)
    for v in range(row.size):
        for i in range(start[row[v]], start[row[v] + 1]):
            z = zone[place[i]] if place[i] >= 0 else -1
            if z >= 0:
                persons[z, origin[v]] += weight[v] * seconds[i] / whole
                if seen[z] != v:
                    seen[z] = v
                    devices[z, origin[v]] += 1


def journeys(
    days: Sequence[tuple[Users, DayResult]],
    calendar: Calendar,
    users: pd.DataFrame,
    sites: Sites,
    rules: SegmentRules,
    zone: Zone,
) -> pd.DataFrame:
    """Journeys of a bucket by origin, destination, hour of start, purpose, distance band and type of day.

    Parameters
    ----------
    days : for each day of the calendar the pseudonyms and the result of one bucket
    users : user table of the bucket, with user, home_cell, work_cell and weight
    zone : (cells) zone of each network cell, -1 outside

    Returns
    -------
    ``from_zone``, ``to_zone``, ``hour``, ``purpose``, ``band_m`` (lower bound), ``daytype``, ``persons`` per day of the
    type, ``devices`` distinct over the period.

    Notes
    -----
    A journey towards the workplace is a commute, one towards the home a return. Journeys that begin on one service day
    and end on the next (around 04:00) are not counted.
    """
    order = np.argsort(users["user"].to_numpy(np.uint64))
    table = users.iloc[order]
    parts = [_day_journeys(people, result, k, calendar, table, sites, rules) for k, (people, result) in enumerate(days)]
    who, origin, end, hour, purpose, kind, persons = (np.concatenate(c) for c in zip(*parts, strict=True))
    reach = np.hypot(sites.x[origin] - sites.x[end], sites.y[origin] - sites.y[end])
    band = np.searchsorted(DISTANCE_BANDS_M, reach, side="right").clip(min=1) - 1
    codes = (zone[origin], zone[end], hour, purpose, band, kind)
    low = [int(code.min(initial=0)) for code in codes]
    sizes = tuple(int(code.max(initial=0)) - least + 1 for code, least in zip(codes, low, strict=True))
    flat = np.ravel_multi_index([code - least for code, least in zip(codes, low, strict=True)], sizes)
    keys, row = np.unique(flat, return_inverse=True)
    pairs = np.unique(row.astype(np.int64) * (len(table) + 1) + who)
    found = [part + least for part, least in zip(np.unravel_index(keys, sizes), low, strict=True)]
    return pd.DataFrame(
        {
            "from_zone": found[0],
            "to_zone": found[1],
            "hour": found[2].astype(np.int8),
            "purpose": np.array(PURPOSES)[found[3]],
            "band_m": np.array(DISTANCE_BANDS_M)[found[4]],
            "daytype": np.array(DAYTYPES)[found[5]],
            "persons": np.bincount(row, persons, len(keys)),
            "devices": np.bincount(pairs // (len(table) + 1), minlength=len(keys)),
        }
    )


def _day_journeys(
    people: Users,
    result: DayResult,
    at: int,
    calendar: Calendar,
    table: pd.DataFrame,
    sites: Sites,
    rules: SegmentRules,
) -> tuple[npt.NDArray[Any], ...]:
    """Position of the user, cells, hour, purpose, type of day and persons per day of each journey of a day.

    Users that ``table`` does not hold have its length as position and no weight.
    """
    kind = 0 if calendar.workday[at] else 1
    of_kind = int((calendar.workday == calendar.workday[at]).sum())
    users = table["user"].to_numpy(np.uint64)
    position = np.searchsorted(users, people)
    position[np.append(users, np.uint64(0))[position] != people] = len(users)
    who = position[result.trip_user]
    piece = np.searchsorted(calendar.edges[at, : calendar.pieces[at] + 1], result.trip_start, side="right") - 1
    purpose = np.full(len(who), PURPOSES.index("other"))
    for column, meaning in (("work_cell", "commute"), ("home_cell", "return")):
        cell = np.append(table[column].to_numpy("float64", na_value=-1.0), -1.0).astype(np.int64)[who]
        purpose[(cell >= 0) & _near(cell, result.trip_to, sites, rules)] = PURPOSES.index(meaning)
    weight = np.append(table["weight"].to_numpy("float64"), 0.0)[who]
    daytype = np.full(len(who), kind)
    hour = calendar.hours[at][piece].astype(np.int64)
    return who, result.trip_from, result.trip_to, hour, purpose, daytype, weight / of_kind


def _near(a: npt.NDArray[np.int64], b: Ints, sites: Sites, rules: SegmentRules) -> npt.NDArray[np.bool_]:
    """Whether two cells may be one place, as `segments.one_place` says it for one pair."""
    reach = np.minimum(rules.touch_share * (sites.radius[a] + sites.radius[b]), rules.touch_limit_m)
    apart = np.hypot(sites.x[a] - sites.x[b], sites.y[a] - sites.y[b])
    return np.asarray(apart <= np.maximum(rules.same_place_m, reach))
