"""Corridors: named main roads as unbroken lines, the places along them where telephones change cells, and sections.

A corridor is sampled every `STEP_M`; at each point the dominance model of `places` gives ``P(c | s)``. A telephone that
leaves cell a for cell b is near where both are plausible: the density over the corridor is ``P(a | s) P(b | s)``, its
mean the place of the handover and its standard deviation the error of that place. Sections are whole kilometres long,
more where handovers are farther apart, because no handover tells about a section shorter than their spacing.

Not accounted for: shadows of terrain and the hysteresis of the network, which move a handover by 100 to 200 m the same
way for everybody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import geopandas as gpd
import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp
import shapely
from pyproj import Transformer
from scipy.spatial import cKDTree
from scipy.spatial.distance import pdist, squareform
from shapely.ops import substring

from models.signaling.cell_spread import LEAST
from models.signaling.network import Network
from models.signaling.places import REACH, dominance
from models.signaling.road_rules import SectionRules

STEP_M = 50.0
"""Distance of the points at which a corridor is sampled."""
BESIDE_M = 60.0
"""What is drawn of a road within this distance of its longest way is the same road."""
LEAST_OVERLAP = 0.02
"""Cosine of the likelihoods of two cells along a corridor below which they do not meet on it."""
DIRECTIONS = ("forward", "backward")
"""Along the line of the corridor, and against it."""

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Corridor:
    """One unbroken piece of a named road.

    Attributes
    ----------
    name, road_class : of the road
    line : in metres of the working reference system, from the end where its first section begins
    maxspeed_kmh : median posted limit of its sections; nan where none is known
    """

    name: str
    road_class: str
    line: shapely.LineString
    maxspeed_kmh: float


@dataclass(frozen=True)
class Sections:
    """Sections of all corridors; each is two, one for each direction: code ``2 * row + direction``.

    Attributes
    ----------
    corridor : (n) row of the corridor
    begin, end : (n) metres from the corridor's start
    """

    corridor: Ints
    begin: Floats
    end: Floats


class Ways(NamedTuple):
    """What the kernel needs of corridors, as plain arrays.

    Attributes
    ----------
    key : (p) ``(corridor * cells + a) * cells + b`` of each pair of cells that meet on a corridor, ascending
    at, spread : (p) metres along the corridor of the handover between them, and its standard deviation
    cells : number of cell codes
    corridors : number of corridors
    first : (corridors + 1) sections of each corridor
    edge : (sections + corridors) borders of the sections, one more than sections for each corridor
    """

    key: Longs
    at: Floats
    spread: Floats
    cells: int
    corridors: int
    first: Longs
    edge: Floats


def corridors_of(roads: gpd.GeoDataFrame, classes: Sequence[str], crs: int, rules: SectionRules) -> list[Corridor]:
    """Join the sections of each named road of some classes to unbroken lines.

    Parameters
    ----------
    roads : table ``roads``, EPSG:4326
    classes : classes of road that are measured
    crs : EPSG code of the working reference system

    Returns
    -------
    By name; a road in several pieces is several corridors, those shorter than ``min_corridor_m`` are left out. A line
    begins at the end that is nearest to where the road's first row begins.
    """
    wanted = roads[roads["road_class"].isin(classes) & roads["name"].notna()].to_crs(crs)
    found = []
    for (name, road_class), rows in wanted.groupby(["name", "road_class"], sort=True):
        merged = _unbroken(shapely.union_all(rows.geometry.to_numpy()), rules.min_corridor_m)
        start = shapely.Point(rows.geometry.iloc[0].coords[0])
        limit = float(rows["maxspeed_kmh"].median()) if rows["maxspeed_kmh"].notna().any() else float("nan")
        for line in sorted(merged, key=lambda part: part.distance(start)):
            ends = [shapely.Point(line.coords[k]).distance(start) for k in (0, -1)]
            found.append(Corridor(str(name), str(road_class), line if ends[0] <= ends[1] else line.reverse(), limit))
    return found


def _unbroken(drawn: shapely.Geometry, least_m: float) -> list[shapely.LineString]:
    """The long ways through what is drawn of one road, the longest first.

    The two carriageways of a road, its slip roads and links are near its longest way and belong to it.
    """
    parts = list(shapely.get_parts(shapely.line_merge(drawn)))
    found: list[shapely.LineString] = []
    while parts:
        graph = nx.MultiGraph()
        for part in parts:
            graph.add_edge(part.coords[0], part.coords[-1], weight=part.length, line=part)
        ways = [_longest_way(graph.subgraph(nodes)) for nodes in nx.connected_components(graph)]
        longest = max(ways, key=lambda way: way.length)
        if longest.length < least_m:
            break
        found.append(longest)
        beside = longest.buffer(BESIDE_M)
        parts = [part for part in parts if part.intersection(beside).length < 0.5 * part.length]
    return found


def _longest_way(graph: nx.MultiGraph) -> shapely.LineString:
    """The shortest way between the two nodes of a network that are farthest apart as the crow flies.

    Not those with the longest way between them: from one carriageway round to the other is longer than the road.
    """
    known = sorted(graph.nodes)
    apart = squareform(pdist(np.array(known)))
    start, first = (known[k] for k in np.unravel_index(int(apart.argmax()), apart.shape))
    nodes = nx.dijkstra_path(graph, start, first)
    points = [nodes[0]]
    for a, b in pairwise(nodes):
        line = min(graph.get_edge_data(a, b).values(), key=lambda edge: edge["weight"])["line"]
        points += list(line.coords if line.coords[0] == a else line.coords[::-1])[1:]
    if len(points) < 2:  # a ring: its beginning is its end
        points = list(next(iter(graph.edges(data=True)))[2]["line"].coords)
    return shapely.LineString(points)


def _sampled(corridor: Corridor) -> tuple[Floats, Floats, Floats]:
    at = np.arange(0.0, corridor.line.length + STEP_M / 2, STEP_M)
    points = shapely.get_coordinates(shapely.line_interpolate_point(corridor.line, at))
    return at, points[:, 0], points[:, 1]


def _likelihood(corridor: Corridor, network: Network, active: npt.NDArray[np.bool_]) -> tuple[Floats, sp.csr_matrix]:
    """Metres along the corridor, and ``P(c | s)``: (cells, points) sparse."""
    at, x, y = _sampled(corridor)
    sites = network.sites
    codes = np.flatnonzero(active & np.isfinite(sites.x) & np.isfinite(sites.y) & np.isfinite(sites.radius))
    near = cKDTree(np.c_[x, y]).query_ball_point(np.c_[sites.x, sites.y][codes], REACH * sites.radius[codes])
    cell = np.repeat(codes, [len(n) for n in near])
    point = np.concatenate([np.asarray(n, dtype=np.int64) for n in near]) if len(near) else np.empty(0, np.int64)
    served = dominance(network, x, y, point, cell)
    kept = served > LEAST
    odds = served[kept] / (1.0 - served[kept])  # e-fold for every 5 dB, with no limit near the mast
    strong = sp.csr_matrix((odds, (cell[kept], point[kept])), shape=(len(network.table), len(at)))
    total = np.asarray(strong.sum(axis=0)).ravel()
    return at, sp.csr_matrix(strong @ sp.diags(np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)))


def _crossings(at: Floats, chance: sp.csr_matrix) -> tuple[Longs, Longs, Floats, Floats]:
    """Pairs of cells that meet on a corridor: a, b, place of their handover and its standard deviation."""
    overlap = sp.coo_matrix(chance @ chance.T)
    size = np.sqrt(np.asarray(chance.multiply(chance).sum(axis=1)).ravel())
    alike = overlap.data / (size[overlap.row] * size[overlap.col])
    kept = (overlap.row != overlap.col) & (alike > LEAST_OVERLAP)
    a, b, weight = overlap.row[kept], overlap.col[kept], overlap.data[kept]
    mean = sp.csr_matrix(chance @ sp.diags(at) @ chance.T)[a, b].A1 / weight
    square = sp.csr_matrix(chance @ sp.diags(at**2) @ chance.T)[a, b].A1 / weight
    return a.astype(np.int64), b.astype(np.int64), mean, np.sqrt(np.maximum(square - mean**2, 0.0))


def sections_of(
    corridors: Sequence[Corridor], network: Network, active: npt.NDArray[np.bool_], rules: SectionRules
) -> Sections:
    """Cut corridors into sections of whole ``length_m``, as long as the spacing of handovers asks for.

    The spacing is the length of the section over the number of times that the most likely cell changes in it. Sections
    that no cell serves are cut all the same; they have no passages. The last section of a corridor ends where it does,
    and is up to half a ``length_m`` longer or shorter for it.
    """
    parts = []
    for k, corridor in enumerate(corridors):
        at, chance = _likelihood(corridor, network, active)
        best = np.asarray(chance.argmax(axis=0)).ravel()
        changes = at[1:][best[1:] != best[:-1]]
        edges = _edges(corridor.line.length, changes, rules)
        parts.append((np.full(len(edges) - 1, k, np.int32), edges[:-1], edges[1:]))
    if not parts:
        return Sections(np.empty(0, np.int32), np.empty(0), np.empty(0))
    return Sections(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _edges(length: float, changes: Floats, rules: SectionRules) -> Floats:
    edges = [0.0]
    while length - edges[-1] > rules.length_m * 1.5:
        end = edges[-1] + rules.length_m
        while end - edges[-1] < rules.longest_m and end + rules.length_m <= length:
            inside = int(((changes >= edges[-1]) & (changes < end)).sum())
            if inside >= rules.spacing_factor:
                break
            end += rules.length_m
        edges.append(end)
    if len(edges) > 1 and length - edges[-1] < rules.length_m / 2:
        edges[-1] = length
    else:
        edges.append(length)
    return np.array(edges)


def ways_of(corridors: Sequence[Corridor], sections: Sections, network: Network, active: npt.NDArray[np.bool_]) -> Ways:
    """Places of the handovers of one network, for the kernel."""
    cells, keys, places, spreads = len(network.table), [], [], []
    for k, corridor in enumerate(corridors):
        a, b, at, spread = _crossings(*_likelihood(corridor, network, active))
        keys.append((k * cells + a) * cells + b)
        places.append(at)
        spreads.append(spread)
    key = np.concatenate(keys) if keys else np.empty(0, np.int64)
    order = np.argsort(key)
    count = np.bincount(sections.corridor, minlength=len(corridors))
    edges = [
        np.append(sections.begin[sections.corridor == k], sections.end[sections.corridor == k][-1:])
        for k in range(len(corridors))
    ]
    at, spread, edge = (np.concatenate([*column, np.empty(0)]) for column in (places, spreads, edges))
    first = np.append(0, np.cumsum(count)).astype(np.int64)
    return Ways(key[order], at[order], spread[order], cells, len(corridors), first, edge)


def digest_of(ways: Ways) -> str:
    """Twelve hexadecimal digits that change with any place, section or cell."""
    parts = [np.ascontiguousarray(part).tobytes() for part in (ways.key, ways.at, ways.first, ways.edge)]
    return hashlib.sha256(b"".join([*parts, str(ways.cells).encode()])).hexdigest()[:12]


def table_of(corridors: Sequence[Corridor], sections: Sections, crs: int) -> gpd.GeoDataFrame:
    """Sections on the contract of ``road_sections``, both directions; the geometry runs in the direction of travel."""
    rows = []
    back = Transformer.from_crs(crs, 4326, always_xy=True)
    number = np.arange(len(sections.begin)) - np.searchsorted(sections.corridor, sections.corridor)
    for n, k in enumerate(sections.corridor.tolist()):
        corridor = corridors[k]
        cut = substring(corridor.line, sections.begin[n], sections.end[n])
        x, y = back.transform(*shapely.get_coordinates(cut).T)
        line = shapely.LineString(np.column_stack([np.round(x, 6), np.round(y, 6)]))
        for d, direction in enumerate(DIRECTIONS):
            rows.append(
                {
                    "section_id": f"R{k + 1:02d}-{number[n] + 1:03d}{'+-'[d]}", "road_id": f"R{k + 1:02d}",
                    "name": corridor.name, "road_class": corridor.road_class, "direction": direction,
                    "from_km": round(sections.begin[n] / 1000, 3), "to_km": round(sections.end[n] / 1000, 3),
                    "length_m": float(sections.end[n] - sections.begin[n]), "geometry": line.reverse() if d else line,
                }
            )  # fmt: skip
    if not rows:
        return gpd.GeoDataFrame(pd.DataFrame(rows), geometry=[], crs=4326)
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=4326)
