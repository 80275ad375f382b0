"""Small-count protection: which values of a table may not be shown because too few stand behind them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.float64]


def threshold(city_k: int, layer_k: int = 0) -> int:
    """The k that applies: the city's, or a layer's own where that is higher; it can never be lowered.

    Raises
    ------
    ValueError : the city's k is below 1
    """
    if city_k < 1:
        raise ValueError(f"the city's k is {city_k}; needed: at least 1")
    return max(city_k, layer_k)


def small(observed: Counts, k: int) -> Mask:
    """Which places are observed by more than none and fewer than k units.

    Parameters
    ----------
    observed : float64 (n,), distinct units before any weighting (devices, firms); NaN where nobody knows
    k : smallest count that may be shown

    Returns
    -------
    bool (n,) : True where the value must be hidden. An unknown count is hidden; a true zero is not, it names nobody.
    """
    observed = np.asarray(observed, np.float64)
    return np.isnan(observed) | ((observed > 0) & (observed < k))


def complementary(hidden: Mask, observed: Counts, parent: npt.NDArray[np.int64], k: int) -> Mask:
    """Hide further places where the total of a parent is published and would give a hidden place away.

    A parent with hidden children needs at least two of them with k units together, else subtraction of the shown
    from the total leaves a count below k. The smallest shown non-zero child is hidden until that holds.

    Parameters
    ----------
    hidden : bool (n,), from `small`
    observed : float64 (n,); NaN counts as 0 here and stays hidden
    parent : int64 (n,), number of the parent whose total is published; -1 where there is none
    k : smallest count that may be shown

    Returns
    -------
    bool (n,) : ``hidden`` and what must be hidden beside it

    Notes
    -----
    Protects one level of totals; several overlapping hierarchies need bounds on all of them together.
    Source of the rule: secondary suppression, Hundepool et al., Statistical Disclosure Control (2012), ch. 4.
    """
    result = np.array(hidden, bool)
    counts = np.nan_to_num(np.asarray(observed, np.float64))
    parent = np.asarray(parent)
    for total in np.unique(parent[result & (parent >= 0)]):
        members = np.flatnonzero(parent == total)
        spare = [int(i) for i in members[np.argsort(counts[members], kind="stable")] if not result[i] and counts[i] > 0]
        while spare and (result[members].sum() < 2 or counts[members][result[members]].sum() < k):
            result[spare.pop(0)] = True
    return result


def suppress(
    values: Counts, flags: npt.NDArray[np.int64], observed: Counts, k: int
) -> tuple[Counts, npt.NDArray[np.int64]]:
    """Null the values that too few stand behind and flag them 2; what has no data (flag 3) stays without data.

    Parameters
    ----------
    values : float64 (n,), in the unit of the measure
    flags : int64 (n,), 0 observed, 1 zero, 2 suppressed, 3 no data, 4 estimated
    observed : float64 (n,), distinct units before any weighting
    k : smallest count that may be shown

    Returns
    -------
    values float64 (n,), flags int64 (n,) : new arrays; a hidden value is NaN, never 0
    """
    hide = small(observed, k) & (np.asarray(flags) != 3)
    hide &= ~((np.asarray(flags) == 1) & (np.asarray(observed) == 0))
    return np.where(hide, np.nan, values), np.where(hide, 2, flags)
