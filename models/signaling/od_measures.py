"""Measures of a table of commuters: self-containment, asymmetry, and how far people go beyond what they must.

Self-containment of an area is the share of its working residents who work in it, self-sufficiency that of its jobs
held by residents. Asymmetry is ``|M - M'| / |M|`` (Frobenius), with and without the diagonal: people who stay inside
pull the first towards 0. The 职住分离度 is the least mean distance to a job that any exchange of jobs among the workers
could reach, a transport problem (White 1988); excess commuting is the share of the actual distance above it.

Not accounted for: distances inside an area, unless the caller gives them; which jobs a person could hold at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.optimize import linprog

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Balance:
    """Ratios of every area, nan where their denominator is 0.

    Attributes
    ----------
    jobs_housing : jobs over working residents
    self_containment : residents who work inside over working residents
    self_sufficiency : the same over jobs
    """

    jobs_housing: Floats
    self_containment: Floats
    self_sufficiency: Floats


@dataclass(frozen=True)
class Commuting:
    """Mean distance to work.

    Attributes
    ----------
    actual, least : as it is, and the least that any exchange of jobs could reach; the unit is that of the distances
    """

    actual: float
    least: float

    @property
    def excess(self) -> float:
        """Share of the actual distance above the least; nan where nobody moves."""
        return (self.actual - self.least) / self.actual if self.actual > 0 else float("nan")


def balance(flows: npt.ArrayLike) -> Balance:
    """Ratios of a table with homes in rows and workplaces in columns, (n, n)."""
    table = _square(flows)
    housed, jobs, both = table.sum(axis=1), table.sum(axis=0), table.diagonal()
    return Balance(_ratio(jobs, housed), _ratio(both, housed), _ratio(both, jobs))


def asymmetry(flows: npt.ArrayLike, *, diagonal: bool) -> float:
    """How unequal flows are to those back: 0 for a symmetric table; nan for one without flows."""
    table = _square(flows)
    size = table if diagonal else table - np.diag(table.diagonal())
    whole = float(np.linalg.norm(size))
    return float(np.linalg.norm(table - table.T)) / whole if whole > 0 else float("nan")


def commuting(flows: npt.ArrayLike, distance: npt.ArrayLike) -> Commuting:
    """Actual and least mean distance of the commuters of a table.

    Parameters
    ----------
    flows : (n, n) persons by area of home and of work
    distance : (n, n) distance from home to work, not negative

    Raises
    ------
    ValueError : the tables are not of one square shape, or the solver finds no optimum
    """
    table, way = _square(flows), _square(distance)
    if table.shape != way.shape:
        raise ValueError(f"flows are {table.shape}, distances {way.shape}; both need one row and column per area")
    total = float(table.sum())
    if total <= 0:
        return Commuting(float("nan"), float("nan"))
    n = len(table)
    both = sp.vstack([sp.kron(sp.eye(n), np.ones((1, n))), sp.kron(np.ones((1, n)), sp.eye(n))]).tocsr()
    margins = np.concatenate([table.sum(axis=1), table.sum(axis=0)])
    found = linprog(way.ravel(), A_eq=both[:-1], b_eq=margins[:-1], bounds=(0, None), method="highs")
    if not found.success:
        raise ValueError(f"no least commuting found: {found.message}")
    return Commuting(float((table * way).sum()) / total, float(found.fun) / total)


def _square(values: npt.ArrayLike) -> Floats:
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] != table.shape[1]:
        raise ValueError(f"a table of flows is square, found {table.shape}")
    return table


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.asarray(np.divide(above, below, out=np.full(len(below), np.nan), where=below > 0))
