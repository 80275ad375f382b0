"""Main roads of the generated city: how fast they are by hour, where jams are planted, which cells serve them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import cKDTree

from models.demo.plane import Points, to_degrees
from models.demo.roads import SPEED, Road
from models.demo.signaling.towers import BEAMWIDTH_DEG, Towers

STEP_KM = 0.1
CLASSES = ("motorway", "trunk")
"""Classes of road that get traffic."""
DIRECTIONS = ("forward", "backward")
"""Along the line of the road, and against it."""
DAYTYPES = ("workday", "weekend")
JAM_HOURS = {"workday": ((7, 8), (17, 18)), "weekend": ((10, 11), (16, 17))}
"""Hours of the planted jams: the first pair in one direction, the second in the other."""
JAM_SPEED = (0.20, 0.36)
"""Speed in a jam as a share of the free one; in the hours beside a jam it is `SHOULDER`."""
SHOULDER = 0.78
JAMS_PER_ROAD = 4
SHADOW_DB = 5.0
HYSTERESIS_DB = 3.0
NO_SERVICE_DB = -25.0

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Route(NamedTuple):
    """One main road from end to end.

    Attributes
    ----------
    name, road_class : of its sections
    place : (n + 1, 2) km, a point every `STEP_KM` along the line
    free : (n) free speed of each step, km/h
    speed : (2 directions, 2 types of day, 24 hours, n) mean speed, km/h
    """

    name: str
    road_class: str
    place: Points
    free: Floats
    speed: Floats


class Handovers(NamedTuple):
    """Where a telephone on the way changes its cell: position in km from the start of the ride, and the new cell."""

    at_km: Floats
    row: Ints


def routes(roads: Sequence[Road], net: Towers, active: npt.NDArray[np.bool_], rng: np.random.Generator) -> list[Route]:
    """The main roads, each with its planted jams.

    Parameters
    ----------
    roads : all sections of the city, those of one road in order along it
    active : rows of the network in service; jams are planted where a mast is near
    """
    lines: dict[tuple[str, str], list[Points]] = {}
    for road in roads:
        if road.road_class in CLASSES and road.name:
            lines.setdefault((road.name, road.road_class), []).append(road.line)
    found = []
    for (name, road_class), parts in lines.items():
        place = _even(np.concatenate([parts[0], *(part[1:] for part in parts[1:])]))
        free = np.full(len(place) - 1, 0.95 * SPEED[road_class])
        found.append(Route(name, road_class, place, free, _speeds(free, _covered(place, net, active), rng)))
    return found


def _even(line: Points) -> Points:
    """A point every `STEP_KM` of a line; what is left over at its end is dropped."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    at = np.arange(0.0, along[-1], STEP_KM)
    return np.column_stack([np.interp(at, along, line[:, k]) for k in (0, 1)])


def _covered(place: Points, net: Towers, active: npt.NDArray[np.bool_]) -> Ints:
    """Whole kilometres of a route that have a mast within 2.5 km."""
    usable = active & (net.table["technology"] != "roaming").to_numpy()
    near = cKDTree(net.place[usable]).query(place)[0] < 2.5
    per_km = round(1 / STEP_KM)
    return np.array(
        [k for k in range(len(near) // per_km) if near[k * per_km : (k + 1) * per_km].all()], dtype=np.int64
    )


def _speeds(free: Floats, covered: Ints, rng: np.random.Generator) -> Floats:
    speed = np.broadcast_to(free, (2, 2, 24, len(free))).copy()
    speed[:, 0, 7:19] *= 0.96  # a little slower by day
    per_km = round(1 / STEP_KM)
    for begin in rng.choice(covered[2:-6], JAMS_PER_ROAD, replace=False).tolist():
        length = int(rng.integers(3, 6))
        stretch = slice(begin * per_km, (begin + length) * per_km)
        turned = int(rng.integers(0, 2))
        for kind, daytype in enumerate(DAYTYPES):
            if kind and rng.random() < 0.4:
                continue
            for k, hours in enumerate(JAM_HOURS[daytype]):
                direction = (k + turned) % 2
                speed[direction, kind, hours[0] - 1, stretch] = SHOULDER * free[stretch]
                speed[direction, kind, hours[-1] + 1, stretch] = SHOULDER * free[stretch]
                for hour in hours:
                    speed[direction, kind, hour, stretch] = rng.uniform(*JAM_SPEED) * free[stretch]
    return speed


def handovers(
    place: Points, net: Towers, active: npt.NDArray[np.bool_], rng: np.random.Generator, backward: bool
) -> Handovers:
    """Changes of the serving cell of a telephone carried along a line.

    The strength is that of `towers.serving`, but with shadows that are correlated over some 300 m, and a cell is left
    only for one that is `HYSTERESIS_DB` stronger, as networks do for telephones on the way.

    Parameters
    ----------
    place : points every `STEP_KM`
    backward : whether the line is ridden from its last point; positions still count from its first
    """
    usable = np.flatnonzero(active & (net.table["technology"] != "roaming").to_numpy())
    near = np.unique(usable[cKDTree(net.place[usable]).query(place, k=24)[1]])
    gap = place[:, None, :] - net.place[near]
    distance = np.maximum(np.hypot(gap[..., 0], gap[..., 1]), 0.02)
    turned = (np.degrees(np.arctan2(gap[..., 0], gap[..., 1])) - net.azimuth[near] + 180) % 360 - 180
    shadow = gaussian_filter1d(rng.normal(size=distance.shape), 3.0, axis=0, mode="nearest")
    loss = np.minimum(12 * (turned / BEAMWIDTH_DEG) ** 2, 25)
    strength = -37.5 * np.log10(distance / net.radius_km[near]) - loss + SHADOW_DB * shadow / shadow.std()
    order = range(len(place))[::-1] if backward else range(len(place))
    at, row, current = [], [], -1
    for k in order:
        best = int(strength[k].argmax())
        if strength[k, best] < NO_SERVICE_DB:
            current = -1
        elif current < 0 or strength[k, best] > strength[k, current] + HYSTERESIS_DB:
            current = best
            at.append(k * STEP_KM)
            row.append(int(near[best]))
    return Handovers(np.array(at), np.array(row, dtype=np.int64))


def truth(found: Sequence[Route], bin_km: float = 0.5) -> pd.DataFrame:
    """Speeds as planted, a row for each half kilometre, direction, type of day and hour.

    Returns
    -------
    road, road_class, direction, lon, lat (middle of the stretch), length_km, daytype, hour, speed_kmh (space-mean of
    who drives as fast as the mean) and free_kmh.
    """
    per_bin = round(bin_km / STEP_KM)
    parts = []
    for route in found:
        bins = len(route.free) // per_bin
        slowness = (1.0 / route.speed[..., : bins * per_bin]).reshape(2, 2, 24, bins, per_bin).mean(axis=-1)
        free = 1.0 / (1.0 / route.free[: bins * per_bin]).reshape(bins, per_bin).mean(axis=1)
        middle = to_degrees(route.place[per_bin // 2 : bins * per_bin : per_bin])
        hour, at = np.divmod(np.arange(24 * bins), bins)
        for d, direction in enumerate(DIRECTIONS):
            for kind, daytype in enumerate(DAYTYPES):
                columns = {
                    "road": route.name, "road_class": route.road_class, "direction": direction, "lon": middle[at, 0],
                    "lat": middle[at, 1], "length_km": bin_km, "daytype": daytype, "hour": hour,
                    "speed_kmh": (1.0 / slowness[d, kind]).ravel().round(3), "free_kmh": free[at].round(3),
                }  # fmt: skip
                parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)
