"""Main roads of the generated city: motorways and a trunk road along the valleys, and a network between the
towns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay, cKDTree

from models.demo.plane import Field, Points, Warp, meander
from models.demo.towns import Town

LANES = {"motorway": 4, "trunk": 4, "primary": 2, "secondary": 2, "tertiary": 1, "residential": 2}
SPEED = {"motorway": 100, "trunk": 60, "primary": 60, "secondary": 40, "tertiary": 30, "residential": 30}
_COURSES = (
    (
        "兰海高速",
        "motorway",
        (
            ("", -3.5, 52.0),
            ("新盛", 1.6, 4.0),
            ("新盛", 2.2, -4.0),
            ("文龙", 2.4, 0.0),
            ("三江", 2.6, 0.4),
            ("篆塘", 3.3, 0.6),
            ("", 1.8, -4.5),
            ("赶水", 2.0, 0.8),
            ("安稳", 1.7, 0.5),
            ("安稳", 3.2, -9.0),
            ("", 9.0, -44.0),
        ),
    ),
    (
        "綦万高速",
        "motorway",
        (
            ("文龙", 2.4, 0.0),
            ("永城", -4.0, -2.2),
            ("永城", 3.0, -2.6),
            ("南桐", 1.5, 2.8),
            ("万盛", 2.6, 1.0),
            ("", 31.0, 14.0),
            ("", 46.0, 17.0),
        ),
    ),
    (
        "三环高速",
        "motorway",
        (
            ("文龙", 2.4, 0.0),
            ("古南", -2.5, -2.2),
            ("永新", 2.6, 1.6),
            ("永新", -4.0, 2.2),
            ("", -29.0, 18.5),
            ("", -45.0, 22.0),
        ),
    ),
    (
        "渝黔公路",
        "trunk",
        (
            ("", -6.0, 48.0),
            ("新盛", 0.1, 0.1),
            ("古南", -0.3, 3.0),
            ("古南", 0.15, 0.1),
            ("三江", 0.1, 0.1),
            ("篆塘", 0.2, 0.1),
            ("", -0.7, -5.2),
            ("赶水", 0.05, 0.1),
            ("安稳", 0.1, 0.1),
            ("安稳", 1.0, -6.5),
            ("", 6.5, -42.0),
        ),
    ),
    (
        "綦万路",
        "primary",
        (
            ("古南", 0.15, 0.1),
            ("文龙", 0.1, -0.2),
            ("三角", 0.0, -2.5),
            ("永城", 0.1, -0.2),
            ("南桐", 0.1, 0.3),
            ("万盛", 0.1, 0.1),
        ),
    ),
    ("万南路", "primary", (("万盛", 0.1, 0.1), ("丛林", 0.1, -0.1), ("", 34.0, 30.0), ("", 46.0, 36.0))),
    (
        "綦江路",
        "primary",
        (("古南", 0.15, 0.1), ("永新", 0.1, 0.1), ("中峰", 0.1, 0.0), ("", -33.0, 3.0), ("", -46.0, 1.0)),
    ),
    ("打石路", "primary", (("安稳", 0.1, 0.1), ("打通", 0.1, 0.0), ("石壕", 0.1, 0.1), ("", -3.0, -41.5))),
)
Course = tuple[str, str, tuple[tuple[str, float, float], ...]]


@dataclass(frozen=True)
class Road:
    """One road section: name (or None), class, line in km on the ground, and the town it serves, if one."""

    name: str | None
    road_class: str
    line: Points
    town: int | None = None
    oneway: bool = False


def courses(towns: list[Town], warp: Warp, rng: np.random.Generator) -> list[Road]:
    """Return the motorways, the trunk road and the primary roads, unbroken, in the *design* plane."""
    seats = {t.stem: t.seat for t in towns}
    found = []
    for name, road_class, course in _COURSES:
        points = np.array([(seats[t] if t else np.zeros(2)) + (e, n) for t, e, n in course])
        swing = 0.16 if road_class == "motorway" else 0.3
        field = Field.draw(rng, ((5.0, 1.0), (2.4, 0.7)))
        found.append(Road(name, road_class, meander(warp.to_design(points), field, swing)))
    return found


def town_links(towns: list[Town], warp: Warp, rng: np.random.Generator) -> list[Road]:
    """Return the secondary roads between neighbouring towns (a Gabriel graph) in the design plane."""
    seats = warp.to_design(np.array([t.seat for t in towns]))
    tree = cKDTree(seats)
    found = []
    for i, j in sorted({tuple(sorted(p)) for s in Delaunay(seats).simplices for p in (s[:2], s[1:], s[::2])}):
        middle, half = (seats[i] + seats[j]) / 2, np.hypot(*(seats[i] - seats[j])) / 2
        if half > 8 or len(tree.query_ball_point(middle, half * 0.96)) > 0:
            continue
        field = Field.draw(rng, ((4.5, 1.0), (2.0, 0.9)))
        line = meander(np.array([seats[i], middle + rng.normal(0, 0.12 * half, 2), seats[j]]), field, 0.4)
        found.append(Road(f"{towns[i].stem[0]}{towns[j].stem[0]}路", "secondary", line))
    return found


def village_roads(villages: Points, network: list[Road], warp: Warp, rng: np.random.Generator) -> list[Road]:
    """Return the lanes (tertiary) that join villages (shape (n, 2), design) to each other and to ``network``.

    They are the shortest tree over villages and network, so lanes branch like valleys.
    """
    anchors = np.concatenate([r.line[::5] for r in network])
    points = np.concatenate([anchors, villages])
    pairs = np.array(sorted({tuple(sorted(p)) for s in Delaunay(points).simplices for p in (s[:2], s[1:], s[::2])}))
    length = np.hypot(*(points[pairs[:, 0]] - points[pairs[:, 1]]).T)
    length[(pairs < len(anchors)).all(axis=1)] = 1e-6
    size = len(points)
    tree = minimum_spanning_tree(coo_matrix((length, (pairs[:, 0], pairs[:, 1])), shape=(size, size))).tocoo()
    found = []
    for a, b, span in sorted(zip(tree.row.tolist(), tree.col.tolist(), tree.data.tolist(), strict=True)):
        if span < 1e-3 or span > 7:
            continue
        field = Field.draw(rng, ((2.4, 1.0), (1.1, 0.9)))
        middle = (points[a] + points[b]) / 2 + rng.normal(0, 0.1 * span, 2)
        line = meander(np.array([points[a], middle, points[b]]), field, min(0.3, 0.14 * span), 0.1)
        found.append(Road(None, "tertiary", warp.to_ground(line)))
    return found


def on_ground(roads: list[Road], warp: Warp, section_km: float = 2.4) -> list[Road]:
    """Return ``roads`` warped to the ground and cut into sections of about ``section_km``, ends shared."""
    found = []
    for road in roads:
        line = warp.to_ground(road.line)
        along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
        pieces = max(round(float(along[-1]) / section_km), 1)
        cuts = np.searchsorted(along, np.linspace(0, along[-1], pieces + 1)[1:-1])
        edges = [0, *cuts.tolist(), len(line) - 1]
        found += [replace(road, line=line[a : b + 1]) for a, b in pairwise(edges) if b > a]
    return found
