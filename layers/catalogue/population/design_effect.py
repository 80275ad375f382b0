"""How unequal the weights of a town's residents are (设计效应), from signaling."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from layers import estimates, frames
from layers.catalogue.population import jobs_housing_ratio
from layers.layer import Legend, Measure
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """Design effect of each town; no data where nobody lives."""
    rows = estimates.latest(frames.by_area(products, "weight_quality", request.resolution))
    return estimates.on_towns(products, rows, rows["design_effect"].to_numpy(np.float64, na_value=np.nan))


LAYER = replace(
    jobs_housing_ratio.LAYER,
    id="design-effect",
    measure=Measure("design_effect", "", "index", digits=2),
    legend=Legend("risk", scheme="fixed", breaks=(1.1, 1.25, 1.5, 2.0)),
    reads=("grids", "weight_quality"),
    query=query,
    order=51,
)
