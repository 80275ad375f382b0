"""Class breaks from the values of all periods, and the class of each value."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from layers.natural_breaks import natural_breaks
from layers.requests import Scheme

Floats = npt.NDArray[np.float64]
NO_CLASS = -1
_STEPS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
_SAMPLE = 20_000
_SEED = 20150630
MOVED = 0.02
GAP, WIDTH = 1.08, 1.18
THIN = 0.25


def breaks(values: Floats, scheme: Scheme, count: int, *, diverging: bool = False) -> tuple[float, ...]:
    """Lower bounds of class 1..n-1 for values of all periods together.

    Parameters
    ----------
    values : float64 (n,) in the unit of the measure; NaN and zeros are left out (zeros belong to the lowest class)
    scheme : quantile, natural (Fisher-Jenks, sampled from 20,000 values up) or headtail (Jiang 2013)
    count : classes wanted; fewer come back where values repeat
    diverging : breaks symmetric about zero, from the sizes; ``count`` is made odd, the middle class holds zero

    Returns
    -------
    tuple of float : ascending, as short to read as they can be without moving more than 2 % of the values
    """
    finite = values[np.isfinite(values) & (values != 0)]
    if not len(finite):
        return ()
    if not diverging:
        found = _tidy(_bounds(finite, scheme, count), finite)
        return _without_thin(found, finite, count) if scheme == "quantile" else found
    half = max(1, (count - 1) // 2)
    sizes = _tidy(_bounds(np.abs(finite), scheme, half + 1), np.abs(finite))[:half]
    return (*(-size for size in reversed(sizes)), *sizes)


def _bounds(values: Floats, scheme: Scheme, count: int) -> list[float]:
    """Lower bounds of class 1..count-1, not yet rounded."""
    count = min(count, len(np.unique(values)))
    if count < 2:
        return []
    if scheme == "headtail":
        return _head_tail(values, count)
    if scheme == "natural":
        sample = values
        if len(values) > _SAMPLE:
            picked = np.random.default_rng(_SEED).choice(len(values), _SAMPLE, replace=False)
            sample = np.append(values[picked], [values.min(), values.max()])
        return [float(b) for b in natural_breaks(sample, count)]
    return [float(b) for b in np.unique(np.quantile(values, np.arange(1, count) / count))]


def _head_tail(values: Floats, count: int) -> list[float]:
    """Means of the ever smaller heads, at most ``count - 1`` of them."""
    found: list[float] = []
    head = values
    while len(found) < count - 1 and len(head) > 1 and head.min() < head.max():
        mean = float(head.mean())
        found.append(mean)
        head = head[head > mean]
    return found


def _tidy(bounds: list[float], values: Floats) -> tuple[float, ...]:
    """Bounds as short as can be without moving more than `MOVED` of the values across one; strictly ascending."""
    ordered = np.sort(values)
    found: list[float] = []
    for bound in (_before_cluster(exact, ordered) for exact in bounds):
        place = np.searchsorted(ordered, bound)
        for near in (_readable(bound), *_shorter(bound), bound):
            moved = abs(int(np.searchsorted(ordered, near)) - int(place)) / len(ordered)
            if moved <= max(MOVED, 1 / len(ordered)) and (not found or near > found[-1]):
                found.append(near)
                break
    return tuple(found)


def _without_thin(bounds: tuple[float, ...], values: Floats, count: int) -> tuple[float, ...]:
    """Bounds without those that close a class of less than `THIN` of its fair share, as ties leave them."""
    found = list(bounds[:1])
    for bound in bounds[1:]:
        if ((values >= found[-1]) & (values < bound)).sum() >= THIN * len(values) / count:
            found.append(bound)
    return tuple(found)


def _before_cluster(bound: float, ordered: Floats) -> float:
    """The first value of the cluster a bound cuts through, so that equal things stay in one class; else the bound.

    One firm in a cell gives nearly, not exactly, the same density everywhere, because cells differ a little in area.
    """
    if ordered[0] <= 0:
        return bound
    ends = np.append(np.flatnonzero(ordered[1:] / ordered[:-1] >= GAP) + 1, len(ordered))
    place = int(np.searchsorted(ends, np.searchsorted(ordered, bound), side="right"))
    first, last = (0 if place == 0 else int(ends[place - 1])), int(ends[min(place, len(ends) - 1)])
    whole = first == 0 and last == len(ordered)
    narrow = first < last and ordered[last - 1] / ordered[first] <= WIDTH
    return float(ordered[first]) if narrow and not whole else bound


def _shorter(value: float) -> list[float]:
    """The value with two, three and four digits, each rounded to the nearest and downwards."""
    if value == 0:
        return [0.0]
    found = []
    for digits in (2, 3, 4):
        power = 10.0 ** (math.floor(math.log10(abs(value))) - digits + 1)
        found += [float(f"{value:.{digits}g}"), float(f"{math.floor(value / power) * power:.{digits}g}")]
    return found


def _readable(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(abs(value)))
    step = min((*_STEPS, 10.0), key=lambda s: abs(s - abs(value) / power))
    return math.copysign(float(f"{step * power:.3g}"), value)


def classify(values: Floats, flags: npt.NDArray[np.int64], bounds: tuple[float, ...]) -> npt.NDArray[np.int8]:
    """The class 0..len(bounds) of each value; -1 where it is suppressed or without data."""
    found = np.searchsorted(np.asarray(bounds, np.float64), values, side="right").astype(np.int8)
    found[(flags == 2) | (flags == 3) | np.isnan(values)] = NO_CLASS
    return found
