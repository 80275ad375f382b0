"""Space-mean speed (路段车速) of each section and direction of the main roads, by hour and type of day."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layers import estimates, road_sections
from layers.access import STAFF
from layers.layer import Disclosure, Layer, Legend, Measure, Support, TimeAxis
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """Way of all devices over their time; the latest period of the data."""
    rows = road_sections.measured(products, str(request.period))
    return road_sections.on_sections(products, rows, rows["speed_kmh"].to_numpy(np.float64, na_value=np.nan))


LAYER = Layer(
    id="road-speed",
    theme="roads",
    support=Support("road"),
    measure=Measure("speed_kmh", "km_per_h", "rate", digits=0),
    legend=Legend("density", scheme="fixed", breaks=(20.0, 35.0, 50.0, 65.0, 80.0)),
    time=TimeAxis("hour", road_sections.hours, start=road_sections.BUSY),
    reads=("road_sections", "road_speeds"),
    tables=("roads",),
    query=query,
    audience=STAFF,
    sensitivity="internal",
    disclosure=Disclosure("devices", estimates.FINE_K),
    detail="road",
    order=60,
    opacity=100,
    estimate="legend.uncertain",
)
