"""Towns and hexagons as the places that people of network cells are counted in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from models.fusion.hexes import Cells, parents, resolutions
from models.signaling.places import Allocation

Floats = npt.NDArray[np.float64]


class Level(NamedTuple):
    """Hexagons of one resolution as sums of the finest ones.

    ``hexes`` (n) ascending, ``member`` (finest, n) of 0 and 1, ``weights`` (cells, n) shares of the people of each
    network cell, ``covered`` (n) whether any cell serves any part of it.
    """

    hexes: Cells
    member: sp.csr_matrix
    weights: sp.csr_matrix
    covered: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Zones:
    """Districts over towns, and coarser hexagons, over the finest hexagons over network cells.

    Every level is a sum of the finest hexagons: each lies in one hexagon of every coarser resolution, and, by its
    centre, in at most one town. A coarse hexagon on the border of towns lies in several of them.

    Attributes
    ----------
    allocation : network cells over the finest hexagons
    towns : (t) codes of the towns, ascending
    of_hex : (hexagons) position of the town that holds the centre, -1 outside of every town
    districts : (t) code of the district of each town; empty where nobody asks
    working : (cells, hexagons) weights of the workplaces, where they are not those of the homes in ``allocation``
    """

    allocation: Allocation
    towns: tuple[str, ...]
    of_hex: npt.NDArray[np.int64]
    districts: tuple[str, ...] = ()
    working: sp.csr_matrix | None = None

    @cached_property
    def town_member(self) -> sp.csr_matrix:
        """(finest hexagons, towns) of 0 and 1."""
        return _member(self.of_hex, len(self.towns))

    @cached_property
    def district_member(self) -> tuple[tuple[str, ...], sp.csr_matrix]:
        """Codes of the districts, ascending, and the (towns, districts) matrix of 0 and 1."""
        codes, at = np.unique(np.array(self.districts, dtype=object), return_inverse=True)
        return tuple(codes), _member(at.ravel().astype(np.int64), len(codes))

    @cached_property
    def by_town(self) -> sp.csr_matrix:
        """(cells, towns) share of the people of each network cell in each town."""
        return sp.csr_matrix(self.allocation.weights @ self.town_member)

    @cached_property
    def works_by_town(self) -> sp.csr_matrix:
        """(cells, towns) share of the workplaces of each network cell in each town."""
        return self.by_town if self.working is None else sp.csr_matrix(self.working @ self.town_member)

    @cached_property
    def at_work(self) -> Zones:
        """The same places for people at their workplace: their cells lie, and count, where people work."""
        if self.working is None:
            return self
        return replace(self, allocation=replace(self.allocation, weights=self.working), working=None)

    @cached_property
    def town_of_cell(self) -> npt.NDArray[np.int64]:
        """Position of the town with the largest share of each network cell, -1 where it reaches none.

        Devices are counted there, whole: a threshold on devices needs whole numbers.
        """
        return _largest(self.by_town)

    @cached_property
    def town_of_work(self) -> npt.NDArray[np.int64]:
        """Position of the town with the largest share of the workplaces of each network cell, -1 where it has none."""
        return _largest(self.works_by_town)

    @cached_property
    def order(self) -> npt.NDArray[np.int64]:
        """Network cells by town and then along a Morton curve, so that neighbours in the order are neighbours."""
        centres = self.allocation.centres
        low = centres.min(axis=0, initial=np.inf)
        step = np.clip((centres - low) / 200.0, 0, 2**16 - 1).astype(np.int64)
        curve = np.zeros(len(centres), np.int64)
        for bit in range(16):
            curve |= ((step[:, 0] >> bit) & 1) << (2 * bit) | ((step[:, 1] >> bit) & 1) << (2 * bit + 1)
        return np.lexsort((np.arange(len(curve)), curve, self.town_of_cell)).astype(np.int64)

    @cached_property
    def finest(self) -> int:
        """Resolution of the finest hexagons."""
        return int(resolutions(self.allocation.hexes[:1])[0])

    @cached_property
    def _levels(self) -> dict[int, Level]:
        return {}

    def level(self, resolution: int) -> Level:
        """Hexagons of a coarser or the finest resolution; computed once, as every hour asks for them."""
        if resolution not in self._levels:
            own = self.allocation
            above, at = np.unique(parents(own.hexes, resolution), return_inverse=True)
            member = _member(at.ravel().astype(np.int64), len(above))
            covered = np.bincount(at.ravel(), own.covered, len(above)) > 0
            weights = own.weights if resolution == self.finest else sp.csr_matrix(own.weights @ member)
            self._levels[resolution] = Level(above, member, weights, covered)
        return self._levels[resolution]

    def coarser(self, resolution: int) -> tuple[Cells, sp.csr_matrix]:
        """Hexagons of a coarser resolution, and the (fine, coarse) matrix that sums fine ones into them."""
        found = self.level(resolution)
        return found.hexes, found.member

    def told_apart(self, most: float) -> npt.NDArray[np.bool_]:
        """(finest hexagons) whether the network parts a hexagon's people from those of its neighbours.

        That is so where the mean `Allocation.breadth` of the served hexagons of one parent is at most ``most``; all
        of a parent's hexagons are told apart or none is, so that what is shown of them adds up to the parent.
        """
        own = self.allocation
        if not len(own.breadth):
            return np.zeros(len(own.hexes), bool)
        _, at = np.unique(parents(own.hexes, self.finest - 1), return_inverse=True)
        served = np.bincount(at.ravel(), own.covered)
        breadth = np.bincount(at.ravel(), np.where(own.covered, own.breadth, 0.0))
        mean = np.divide(breadth, served, out=np.full(len(served), np.inf), where=served > 0)
        return np.asarray((mean <= most)[at.ravel()])


def _member(group: npt.NDArray[np.int64], groups: int) -> sp.csr_matrix:
    """(n, groups) 1 where a row belongs to a group; rows of the group -1 belong to none."""
    inside = np.flatnonzero(group >= 0)
    return sp.csr_matrix((np.ones(len(inside)), (inside, group[inside])), shape=(len(group), groups))


def _largest(shares: sp.csr_matrix) -> npt.NDArray[np.int64]:
    share = shares.toarray()
    return np.where(share.max(axis=1, initial=0) > 0, share.argmax(axis=1), -1).astype(np.int64)


def town_of_hexes(
    cells: pd.DataFrame, grids: pd.DataFrame, hexes: Cells
) -> tuple[tuple[str, ...], npt.NDArray[np.int64], tuple[str, ...]]:
    """Towns of the supervision grid, the town that holds the centre of each hexagon, and the district of each town.

    Parameters
    ----------
    cells : product ``cells``: h3 and the grid cell that holds its centre
    grids : table ``grids`` with grid_code, level and parent_code
    """
    parent = dict(zip(grids["grid_code"], grids["parent_code"], strict=True))
    level = dict(zip(grids["grid_code"], grids["level"], strict=True))
    towns = tuple(sorted(code for code, name in level.items() if name == "town"))
    position = {code: k for k, code in enumerate(towns)}

    def town(code: object) -> int:
        while isinstance(code, str) and code not in position:
            code = parent.get(code)
        return position.get(code, -1) if isinstance(code, str) else -1

    known = cells.set_index("h3")["grid_code"].reindex(pd.Index(hexes))
    districts = tuple(above if isinstance(above := parent[code], str) else code[:6] for code in towns)
    return towns, np.array([town(code) for code in known], dtype=np.int64), districts
