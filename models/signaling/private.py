"""Differentially private counts of workers by town, for a table that is to go out without any further promise.

Every device works in one town or in none, so one device changes one count by one: the contribution is bounded by what
is counted. Discrete Laplace noise of scale 1 / epsilon then makes the counts epsilon-differentially private (Ghosh,
Roughgarden & Sundararajan 2012); it is drawn by OpenDP, which knows what floating-point numbers give away. What is done
with noisy counts afterwards costs nothing (post-processing).

Not accounted for: the factor from devices to persons, one number for the whole city that is published anyway; and that
a device is not a person, who may carry two.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.errors import ConfigError
from models.signaling.zones import Zones

COVERED = 0.9
"""Share of draws that the interval holds."""


def laplace(counts: npt.NDArray[np.int64], epsilon: float) -> npt.NDArray[np.int64]:
    """Whole counts with discrete Laplace noise; one device may change one of them by one.

    Parameters
    ----------
    epsilon : what one device may change in the logarithm of any answer's probability; above 0

    Raises
    ------
    ConfigError : OpenDP is not installed
    """
    try:
        import opendp.prelude as dp  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ConfigError("signaling.toml", "private_epsilon", epsilon, "the extra dp: make .venv/.all") from error
    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T=int)), dp.l1_distance(T=int)
    noisy = dp.m.make_laplace(*space, scale=1.0 / epsilon)
    return np.asarray(noisy([int(count) for count in counts]), np.int64)


def half_width(epsilon: float) -> int:
    """Least distance from the count that discrete Laplace noise keeps to with the probability `COVERED`.

    P(|noise| <= d) = 1 - 2 a^(d + 1) / (1 + a) with a = exp(-epsilon).
    """
    a = np.exp(-epsilon)
    return max(0, int(np.ceil(np.log((1 - COVERED) * (1 + a) / 2) / np.log(a))) - 1)


def workers_by_town(people: pd.DataFrame, zones: Zones, epsilon: float, k: int) -> pd.DataFrame:
    """Product ``workers_private`` of one period, without its name: every town, also those that nobody works in.

    Parameters
    ----------
    people : `pipeline.Raw.people`: persons and devices by home_cell, work_cell (null without a workplace) and class
    k : noisy counts below it are left out, null; that looks at nothing but the noisy count, so it costs no privacy
    """
    residents = people[people["resident_class"] == "resident"]
    works = residents.dropna(subset=["work_cell"])
    town = zones.town_of_cell[works["work_cell"].to_numpy(np.int64)]
    devices = works["devices"].to_numpy(np.int64)
    counts = np.bincount(town[town >= 0], devices[town >= 0], len(zones.towns)).astype(np.int64)
    noisy = laplace(counts, epsilon)
    factor = float(residents["persons"].sum() / max(int(residents["devices"].sum()), 1))
    width = half_width(epsilon)
    frame = pd.DataFrame(
        {
            "area_code": list(zones.towns),
            "area_level": "town",
            "workers": noisy * factor,
            "low": np.maximum(noisy - width, 0) * factor,
            "high": (noisy + width) * factor,
            "epsilon": epsilon,
        }
    )
    estimates = ["workers", "low", "high"]
    frame.loc[noisy < k, estimates] = np.nan
    return frame
