"""One period of one bucket of users: days joined by their bridges, every user labelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.fusion.compiled import compiled
from models.signaling.bridges import MOST_PIECES, Calendar, Edges, bridge
from models.signaling.day import DayResult
from models.signaling.grouping import distinct
from models.signaling.kernel_rules import KernelRules
from models.signaling.labels import HOME_CLASSES, RESIDENT_CLASSES, WORK_CLASSES, label_users
from models.signaling.labels_by_share import label_by_shares
from models.signaling.profiles import AnyProfile, Shares
from models.signaling.service_day import ServiceDay

Users = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Hours = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sites:
    """Cells of the period's network by dense code: metres in the working reference system, radius in metres."""

    x: Floats
    y: Floats
    radius: Floats


@dataclass(frozen=True)
class PeriodRows:
    """Seconds of every user, day, place and local hour; each user-day sums to the length of its day.

    Attributes
    ----------
    users : (m) pseudonyms, ascending
    start : (m + 1) rows of each user; within a user ordered by day
    day, place, hour, seconds : (n) position of the day in the calendar, cell code or `segments` code, 0-23, seconds
    """

    users: Users
    start: Longs
    day: Ints
    place: Ints
    hour: Hours
    seconds: Ints

    @property
    def nbytes(self) -> int:
        """Bytes in memory."""
        columns = (self.users, self.start, self.day, self.place, self.hour, self.seconds)
        return sum(column.nbytes for column in columns)


def calendar_of(days: Sequence[ServiceDay]) -> Calendar:
    """Lay the days of a period, ascending, side by side for compiled code."""
    n = len(days)
    edges = np.zeros((n, MOST_PIECES + 1), np.int32)
    hours = np.zeros((n, MOST_PIECES), np.int8)
    for k, day in enumerate(days):
        edges[k, : len(day.hour_edges)] = day.hour_edges
        edges[k, len(day.hour_edges) :] = day.length_s
        hours[k, : len(day.hours)] = day.hours
    follows = [k > 0 and days[k - 1].end == days[k].start for k in range(n)]
    return Calendar(
        np.array([day.length_s for day in days], np.int32), np.array(follows, dtype=bool), edges, hours,
        np.array([len(day.hours) for day in days], np.int32), np.array([day.workday for day in days], dtype=bool),
    )  # fmt: skip


def join_days(
    days: Sequence[tuple[Users, DayResult]], calendar: Calendar, sites: Sites, rules: KernelRules
) -> PeriodRows:
    """Join the days of one bucket.

    Parameters
    ----------
    days : for each day of the calendar the pseudonyms of its users, ascending, and what the kernel made of them
    """
    users = distinct([u for u, _ in days])
    ranks = [np.searchsorted(users, u).astype(np.int32) for u, _ in days]
    edges = _edges(days, ranks, len(users))
    known = int((edges.first >= 0).sum())
    capacity = known * (2 * MOST_PIECES + 4)
    made: Any = tuple(np.empty(capacity, dtype) for dtype in (np.int32, np.int32, np.int32, np.int8, np.int32))
    size = bridge(
        edges.first, edges.last, edges.place_first, edges.place_last, edges.stay_first, edges.stay_last,
        calendar.length_s, calendar.follows, calendar.edges, calendar.hours, calendar.pieces, sites.x, sites.y,
        sites.radius, rules.segments, *made,
    )  # fmt: skip
    user, day, place, hour, seconds = (column[:size] for column in made)
    return _merged(users, days, ranks, (user, day, place, hour, seconds))


def _edges(days: Sequence[tuple[Users, DayResult]], ranks: Sequence[Ints], users: int) -> Edges:
    shape = (users, len(days))
    whole: list[Any] = [np.full(shape, -1, np.int32) for _ in range(4)]
    stays: list[Any] = [np.zeros(shape, dtype=bool) for _ in range(2)]
    for d, (_, result) in enumerate(days):
        at = ranks[d][result.edge_user]
        for target, values in zip(
            [*whole, *stays],
            (result.edge_first, result.edge_last, result.edge_from, result.edge_to, result.edge_from_stay,
             result.edge_to_stay),
            strict=True,
        ):  # fmt: skip
            target[at, d] = values
    return Edges(*whole, *stays)


@compiled
def _count(rank: Ints, user: Ints, day: int, counts: Longs) -> None:
    for i in range(user.size):
        counts[rank[user[i]], day] += 1


@compiled
def _place_rows(
    rank: Ints, user: Ints, place: Ints, hour: Hours, seconds: Ints, day: int, at: Longs, to_day: Ints, to_place: Ints,
    to_hour: Hours, to_seconds: Ints,
) -> None:  # fmt: skip
    """Copy the rows of a day, ascending by user, to their places; ``at`` tells the next one of each user and day."""
    who, k = -1, 0
    for i in range(user.size):
        if user[i] != who:
            if who >= 0:
                at[rank[who], day] = k
            who = user[i]
            k = at[rank[who], day]
        to_day[k], to_place[k], to_hour[k], to_seconds[k] = day, place[i], hour[i], seconds[i]
        k += 1
    if who >= 0:
        at[rank[who], day] = k


@compiled
def _count_bridges(user: Ints, day: Ints, counts: Longs) -> None:
    for i in range(user.size):
        counts[user[i], day[i]] += 1


@compiled
def _place_bridges(
    user: Ints, day: Ints, place: Ints, hour: Hours, seconds: Ints, at: Longs, to_day: Ints, to_place: Ints,
    to_hour: Hours, to_seconds: Ints,
) -> None:  # fmt: skip
    for i in range(user.size):
        k = at[user[i], day[i]]
        at[user[i], day[i]] = k + 1
        to_day[k], to_place[k], to_hour[k], to_seconds[k] = day[i], place[i], hour[i], seconds[i]


def _merged(
    users: Users,
    days: Sequence[tuple[Users, DayResult]],
    ranks: Sequence[Ints],
    bridges: tuple[Ints, Ints, Ints, Hours, Ints],
) -> PeriodRows:
    counts = np.zeros((len(users), max(1, len(days))), np.int64)
    for d, (_, result) in enumerate(days):
        _count(ranks[d], result.row_user, d, counts)
    _count_bridges(bridges[0], bridges[1], counts)
    flat = np.zeros(counts.size + 1, np.int64)
    np.cumsum(counts.ravel(), out=flat[1:])
    at = flat[:-1].reshape(counts.shape).copy()
    n = int(flat[-1])
    out = (np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n, np.int8), np.empty(n, np.int32))
    for d, (_, r) in enumerate(days):
        _place_rows(ranks[d], r.row_user, r.row_place, r.row_hour, r.row_seconds, d, at, *out)
    _place_bridges(*bridges, at, *out)
    return PeriodRows(users, np.append(flat[:-1].reshape(counts.shape)[:, 0], n), *out)


def label(
    rows: PeriodRows,
    calendar: Calendar,
    sites: Sites,
    rules: KernelRules,
    profile: AnyProfile,
    beyond: npt.NDArray[np.bool_] | None = None,
) -> pd.DataFrame:
    """Home, work and kind of resident of every user of a bucket.

    Parameters
    ----------
    beyond : (cells) rows of the network that stand for regions beyond the city, None where there are none

    Returns
    -------
    One row per user: ``user`` (uint64), ``home_cell`` and ``work_cell`` (cell code, null where there is none),
    ``home_class``, ``work_class``, ``resident_class``, ``nights``, ``observed_nights``, ``home_nights``, ``coverage``
    (share of the period with a known place), ``profile`` and ``rules`` (digests).
    """
    m = len(rows.users)
    want = profile.thresholds(len(calendar.workday), int(calendar.workday.sum()))
    home, work, nights, observed, home_nights = (np.empty(m, np.int32) for _ in range(5))
    home_class, work_class, resident = (np.empty(m, np.int8) for _ in range(3))
    known = np.empty(m, np.int64)
    inside = np.ones(len(sites.x), dtype=bool) if beyond is None else ~beyond
    given = (
        rows.start, rows.day, rows.place, rows.hour, rows.seconds, calendar.workday, sites.x, sites.y, sites.radius,
    )  # fmt: skip
    told = (home, home_class, work, work_class, resident, nights, observed, known, home_nights)
    if isinstance(want, Shares):
        label_by_shares(*given, rules.segments, want, *told)
    else:
        label_users(*given, inside, calendar.follows, rules.segments, want, *told)
    return pd.DataFrame(
        {
            "user": rows.users,
            "home_cell": pd.array(np.where(home < 0, 0, home), dtype="Int32"),
            "home_class": _named(home_class, HOME_CLASSES),
            "work_cell": pd.array(np.where(work < 0, 0, work), dtype="Int32"),
            "work_class": _named(work_class, WORK_CLASSES),
            "resident_class": _named(resident, RESIDENT_CLASSES),
            "nights": nights,
            "observed_nights": observed,
            "home_nights": home_nights,
            "coverage": known / max(1, int(calendar.length_s.sum())),
            "profile": profile.digest,
            "rules": rules.digest,
        }
    ).assign(home_cell=lambda f: f["home_cell"].mask(home < 0), work_cell=lambda f: f["work_cell"].mask(work < 0))


def _named(codes: Hours, names: tuple[str, ...]) -> pd.Categorical[Any]:
    return pd.Categorical.from_codes(codes.astype(np.int64), pd.Index(names))
