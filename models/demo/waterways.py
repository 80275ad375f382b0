"""Rivers of the generated city: lines of our own through the valleys of the real towns, and two
reservoirs."""

from __future__ import annotations

import numpy as np
import shapely

from models.demo.plane import Field, Points, Warp, meander, to_degrees
from models.demo.towns import Town

# Name, kind, and where it goes: a town's stem with an offset from its seat in km, or a point in km.
COURSES: tuple[tuple[str, str, float, tuple[tuple[str | float, float, float], ...]], ...] = (
    (
        "綦江",
        "river",
        0.32,
        (
            ("", 9.0, -42.0),
            ("安稳", 1.2, -9.0),
            ("安稳", 0.5, -0.4),
            ("赶水", 0.6, -1.4),
            ("赶水", 0.5, 1.0),
            ("", -1.0, -5.0),
            ("篆塘", 1.0, -1.2),
            ("篆塘", 1.1, 1.3),
            ("三江", -0.5, -1.6),
            ("三江", -0.9, 1.6),
            ("古南", 0.9, -2.6),
            ("古南", 0.7, 0.4),
            ("古南", -0.6, 2.9),
            ("", -9.5, 27.0),
            ("", -17.0, 33.0),
            ("", -28.0, 42.0),
        ),
    ),
    (
        "蒲河",
        "river",
        0.3,
        (
            ("", 33.0, 8.0),
            ("万盛", 3.6, -0.8),
            ("万盛", 0.4, -0.6),
            ("南桐", 0.5, -0.4),
            ("", 12.5, 10.8),
            ("石角", 2.0, 0.8),
            ("石角", -0.4, 0.5),
            ("三江", 0.6, -0.6),
            ("三江", -0.6, 0.5),
        ),
    ),
    (
        "扶欢河",
        "stream",
        0.22,
        (("", 20.0, -9.0), ("关坝", 0.5, -0.5), ("扶欢", 0.6, -0.5), ("", 3.2, -8.5), ("赶水", 0.55, 0.5)),
    ),
    ("郭扶河", "stream", 0.22, (("", -16.0, -8.5), ("郭扶", -0.6, -0.8), ("", -7.0, 3.5), ("篆塘", 1.05, 0.6))),
    (
        "清溪河",
        "stream",
        0.24,
        (("中峰", -5.0, -1.5), ("中峰", 0.5, -0.4), ("永新", 0.4, -0.6), ("", -10.5, 16.0), ("古南", 0.3, -1.7)),
    ),
    (
        "通惠河",
        "stream",
        0.22,
        (("", 22.0, 28.5), ("隆盛", 0.4, -0.5), ("三角", 0.5, 0.4), ("文龙", 1.2, 0.5), ("古南", 0.75, 0.2)),
    ),
    ("藻渡河", "stream", 0.24, (("", 23.0, -19.5), ("", 13.0, -14.0), ("", 6.5, -13.2), ("赶水", 0.7, -0.9))),
    (
        "羊渡河",
        "stream",
        0.22,
        (("石壕", 0.5, -6.0), ("石壕", 0.4, -0.4), ("打通", 0.5, -0.6), ("", 1.5, -21.5), ("安稳", 0.4, -1.3)),
    ),
    ("孝子河", "stream", 0.2, (("", 34.5, 22.0), ("丛林", 0.7, -0.5), ("万盛", 1.3, 2.2), ("万盛", 0.6, -0.3))),
)
RESERVOIRS = (
    ("丁山湖", "丁山", (1.6, -0.9), 0.75),
    ("鱼栏咀水库", "永城", (1.8, 1.9), 0.55),
    ("板辽湖", "青年", (-1.7, 1.6), 0.6),
)


def rivers(towns: list[Town], warp: Warp, rng: np.random.Generator) -> list[tuple[str, str, Points]]:
    """Return (name, kind, line in km on the ground) of every river, source first."""
    seats = {t.stem: t.seat for t in towns}
    found = []
    for name, kind, swing, course in COURSES:
        points = [
            (seats[str(town)] + (east, north)) if town else np.array([east, north]) for town, east, north in course
        ]
        field = Field.draw(rng, ((4.2, 1.0), (1.9, 0.8), (0.9, 0.35)))
        design = warp.to_design(np.array(points))
        found.append((name, kind, warp.to_ground(meander(design, field, swing, 0.1))))
    return found


def reservoirs(towns: list[Town], rng: np.random.Generator) -> list[tuple[str, shapely.Polygon]]:
    """Return (name, polygon in degrees) of the reservoirs: branching shapes as in a dammed valley."""
    seats = {t.stem: t.seat for t in towns}
    found = []
    for name, town, offset, size in RESERVOIRS:
        centre = seats[town] + np.array(offset)
        heading = rng.uniform(0, np.pi)
        arms = []
        for turn in (0.0, 2.2, 4.0):
            along = np.linspace(0, size * rng.uniform(0.9, 1.5), 12)[:, None]
            bend = heading + turn + np.linspace(0, rng.normal(0, 0.9), 12)
            path = centre + along * np.column_stack([np.cos(bend), np.sin(bend)])
            arms.append(shapely.LineString(path).buffer(size * rng.uniform(0.11, 0.17)))
        shape = shapely.union_all(arms).buffer(0.12).buffer(-0.09).simplify(0.004)
        found.append((name, shapely.transform(shape, to_degrees)))
    return found
