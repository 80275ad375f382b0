"""Speeds of road sections by hour from passages: space-mean speed, free flow, travel time index, jams; protected.

The space-mean speed is the way of all devices over their time, ``sum d / sum t``, the harmonic mean of the speeds and
never their mean (Edie 1963). Its variance is that of a ratio, ``sum (d - v t)^2 / (sum t)^2``; the error of place of
the handovers, the same for everybody, adds ``v sqrt(2) sigma / length``, and that of the footprints over several
kilometres ``v scale_error``. Free flow is the 85th percentile of the speeds of single passages at night, over both
types of day; the travel time index (行程时间比) is free flow over speed. The errors of place of a section are in both
and leave the index.

Everything is summed by the parts of a period, `road_week`: the days of the week and the days that the calendar moves.
Speeds are told of both types of day and of the days of the week.

Nothing leaves with fewer than ``fine_k`` distinct devices: neither a section and hour nor a free flow. Speeds do not
add up, so no sum of shown sections gives a hidden one away; `road_week.told` says what holds for days of the week.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.signaling.cubes import DAYTYPES
from models.signaling.passages import Passages
from models.signaling.road_rules import SpeedRules
from models.signaling.road_week import KIND_OF, PARTS, WEEKDAYS, by_type, told

Z90 = 1.645
"""Half width of a 90 % interval in standard deviations."""
BIN_KMH = 2.0
BINS = 80
"""Speeds of passages at night are counted in bins, which can be added over buckets."""
WHOLE = 0.5
"""Share of a section that a passage must cover to count as a speed of its own."""

Floats = npt.NDArray[np.float64]
Users = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class RoadSums:
    """Passages of a period summed; raw, so it stays within `models.signaling`.

    Attributes
    ----------
    metres, seconds, metres2, seconds2, both : (codes, 24, `PARTS`) sums of way, time, their squares and product
    legs : (codes) sum over the way of the length of the legs between crossings, square metres
    devices : (codes, 24, 2) distinct devices over the days of the type
    by_part : (codes, 24, `PARTS`) distinct devices over the days of the part
    night : (codes, `BINS`) passages at night by speed
    night_devices : (codes) distinct devices at night
    passages : (codes, 24, 2) passages, of whatever part of the section
    """

    metres: Floats
    seconds: Floats
    metres2: Floats
    seconds2: Floats
    both: Floats
    legs: Floats
    devices: npt.NDArray[np.int64]
    by_part: npt.NDArray[np.int64]
    night: npt.NDArray[np.int64]
    night_devices: npt.NDArray[np.int64]
    passages: npt.NDArray[np.int64]

    def __add__(self, other: RoadSums) -> RoadSums:
        """Sums of two buckets, which share no device."""
        both: list[Any] = [getattr(self, field.name) + getattr(other, field.name) for field in fields(RoadSums)]
        return RoadSums(*both)


def summed(
    days: Sequence[tuple[Users, Passages]], parts: Sequence[int], lengths: Floats, rules: SpeedRules
) -> RoadSums:
    """Sum the passages of one bucket over the days of a period.

    Parameters
    ----------
    days : for each day the pseudonyms of its users and their passages
    parts : (days) part of each day, `road_week.part_of`
    lengths : (codes) metres of each section, by code
    """
    tables = [
        pd.DataFrame(
            {
                "user": users[found.user], "section": found.section, "hour": found.hour,
                "part": np.int8(parts[k]), "d": found.metres.astype(np.float64),
                "t": found.seconds.astype(np.float64), "leg": found.legs.astype(np.float64),
            }
        )
        for k, (users, found) in enumerate(days)
    ]  # fmt: skip
    table = pd.concat(tables, ignore_index=True)
    codes, part = len(lengths), table["part"].to_numpy(np.int64)
    place = table["section"].to_numpy(np.int64) * 24 + table["hour"].to_numpy(np.int64)
    at, of_type = place * PARTS + part, place * 2 + KIND_OF[part]
    d, t = table["d"].to_numpy(), table["t"].to_numpy()

    def added(values: Floats) -> Floats:
        return np.bincount(at, values, codes * 24 * PARTS).reshape(codes, 24, PARTS).astype(np.float64)

    return RoadSums(
        added(d), added(t), added(d * d), added(t * t), added(d * t),
        np.bincount(table["section"], table["leg"], codes).astype(np.float64),
        _distinct(table["user"], of_type, codes * 48).reshape(codes, 24, 2),
        _distinct(table["user"], at, codes * 24 * PARTS).reshape(codes, 24, PARTS), *_night(table, lengths, rules),
        np.bincount(of_type, minlength=codes * 48).reshape(codes, 24, 2).astype(np.int64),
    )  # fmt: skip


def _distinct(user: pd.Series, at: npt.NDArray[np.int64] | pd.Series, size: int) -> npt.NDArray[np.int64]:
    """Number of different users at each place."""
    pairs = pd.DataFrame({"user": user.to_numpy(), "at": np.asarray(at)}).drop_duplicates()
    return np.bincount(pairs["at"], minlength=size).astype(np.int64)


def _night(
    table: pd.DataFrame, lengths: Floats, rules: SpeedRules
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    late = (table["hour"] >= rules.night_from_hour) | (table["hour"] < rules.night_to_hour)
    mine = table[late & (table["d"] >= WHOLE * lengths[table["section"]])]
    speed = np.clip(3.6 * mine["d"] / mine["t"] / BIN_KMH, 0, BINS - 1).astype(np.int64)
    counts = np.bincount(mine["section"] * BINS + speed, minlength=len(lengths) * BINS)
    devices = _distinct(mine["user"], mine["section"], len(lengths))
    return counts.reshape(len(lengths), BINS).astype(np.int64), devices


def free_flow(sums: RoadSums, quantile: float, k: int) -> Floats:
    """Free-flow speed of each section, km/h; missing where fewer than k devices passed at night."""
    total = sums.night.cumsum(axis=1)
    wanted = quantile * total[:, -1:]
    bin_at = np.argmax(total >= np.maximum(wanted, 1e-9), axis=1)
    rows = np.arange(len(total))
    inside = sums.night[rows, bin_at]
    below = total[rows, bin_at] - inside
    found = (bin_at + (wanted[:, 0] - below) / np.maximum(inside, 1)) * BIN_KMH
    return np.where(sums.night_devices >= k, found, np.nan)


def measured(sums: RoadSums, place_error_m: Floats, lengths: Floats, rules: SpeedRules) -> npt.NDArray[np.bool_]:
    """Whether each section can be told from its neighbours: by spacing of crossings and error of their place."""
    metres = sums.metres.sum(axis=(1, 2))
    spacing = np.divide(sums.legs, metres, out=np.full(len(lengths), np.inf), where=metres > 0)
    placed = np.sqrt(2.0) * np.nan_to_num(place_error_m, nan=np.inf) <= rules.most_place_error * lengths
    return np.asarray(placed & (spacing <= rules.most_leg * lengths))


def speeds(sums: RoadSums, place_error_m: Floats, lengths: Floats, rules: SpeedRules, k: int) -> pd.DataFrame:
    """Product ``road_speeds`` without period and names: of the types of day, and of the days of the week.

    Parameters
    ----------
    place_error_m : (codes) standard deviation of the place of a section's handovers
    k : least number of distinct devices behind a row

    Returns
    -------
    ``code``, ``daytype``, ``hour``, ``speed_kmh``, ``low``, ``high``, ``free_flow_kmh``, ``tti``, ``jam``, ``devices``
    and ``suppressed``; numbers are missing where suppressed. A type of day has a row for each section and hour with
    devices; the days of the week have seven rows where one of them may be told (`road_week.told`), else none. Sections
    that cannot be told from their neighbours (`measured`) have no row.
    """
    free = free_flow(sums, rules.free_quantile, k)[:, None, None]
    metres, seconds, metres2, seconds2, both = (
        _by_day(values) for values in (sums.metres, sums.seconds, sums.metres2, sums.seconds2, sums.both)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        speed = metres / seconds
        left = metres2 - 2 * speed * both + speed**2 * seconds2
        sampling = np.sqrt(np.maximum(left, 0.0)) / metres
        placed = 2.0 * (place_error_m / lengths)[:, None, None] ** 2 + rules.scale_error**2
        half = Z90 * np.sqrt(sampling**2 + placed)
        kmh = 3.6 * speed
    of_week = told(sums.by_part, k)
    shown = np.concatenate([sums.devices >= k, of_week], axis=-1)
    listed = np.broadcast_to(of_week.any(axis=-1, keepdims=True), of_week.shape)
    known = np.concatenate([sums.devices > 0, listed], axis=-1)
    known &= measured(sums, place_error_m, lengths, rules)[:, None, None]
    columns = {
        "speed_kmh": kmh, "low": kmh / (1.0 + half), "high": kmh * (1.0 + half),
        "free_flow_kmh": np.broadcast_to(free, kmh.shape), "tti": free / kmh,
    }  # fmt: skip
    devices = np.concatenate([sums.devices, sums.by_part[..., : len(WEEKDAYS)]], axis=-1)
    return _protected(columns, devices, known, shown, rules.jam_index)


def _by_day(parts: Floats) -> Floats:
    """Sums of both types of day, then of the days of the week, from those of the parts."""
    return np.concatenate([by_type(parts), parts[..., : len(WEEKDAYS)]], axis=-1)


def _protected(
    columns: dict[str, Floats], devices: npt.NDArray[np.int64], known: Mask, shown: Mask, jam_index: float
) -> pd.DataFrame:
    """Rows that are known, without the numbers of those that are not shown."""
    code, hour, day = np.nonzero(known)
    frame = pd.DataFrame(
        {"code": code, "daytype": np.array((*DAYTYPES, *WEEKDAYS))[day], "hour": hour}
        | {name: values[known] for name, values in columns.items()}
    )
    tti = columns["tti"][known]
    jam = pd.Series(tti >= jam_index, dtype="boolean").mask(np.isnan(tti))
    frame = frame.assign(jam=jam, devices=pd.Series(devices[known], dtype="Int64"), suppressed=~shown[known])
    numbers = [*columns, "jam", "devices"]
    frame[numbers] = frame[numbers].mask(frame["suppressed"])
    return frame
