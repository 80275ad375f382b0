"""How many people a device stands for: market share, then raking to census margins, with a cap that is reported.

``w = 1 / share(area, age, sex) * de-duplication``, then iterative proportional fitting (raking; Deming and Stephan
1940): ``w <- w T_k / sum_{i in k} w`` until every margin is met. A stratum whose factor exceeds the cap is dropped
and listed, as Spain's mobility study drops it, instead of one device speaking for hundreds. People without telephones
are added as imputed rows by whoever shows totals; they are never hidden in the weights.

Not accounted for: devices that are not persons beyond the one de-duplication factor; several operators per person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

CAP = 100.0
"""Persons one device may stand for (MITMS methodology v8)."""
TOLERANCE = 1e-8


@dataclass(frozen=True)
class Weighted:
    """Weights and what is left to say about them.

    Attributes
    ----------
    weights : (n) persons per device, by row; 0 where the stratum was dropped
    dropped : strata whose factor exceeds the cap, with devices and factor
    unmet : margins that could not be met, with target and reached value
    rounds : passes over the margins
    design_effect : 1 + cv^2 of the weights above 0 (Kish 1965)
    effective_n : devices / design effect
    """

    weights: Floats
    dropped: pd.DataFrame
    unmet: pd.DataFrame
    rounds: int
    design_effect: float
    effective_n: float


def share_weights(users: pd.DataFrame, shares: pd.DataFrame, by: Sequence[str], deduplication: float = 1.0) -> Floats:
    """Starting weights from the operator's market share.

    Parameters
    ----------
    users : one row per device with the columns ``by``
    shares : columns ``by`` and ``share`` (0..1), one row per stratum
    deduplication : persons per device of this operator, below 1 where people carry two

    Raises
    ------
    ValueError : a stratum of the users has no share, or a share is not within (0, 1]
    """
    joined = users[list(by)].merge(shares, on=list(by), how="left")["share"]
    if joined.isna().any():
        lacking = users[list(by)][joined.isna().to_numpy()].drop_duplicates().head(3).to_dict("records")
        raise ValueError(f"no market share for {lacking}; every stratum needs one")
    if not joined.between(0, 1, inclusive="right").all():
        raise ValueError("a market share lies above 0 and at most at 1")
    return np.asarray(deduplication / joined.to_numpy("float64"))


def rake(
    users: pd.DataFrame,
    start: Floats,
    margins: Mapping[tuple[str, ...], pd.Series],
    *,
    cap: float = CAP,
    most_rounds: int = 500,
    devices: Floats | None = None,
) -> Weighted:
    """Fit weights to margins.

    Parameters
    ----------
    users : one row per device, or per group of devices that share a weight
    start : (n) weights to start from, above 0
    margins : columns -> persons by the values of these columns (a Series with that index)
    cap : persons one device may stand for; strata above it are dropped with their people, and the rest fitted to what
        is left of the margins, so that nobody stands for a stratum that was dropped
    devices : (n) devices of each row, where a row is a group; None for one each

    Returns
    -------
    Weights; sums over the margins equal the targets to 1e-8 unless listed as unmet: no device of that kind, or the
    margins contradict each other.
    """
    names = list(margins)
    codes, targets = zip(*(_coded(users, columns, margins[columns]) for columns in names), strict=True)
    each = np.ones(len(users)) if devices is None else devices.astype(np.float64)
    kept = np.ones(len(users), dtype=bool)
    dropped: list[pd.DataFrame] = []
    asked = [target.copy() for target in targets]
    while True:
        weights, rounds = _fit(start * kept, each, codes, asked, most_rounds)
        over = kept & (weights > cap)
        if not over.any():
            break
        stratum = np.unique(np.stack(codes)[:, over], axis=1)
        mine = np.zeros(len(users), dtype=bool)
        for column in stratum.T:
            mine |= (np.stack(codes) == column[:, None]).all(axis=0)
        mine &= kept
        dropped.append(_dropped(users, names, mine, weights, each))
        kept &= ~mine
        gone = (weights * each)[mine]
        asked = [
            (target - np.bincount(code[mine], gone, len(target) + 1)[:-1]).clip(min=0.0)
            for code, target in zip(codes, asked, strict=True)
        ]
    used, often = weights[weights > 0], each[weights > 0]
    effect = float("nan")
    if len(used):
        mean = np.average(used, weights=often)
        effect = 1.0 + float(np.average((used - mean) ** 2, weights=often) / mean**2)
    return Weighted(
        weights,
        pd.concat(dropped, ignore_index=True) if dropped else pd.DataFrame({"devices": [], "factor": []}),
        _unmet(weights * each, names, codes, targets, margins),
        rounds,
        effect,
        float(often.sum()) / effect if len(used) else 0.0,
    )


def _coded(users: pd.DataFrame, columns: tuple[str, ...], margin: pd.Series) -> tuple[npt.NDArray[np.intp], Floats]:
    """Position of every user in the margin (the margin's length where it has no such value), and the targets."""
    own = pd.MultiIndex.from_frame(users[list(columns)]) if len(columns) > 1 else pd.Index(users[columns[0]])
    at = margin.index.get_indexer(own)
    return np.where(at < 0, len(margin), at), margin.to_numpy("float64")


def _fit(
    weights: Floats,
    each: Floats,
    codes: Sequence[npt.NDArray[np.intp]],
    targets: Sequence[Floats],
    most_rounds: int,
) -> tuple[Floats, int]:
    fitted = weights.copy()
    for rounds in range(1, most_rounds + 1):
        worst = 0.0
        for code, target in zip(codes, targets, strict=True):
            reached = np.bincount(code, fitted * each, len(target) + 1)[: len(target)]
            factor = np.divide(target, reached, out=np.ones_like(target), where=reached > 0)
            worst = max(worst, float(np.abs(factor - 1.0).max(initial=0.0)))
            fitted *= np.append(factor, 1.0)[code]
        if worst < TOLERANCE:
            return fitted, rounds
    return fitted, most_rounds


def _dropped(
    users: pd.DataFrame, names: Sequence[tuple[str, ...]], mine: npt.NDArray[np.bool_], weights: Floats, each: Floats
) -> pd.DataFrame:
    by = list(dict.fromkeys(name for columns in names for name in columns))
    rows = users.loc[mine, by].assign(factor=weights[mine], devices=each[mine].astype(np.int64))
    return rows.groupby(by, observed=True).agg(devices=("devices", "sum"), factor=("factor", "max")).reset_index()


def _unmet(
    persons: Floats,
    names: Sequence[tuple[str, ...]],
    codes: Sequence[npt.NDArray[np.intp]],
    targets: Sequence[Floats],
    margins: Mapping[tuple[str, ...], pd.Series],
) -> pd.DataFrame:
    rows = []
    for columns, code, target in zip(names, codes, targets, strict=True):
        reached = np.bincount(code, persons, len(target) + 1)[: len(target)]
        off = np.abs(reached - target) > 1e-6 * np.maximum(target, 1.0)
        found = pd.DataFrame({"value": margins[columns].index.map(str), "target": target, "reached": reached})
        rows.append(found[off].assign(margin=" x ".join(columns)))
    return pd.concat(rows, ignore_index=True)[["margin", "value", "target", "reached"]]
