"""The ground plan: supervision grid cells, and the towns and the district that they add up to.

Cells are a Voronoi partition in the design plane around seeds that are denser in towns and stand in pairs beside main
roads, so that cell borders follow roads. Towns are unions of cells and the district the union of towns: no gaps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.ndimage import label
from scipy.spatial import Voronoi, cKDTree

from models.demo.plane import Field, Points, Warp, to_degrees
from models.demo.towns import DISTRICT_CODE, DISTRICT_NAME, Town

SPACING_KM = 2.5
EDGE_STEP_KM = 0.13
REACH_KM = 8.4
_MARGIN_KM = 16.0


@dataclass(frozen=True)
class GroundPlan:
    """The grid of the city, finest cells first described.

    Attributes
    ----------
    codes, names, parents, levels : one entry per grid row: the district, its towns, their cells
    polygons : shapely polygons in degrees, same order
    cell_town : position in ``towns`` of each cell's town
    """

    codes: list[str]
    names: list[str]
    parents: list[str | None]
    levels: list[str]
    polygons: npt.NDArray[np.object_]
    cell_town: npt.NDArray[np.int64]

    @property
    def cells(self) -> slice:
        """Where the finest cells stand."""
        return slice(len(self.codes) - len(self.cell_town), len(self.codes))

    def code_at(self, degrees: Points) -> npt.NDArray[np.object_]:
        """Return the code of the cell that holds each point (shape (n, 2)), None outside."""
        polygons = self.polygons[self.cells]
        tree = shapely.STRtree(polygons)
        point, cell = tree.query(shapely.points(degrees), predicate="intersects")
        found = np.full(len(degrees), None, dtype=object)
        codes = np.array(self.codes[self.cells], dtype=object)
        found[point[::-1]] = codes[cell[::-1]]
        return found


def ground_plan(
    towns: list[Town], outside: Points, main_roads: list[Points], warp: Warp, rng: np.random.Generator
) -> GroundPlan:
    """Draw the partition.

    Parameters
    ----------
    towns, outside : seats inside, and those of the neighbours (km, ground)
    main_roads : design polylines along which cells come in pairs
    """
    seats = warp.to_design(np.array([t.seat for t in towns]))
    seeds = _seeds(towns, seats, main_roads, rng)
    owner = _owners(seeds, seats, warp.to_design(outside), Field.draw(rng, ((14.0, 1.3), (6.0, 0.9))))
    owner = _whole(seeds, owner, seats)
    kept = np.flatnonzero(owner >= 0)
    shapes = _cells(seeds, kept, warp)
    order = np.lexsort((seeds[kept, 0], -seeds[kept, 1], owner[kept]))
    return _named(towns, owner[kept][order], shapes[order])


def _seeds(towns: list[Town], seats: Points, roads: list[Points], rng: np.random.Generator) -> Points:
    core = [seats]
    for town, seat in zip(towns, seats, strict=True):
        extra = int(town.population / 6_500)
        core.append(seat + rng.normal(0, 0.62 * town.radius_km, (extra, 2)))
    pairs = []
    for road in roads:
        at = np.arange(8, len(road) - 8, 20)
        along = road[at + 1] - road[at - 1]
        side = np.column_stack([-along[:, 1], along[:, 0]]) / np.hypot(*along.T)[:, None]
        pairs += [road[at] + side * 0.62, road[at] - side * 0.62]
    chosen = _spread(np.concatenate(core), 0.42)
    low, high = seats.min(axis=0) - _MARGIN_KM, seats.max(axis=0) + _MARGIN_KM
    xs, ys = np.meshgrid(np.arange(low[0], high[0], SPACING_KM), np.arange(low[1], high[1], SPACING_KM * 0.87))
    xs[1::2] += SPACING_KM / 2
    lattice = np.column_stack([xs.ravel(), ys.ravel()]) + rng.normal(0, 0.38, (xs.size, 2))
    paired = _spread(np.concatenate(pairs), 1.0)
    paired = paired[cKDTree(chosen).query(paired)[0] > 0.9]
    lattice = lattice[cKDTree(np.concatenate([chosen, paired])).query(lattice)[0] > 1.45]
    return np.concatenate([chosen, paired, lattice])


def _spread(points: Points, least_km: float) -> Points:
    """Return the points without those closer than ``least_km`` to an earlier one."""
    drop = {j for i, j in sorted(cKDTree(points).query_pairs(least_km))}
    return points[[i for i in range(len(points)) if i not in drop]]


def _owners(seeds: Points, seats: Points, outside: Points, reach: Field) -> npt.NDArray[np.int64]:
    """Return the nearest town of each seed, -1 beyond its reach or nearer to a neighbour's seat."""
    distance, town = cKDTree(seats).query(seeds)
    beyond = (distance > REACH_KM + reach.at(seeds)) | (cKDTree(outside).query(seeds)[0] * 1.15 < distance)
    return np.where(beyond, -1, town)


def _whole(seeds: Points, owner: npt.NDArray[np.int64], seats: Points) -> npt.NDArray[np.int64]:
    """Return the owners with holes filled and islands given up, judged on a raster of half a kilometre."""
    low = seeds.min(axis=0) - 1
    xs = np.arange(low[0], seeds[:, 0].max() + 1, 0.4)
    ys = np.arange(low[1], seeds[:, 1].max() + 1, 0.4)
    grid = np.column_stack([a.ravel() for a in np.meshgrid(xs, ys)])
    nearest = cKDTree(seeds).query(grid)[1].reshape(len(ys), len(xs))
    inside = owner[nearest] >= 0
    land, _ = label(inside)
    largest = land == np.bincount(land[inside]).argmax()
    sea, _ = label(~largest)
    open_sea = sea == sea[0, 0]
    result = owner.copy()
    result[np.setdiff1d(np.arange(len(seeds)), nearest[~open_sea])] = -1
    lost = np.flatnonzero(result < 0)
    enclosed = np.intersect1d(lost, np.setdiff1d(nearest[~open_sea], nearest[open_sea]))
    result[enclosed] = cKDTree(seats).query(seeds[enclosed])[1]
    return result


def _cells(seeds: Points, kept: npt.NDArray[np.int64], warp: Warp) -> npt.NDArray[np.object_]:
    """Return the warped Voronoi polygons of the kept seeds; neighbours share the very same border points."""
    span = np.ptp(seeds, axis=0).max()
    frame = seeds.mean(axis=0) + span * 4 * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
    diagram = Voronoi(np.concatenate([seeds, frame]))
    borders: dict[tuple[int, int], Points] = {}
    shapes = np.empty(len(kept), dtype=object)
    for position, seed in enumerate(kept):
        corners = np.array(diagram.regions[diagram.point_region[seed]])
        spread = diagram.vertices[corners] - seeds[seed]
        corners = corners[np.argsort(np.arctan2(spread[:, 1], spread[:, 0]))]
        ring = []
        for a, b in zip(corners.tolist(), np.roll(corners, -1).tolist(), strict=True):
            key = (min(a, b), max(a, b))
            if key not in borders:
                start, end = diagram.vertices[key[0]], diagram.vertices[key[1]]
                count = max(int(np.hypot(*(end - start)) / EDGE_STEP_KM), 1)
                line = start + (end - start) * np.linspace(0, 1, count + 1)[:, None]
                line[-1] = end  # to the last bit, or the corner differs between its three borders
                borders[key] = to_degrees(warp.to_ground(line))
            ring.append(borders[key][:-1] if a == key[0] else borders[key][:0:-1])
        shapes[position] = shapely.polygons(np.concatenate(ring))
    return shapes


def _named(towns: list[Town], cell_town: npt.NDArray[np.int64], shapes: npt.NDArray[np.object_]) -> GroundPlan:
    codes, names, parents = [DISTRICT_CODE], [DISTRICT_NAME], [None]
    levels = ["district"]
    polygons = [shapely.coverage_union_all(shapes)]
    cells: tuple[list[str], list[str], list[str | None]] = ([], [], [])
    for position, town in enumerate(towns):
        members = np.flatnonzero(cell_town == position)
        codes.append(town.code)
        names.append(town.name)
        parents.append(DISTRICT_CODE)  # type: ignore[arg-type]
        levels.append("town")
        polygons.append(shapely.coverage_union_all(shapes[members]))
        for number in range(1, len(members) + 1):
            cells[0].append(f"{town.code}{number:03d}")
            cells[1].append(f"{town.stem}第{number:02d}网格")
            cells[2].append(town.code)
    all_polygons = np.concatenate([np.array(polygons, dtype=object), shapes])
    return GroundPlan(
        codes + cells[0],
        names + cells[1],
        [*parents, *cells[2]],
        levels + ["grid"] * len(shapes),
        all_polygons,
        cell_town,
    )
