"""Class breaks from the values of all periods, and the class of each value."""

from __future__ import annotations

import math
import warnings

import mapclassify
import numpy as np
import numpy.typing as npt

from layers.layer import Scheme

Floats = npt.NDArray[np.float64]
NO_CLASS = -1
_STEPS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
_SAMPLE = 20_000
_SEED = 20150630
MOVED = 0.02


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
        return _tidy(_bounds(finite, scheme, count), finite)
    half = max(1, (count - 1) // 2)
    sizes = _tidy(_bounds(np.abs(finite), scheme, half + 1), np.abs(finite))[:half]
    return (*(-size for size in reversed(sizes)), *sizes)


def _bounds(values: Floats, scheme: Scheme, count: int) -> list[float]:
    """Lower bounds of class 1..count-1, not yet rounded."""
    count = min(count, len(np.unique(values)))
    if count < 2:
        return []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # mapclassify warns where values repeat; fewer classes are the answer
        if scheme == "headtail":
            upper = _head_tail(values, count)
        elif scheme == "natural":
            sample = values
            if len(values) > _SAMPLE:
                picked = np.random.default_rng(_SEED).choice(len(values), _SAMPLE, replace=False)
                sample = np.append(values[picked], [values.min(), values.max()])
            upper = [float(b) for b in mapclassify.FisherJenks(sample, k=count).bins[:-1]]
        else:
            upper = [float(b) for b in mapclassify.Quantiles(values, k=count).bins[:-1]]
    return upper


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
    for bound in bounds:
        place = np.searchsorted(ordered, bound)
        for near in (_readable(bound), *_shorter(bound), bound):
            moved = abs(int(np.searchsorted(ordered, near)) - int(place)) / len(ordered)
            if moved <= MOVED and (not found or near > found[-1]):
                found.append(near)
                break
    return tuple(found)


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
