"""What the finest hexagons are worth where the truth is known, and whether every level is the sum of the one below.

Two rivals know where people are at one resolution coarser only: one lays them on the parts of a hexagon evenly, the
other by its houses. What the network adds shows where it knows nothing of houses: there the finest hexagons must be
nearer to the truth than the even rival.

Not accounted for: the generated homes are drawn from the very houses that the prior knows; a real prior knows less.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from models.fusion.hexes import Cells, parents, resolutions
from models.signaling.evaluation import Figure, misallocation
from models.signaling.places import one_bayes_step
from models.signaling.zones import Zones

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def finest(zones: Zones, by_cell: Floats, truth: Floats, perfect: Floats, prior: Floats, apart: Flags) -> list[Figure]:
    """Residents on the finest hexagons beside the two rivals, everywhere and where hexagons are told apart.

    Parameters
    ----------
    by_cell : (cells) residents by network cell of their home
    truth, perfect : (hexagons) residents in truth; the tested devices with their weights where they really live
    prior : (hexagons) where people may live, as the allocation took it
    apart : (hexagons) whether the network tells them apart
    """
    own, at = zones.allocation, f"resolution {zones.finest}"
    flat = one_bayes_step(_likelihood(own.weights, prior), np.ones(len(prior)), own.hexes, "flat").weights
    found, even = own.weights.T @ by_cell, np.ones(len(prior))
    bare = flat.T @ by_cell
    ways = {
        f"misallocation, {at}": found,
        f"misallocation, one resolution coarser laid on houses, {at}": within(own.hexes, found, prior),
        f"misallocation, one resolution coarser laid evenly, {at}": within(own.hexes, found, even),
        f"misallocation of the sample alone, {at}": perfect,
    }
    inside = {
        f"misallocation, {at}, told apart": found,
        f"misallocation without houses, {at}, told apart": bare,
        f"the same laid evenly, {at}, told apart": within(own.hexes, bare, even),
    }
    return [
        *(Figure("hexagons", name, misallocation(values, truth), tested=int((truth > 0).sum()))
          for name, values in ways.items()),
        *(Figure("hexagons", name, _share_wrong(values, truth, apart)) for name, values in inside.items()),
        Figure("hexagons", f"people truly on hexagons of {at} told apart", float(truth[apart].sum() / truth.sum())),
    ]  # fmt: skip


def _share_wrong(values: Floats, truth: Floats, where: Flags) -> float:
    return misallocation(values[where], truth[where]) if where.any() else float("nan")


def _likelihood(weights: sp.csr_matrix, prior: Floats) -> sp.csr_matrix:
    """``P(c | h)`` up to a factor by cell, from weights and the prior they were made with; the factor does no harm."""
    return sp.csr_matrix(weights @ sp.diags(np.divide(1.0, prior, out=np.zeros_like(prior), where=prior > 0)))


def within(hexes: Cells, people: Floats, prior: Floats) -> Floats:
    """People of each hexagon one resolution coarser laid anew on its parts, in proportion to a prior.

    Parameters
    ----------
    hexes : (n) cells of one resolution
    people, prior : (n)
    """
    _, at = np.unique(parents(hexes, int(resolutions(hexes[:1])[0]) - 1), return_inverse=True)
    total, share = np.bincount(at.ravel(), people), np.bincount(at.ravel(), prior)
    return np.asarray(np.divide(total, share, out=np.zeros_like(total), where=share > 0)[at.ravel()] * prior)


def conserved(zones: Zones, by_cell: Floats, coarse: tuple[int, ...] = (8, 7)) -> list[Figure]:
    """The largest gap between a level and the one it sums, over all people: hexagons, towns, districts, the city."""
    fine = pd.Series(zones.allocation.spread(by_cell), index=pd.Index(zones.allocation.hexes))
    total, gaps = float(fine.sum()), []
    below = fine
    for resolution in coarse:
        above = pd.Series(zones.level(resolution).weights.T @ by_cell, index=pd.Index(zones.level(resolution).hexes))
        summed = below.groupby(parents(below.index.to_numpy(np.uint64), resolution)).sum()
        gaps.append(float((summed - above).abs().max()))
        below = above
    towns = zones.by_town.T @ by_cell
    inside = np.bincount(zones.of_hex[zones.of_hex >= 0], fine.to_numpy()[zones.of_hex >= 0], len(towns))
    gaps.append(float(np.abs(towns - inside).max(initial=0.0)))
    districts = zones.district_member[1].T @ towns
    outside = float(fine.to_numpy()[zones.of_hex < 0].sum())
    gaps.append(abs(float(districts.sum()) + outside - total))
    names = (*(f"hexagons of resolution {r}" for r in coarse), "towns", "districts")
    return [
        Figure("hexagons", f"people lost in sums by {name}", gap / total, 1e-9, False)
        for name, gap in zip(names, gaps, strict=True)
    ]
