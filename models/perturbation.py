"""Stable noise for a copy that goes to the public (cell-key perturbation): the same row always gets the same noise.

What is published twice, asked for again or differently must not let the noise be averaged away. So the noise of a row
is drawn by a keyed hash of what the row says, not by chance: repeating a question repeats the answer.

Source: Fraser & Wooton, A proposed method for confidentialising tabular output, 2005; Eurostat, Guidelines for the
protection of census grids with the cell key method, 2019. The distribution is the one of greatest entropy among those
on -most..most with mean 0 and a given variance.

Not accounted for: sums of perturbed rows differ from perturbed sums. The original products stay as they are.
"""

from __future__ import annotations

import hashlib
import hmac

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import brentq

from models.contracts import contract

Floats = npt.NDArray[np.float64]

VARIANCE, MOST = 3.0, 5
"""Variance of the noise and its bound, in devices (Eurostat's guidelines propose 1 to 5 and 5)."""
ESTIMATES = ("persons", "low", "high")


def distribution(variance: float = VARIANCE, most: int = MOST) -> Floats:
    """Probabilities of the noise -most..most.

    Parameters
    ----------
    variance : in squared devices, above 0 and below that of an even distribution, most (most + 1) / 3

    Raises
    ------
    ValueError : the variance cannot be reached
    """
    steps = np.arange(-most, most + 1, dtype=np.float64)

    def probabilities(steepness: float) -> Floats:
        weight = np.exp(-steepness * steps**2)
        return np.asarray(weight / weight.sum(), np.float64)

    even = most * (most + 1) / 3
    if not 0 < variance < even:
        raise ValueError(f"a variance of {variance:g}; needed: above 0 and below {even:g} for noise of at most {most}")
    return probabilities(float(brentq(lambda s: probabilities(s) @ steps**2 - variance, 1e-9, 50.0)))


def noise(rows: pd.Series, secret: bytes, table: Floats) -> npt.NDArray[np.int64]:
    """The noise of each row, in devices.

    Parameters
    ----------
    rows : text that names each row and says how many devices it has; equal texts get equal noise
    secret : key of the installation; another key gives other noise
    table : `distribution`
    """
    digest = [hmac.digest(secret, row.encode(), hashlib.sha256)[:8] for row in rows]
    uniform = np.array([int.from_bytes(d) for d in digest], np.float64) / 2.0**64
    at = np.minimum(np.searchsorted(np.cumsum(table), uniform, side="right"), len(table) - 1)
    return np.asarray(at - len(table) // 2, np.int64)


def perturbed(
    product: str, frame: pd.DataFrame, secret: bytes, *, variance: float = VARIANCE, most: int = MOST
) -> pd.DataFrame:
    """A product with noise on every estimate; suppressed rows stay as they are, and nobody stays nobody.

    A row of n devices and p persons gets p (n + noise) / n, and its interval moves and widens with it: the variance of
    the noise is added to that of the estimate.

    Parameters
    ----------
    product : name of a product whose contract has ``persons``, ``low``, ``high`` and ``devices``
    frame : the product; every shown row has more devices than ``most``

    Raises
    ------
    ValueError : the product has no such columns, or a row has so few devices that noise could make it negative
    """
    own = contract(product)
    if not {*ESTIMATES, "devices"} <= {column.name for column in own.columns}:
        raise ValueError(f"{product} has no {', '.join(ESTIMATES)} and devices; noise is for counts of people")
    devices = frame["devices"].astype("Float64").fillna(0).to_numpy(np.float64)
    shown = devices > 0
    if (devices[shown] <= most).any():
        raise ValueError(f"{product}: rows with {devices[shown].min():g} devices; noise of up to {most} needs more")
    named = frame[list(own.key)].astype(str).agg("|".join, axis=1) if len(frame) else pd.Series([], dtype=str)
    said = product + "|" + named + "|" + frame["devices"].astype(str).fillna("-")
    added = noise(said, secret, distribution(variance, most))
    count = np.where(shown, devices, 1.0)
    factor = np.where(shown, (devices + added) / count, 1.0)
    persons, low, high = (frame[c].to_numpy(np.float64, na_value=np.nan) for c in ESTIMATES)
    extra = np.where(shown, (1.645 * persons / count) ** 2 * variance, 0.0)
    below, above = np.sqrt((persons - low) ** 2 + extra), np.sqrt((high - persons) ** 2 + extra)
    moved = persons * factor
    return frame.assign(persons=moved, low=np.maximum(moved - below, 0.0), high=moved + above)
