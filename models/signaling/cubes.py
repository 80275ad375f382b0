"""Sums over users: present people by cell and hour, residents, workers and visitors. Raw: not for the store.

Every cube row carries ``persons`` (sum of weights) and ``devices`` (distinct raw devices), because the disclosure
threshold is tested on devices before any weight. Cubes of several buckets are added: a device is in one bucket.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.fusion.compiled import compiled
from models.signaling.bridges import Calendar
from models.signaling.flags import ABROAD
from models.signaling.period import PeriodRows
from models.signaling.segments import MOVING, UNKNOWN

BINS = {UNKNOWN: "unknown", ABROAD: "abroad", MOVING: "moving"}
"""Where seconds are that no cell holds; they come before the cells on the first axis of a presence cube."""
FIRST_CELL = len(BINS)
DAYTYPES = ("workday", "weekend")

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
    weights : (users) persons that each user stands for; who has none (nan) is nowhere, not even as a device
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
        if np.isnan(weights[u]):
            continue
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
    numbers = [c for c in joined.columns if c in ("persons", "squares", "devices")]
    by = [c for c in joined.columns if c not in numbers]
    return joined.groupby(by, observed=True, sort=True)[numbers].sum().reset_index()


def visits(rows: PeriodRows, visitors: pd.DataFrame, calendar: Calendar, zone: Zone) -> pd.DataFrame:
    """Where people who are no residents are, by zone and origin.

    Parameters
    ----------
    visitors : rows of the user table, with user, origin and weight
    zone : (cells) zone of each network cell, -1 outside; outside is not counted

    Returns
    -------
    ``zone``, ``origin``, ``persons`` on a mean day, ``squares`` (sum of the squares of what each device adds to them)
    and distinct ``devices``.
    """
    names, origin = np.unique(visitors["origin"].to_numpy("str"), return_inverse=True)
    row = np.searchsorted(rows.users, visitors["user"].to_numpy(np.uint64))
    shape = (int(zone.max(initial=-1)) + 1, len(names))
    persons, squares, devices = np.zeros(shape), np.zeros(shape), np.zeros(shape, np.int64)
    _visits(
        row, rows.start, rows.place, rows.seconds, zone, origin.astype(np.int64),
        visitors["weight"].to_numpy("float64"),
        float(calendar.length_s.sum()), persons, squares, devices,
    )  # fmt: skip
    at, whose = np.nonzero(devices)
    numbers = {"persons": persons, "squares": squares, "devices": devices}
    columns = {name: value[at, whose] for name, value in numbers.items()}
    return pd.DataFrame({"zone": at, "origin": names[whose], **columns}).astype({"origin": "str"})


@compiled
def _visits(
    row: Zone, start: Zone, place: Ints, seconds: Ints, zone: Zone, origin: Zone, weight: Floats, whole: float,
    persons: Floats, squares: Floats, devices: Zone,
) -> None:  # fmt: skip
    spent = np.zeros(persons.shape[0], np.int64)
    for v in range(row.size):
        spent[:] = 0
        for i in range(start[row[v]], start[row[v] + 1]):
            z = zone[place[i]] if place[i] >= 0 else -1
            if z >= 0:
                spent[z] += seconds[i]
        for z in np.flatnonzero(spent):
            added = weight[v] * spent[z] / whole
            persons[z, origin[v]] += added
            squares[z, origin[v]] += added**2
            devices[z, origin[v]] += 1
