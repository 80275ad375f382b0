"""One service day of one bucket of users: flags, segments, hours, trips, and the edges that join it to other days."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from models.fusion.compiled import compiled
from models.signaling import flags as flagging
from models.signaling.flags import ABROAD
from models.signaling.kernel_rules import FlagRules, KernelRules, SegmentRules
from models.signaling.keys import CELL_MASK, CELL_ZERO, SECOND, Keys, packed, unpacked
from models.signaling.room import Room
from models.signaling.segments import MOST_CELLS, MOVING, UNKNOWN, add_seconds, groups_of, split_gap
from models.signaling.service_day import ServiceDay

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Cells:
    """The network on one day, by dense cell code.

    Attributes
    ----------
    x, y : (n) metres in the working reference system
    radius : (n) metres of the footprint
    active : (n) whether the cell was in service on that day
    """

    x: Floats
    y: Floats
    radius: Floats
    active: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class DayEvents:
    """Events of one bucket on one service day, sorted by user, second and cell.

    Attributes
    ----------
    users : (m) pseudonyms, ascending
    start : (m + 1) first event of each user, last entry the number of events
    keys : (n) seconds since the start of the day with the cell (`keys.packed`)
    """

    users: npt.NDArray[np.uint64]
    start: npt.NDArray[np.int64]
    keys: Keys

    @classmethod
    def of(cls, users: npt.NDArray[np.uint64], start: npt.NDArray[np.int64], t: Ints, cell: Ints) -> DayEvents:
        """Events by second and cell code."""
        return cls(users, start, packed(t, cell))

    @property
    def t(self) -> Ints:
        """(n) seconds since the start of the day."""
        return self._columns[0]

    @property
    def cell(self) -> Ints:
        """(n) dense cell code, `flags.NO_CELL` or `flags.ABROAD`."""
        return self._columns[1]

    @cached_property
    def _columns(self) -> tuple[Ints, Ints]:
        return unpacked(self.keys)


@dataclass(frozen=True)
class DayResult:
    """What one day leaves for the period.

    Attributes
    ----------
    flags : (n) code of every event
    heard : (m) for each user one bit per local hour of day with an event, whatever its cell
    row_user, row_place, row_hour, row_seconds : seconds of user x place x local hour; places are cell codes, or
        `segments.MOVING`, `segments.UNKNOWN`, `flags.ABROAD`; between the first and the last event of a user-day they
        sum to its span exactly
    trip_user, trip_from, trip_to, trip_start, trip_end : journeys between two stays, seconds of the day
    edge_user, edge_first, edge_last : users with a kept event, second of the first and last kept event
    edge_from, edge_to : anchor of the first and last group; edge_from_stay, edge_to_stay : whether each is a stay
    """

    flags: Codes
    heard: Ints
    row_user: Ints
    row_place: Ints
    row_hour: npt.NDArray[np.int8]
    row_seconds: Ints
    trip_user: Ints
    trip_from: Ints
    trip_to: Ints
    trip_start: Ints
    trip_end: Ints
    edge_user: Ints
    edge_first: Ints
    edge_last: Ints
    edge_from: Ints
    edge_to: Ints
    edge_from_stay: npt.NDArray[np.bool_]
    edge_to_stay: npt.NDArray[np.bool_]


def nothing() -> DayResult:
    """A day on which nobody was heard."""
    kinds: dict[str, Any] = {
        "flags": np.uint8, "row_hour": np.int8, "edge_from_stay": np.bool_, "edge_to_stay": np.bool_,
    }  # fmt: skip
    return DayResult(**{f.name: np.empty(0, kinds.get(f.name, np.int32)) for f in fields(DayResult)})


def compute_day(
    events: DayEvents, cells: Cells, day: ServiceDay, rules: KernelRules, room: Room | None = None
) -> DayResult:
    """Run the kernel over one bucket of one day.

    Parameters
    ----------
    room : memory of the day before; the flags lie in it, everything else is the result's own

    Returns
    -------
    Columns named ``*_user`` hold positions in ``events.users``.

    Raises
    ------
    ValueError : the events are not sorted, or a second or a cell code is out of range
    """
    users, n = len(events.users), len(events.keys)
    room = room or Room()
    out, capacity = room.array("flags", n, np.uint8), 2 * n + 27 * users + 2
    out[:] = flagging.OK
    who, place, seconds = (room.array(name, capacity, np.int32) for name in ("row_user", "row_place", "row_seconds"))
    hour = room.array("row_hour", capacity, np.int8)
    trips = np.empty((5, n + 1), np.int32)
    edges, heard = np.empty((7, users), np.int32), np.empty(users, np.int32)
    made = _all_users(
        events.start, events.keys, cells.x, cells.y, cells.radius, cells.active, out,
        day.hour_edges, day.hours, rules.flags, rules.segments, heard, who, place, hour, seconds, trips,
        edges,
    )  # fmt: skip
    n_rows, n_trips, n_edges = made
    if n_rows < 0:
        _refuse_disorder(events, cells, day)
    columns: list[Any] = [out, heard, *(column[:n_rows].copy() for column in (who, place, hour, seconds))]
    columns += [trips[k, :n_trips].copy() for k in range(5)]
    columns += [edges[k, :n_edges].copy() for k in range(5)]
    columns += [edges[k, :n_edges].astype(bool) for k in (5, 6)]
    return DayResult(*columns)


def _refuse_disorder(events: DayEvents, cells: Cells, day: ServiceDay) -> None:
    """Say which of the rules of `DayEvents` the events break."""
    t, cell = events.t, events.cell
    if len(t) and (t.min() < 0 or t.max() >= day.length_s):
        raise ValueError(f"seconds of the day lie within 0 and {day.length_s - 1}; found {t.min()} to {t.max()}")
    if len(t) and (cell.max() >= len(cells.x) or cell.min() < ABROAD):
        raise ValueError(f"cell codes lie within {ABROAD} and {len(cells.x) - 1}")
    raise ValueError("the events of a user must be sorted by second and then by cell")


@compiled
def _unpack(keys: Keys, cells: int, length_s: int, t: Ints, cell: Ints) -> bool:
    """Seconds and cells of the events of one user; whether they are in order and within their ranges."""
    n, good = keys.size, True
    for i in range(n):
        t[i] = keys[i] >> SECOND
        cell[i] = (keys[i] & CELL_MASK) - CELL_ZERO
        good &= ABROAD <= cell[i] < cells
    for i in range(1, n):
        good &= keys[i] >= keys[i - 1]
    return good and (n == 0 or (t[0] >= 0 and t[n - 1] < length_s))


@compiled
def _hours_of(n: int, t: Ints, edges: Ints, hours: npt.NDArray[np.int8]) -> int:
    """One bit per local hour with an event of a user."""
    bits, piece, until = 0, -1, 0
    for i in range(n):
        if t[i] >= until:
            while t[i] >= until:
                piece += 1
                until = edges[piece + 1]
            bits |= 1 << hours[piece]
    return bits


@compiled
def _all_users(
    start: npt.NDArray[np.int64], keys: Keys, x: Floats, y: Floats, radius: Floats,
    active: npt.NDArray[np.bool_], flags: Codes, hour_edges: Ints, hours: npt.NDArray[np.int8],
    flag_rules: FlagRules, rules: SegmentRules, heard: Ints, row_user: Ints, row_place: Ints,
    row_hour: npt.NDArray[np.int8], row_seconds: Ints, trips: Ints, edges: Ints,
) -> tuple[int, int, int]:  # fmt: skip
    """Write the tables of all users; gives their lengths, or -1 where the events are not in order."""
    most = 0
    for u in range(start.size - 1):
        most = max(most, start[u + 1] - start[u])
    t, cell = np.empty(most, np.int32), np.empty(most, np.int32)
    first, last, anchor = np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, np.int32)
    runs = np.empty((most, flagging.RUN_COLUMNS), np.int32)
    cells, dwell = np.empty(MOST_CELLS, np.int32), np.empty(MOST_CELLS, np.int64)
    rows, journeys, known = 0, 0, 0
    for u in range(start.size - 1):
        if not _unpack(keys[start[u] : start[u + 1]], x.size, hour_edges[-1], t, cell):
            return -1, -1, -1
        n, own = start[u + 1] - start[u], flags[start[u] : start[u + 1]]
        heard[u] = _hours_of(n, t, hour_edges, hours)
        size = flagging.flag_places(n, t, cell, active, rules.stay_gap_s, rules.abroad_gap_s, own, runs)
        size = flagging.flag_speed(runs, size, x, y, radius, rules.stay_gap_s, own, flag_rules)
        size = flagging.flag_ping_pong(runs, size, x, y, radius, own, flag_rules)
        groups = groups_of(runs, size, x, y, radius, rules, cells, dwell, first, last, anchor)
        if groups == 0:
            continue
        before = rows
        rows, journeys = _one_user(
            u, groups, first, last, anchor, x, y, hour_edges, hours, rules, rows, row_place, row_hour, row_seconds,
            journeys, trips,
        )  # fmt: skip
        row_user[before:rows] = u
        edges[0, known], edges[1, known], edges[2, known] = u, first[0], last[groups - 1]
        edges[3, known], edges[4, known] = anchor[0], anchor[groups - 1]
        edges[5, known] = last[0] - first[0] >= rules.stay_s
        edges[6, known] = last[groups - 1] - first[groups - 1] >= rules.stay_s
        known += 1
    return rows, journeys, known


@compiled
def _one_user(
    u: int, groups: int, first: Ints, last: Ints, anchor: Ints, x: Floats, y: Floats, hour_edges: Ints,
    hours: npt.NDArray[np.int8], rules: SegmentRules, rows: int, row_place: Ints, row_hour: npt.NDArray[np.int8],
    row_seconds: Ints, journeys: int, trips: Ints,
) -> tuple[int, int]:  # fmt: skip
    """Write the seconds of one user-day and its journeys; gives the new ends of both tables."""
    low = rows
    stay_at, left_at = -9, 0  # anchor of the last stay and the second it was left
    begin = first[0]
    for g in range(groups):
        stay = last[g] - first[g] >= rules.stay_s
        end, right = last[g], 0
        rest_place = UNKNOWN
        if g + 1 < groups:
            gap = first[g + 1] - last[g]
            far = flagging.distance_m(anchor[g], anchor[g + 1], x, y)
            next_stay = last[g + 1] - first[g + 1] >= rules.stay_s
            left, right, travel = split_gap(gap, far, stay, next_stay, rules)
            end += left
            rest_place = MOVING if travel else UNKNOWN
        place = anchor[g] if stay or anchor[g] == ABROAD else MOVING
        rows = add_seconds(begin, end, place, hour_edges, hours, low, rows, row_place, row_hour, row_seconds)
        if stay and anchor[g] >= 0:
            if stay_at >= 0 and flagging.distance_m(stay_at, anchor[g], x, y) >= rules.trip_m:
                trips[0, journeys], trips[1, journeys], trips[2, journeys] = u, stay_at, anchor[g]
                trips[3, journeys], trips[4, journeys] = left_at, begin
                journeys += 1
            stay_at, left_at = anchor[g], end
        if g + 1 < groups:
            begin = first[g + 1] - right
            rows = add_seconds(end, begin, rest_place, hour_edges, hours, low, rows, row_place, row_hour, row_seconds)
    return rows, journeys
