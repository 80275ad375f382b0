"""Sums of journeys over users, by zones, hour, purpose, distance and type of day. Raw: not for the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.fusion.compiled import compiled
from models.signaling.bridges import Calendar
from models.signaling.cubes import DAYTYPES
from models.signaling.day import DayResult
from models.signaling.kernel_rules import SegmentRules
from models.signaling.period import Sites
from models.signaling.segments import one_place

DISTANCE_BANDS_M = (500.0, 2_000.0, 10_000.0, 50_000.0)
"""Lower bounds of the distance bands of journeys (MITMS methodology v8)."""
PURPOSES = ("commute", "return", "other")
COMMUTE: Final = 0
RETURN: Final = 1
OTHER: Final = 2

Users = npt.NDArray[np.uint64]
Zone = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]


def journeys_of(
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
    users : user table of the bucket, with user, home_cell, work_cell and weight; who has none (nan) makes no journey
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
    table = users.iloc[np.argsort(users["user"].to_numpy(np.uint64))]
    zones, m = int(zone.max(initial=-1)) + 2, len(table)  # -1 is a zone too
    parts = [_day_journeys(*day, k, calendar, table, sites, rules, zone) for k, day in enumerate(days)]
    pairs = np.concatenate([np.empty(0, np.int64), *parts])
    weight = np.append(table["weight"].to_numpy("float64"), 0.0)
    pairs = np.sort(pairs[~np.isnan(weight)[pairs % (m + 1)]])
    of_kind = np.array([calendar.workday.sum(), (~calendar.workday).sum()], np.float64)
    per_day = weight[:, None] / np.maximum(of_kind, 1.0)
    (keys, devices), persons = np.empty((2, len(pairs)), np.int64), np.empty(len(pairs))
    n = _summed(pairs, m + 1, per_day, keys, persons, devices)
    shape = (zones, zones, 24, len(PURPOSES), len(DISTANCE_BANDS_M), len(DAYTYPES))
    origin, end, hour, purpose, band, kind = np.unravel_index(keys[:n], shape)
    return pd.DataFrame(
        {
            "from_zone": origin - 1,
            "to_zone": end - 1,
            "hour": hour.astype(np.int8),
            "purpose": np.array(PURPOSES)[purpose],
            "band_m": np.array(DISTANCE_BANDS_M)[band],
            "daytype": np.array(DAYTYPES)[kind],
            "persons": persons[:n].copy(),
            "devices": devices[:n].copy(),
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
    zone: Zone,
) -> Zone:
    """Each journey of a day as one number: zones, hour, purpose, band, type of day, and the user's place in the table.

    Users that ``table`` does not hold have its length as place and no weight.
    """
    users = table["user"].to_numpy(np.uint64)
    place = np.searchsorted(users, people)
    place[np.append(users, np.uint64(0))[place] != people] = len(users)
    home, work = (
        np.append(table[c].to_numpy("float64", na_value=-1.0), -1.0).astype(np.int64)
        for c in ("home_cell", "work_cell")
    )
    pairs = np.empty(len(result.trip_user), np.int64)
    _coded(
        result.trip_user, result.trip_from, result.trip_to, result.trip_start, place, home, work, sites.x, sites.y,
        sites.radius, rules, zone, int(zone.max(initial=-1)) + 2, calendar.edges[at, : calendar.pieces[at] + 1],
        calendar.hours[at], 0 if calendar.workday[at] else 1, np.array(DISTANCE_BANDS_M), pairs,
    )  # fmt: skip
    return pairs


@compiled
def _coded(
    user: Ints, origin: Ints, end: Ints, start: Ints, place: Zone, home: Zone, work: Zone, x: Floats, y: Floats,
    radius: Floats, rules: SegmentRules, zone: Zone, zones: int, edges: Ints, hours: npt.NDArray[np.int8], kind: int,
    bands: Floats, pairs: Zone,
) -> None:  # fmt: skip
    for i in range(user.size):
        who, a, b = place[user[i]], origin[i], end[i]
        piece, band = 0, 0
        while edges[piece + 1] <= start[i]:
            piece += 1
        far = (x[a] - x[b]) ** 2 + (y[a] - y[b]) ** 2
        while band + 1 < bands.size and far >= bands[band + 1] ** 2:
            band += 1
        purpose = OTHER
        if home[who] >= 0 and one_place(home[who], b, x, y, radius, rules):
            purpose = RETURN
        elif work[who] >= 0 and one_place(work[who], b, x, y, radius, rules):
            purpose = COMMUTE
        key = ((zone[a] + 1) * zones + zone[b] + 1) * 24 + hours[piece]
        key = ((key * len(PURPOSES) + purpose) * bands.size + band) * 2 + kind
        pairs[i] = key * home.size + who


@compiled
def _summed(pairs: Zone, users: int, per_day: Floats, keys: Zone, persons: Floats, devices: Zone) -> int:
    """Persons and distinct users of each key of sorted pairs of key and user; gives the number of keys."""
    n = -1
    for i in range(pairs.size):
        key, who = pairs[i] // users, pairs[i] % users
        if n < 0 or keys[n] != key:
            n += 1
            keys[n], persons[n], devices[n] = key, 0.0, 0
        persons[n] += per_day[who, key % 2]
        devices[n] += i == 0 or pairs[i] != pairs[i - 1]
    return n + 1
