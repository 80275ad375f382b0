"""Commuters between towns: home and workplace of one person are laid on towns together, not each by itself.

A network cell at a border belongs to two towns. Spread by themselves, a home there and a workplace there make four
flows, and many who work in their own town are shown between two. So every pair of cells is spread over pairs of towns
by one step of Bayes, ``P(a, b | i, j) ~ s(i, a) s(j, b) q(a, b) / (q(a) q(b))``, s the shares of the footprints. The
prior q is the table of the independent shares, its flows between different towns replaced by a gravity model,
``q(a, b) = r(a) c(b) exp(-beta d(a, b))``, fitted to the same sums of rows and columns (iterative proportional
fitting, Deming and Stephan 1940) with the beta of the largest Poisson likelihood (Flowerdew and Aitkin 1982). What is
sampled decides how many live in a pair of cells; the prior decides only between the towns these cells reach.

Not accounted for: distance along roads; workplaces nearer than the definition of a workplace allows.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

Floats = npt.NDArray[np.float64]

DECAYS = np.arange(0.0, 1.001, 0.02)
"""Candidates for beta, per kilometre."""
ROUNDS = 50
"""Passes of the fitting to rows and columns."""
BLOCK = 4_096
"""Pairs of cells that are spread at once."""


def fitted(start: Floats, rows: Floats, columns: Floats) -> Floats:
    """Scale a table to sums of rows and columns of the same total; rows and columns without anything stay empty."""
    table = start.astype(np.float64)
    for _ in range(ROUNDS):
        for axis, wanted in ((1, rows), (0, columns)):
            reached = table.sum(axis=axis)
            factor = np.divide(wanted, reached, out=np.zeros_like(reached), where=reached > 0)
            table = table * (factor[:, None] if axis == 1 else factor[None])
    return table


def gravity(table: Floats, centres: Floats) -> Floats:
    """The table with its flows between different towns replaced by a gravity model with the same sums.

    Parameters
    ----------
    table : (n, n) persons by place of home and of work
    centres : (n, 2) metres; nan where a place has none, whose rows and columns are kept as they are
    """
    placed = np.asarray(~np.isnan(centres).any(axis=1))
    free = placed[:, None] & placed[None] & ~np.eye(len(table), dtype=bool)
    flows = np.where(free, table, 0.0)
    rows, columns = flows.sum(axis=1), flows.sum(axis=0)
    apart = np.hypot(*(np.subtract.outer(axis, axis) for axis in np.nan_to_num(centres).T)) / 1_000
    best, model = -np.inf, flows
    for beta in DECAYS:
        tried = fitted(np.where(free, np.exp(-beta * apart), 0.0), rows, columns)
        seen = free & (flows > 0)
        likelihood = float((flows[seen] * np.log(np.maximum(tried[seen], 1e-300))).sum() - tried.sum())
        if likelihood > best:
            best, model = likelihood, tried
    return np.asarray(np.where(free, model, table))


def pairs_of_towns(
    shares: sp.csr_matrix | tuple[sp.csr_matrix, sp.csr_matrix],
    home: npt.NDArray[np.int64],
    work: npt.NDArray[np.int64],
    persons: Floats,
    centres: Floats,
) -> Floats:
    """Persons by town of home and town of work.

    Parameters
    ----------
    shares : (cells, n) share of each network cell in each town, rows sum to 1; two where those of workplaces are others
    home, work : (p) cell codes of the pairs
    persons : (p) persons of each pair of cells
    centres : (n, 2) centre of the people of each town, metres; nan outside

    Returns
    -------
    (n, n) persons; the sum is that of ``persons``.
    """
    lived, worked = shares if isinstance(shares, tuple) else (shares, shares)
    cells, pairs = lived.shape[0], len(persons)
    alone = np.asarray((lived.T @ sp.csr_matrix((persons, (home, work)), shape=(cells, cells)) @ worked).todense())
    prior = gravity(alone, centres)
    chance = prior.sum(axis=1)[:, None] * prior.sum(axis=0)[None]
    lift = np.divide(prior, chance, out=np.zeros_like(prior), where=chance > 0)
    found = np.zeros_like(prior)
    for first in range(0, pairs, BLOCK):
        own = slice(first, first + BLOCK)
        here, there = lived[home[own]].toarray(), worked[work[own]].toarray()
        whole = ((here @ lift) * there).sum(axis=1)
        known = whole > 0
        kept = np.divide(persons[own], whole, out=np.zeros(len(whole)), where=known)
        found += lift * (here.T @ (kept[:, None] * there))
        found += here[~known].T @ (persons[own][~known, None] * there[~known])
    return found
