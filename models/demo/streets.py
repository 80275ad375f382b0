"""Streets of the towns and their house numbers: a bent lattice per town, along the valley, thinned at its
edge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.demo.plane import Field, Points
from models.demo.roads import Road
from models.demo.towns import Town
from models.demo.words import street_names

NUMBER_STEP_KM = 0.016
SIDE_KM = 0.013


@dataclass(frozen=True)
class Houses:
    """Numbered houses: one row per number that exists.

    Attributes
    ----------
    town : position of the town, shape (n,)
    street : position in ``names``, shape (n,)
    number : odd on the left, even on the right, shape (n,)
    place : km on the ground, shape (n, 2)
    central : weight of the place for shops: 1 at the seat, fading outwards, shape (n,)
    names : street names, distinct within the district
    """

    town: npt.NDArray[np.int64]
    street: npt.NDArray[np.int64]
    number: npt.NDArray[np.int64]
    place: Points
    central: npt.NDArray[np.float64]
    names: list[str]


def streets(
    towns: list[Town], headings: npt.NDArray[np.float64], rng: np.random.Generator
) -> tuple[list[Road], Houses]:
    """Return the street sections (km on the ground) and the houses along them.

    Parameters
    ----------
    headings : direction of each town's long axis in radians from east, shape (towns,)
    """
    names = street_names(rng)
    sections: list[Road] = []
    parts: list[tuple[int, int, npt.NDArray[np.int64], Points]] = []
    used: list[str] = []
    for position, (town, heading) in enumerate(zip(towns, headings, strict=True)):
        spacing = 0.17 + 0.05 * town.radius_km
        nodes, present = lattice(town.seat, town.radius_km, float(heading), spacing, rng)
        for axis in (0, 1):
            for line, there in lines(nodes, present, axis):
                ends = runs(there & (rng.random(len(there)) > 0.05))
                if not ends:
                    continue
                name = next(names)
                used.append(name)
                offset = 0.0
                for a, b in ends:
                    for i in range(a, b):
                        curve = curved(line, i)
                        sections.append(Road(name, "residential", curve, position, bool(rng.random() < 0.06)))
                        numbers, place, offset = _numbers(curve, offset)
                        parts.append((position, len(used) - 1, numbers, place))
    return sections, _houses(parts, towns, used)


def lattice(
    middle: Points, radius: float, heading: float, spacing: float, rng: np.random.Generator
) -> tuple[Points, npt.NDArray[np.bool_]]:
    """Return the nodes of a lattice bent by a field of its own, and which of them are built up.

    Parameters
    ----------
    middle : on the ground in km, shape (2,)
    radius, spacing : half width and distance of the streets in km; the lattice is 1.45 times as long
    heading : direction of the long axis in radians from east

    Returns
    -------
    nodes in km, shape (rows, columns, 2), and booleans of shape (rows, columns)
    """
    longways = int(2 * 1.45 * radius / (spacing * 1.25)) + 1
    across = int(2 * 0.8 * radius / spacing) + 1
    u = (np.arange(longways) - (longways - 1) / 2) * spacing * 1.25
    v = (np.arange(across) - (across - 1) / 2) * spacing
    flat = np.column_stack([a.ravel() for a in np.meshgrid(u, v)]) + rng.normal(0, spacing * 0.09, (u.size * v.size, 2))
    bend = Field.draw(rng, ((radius * 3.2, 0.26 * radius), (radius * 1.3, 0.07 * radius)))
    other = Field.draw(rng, ((radius * 3.2, 0.18 * radius), (radius * 1.3, 0.07 * radius)))
    reach = np.hypot(flat[:, 0] / 1.45, flat[:, 1] / 0.8) / radius
    shore = Field.draw(rng, ((radius * 1.5, 0.24), (radius * 0.6, 0.14)))
    present = reach < 0.9 + shore.at(flat)
    bent = flat + np.column_stack([other.at(flat), bend.at(flat)])
    bent -= np.array([other.at(np.zeros((1, 2)))[0], bend.at(np.zeros((1, 2)))[0]])
    turn = np.array([[np.cos(heading), np.sin(heading)], [-np.sin(heading), np.cos(heading)]])
    nodes = (bent @ turn + middle).reshape(len(v), len(u), 2)
    return nodes, present.reshape(len(v), len(u))


def lines(nodes: Points, present: npt.NDArray[np.bool_], axis: int) -> list[tuple[Points, npt.NDArray[np.bool_]]]:
    """Return the rows (axis 0) or columns (axis 1) of a lattice, each with what of it is built up."""
    if axis == 0:
        return list(zip(nodes, present, strict=True))
    return list(zip(nodes.swapaxes(0, 1), present.T, strict=True))


def runs(there: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return (first, last) of the runs of at least two nodes."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], there.astype(np.int8), [0]])))
    return [(a, b - 1) for a, b in edges.reshape(-1, 2).tolist() if b - a > 1]


def curved(line: Points, i: int) -> Points:
    """Return the section between nodes i and i + 1 of a Catmull-Rom curve through ``line``."""
    before = line[i - 1] if i > 0 else 2 * line[i] - line[i + 1]
    after = line[i + 2] if i + 2 < len(line) else 2 * line[i + 1] - line[i]
    t = np.linspace(0, 1, 6)[:, None]
    a, b = line[i], line[i + 1]
    curve: Points = 0.5 * (
        2 * a + (b - before) * t + (2 * before - 5 * a + 4 * b - after) * t**2 + (3 * a - before - 3 * b + after) * t**3
    )
    return curve


def _numbers(curve: Points, offset: float) -> tuple[npt.NDArray[np.int64], Points, float]:
    """Return the house numbers along ``curve``, where they stand, and how far the street has come (km)."""
    along = offset + np.concatenate([[0], np.cumsum(np.hypot(*np.diff(curve, axis=0).T))])
    steps = np.arange(np.ceil(along[0] / NUMBER_STEP_KM), along[-1] / NUMBER_STEP_KM)
    at = steps * NUMBER_STEP_KM
    middle = np.column_stack([np.interp(at, along, curve[:, k]) for k in (0, 1)])
    ahead = curve[-1] - curve[0]
    side = np.array([-ahead[1], ahead[0]]) / np.hypot(*ahead) * SIDE_KM
    numbers = np.concatenate([2 * steps + 1, 2 * steps + 2]).astype(np.int64)
    return numbers, np.concatenate([middle + side, middle - side]), float(along[-1])


def _houses(parts: list[tuple[int, int, npt.NDArray[np.int64], Points]], towns: list[Town], names: list[str]) -> Houses:
    sizes = [len(p[2]) for p in parts]
    town = np.repeat([p[0] for p in parts], sizes)
    place = np.concatenate([p[3] for p in parts])
    seats = np.array([t.seat for t in towns])
    radius = np.array([t.radius_km for t in towns])
    central = np.exp(-((np.hypot(*(place - seats[town]).T) / (0.62 * radius[town])) ** 2)) + 0.04
    street = np.repeat([p[1] for p in parts], sizes)
    return Houses(town, street, np.concatenate([p[2] for p in parts]), place, central, names)
