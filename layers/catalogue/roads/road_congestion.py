"""Congestion points (拥堵点) by hour: which sections are free, slow or jammed, and at which the queue begins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers import road_sections
from layers.catalogue.roads import road_speed
from layers.layer import Legend, Measure
from layers.products import Products
from layers.requests import Request

STATES = ("free", "slow", "jam", "point")
SLOW_INDEX = 1.5
"""Travel time index from which a section is slow; a jam is what the product calls one."""


def query(products: Products, request: Request) -> pd.DataFrame:
    """State of each section. A congestion point is the last jammed section of a queue in the direction of travel.

    A section that is hidden or not measured ends a queue: nobody knows whether it goes on.
    """
    rows = road_sections.measured(products, str(request.period))
    index = rows["tti"].to_numpy(np.float64, na_value=np.nan)
    jam = rows["jam"].fillna(False).to_numpy(bool)
    code = np.where(jam, 2.0, np.where(index >= SLOW_INDEX, 1.0, 0.0))
    code[np.isnan(index)] = np.nan
    at_head = _heads(road_sections.sections(products), set(rows.index[jam]))
    code[rows.index.isin(at_head)] = 3.0
    return road_sections.on_sections(products, rows, code, category=True)


def _heads(sections: pd.DataFrame, jammed: set[str]) -> list[str]:
    """Jammed sections with no jammed section ahead of them on the same road and direction."""
    heads: list[str] = []
    for (_, direction), way in sections.groupby(["road_id", "direction"]):
        ordered = way.sort_values("from_km", ascending=direction == "forward")["section_id"].to_numpy(object)
        is_jam: npt.NDArray[np.bool_] = np.array([name in jammed for name in ordered], dtype=bool)
        ahead = np.append(is_jam[1:], False)
        heads += ordered[is_jam & ~ahead].tolist()
    return heads


LAYER = replace(
    road_speed.LAYER,
    id="road-congestion",
    measure=Measure("jam", "", "category", STATES),
    legend=Legend("findings", class_count=4),
    query=query,
    order=62,
)
