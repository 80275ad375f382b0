"""One service day of everybody: where each person is from 04:00 to 04:00, as a few intervals with travel between them.

A day is up to `PARTS` places in order. Travel takes the distance at a speed that differs between people; who works at
night is at work on both sides of the day's middle. Everything is drawn for all persons at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.demo.signaling.people import CLASSES, RESIDENT_CLASSES, Floats, Ints, People
from models.demo.streams import Streams

PARTS = 4
HOME, WORK, ERRAND, SECOND, BEYOND = range(5)
"""What a place is to the person."""
SPEED_KMH = (18.0, 40.0)


class Diary(NamedTuple):
    """The intervals of n persons on one day.

    Attributes
    ----------
    person : (n) row in `People`
    role : (n, PARTS) what each place is
    leave : (n, PARTS) hour since 04:00 at which the place is left; the last is 24
    arrive : (n, PARTS) hour at which it is reached; the first is 0
    place : (n, PARTS, 2) km; nan beyond the city
    """

    person: Ints
    role: Ints
    leave: Floats
    arrive: Floats
    place: Floats


def luck_of(people: People, streams: Streams) -> Floats:
    """(n, 3) numbers in [0, 1) of each person that never change: length and start of a visit, how active it is."""
    return streams.of("signaling luck").random((len(people.kind), 3))


def present_on(people: People, period: int, day: int, days: int, rng_of_person: Floats) -> npt.NDArray[np.bool_]:
    """Who is in the city, or seen elsewhere, on a day: residents always, visitors for a few days each.

    Parameters
    ----------
    rng_of_person : (n, 2) numbers in [0, 1) that never change, so that a visit is one run of days
    """
    short, tourist, roamer = (people.kind == CLASSES.index(c) for c in ("short_stay", "tourist", "roamer"))
    length = np.where(
        short, 4 + 9 * rng_of_person[:, 0], np.where(tourist, 1 + 2 * rng_of_person[:, 0], 3 + 5 * rng_of_person[:, 0])
    )
    start = rng_of_person[:, 1] * (days - length)
    visiting = (day >= start) & (day < start + length)
    resident = people.kind < RESIDENT_CLASSES
    return np.where(resident, True, visiting & (short | tourist | roamer)) & (people.where[:, period] > -99)


def day_of(people: People, who: Ints, period: int, workday: bool, friday: bool, rng: np.random.Generator) -> Diary:
    """Draw one service day.

    Parameters
    ----------
    who : rows of the people in the city on this day
    workday, friday : kind of the day; weekends of people with two homes begin on Friday evening
    """
    n = len(who)
    kind = people.kind[who]
    role = np.zeros((n, PARTS), np.int64)
    leave = np.full((n, PARTS), 24.0)
    out = rng.random(n) < (0.35 if workday else 0.6)
    out &= ~np.isin(kind, [CLASSES.index("tourist")])
    begin = rng.uniform(4.5, 12.5, n)
    role[out, 1] = ERRAND
    leave[out, 0], leave[out, 1] = begin[out], begin[out] + rng.uniform(0.7, 3.0, int(out.sum()))
    tourist = kind == CLASSES.index("tourist")
    role[tourist, 1] = ERRAND
    leave[tourist, 0], leave[tourist, 1] = 5.5, rng.uniform(9, 15, int(tourist.sum()))
    working = np.isin(
        kind, [CLASSES.index(c) for c in ("day_worker", "two_homes", "cross_city", "student", "dormitory")]
    )
    working &= workday | (rng.random(n) < 0.1)
    working &= rng.random(n) > 0.04
    start, end = rng.normal(4.4, 0.6, n).clip(2.5, 7), rng.normal(13.7, 0.9, n).clip(11, 17)
    after = rng.random(n) < 0.25
    role[working, 1] = np.where(kind[working] == CLASSES.index("cross_city"), BEYOND, WORK)
    role[working, 2] = np.where(after[working], ERRAND, HOME)
    leave[working, 0], leave[working, 1] = start[working], end[working]
    leave[working, 2] = np.where(after[working], end[working] + 1.5, 24.0)
    _night_shifts(kind, workday, role, leave, rng)
    away = (kind == CLASSES.index("two_homes")) & ((not workday) | friday)
    role[away] = np.where(role[away] == HOME, SECOND if not workday else HOME, role[away])
    if friday:
        role[away, 3] = SECOND
        leave[away, 2] = np.minimum(leave[away, 2], 15.5)
    return _travelled(people, who, period, role, leave, rng)


def _night_shifts(kind: Ints, workday: bool, role: Ints, leave: Floats, rng: np.random.Generator) -> None:
    """Who works at night comes home after 06:00 and leaves in the evening; free nights are those of the weekend."""
    night = np.flatnonzero(kind == CLASSES.index("night_worker"))
    count = len(night)
    if not workday:
        role[night, 0], role[night, 1], role[night, 2] = HOME, ERRAND, HOME
        return
    role[night] = np.array([WORK, HOME, WORK, WORK])
    leave[night, 0] = rng.normal(2.2, 0.4, count).clip(1, 4)
    leave[night, 1] = rng.normal(16.6, 0.6, count).clip(14, 19)
    leave[night, 2] = 24.0


def _travelled(people: People, who: Ints, period: int, role: Ints, leave: Floats, rng: np.random.Generator) -> Diary:
    """Give every part its place and the hour it is reached."""
    n = len(who)
    options = np.full((n, 5, 2), np.nan)
    options[:, HOME], options[:, WORK] = people.home[who, period], people.work[who, period]
    options[:, ERRAND], options[:, SECOND] = people.errand[who, period], people.second[who, period]
    nowhere = np.isnan(options[:, WORK, 0]) & (role == WORK).any(axis=1)
    role[nowhere] = np.where(role[nowhere] == WORK, HOME, role[nowhere])
    leave = np.maximum.accumulate(np.minimum(leave, 24.0), axis=1)
    leave[:, -1] = 24.0
    place = np.take_along_axis(options, role[..., None], axis=1)
    arrive = np.zeros((n, PARTS))
    speed = rng.uniform(*SPEED_KMH, n)
    for k in range(1, PARTS):
        way = np.nan_to_num(np.hypot(*(place[:, k] - place[:, k - 1]).T), nan=25.0)
        arrive[:, k] = np.minimum(
            leave[:, k - 1] + way / speed + np.where(role[:, k] != role[:, k - 1], 0.05, 0.0), 24.0
        )
        leave[:, k] = np.maximum(leave[:, k], arrive[:, k])
    return Diary(who, role, leave, arrive, place)


def places_at(diary: Diary, rows: Ints, hour: Floats) -> tuple[Ints, Floats, npt.NDArray[np.bool_]]:
    """Role, position (km) and whether on the way, of diary rows at hours since 04:00.

    On the way the position lies on the straight line between the two places.
    """
    part = (hour[:, None] >= diary.arrive[rows][:, 1:]).sum(axis=1)
    gone = hour >= diary.leave[rows, part]
    nxt = np.minimum(part + 1, PARTS - 1)
    span = np.maximum(diary.arrive[rows, nxt] - diary.leave[rows, part], 1e-9)
    share = np.where(gone & (nxt > part), np.clip((hour - diary.leave[rows, part]) / span, 0, 1), 0.0)
    start, end = diary.place[rows, part], diary.place[rows, nxt]
    moving = (share > 0) & (share < 1) & (diary.role[rows, part] != diary.role[rows, nxt])
    there = np.where(share[:, None] > 0, start + (end - start) * share[:, None], start)
    role = np.where(share >= 1, diary.role[rows, nxt], diary.role[rows, part])
    return role, there, moving
