"""Travel time index (行程时间比): time on a section of a main road over its time in free flow, by hour."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from layers import road_sections
from layers.catalogue.roads import road_speed
from layers.layer import Legend, Measure
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """Free-flow speed over speed; no data where too few drive at night to know the free flow."""
    rows = road_sections.measured(products, str(request.period))
    return road_sections.on_sections(products, rows, rows["tti"].to_numpy(np.float64, na_value=np.nan))


LAYER = replace(
    road_speed.LAYER,
    id="road-travel-time-index",
    measure=Measure("tti", "", "index", digits=2),
    legend=Legend("risk", scheme="fixed", breaks=(1.2, 1.5, 2.0, 3.0)),
    query=query,
    order=61,
)
