"""An attacker with linear programming: what published sums say of the values that were hidden from them.

Values and their totals are one vector with the equations ``sums @ values = 0``. A hidden value is any number of 0 or
more that all equations allow; its least and greatest one are two linear programs (HiGHS). A value is open when both lie
within ``2 k`` of each other, for then it is known to plus or minus ``k`` (planning.md section 4).

Not accounted for: what an attacker knows from elsewhere, such as his own device in a cell.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.optimize import linprog
from scipy.sparse.csgraph import connected_components

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def two_way(cells: npt.NDArray[np.integer] | Floats) -> tuple[Floats, sp.csr_matrix]:
    """A table with its row totals, column totals and grand total as one vector, and the equations between them."""
    r, c = cells.shape
    values = np.concatenate([cells.ravel(), cells.sum(axis=1), cells.sum(axis=0), [cells.sum()]]).astype(np.float64)
    rows = sp.hstack([sp.kron(sp.eye(r), np.ones((1, c))), -sp.eye(r), sp.csr_matrix((r, c + 1))])
    columns = sp.hstack([sp.kron(np.ones((1, r)), sp.eye(c)), sp.csr_matrix((c, r)), -sp.eye(c), sp.csr_matrix((c, 1))])
    all_rows = sp.hstack([sp.csr_matrix((1, r * c)), np.ones((1, r)), sp.csr_matrix((1, c)), -np.ones((1, 1))])
    all_columns = sp.hstack([sp.csr_matrix((1, r * c + r)), np.ones((1, c)), -np.ones((1, 1))])
    return values, sp.csr_matrix(sp.vstack([rows, columns, all_rows, all_columns]))


def with_blocks(
    cells: npt.NDArray[np.integer] | Floats, values: Floats, sums: sp.csr_matrix, member: sp.csr_matrix
) -> tuple[Floats, sp.csr_matrix]:
    """A system of `two_way` and after it the sums of the table by pair of groups, such as the districts of its towns.

    Parameters
    ----------
    cells : (n, n) the table, whose cells come first among the values
    member : (n, groups) of 0 and 1: the group of each row and column, none where what lies in no group
    """
    groups = member.shape[1]
    blocks = np.asarray(member.T @ (member.T @ cells).T).T
    taken = sp.csr_matrix((groups**2, len(values) - cells.size))
    within = sp.hstack([sp.kron(member.T, member.T), taken, -sp.eye(groups**2)])
    above = sp.hstack([sums, sp.csr_matrix((sums.shape[0], groups**2))])
    return np.concatenate([values, blocks.ravel()]).astype(np.float64), sp.csr_matrix(sp.vstack([above, within]))


def bounds(
    values: Floats, hidden: Mask, sums: sp.csr_matrix, wanted: Mask | None = None, most: Floats | None = None
) -> tuple[Floats, Floats]:
    """Least and greatest possible value of everything; of what is shown, the value itself.

    Parameters
    ----------
    values : (n); those that are hidden are not read
    hidden : (n)
    sums : (m, n) equations ``sums @ values = 0``
    wanted : (n) hidden values to bound, all where not given; the others get 0 and infinity
    most : (n) what hidden values are at most, by something else that is published; infinity where nothing says

    Returns
    -------
    (n) and (n); infinity where nothing bounds a value from above.
    """
    known = np.where(hidden, 0.0, values)
    low, high = known.copy(), np.where(hidden, np.inf, known)
    ask = hidden if wanted is None else wanted & hidden
    for own, system, target, limits in _parts(values, hidden, sums, most):
        for i in np.flatnonzero(ask[own]):
            low[own[i]], high[own[i]] = _extremes(system, target, limits, int(i))
    return low, high


def _parts(
    values: Floats, hidden: Mask, sums: sp.csr_matrix, most: Floats | None = None
) -> Iterator[tuple[npt.NDArray[np.intp], sp.csc_matrix, Floats, Floats]]:
    """Hidden values that share no equation with others: their positions, the equations between them, least and most."""
    at = np.flatnonzero(hidden)
    if not len(at):
        return
    matrix = sp.csr_matrix(sums[:, at])
    number, part = connected_components(matrix.T @ matrix, directed=False)
    right = -(sums @ np.where(hidden, 0.0, values))
    limits = np.c_[np.zeros(len(at)), np.full(len(at), np.inf) if most is None else most[at]]
    for k in range(number):
        own = np.flatnonzero(part == k)
        rows = np.flatnonzero(matrix[:, own].getnnz(axis=1))
        yield at[own], sp.csc_matrix(matrix[rows][:, own]), right[rows], limits[own]


def _extremes(system: sp.csc_matrix, target: Floats, limits: Floats, at: int) -> tuple[float, float]:
    """Least and greatest value of one unknown; infinity where the greatest has no end."""
    least, most = _least(system, target, limits, at), _most(system, target, limits, at)
    return max(float(least[at]), 0.0), np.inf if most is None else float(most[at])


def _least(system: sp.csc_matrix, target: Floats, limits: Floats, at: int) -> Floats:
    """All unknowns where one of them is least.

    Raises
    ------
    ValueError : no values of 0 or more fulfil the equations
    """
    aim = np.zeros(system.shape[1])
    aim[at] = 1.0
    found = linprog(aim, A_eq=system, b_eq=target, bounds=limits, method="highs")
    if found.status != 0:
        raise ValueError(f"the published sums contradict each other; found: {found.message}")
    return np.asarray(found.x)


def _most(system: sp.csc_matrix, target: Floats, limits: Floats, at: int) -> Floats | None:
    """All unknowns where one of them is greatest; None where it has no end, or nothing fulfils the equations."""
    aim = np.zeros(system.shape[1])
    aim[at] = -1.0
    found = linprog(aim, A_eq=system, b_eq=target, bounds=limits, method="highs")
    return np.asarray(found.x) if found.status == 0 else None


def opened(values: Floats, hidden: Mask, sums: sp.csr_matrix, k: float | Floats, wanted: Mask | None = None) -> Mask:
    """Which hidden values an attacker knows to plus or minus ``k``, one number or (n) of them.

    Every solution of the equations is a witness for all values at once: a value that two witnesses set more than
    ``2 k`` apart is not open, whatever its bounds are; and one whose greatest value is at most ``2 k`` is, as none is
    below 0. So most values need one linear program or none, not two.
    """
    ask = hidden if wanted is None else wanted & hidden
    limit = np.broadcast_to(2.0 * np.asarray(k, np.float64), hidden.shape)
    found = np.zeros(len(hidden), bool)
    for own, system, target, limits in _parts(values, hidden, sums):
        low, high, most_apart = np.full(len(own), np.inf), np.full(len(own), -np.inf), limit[own]
        for i in np.flatnonzero(ask[own]):
            if high[i] - low[i] > most_apart[i]:
                continue
            most = _most(system, target, limits, int(i))
            if most is not None:
                low, high = np.minimum(low, most), np.maximum(high, most)
                if most[i] <= most_apart[i] or most[i] - max(low[i], 0.0) > most_apart[i]:
                    found[own[i]] = most[i] <= most_apart[i]
                    continue
            least = _least(system, target, limits, int(i))
            low, high = np.minimum(low, least), np.maximum(high, least)
            found[own[i]] = most is not None and most[i] - max(least[i], 0.0) <= most_apart[i]
    return found


def proven(values: Floats, hidden: Mask, sums: sp.csr_matrix, k: float | Floats, unlisted: Mask | None = None) -> Mask:
    """Hide further values until none is open.

    For every open value the smallest shown value above 0 of each of its equations is hidden, totals last because they
    are largest; where all of them are hidden already, of the equations that share a hidden value with these, and so
    on. A true zero stays shown: it names nobody. A value once found wide stays so, as hiding more only adds solutions.

    Parameters
    ----------
    values, hidden, sums : see `bounds`
    k : in the unit of the values
    unlisted : (n) values that are published nowhere: unknown to the attacker, and of nobody

    Returns
    -------
    (n) what to hide; it ends because with every value above 0 hidden nothing bounds any of them.
    """
    hidden = np.array(hidden, bool)
    apart = np.zeros(len(hidden), bool) if unlisted is None else unlisted & ~hidden
    ask = hidden
    while True:
        still = ask & opened(values, hidden | apart, sums, k, ask)
        rows = np.unique(sums[:, np.flatnonzero(still)].nonzero()[0])
        more = _with_smallest(values, hidden, sums, rows, apart)
        while (more == hidden).all():
            shared = np.unique(sums[rows].indices)
            wider = np.unique(sums[:, shared[hidden[shared] | apart[shared]]].nonzero()[0])
            if len(wider) <= len(rows):
                return hidden
            rows = wider
            more = _with_smallest(values, hidden, sums, rows, apart)
        ask = still | (more & ~hidden)
        hidden = more


def _with_smallest(
    values: Floats, hidden: Mask, sums: sp.csr_matrix, rows: npt.NDArray[np.integer], apart: Mask
) -> Mask:
    """What is hidden and, of each equation of which nothing new is hidden yet, its smallest shown value above 0."""
    more = hidden.copy()
    for row in rows:
        members = sums[[row]].indices
        spare = members[~hidden[members] & ~apart[members] & (values[members] > 0)]
        if len(spare) and not (more & ~hidden)[members].any():
            more[spare[np.argmin(values[spare])]] = True
    return more


def proven_persons(
    persons: Floats,
    devices: Floats,
    hidden: Mask,
    sums: sp.csr_matrix,
    cells: int,
    k: float | Floats,
    unlisted: Mask,
) -> Mask:
    """`proven` for weighted persons: ``k`` is that many devices, at the persons that one shown device stands for.

    Parameters
    ----------
    persons, devices : (n) cells of a table first, then its totals
    cells : number of cells
    """
    scale = 0.0
    while True:
        shown = np.flatnonzero(~hidden[:cells])
        ratio = persons[shown].sum() / max(devices[shown].sum(), 1.0) if devices[shown].any() else 1.0
        if ratio <= scale:
            return hidden
        scale = float(ratio)
        hidden = proven(persons, hidden, sums, k * scale, unlisted)
