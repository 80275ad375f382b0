"""How far a flow of people may be off: chance of the sample, and what a method misses whatever the sample.

A flow of N persons seen by n devices has the variance ``N^2 / n`` of sampling, which goes to 0 with many devices. What
a method cannot see does not: workplaces too near to be told from the home, moves of people who change the operator,
homes that the network shows in the next town. It touches flows in proportion to their size, so

    variance = N^2 / n  +  (error * N)^2

``error`` is measured where the truth is known (`benchmarks/flow_intervals.py`), for every kind of flow by itself, on
cities of two sizes, with what is chance in their samples taken off: in a small sample chance hides what a method
misses, and an error found there alone is too small for a large city. It is tested on other cities of both sizes.
Where no device was seen, up to three may have been missed (the 95 % bound of a Poisson count of 0 is -ln 0.05 = 3.0:
Hanley and Lippman-Hand 1983).

Not accounted for: the direction of an error; lower bounds, such as moves, stay below the truth more often than above.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.signaling.release import Z90

Floats = npt.NDArray[np.float64]

MISSED = 3.0
"""Devices that may be there where none was seen."""


def interval(persons: npt.ArrayLike, devices: npt.ArrayLike, error: npt.ArrayLike = 0.0) -> tuple[Floats, Floats]:
    """Ends of the 90 % intervals of the flows of one table; the lower is never below 0.

    Parameters
    ----------
    persons, devices : estimated persons and distinct devices, of one shape
    error : relative model error, one or of that shape
    """
    value, count = np.asarray(persons, np.float64), np.asarray(devices, np.float64)
    relative = np.sqrt(1.0 / np.maximum(count, 1.0) + np.asarray(error, np.float64) ** 2)
    half = Z90 * value * np.where(count > 0, relative, 0.0)
    each = value.sum() / count.sum() if count.sum() > 0 else 0.0
    high = np.where(count > 0, value + half, value + MISSED * each)
    return np.maximum(value - half, 0.0), np.asarray(high)
