"""Hidden totals of towns and districts, attacked with the sums of the hexagons that lie in them.

A hidden total is recovered when the least and the most that hexagons leave possible (`area_bounds`) are within 2 k
devices of each other. People by area are sums of the very hexagons. Jobs are laid on towns together with the homes of
who holds them, so they differ from the hexagons' workers; by how much at most, the attacker sees in the towns that are
shown.

Jobs of k devices and more that are hidden for the sake of another value are no secret themselves; what follows from
them is asked of the pairs of towns, which are attacked with the same bounds.

Not accounted for: that commuters and movers of a town are no more than its residents, whose number is public.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from models.signaling.area_bounds import area_bounds, areas_of_hexes
from models.signaling.finding import Finding

Said = Mapping[tuple[str, str], pd.DataFrame]
"""Period and role -> ``low`` and ``high`` by code of towns and districts."""


def said(frames: Mapping[str, pd.DataFrame]) -> Said:
    """What the hexagons of each period and role say of towns and districts; empty where their product is missing."""
    if not {"residents_by_hex", "cells", "grids"} <= set(frames):
        return {}
    levels = areas_of_hexes(frames["cells"], frames["grids"])
    return {
        (str(period), str(role)): pd.concat([area_bounds(own, level) for level in levels])
        for (period, role), own in frames["residents_by_hex"].groupby(["period", "role"], observed=True)
    }


def totals(frames: Mapping[str, pd.DataFrame], known: Said, k: int) -> list[Finding]:
    """Attack the hidden totals of every product that has some."""
    empty = pd.DataFrame()
    areas, jobs = (frames.get(name, empty) for name in ("people_by_area", "jobs_housing"))
    found = []
    for period in sorted({period for period, _ in known}):
        weight = {role: _per_device(areas, period, role) for own, role in known if own == period}
        if len(areas):
            widths = _of_areas(areas[areas["period"] == period], known, period, weight)
            found.append(_finding("people_by_area", period, widths, k))
        if len(jobs):
            widths = _of_jobs(jobs[jobs["period"] == period], known, period, weight, k)
            found.append(_finding("jobs_housing", period, widths, k))
    return found


def most_jobs(jobs: pd.DataFrame, known: Said, period: str) -> pd.Series | None:
    """Most jobs by town, as far as hexagons tell; None where no workers are published on them."""
    return _jobs(jobs, known[period, "worker"])["high"] if (period, "worker") in known else None


def _jobs(jobs: pd.DataFrame, workers: pd.DataFrame) -> pd.DataFrame:
    """Bounds of the jobs: those of the workers, wider by the largest difference in any town that is shown."""
    shown = jobs.loc[~jobs["suppressed"].astype(bool)].set_index("area_code")["jobs"].astype("float64")
    own = workers.reindex(shown.index)[(shown > 0) & (workers["low"].reindex(shown.index) > 0)]
    off = pd.concat([own["low"] / shown, shown / own["high"]]).max()
    apart = max(1.0, float(np.nan_to_num(off, nan=1.0)))
    return workers.assign(low=workers["low"] / apart, high=workers["high"] * apart)


def _per_device(areas: pd.DataFrame, period: str, role: str) -> float:
    """Persons one device stands for; 1 where the city's people are not published."""
    if not len(areas):
        return 1.0
    own = areas[(areas["period"] == period) & (areas["role"] == role) & (areas["area_level"] == "city")]
    own = own[~own["suppressed"].astype(bool) & (own["devices"].fillna(0) > 0)]
    return float(own["persons"].iloc[0] / own["devices"].iloc[0]) if len(own) else 1.0


def _hidden(frame: pd.DataFrame, bounds: pd.DataFrame) -> pd.DataFrame:
    """Bounds of the hidden rows of a table by area."""
    codes = frame.loc[frame["suppressed"].astype(bool), "area_code"]
    return bounds.reindex(codes[codes.isin(bounds.index)])


def _of_areas(areas: pd.DataFrame, known: Said, period: str, weight: Mapping[str, float]) -> Iterator[float]:
    for role, own in areas.groupby("role", observed=True):
        if (period, str(role)) in known:
            bounds = _hidden(own, known[period, str(role)])
            yield from (bounds["high"] - bounds["low"]) / weight[str(role)]


def _of_jobs(jobs: pd.DataFrame, known: Said, period: str, weight: Mapping[str, float], k: int) -> Iterator[float]:
    if (period, "worker") in known:
        bounds = _hidden(jobs, _jobs(jobs, known[period, "worker"])) / weight["worker"]
        yield from (bounds["high"] - bounds["low"])[bounds["low"] < k]


def _finding(product: str, period: str, widths: Iterator[float], k: int) -> Finding:
    found = np.array(list(widths), np.float64)
    narrowest = float(found.min()) if len(found) else float("nan")
    return Finding(product, period, "hexagons", len(found), int((found <= 2 * k).sum()), narrowest)
