"""Traffic on the main roads of the generated city in its last period: drivers, and riders of trains beside one road.

Travellers pass through; they are nobody of `people`, so that what is drawn there stays as it is. A telephone on the way
is heard when it changes its cell. A train takes many telephones over the same borders of cells within seconds, at a
speed that knows no jam of the road.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.demo.plane import Points
from models.demo.roads import Road
from models.demo.signaling.events import BY_HOUR, Batch, taken
from models.demo.signaling.people import Floats, Ints
from models.demo.signaling.routes import DIRECTIONS, STEP_KM, Handovers, Route, handovers, routes
from models.demo.signaling.towers import Towers
from models.demo.streams import Streams
from models.fusion.compiled import compiled

SHORTEST_KM = 12.0
"""Least way of a driver who does not take a road from end to end."""
WHOLE = 0.65
"""Share of drivers who do."""
JITTER_KM = 0.08
"""Standard deviation of where single telephones change their cell."""
TRAIN_HOURS = (3.4, 8.3, 13.4, 13.9)
"""When a train begins its run, hours since 04:00, each in both directions: most of them while the road is jammed."""
TRAIN_KMH = 92.0
TRAIN_STOP_H = 0.04
RIDERS = 16
RAIL_KM = (0.35, 0.7)
"""Distance of the railway from the road beside it."""
RAIL_STRETCH = (0.3, 0.75)
"""Where the railway begins and ends, as shares of the road."""
POOL = 6.0
"""Travellers per traveller of a mean day: somebody travels every sixth day."""


class Traffic(NamedTuple):
    """Everybody on the main roads in one period.

    Attributes
    ----------
    routes : the roads with their speeds
    names : (devices) pseudonyms
    batches : events of each service day, by number of the day; ``person`` counts from the number of `people`
    rides : day, device (row in names), kind (driver, rider), road, direction
    """

    routes: list[Route]
    names: npt.NDArray[np.str_]
    batches: list[Batch]
    rides: pd.DataFrame


def draw_traffic(
    roads: Sequence[Road], net: Towers, first: np.datetime64, workdays: Sequence[bool], starts: Ints, vehicles: float,
    heard: float, names: npt.NDArray[np.str_], first_person: int, streams: Streams,
) -> Traffic:  # fmt: skip
    """Draw the traffic of one period.

    Parameters
    ----------
    workdays, starts : kind of each service day, and the UTC second at which it begins
    vehicles : mean number of observed drivers a direction and day on each road
    heard : share of the changes of cell that are heard
    names : pseudonyms to be given to travellers; as many of them are used as `POOL` needs
    first_person : row of the first traveller in ``Batch.person``
    """
    active = net.active(first)
    found = routes(roads, net, active, streams.of("signaling routes"))
    kinds, parts, rides = np.array(workdays), [], []
    for r, route in enumerate(found):
        for direction in (0, 1):
            part = 2 * r + direction
            changes = handovers(route.place, net, active, streams.of("signaling cells", part), bool(direction))
            parts.append(
                _drivers(route, direction, changes, kinds, vehicles, heard, streams.of("signaling rides", part))
            )
            rides.append(("driver", route.name, DIRECTIONS[direction]))
    for direction in (0, 1):
        rng = streams.of("signaling trains", direction)
        parts.append(_riders(found[0], direction, net, active, len(kinds), heard, rng))
        rides.append(("rider", found[0].name, DIRECTIONS[direction]))
    return _joined(found, parts, rides, starts, names, first_person, streams.of("signaling travellers"))


class Rides(NamedTuple):
    """Trips of one direction of one road.

    Attributes
    ----------
    of_trip : (trips) day of each
    trip, hour, row : (events) trip, hours since 04:00, row of the network
    """

    of_trip: Ints
    trip: Ints
    hour: Floats
    row: Ints


def _drivers(
    route: Route, direction: int, changes: Handovers, workday: npt.NDArray[np.bool_], vehicles: float, heard: float,
    rng: np.random.Generator,
) -> Rides:  # fmt: skip
    """Drivers of all days: when each passes every step of the road, then when each is heard."""
    day = np.repeat(np.arange(len(workday)), rng.poisson(vehicles * np.where(workday, 1.0, 0.95)))
    n, steps = len(day), len(route.free)
    share = np.concatenate([[0.0], np.cumsum(BY_HOUR + 0.25) / (BY_HOUR + 0.25).sum()])
    start = np.interp(rng.random(n), share, np.arange(25.0)) - 0.5 * steps * STEP_KM / route.free.mean()
    least = int(SHORTEST_KM / STEP_KM)
    begin = rng.integers(0, steps - least, n)
    end = np.minimum(begin + least + (rng.random(n) * steps * 0.7).astype(np.int64), steps)
    whole = rng.random(n) < WHOLE
    begin, end = np.where(whole, 0, begin), np.where(whole, steps, end)
    start = start + np.where(whole, 0.0, begin * STEP_KM / route.free.mean())
    speed = np.ascontiguousarray(route.speed[direction, :, :, :: -1 if direction else 1])
    free = np.ascontiguousarray(route.free[:: -1 if direction else 1])
    passed = np.full((n, steps + 1), np.nan)
    _ride(begin, end, start, np.where(workday[day], 0, 1), rng.lognormal(0.0, 0.08, n), speed, free, passed)
    at_km = steps * STEP_KM - changes.at_km if direction else changes.at_km
    return _heard(day, passed, at_km, changes.row, heard, JITTER_KM, rng)


@compiled
def _ride(
    begin: Ints, end: Ints, start: Floats, kind: Ints, factor: Floats, speed: Floats, free: Floats, passed: Floats
) -> None:
    """Hours since 04:00 at which each trip passes the steps from ``begin`` to ``end``; a jam is the same for all."""
    for i in range(begin.size):
        t = start[i]
        passed[i, begin[i]] = t
        for k in range(begin[i], end[i]):
            v = speed[kind[i], int(np.floor(t + 4.0)) % 24, k]
            if v > 0.6 * free[k]:
                v *= factor[i]
            t += STEP_KM / v
            passed[i, k + 1] = t


def _heard(
    day: Ints, passed: Floats, at_km: Floats, row: Ints, heard: float, jitter_km: float, rng: np.random.Generator
) -> Rides:
    """Events of the changes of cell that are heard, within the stretch of each trip and within the service day."""
    n, changes = len(day), len(at_km)
    if not n or not changes:
        return Rides(day, np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64))
    at = (at_km + rng.normal(0.0, jitter_km, (n, changes))) / STEP_KM
    low = np.clip(np.floor(at).astype(np.int64), 0, passed.shape[1] - 2)
    before, after = (np.take_along_axis(passed, low + k, axis=1) for k in (0, 1))
    hour = before + (after - before) * (at - low)
    good = (hour >= 0) & (hour < 23.9997) & (rng.random((n, changes)) < heard)
    trip, which = np.nonzero(good)
    return Rides(day, trip, hour[trip, which], row[which])


def _riders(
    route: Route, direction: int, net: Towers, active: npt.NDArray[np.bool_], days: int, heard: float,
    rng: np.random.Generator,
) -> Rides:  # fmt: skip
    """Riders of the trains of one direction on a railway beside the road."""
    place = _railway(route)
    steps = len(place) - 1
    changes = handovers(place, net, active, rng, bool(direction))
    day = np.repeat(np.arange(days), RIDERS * len(TRAIN_HOURS))
    late = np.repeat(rng.normal(0, 0.05, (days, len(TRAIN_HOURS))).ravel(), RIDERS)
    train = np.tile(np.repeat(TRAIN_HOURS, RIDERS), days) + late
    along = np.arange(steps + 1) * STEP_KM / TRAIN_KMH
    along = along + np.where(np.arange(steps + 1) > steps // 2, TRAIN_STOP_H, 0.0)
    at_km = steps * STEP_KM - changes.at_km if direction else changes.at_km
    return _heard(day, train[:, None] + along[None], at_km, changes.row, heard, 0.5 * JITTER_KM, rng)


def _railway(route: Route) -> Points:
    """A line beside a stretch of the road, nearer and farther by turns."""
    begin, end = (int(share * len(route.place)) for share in RAIL_STRETCH)
    near, far = RAIL_KM
    away = near + (far - near) * (0.5 + 0.5 * np.sin(np.arange(len(route.place)) * STEP_KM / 5.0))
    ahead = np.gradient(route.place, axis=0)
    side = np.column_stack([-ahead[:, 1], ahead[:, 0]]) / np.hypot(*ahead.T)[:, None]
    return np.asarray((route.place + side * away[:, None])[begin:end])


def _joined(
    found: list[Route], parts: list[Rides], rides: list[tuple[str, str, str]], starts: Ints,
    names: npt.NDArray[np.str_], first_person: int, rng: np.random.Generator,
) -> Traffic:  # fmt: skip
    """Give every trip a device that makes no other on the same day, and cut the events by day."""
    day = np.concatenate([part.of_trip for part in parts])
    counts = np.bincount(day, minlength=len(starts))
    pool = names[: int(max(POOL * counts.mean(), counts.max()))]
    device = np.empty(len(day), np.int64)
    for d in range(len(starts)):
        device[day == d] = rng.permutation(len(pool))[: counts[d]]
    first = np.concatenate([[0], np.cumsum([len(part.of_trip) for part in parts])])
    trip = np.concatenate([part.trip + first[k] for k, part in enumerate(parts)])
    hour, row = (np.concatenate([getattr(part, name) for part in parts]) for name in ("hour", "row"))
    order = np.lexsort((hour, day[trip]))
    trip, hour, row = trip[order], hour[order], row[order]
    time = starts[day[trip]] + np.floor(hour * 3600).astype(np.int64)
    whole = Batch(first_person + device[trip], time, row.astype(np.int32), np.zeros(len(trip), dtype=bool),
                  np.full(len(trip), -1, np.int64))  # fmt: skip
    cuts = np.searchsorted(day[trip], np.arange(len(starts) + 1))
    batches = [taken(whole, np.arange(a, b)) for a, b in pairwise(cuts.tolist())]
    of_part = np.repeat(np.arange(len(parts)), [len(part.of_trip) for part in parts])
    told = pd.DataFrame(rides, columns=["kind", "road", "direction"]).iloc[of_part].reset_index(drop=True)
    return Traffic(found, pool, batches, told.assign(day=day, device=device))
