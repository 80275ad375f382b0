"""What shown flows of commuters say as a whole: how one-sided they are, and how far people go beyond what they must.

Only shown flows go in, so that no figure tells of a hidden one.

Not accounted for: ways inside a town, which are 0 between centres, and commuters of hidden pairs.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.signaling.od_measures import asymmetry, commuting
from models.signaling.zones import Zones

NAMES = (
    "commute_asymmetry", "commute_asymmetry_between_towns", "commute_km_between_centres",
    "least_commute_km_between_centres",
)  # fmt: skip


def town_centres(zones: Zones) -> npt.NDArray[np.float64]:
    """(towns, 2) mean position of the network cells by their share in each town, metres; it knows nothing of people."""
    share = zones.by_town
    total = np.asarray(share.sum(axis=0)).ravel()[:, None]
    summed = share.T @ zones.allocation.centres
    return np.asarray(np.divide(summed, total, out=np.full(summed.shape, np.nan), where=total > 0))


def commute_figures(flows: pd.DataFrame, zones: Zones) -> dict[str, float]:
    """Figures of the product ``commute_flows`` of one period; nan where no flow between towns is shown."""
    at = pd.Series(np.arange(len(zones.towns)), index=list(zones.towns))
    inside = flows["from_code"].isin(at.index) & flows["to_code"].isin(at.index)
    shown = flows[inside & ~flows["suppressed"] & flows["persons"].notna()]
    table = np.zeros((len(at), len(at)))
    table[at[shown["from_code"]].to_numpy(), at[shown["to_code"]].to_numpy()] = shown["persons"].to_numpy(np.float64)
    where = town_centres(zones)
    known = np.flatnonzero(np.isfinite(where).all(axis=1) & ((table.sum(axis=0) + table.sum(axis=1)) > 0))
    table, where = table[np.ix_(known, known)], where[known]
    way = np.hypot(*(where[:, None, :] - where[None, :, :]).transpose(2, 0, 1)) / 1_000
    gone = commuting(table, way) if len(known) else None
    between = table.sum() - np.trace(table) if len(known) else 0.0
    values = (
        asymmetry(table, diagonal=True) if len(known) else np.nan,
        asymmetry(table, diagonal=False) if between > 0 else np.nan,
        gone.actual if gone else np.nan,
        gone.least if gone else np.nan,
    )
    return {name: float(value) for name, value in zip(NAMES, values, strict=True)}
