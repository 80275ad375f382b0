"""Neighbour districts around the generated city: context on its map, no part of its data.

Each shares the very border points of the generated district; the borders between neighbours are drawn from a point of
that border outwards. Which neighbour lies on which side is real, their outlines are not.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from models.demo.plane import Field, Points, meander, to_degrees, to_km

# Code, name, pinyin, direction (degrees counterclockwise from east) in which it begins; it ends where the next begins.
NEIGHBOURS = (
    ("500113", "巴南区", "Banan", 68.0),
    ("500116", "江津区", "Jiangjin", 115.0),
    ("520322", "桐梓县", "Tongzi", 234.0),
    ("500119", "南川区", "Nanchuan", 336.0),
)
REACH_KM = 150.0
"""Distance from the middle of the city to which neighbours are drawn, far enough to fill a screen."""
_SWINGS = ((26.0, 1.7), (9.0, 0.8), (3.2, 0.25))
_STEP_DEGREES = 3.0


def neighbours(district: shapely.Polygon, rng: np.random.Generator) -> tuple[pd.DataFrame, list[shapely.Polygon]]:
    """Draw the neighbours of the generated district.

    Parameters
    ----------
    district : outline in degrees, one ring without holes

    Returns
    -------
    Table with district_code, name and name_en, and the polygons in degrees, in the order of `NEIGHBOURS`. Together
    with the district they leave no gap and no overlap within `REACH_KM`.
    """
    ring = shapely.get_coordinates(shapely.orient_polygons(district).exterior)[:-1]
    ground = to_km(ring)
    middle = (ground.min(axis=0) + ground.max(axis=0)) / 2
    starts = [int(np.argmax(ground @ _heading(angle))) for *_, angle in NEIGHBOURS]
    swing = Field.draw(rng, _SWINGS)
    borders = [_border(ground[at], middle, angle, swing) for at, (*_, angle) in zip(starts, NEIGHBOURS, strict=True)]
    angles = [angle for *_, angle in NEIGHBOURS]
    shapes = []
    for this, following in pairwise([*range(len(NEIGHBOURS)), 0]):
        inner = _run(ring, starts[this], starts[following])
        outer = _arc(middle, angles[this], angles[following])
        outline = [borders[this][1:][::-1], inner, borders[following][1:], to_degrees(outer)[::-1]]
        shapes.append(shapely.Polygon(np.concatenate(outline)))
    table = pd.DataFrame([n[:3] for n in NEIGHBOURS], columns=["district_code", "name", "name_en"])
    return table, shapes


def _heading(angle: float) -> npt.NDArray[np.float64]:
    return np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])


def _border(start: Points, middle: Points, angle: float, swing: Field) -> Points:
    """Border in degrees from a point of the district to the rim; its first point is the one it starts at."""
    rim = middle + REACH_KM * _heading(angle)
    way = start + (rim - start) * np.linspace(0, 1, 12)[:, None]
    return to_degrees(meander(way, swing, 1.6, 0.4))


def _run(ring: Points, begin: int, end: int) -> Points:
    """Points of a closed ring from one to another, both included, in the ring's direction."""
    return ring[begin : end + 1] if begin <= end else np.concatenate([ring[begin:], ring[: end + 1]])


def _arc(middle: Points, begin: float, end: float) -> Points:
    """Points of the rim between two directions, without the ends, which are those of the borders."""
    span = (end - begin) % 360
    at = np.radians(begin + np.arange(_STEP_DEGREES, span - _STEP_DEGREES / 2, _STEP_DEGREES))
    arc: Points = middle + REACH_KM * np.column_stack([np.cos(at), np.sin(at)])
    return arc
