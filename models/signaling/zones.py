"""Towns and hexagons as the places that people of network cells are counted in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from models.fusion.hexes import Cells, parents
from models.signaling.places import Allocation

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Zones:
    """Towns over hexagons over network cells.

    Attributes
    ----------
    allocation : network cells over the finest hexagons
    towns : (t) codes of the towns, ascending
    of_hex : (hexagons) position of the town that holds the centre, -1 outside of every town
    working : (cells, hexagons) weights of the workplaces, where they are not those of the homes in ``allocation``
    """

    allocation: Allocation
    towns: tuple[str, ...]
    of_hex: npt.NDArray[np.int64]
    working: sp.csr_matrix | None = None

    @cached_property
    def by_town(self) -> sp.csr_matrix:
        """(cells, towns) share of the people of each network cell in each town."""
        return self._in_towns(self.allocation.weights)

    @cached_property
    def works_by_town(self) -> sp.csr_matrix:
        """(cells, towns) share of the workplaces of each network cell in each town."""
        return self.by_town if self.working is None else self._in_towns(self.working)

    def _in_towns(self, weights: sp.csr_matrix) -> sp.csr_matrix:
        inside = np.flatnonzero(self.of_hex >= 0)
        shape = (len(self.of_hex), len(self.towns))
        member = sp.csr_matrix((np.ones(len(inside)), (inside, self.of_hex[inside])), shape=shape)
        return sp.csr_matrix(weights @ member)

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

    def coarser(self, resolution: int) -> tuple[Cells, sp.csr_matrix]:
        """Hexagons of a coarser resolution, and the (fine, coarse) matrix that sums fine ones into them."""
        above, at = np.unique(parents(self.allocation.hexes, resolution), return_inverse=True)
        shape = (len(at), len(above))
        return above, sp.csr_matrix((np.ones(len(at)), (np.arange(len(at)), at.ravel())), shape=shape)


def _largest(shares: sp.csr_matrix) -> npt.NDArray[np.int64]:
    share = shares.toarray()
    return np.where(share.max(axis=1, initial=0) > 0, share.argmax(axis=1), -1).astype(np.int64)


def town_of_hexes(
    cells: pd.DataFrame, grids: pd.DataFrame, hexes: Cells
) -> tuple[tuple[str, ...], npt.NDArray[np.int64]]:
    """Towns of the supervision grid, and the town that holds the centre of each hexagon.

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
    return towns, np.array([town(code) for code in known], dtype=np.int64)
