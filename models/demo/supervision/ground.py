"""Houses to plant firms at: listed by the standard addresses, each used once, with their cell and hexagon."""

from __future__ import annotations

from dataclasses import dataclass, field

import h3
import numpy as np
import numpy.typing as npt
import shapely

from models.demo.geography import GroundPlan
from models.demo.plane import to_degrees
from models.demo.sites import Sites

Ints = npt.NDArray[np.int64]
URBAN_FROM = 25_000
"""Residents from which a town is large enough for a planted cluster."""


@dataclass
class Ground:
    """Where planted firms can stand.

    Attributes
    ----------
    sites, plan : of the city
    degrees : longitude and latitude of each house, shape (houses, 2)
    cell : position of the grid cell of each house among ``plan.codes``, -1 outside
    hex8 : H3 cell of resolution 8 of each house
    taken : houses that an episode uses already
    """

    sites: Sites
    plan: GroundPlan
    degrees: npt.NDArray[np.float64]
    cell: Ints
    hex8: npt.NDArray[np.uint64]
    taken: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, sites: Sites, plan: GroundPlan) -> Ground:
        """Prepare the houses of a city."""
        degrees = to_degrees(sites.houses.place)
        position = {code: n for n, code in enumerate(plan.codes)}
        cell = np.array([position.get(c, -1) for c in plan.code_at(degrees).tolist()])
        hex8 = np.array([h3.str_to_int(h3.latlng_to_cell(lat, lon, 8)) for lon, lat in degrees.tolist()], np.uint64)
        ground = cls(sites, plan, degrees, cell, hex8)
        ground.taken.update(sites.poi_house.tolist())
        return ground

    def free(self, where: npt.NDArray[np.bool_] | None = None) -> Ints:
        """Return the listed houses inside the city that no episode uses, among ``where``."""
        usable = self.sites.listed & (self.cell >= 0)
        if where is not None:
            usable &= where
        usable[list(self.taken)] = False
        return np.flatnonzero(usable)

    def pick(self, count: int, rng: np.random.Generator, where: npt.NDArray[np.bool_] | None = None) -> Ints:
        """Take ``count`` houses, of different streets as far as there are enough, and keep others away from them."""
        chosen: list[int] = []
        streets: set[int] = set()
        free = rng.permutation(self.free(where))
        for house in free.tolist():
            street = int(self.sites.houses.street[house])
            if len(chosen) < count and street not in streets:
                chosen.append(house)
                streets.add(street)
        chosen += [h for h in free.tolist() if h not in set(chosen)][: count - len(chosen)]
        self.taken.update(chosen)
        return np.array(chosen, dtype=np.int64)

    def in_towns(self, least: int = URBAN_FROM) -> npt.NDArray[np.bool_]:
        """Return which houses stand in towns of at least ``least`` residents."""
        population = np.array([t.population for t in self.sites.towns])
        result: npt.NDArray[np.bool_] = population[self.sites.houses.town] >= least
        return result

    def address(self, house: int) -> str:
        """Return the address of a building as the register writes it, without a room."""
        houses = self.sites.houses
        town = self.sites.towns[int(houses.town[house])]
        return f"重庆市綦江区{town.name}{houses.names[int(houses.street[house])]}{int(houses.number[house])}号"

    def code(self, house: int) -> str:
        """Return the code of the grid cell of a house."""
        return self.plan.codes[int(self.cell[house])]

    def town_code(self, house: int) -> str:
        """Return the division code of the town of a house."""
        return self.sites.towns[int(self.sites.houses.town[house])].code

    def place(self, houses: Ints) -> tuple[float, float]:
        """Return the middle of some houses, longitude and latitude in degrees."""
        lon, lat = self.degrees[houses].mean(axis=0).round(6).tolist()
        return lon, lat

    def around(self, cell: int, count: int) -> list[int]:
        """Return ``count`` grid cells that hang together, ``cell`` first, those with most free houses preferred."""
        room = np.bincount(self.cell[self.free()], minlength=len(self.plan.codes))
        chosen = [cell]
        first = self.plan.cells.start
        tree = shapely.STRtree(self.plan.polygons[self.plan.cells])
        while len(chosen) < count:
            whole = shapely.union_all(self.plan.polygons[chosen])
            near = tree.query(whole, predicate="intersects") + first
            near = near[~np.isin(near, chosen)]
            if not len(near) or room[near].max() == 0:
                break
            chosen.append(int(near[np.argmax(room[near])]))
        return chosen
