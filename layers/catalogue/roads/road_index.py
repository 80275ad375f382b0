"""Travel time index (行程时间比): time on a section of a main road over its time in free flow, by hour."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layers import estimates, road_sections
from layers.access import STAFF
from layers.layer import Disclosure, Layer, Legend, Measure, Support, TimeAxis
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """Free-flow speed over speed; no data where too few drive at night to know the free flow."""
    rows = road_sections.measured(products, str(request.period))
    return road_sections.on_sections(products, rows, rows["tti"].to_numpy(np.float64, na_value=np.nan))


LAYER = Layer(
    id="road-travel-time-index",
    theme="roads",
    support=Support("road"),
    measure=Measure("tti", "", "index", digits=2),
    legend=Legend("risk", scheme="fixed", breaks=(1.2, 1.5, 2.0, 3.0)),
    time=TimeAxis("hour", road_sections.hours, start=road_sections.BUSY),
    reads=("road_sections", "road_speeds"),
    tables=("roads",),
    query=query,
    audience=STAFF,
    sensitivity="internal",
    disclosure=Disclosure("devices", estimates.FINE_K),
    detail="road",
    order=61,
    opacity=100,
    estimate="legend.uncertain",
)
