"""A day's route over chosen visits with time windows: built by insertion, improved by 2-opt and or-opt.

The travelling salesman problem with time windows is solved by heuristics: nearest neighbour and cheapest insertion each
make a tour, 2-opt (Croes 1958) and or-opt (Or 1976) shorten it while every window holds, and the better one is taken.
Where OR-tools is installed its tour is improved and compared in the same way. Distances are straight lines in the
working reference system times a road factor: one-way streets, hills and traffic are not accounted for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.analysis.draws.clock import Clock, Plan
from models.errors import RequestError

Engine = Literal["auto", "heuristic", "ortools"]
MAX_STOPS = 60
EPS_M = 1e-6


@dataclass(frozen=True)
class Route:
    """A day's work.

    Attributes
    ----------
    stops : one row per visit in driving order: order (1 = first), stop_id, leg_m (from the place before), arrive_min,
        begin_min (after waiting for the window), leave_min; minutes of the day
    refused : visits that do not fit: stop_id, reason (``window``: closed before it can be reached even straight from
        the start; ``day``: it alone ends after the day; ``full``: not together with the others)
    length_m : from the start over all stops and back
    home_min : back at the start
    engine : what made it: heuristic or ortools
    """

    stops: pd.DataFrame
    refused: pd.DataFrame
    length_m: float
    home_min: float
    engine: str


def day_route(
    stops: pd.DataFrame,
    start: tuple[float, float],
    *,
    starts_min: float,
    ends_min: float,
    speed_kmh: float,
    road_factor: float,
    engine: Engine = "auto",
) -> Route:
    """Order the visits of a day.

    Parameters
    ----------
    stops : stop_id (unique), x, y (metres, working reference system), service_min (minutes on site), open_min,
        close_min (minutes of the day within which the visit must begin; missing: the whole day)
    start : x, y of where the day begins and ends, metres
    starts_min, ends_min : minutes of the day
    speed_kmh, road_factor : mean speed, and length by road over straight length
    engine : ``auto`` also asks OR-tools where it is installed

    Raises
    ------
    RequestError : more than `MAX_STOPS` stops, a place missing, a day that ends before it starts
    """
    clock = Clock.of(
        stops,
        start,
        starts=starts_min,
        ends=ends_min,
        speed_kmh=speed_kmh,
        road_factor=road_factor,
        most=MAX_STOPS,
    )
    alone = {k: clock.why_alone(k) for k in range(1, clock.n + 1)}
    possible = [k for k, why in alone.items() if not why]
    best, made = _best(
        [(build(clock, possible), "heuristic") for build in (nearest_neighbour, cheapest_insertion)], clock
    )
    if engine == "ortools" or (engine == "auto" and find_spec("ortools") is not None):
        from models.analysis.draws.ortools_route import solve  # noqa: PLC0415 - an extra, and slow to import

        best, made = _best([(best, made), (solve(clock, possible), "ortools")], clock)
    left = {k: alone[k] or "full" for k in range(1, clock.n + 1) if k not in best}
    return _route(clock, best, left, stops["stop_id"].astype("str").tolist(), made)


def nearest_neighbour(clock: Clock, possible: Sequence[int]) -> Plan:
    """From each place to the nearest that can still be begun in time and leaves time to get home."""
    tour: Plan = []
    left = list(possible)
    while left:
        here = tour[-1] if tour else 0
        fitting = [k for k in left if clock.fits([*tour, k])]
        if not fitting:
            break
        nearest = min(fitting, key=lambda k: (clock.metres[here, k], k))
        tour.append(nearest)
        left.remove(nearest)
    return tour


def cheapest_insertion(clock: Clock, possible: Sequence[int], tour: Plan | None = None) -> Plan:
    """Put in, again and again, the stop that lengthens the tour least, where it does so."""
    found, left = list(tour or ()), [k for k in possible if k not in (tour or ())]
    while left:
        choices = [
            (clock.length(candidate), k, candidate)
            for k in left
            for at in range(len(found) + 1)
            if clock.fits(candidate := [*found[:at], k, *found[at:]])
        ]
        if not choices:
            break
        _, k, found = min(choices, key=lambda c: c[:2])
        left.remove(k)
    return found


def improved(clock: Clock, tour: Plan) -> Plan:
    """2-opt and or-opt moves, the first that shortens the tour and keeps every window, until there is none."""
    best, length = list(tour), clock.length(tour)
    moves: tuple[Callable[[Plan], list[Plan]], ...] = (_two_opt, _or_opt)
    again = True
    while again:
        again = False
        for move in moves:
            for candidate in move(best):
                shorter = clock.length(candidate)
                if shorter < length - EPS_M and clock.fits(candidate):
                    best, length, again = candidate, shorter, True
                    break
    return best


def _two_opt(tour: Plan) -> list[Plan]:
    n = len(tour)
    return [[*tour[:i], *reversed(tour[i:j]), *tour[j:]] for i in range(n - 1) for j in range(i + 2, n + 1)]


def _or_opt(tour: Plan) -> list[Plan]:
    found = []
    for size in (1, 2, 3):
        for i in range(len(tour) - size + 1):
            piece, rest = tour[i : i + size], [*tour[:i], *tour[i + size :]]
            found += [[*rest[:at], *piece, *rest[at:]] for at in range(len(rest) + 1) if at != i]
    return found


def _best(tours: Sequence[tuple[Plan, str]], clock: Clock) -> tuple[Plan, str]:
    """The tour with the most stops, of those the shortest, after improving and filling each."""
    done = []
    for tour, made in tours:
        first = improved(clock, tour)
        filled = cheapest_insertion(clock, [k for k in range(1, clock.n + 1) if not clock.why_alone(k)], first)
        done.append((improved(clock, filled), made))
    return min(done, key=lambda t: (-len(t[0]), clock.length(t[0])))


def _route(clock: Clock, tour: Plan, left: dict[int, str], names: list[str], made: str) -> Route:
    arrive, begin, leave = clock.times(tour)
    legs: npt.NDArray[np.float64] = clock.metres[[0, *tour[:-1]], tour] if tour else np.array([], dtype=float)
    stops = pd.DataFrame(
        {
            "order": np.arange(1, len(tour) + 1),
            "stop_id": pd.Series([names[k - 1] for k in tour], dtype="str"),
            "leg_m": legs,
            "arrive_min": arrive,
            "begin_min": begin,
            "leave_min": leave,
        }
    )
    refused = pd.DataFrame(
        {
            "stop_id": pd.Series([names[k - 1] for k in left], dtype="str"),
            "reason": pd.Series(list(left.values()), dtype="str"),
        }
    )
    home = leave[-1] + clock.minutes[tour[-1], 0] if tour else clock.starts
    if not math.isfinite(home):
        raise RequestError("the route never ends; check places, speed and times")
    return Route(stops, refused, clock.length(tour), float(home), made)
