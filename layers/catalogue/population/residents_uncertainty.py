"""How uncertain the residents of each hexagon are: standard deviation over value (变异系数), from signaling."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from layers import estimates
from layers.catalogue.population import residents_signaling
from layers.layer import Legend, Measure
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """Coefficient of variation in percent; no data where nobody lives."""
    return estimates.by_figure(products, request.resolution, "resident", "cv")


LAYER = replace(
    residents_signaling.LAYER,
    id="residents-uncertainty",
    measure=Measure("high", "percent", "index", digits=1),
    legend=Legend("risk", scheme="fixed", breaks=(15.0, 30.0, 50.0, 100.0)),
    query=query,
    order=49,
)
