"""Jobs for every working resident (职住比) by town, from signaling."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layers import estimates, frames
from layers.access import STAFF
from layers.layer import Disclosure, Layer, Legend, Measure, Support
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """People who work in the town over its residents with a workplace; 1 is balance."""
    rows = estimates.latest(frames.by_area(products, "jobs_housing", request.resolution))
    return estimates.on_towns(products, rows, rows["jobs_housing_ratio"].to_numpy(np.float64, na_value=np.nan))


LAYER = Layer(
    id="jobs-housing-ratio",
    theme="population",
    support=Support("area", ("town",)),
    measure=Measure("jobs_housing_ratio", "", "rate", digits=2),
    legend=Legend("balance", scheme="fixed", breaks=(0.5, 0.8, 1.25, 2.0), middle=1.0),
    reads=("grids", "jobs_housing"),
    tables=("grids",),
    query=query,
    audience=STAFF,
    sensitivity="internal",
    disclosure=Disclosure("devices"),
    order=45,
)
