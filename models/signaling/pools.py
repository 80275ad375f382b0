"""Small cells of the network pooled within their town until k devices stand behind each pool (microaggregation).

See `models.signaling.release` for what a pool protects from. Pools are the finest thing that leaves: hexagons, towns
and districts are sums of their shares, so whoever solves all of these learns pools and no cell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from models import disclosure
from models.fusion.compiled import compiled
from models.signaling.zones import Zones

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Pools:
    """Network cells pooled for one sum.

    Attributes
    ----------
    of_cell : (cells) pool of each network cell, -1 where it has nobody or is withheld
    persons, devices : (pools) sums; every pool has at least k devices
    withheld : persons of the towns that are too small to be shown
    hidden : (towns + 1) whether a town is withheld; last the cells beyond every town
    """

    of_cell: npt.NDArray[np.int64]
    persons: Floats
    devices: npt.NDArray[np.int64]
    withheld: float
    hidden: npt.NDArray[np.bool_]

    def shares(self, weights: sp.csr_matrix) -> sp.csr_matrix:
        """(pools, places) mean share of the cells of each pool in each place.

        Parameters
        ----------
        weights : (cells, places) share of the people of each cell in each place
        """
        known = np.flatnonzero(self.of_cell >= 0)
        shape = (len(self.persons), len(self.of_cell))
        member = sp.csr_matrix((np.ones(len(known)), (self.of_cell[known], known)), shape=shape)
        return sp.csr_matrix(sp.diags(1.0 / self.sizes()) @ member @ weights)

    def sizes(self) -> Floats:
        """(pools) number of cells in each."""
        known = self.of_cell >= 0
        return np.maximum(np.bincount(self.of_cell[known], minlength=len(self.persons)), 1).astype(np.float64)

    def mean(self, by_cell: Floats) -> Floats:
        """(pools) mean of a figure of their cells."""
        known = self.of_cell >= 0
        return np.bincount(self.of_cell[known], by_cell[known], len(self.persons)) / self.sizes()


@compiled
def _grouped(
    order: npt.NDArray[np.int64], group: npt.NDArray[np.int64], devices: npt.NDArray[np.int64], k: int,
    pool: npt.NDArray[np.int64],
) -> int:  # fmt: skip
    """Pool cells of one group after the other in their order; what is left over joins the group's last pool."""
    number, begun, last_full, current = 0, 0, -1, -1
    for i in range(order.size):
        c = order[i]
        if group[c] != current:
            current, begun, last_full = group[c], 0, -1
        if devices[c] == 0 or current < 0:
            continue
        if begun == 0 and last_full >= 0 and _rest(order, i, group, devices) < k:
            pool[c] = last_full
            continue
        pool[c] = number
        begun += devices[c]
        if begun >= k:
            last_full, begun = number, 0
            number += 1
    return number


@compiled
def _rest(
    order: npt.NDArray[np.int64], start: int, group: npt.NDArray[np.int64], devices: npt.NDArray[np.int64]
) -> int:
    total, i = 0, start
    while i < order.size and group[order[i]] == group[order[start]]:
        total += devices[order[i]]
        i += 1
    return total


def pooled(
    zones: Zones,
    persons: Floats,
    devices: npt.NDArray[np.integer],
    k: int,
    withheld: npt.NDArray[np.bool_] | None = None,
) -> Pools:
    """Pool the network cells of one sum within their towns.

    Parameters
    ----------
    persons, devices : (cells) weighted persons and distinct devices
    withheld : (towns) towns that are withheld whatever they count; the next smallest town goes with a single one
    """
    counts = np.asarray(devices, np.int64)
    town = zones.town_of_cell
    group = np.where(town < 0, len(zones.towns), town)
    group = np.where(zones.allocation.weights.getnnz(axis=1) > 0, group, -1)
    known = group >= 0
    total = np.bincount(group[known], counts[known], len(zones.towns) + 1).astype(np.float64)
    small, one_sum = disclosure.small(total, k), np.zeros(len(total), np.int64)
    if withheld is not None:
        small[:-1] |= disclosure.complementary(withheld & (total[:-1] > 0), total[:-1], one_sum[:-1], k)
    small = disclosure.complementary(small, total, one_sum, k)
    group = np.where((group >= 0) & ~small[group], group, -1)
    pool = np.full(len(counts), -1, np.int64)
    number = _grouped(zones.order, group, counts, k, pool)
    known = pool >= 0
    reached = zones.allocation.weights.getnnz(axis=1) > 0
    return Pools(
        pool,
        np.bincount(pool[known], persons[known], number).astype(np.float64),
        np.bincount(pool[known], counts[known], number).astype(np.int64),
        float(persons[reached & ~known].sum()),
        small,
    )
