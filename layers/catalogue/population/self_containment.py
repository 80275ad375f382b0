"""Share of the working residents of a town who work in it (就业自足率), from signaling."""

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
    """Percent; hidden where those who live and work there are too few, although the town itself is shown."""
    rows = estimates.latest(frames.by_area(products, "jobs_housing", request.resolution))
    share = rows["self_containment"].to_numpy(np.float64, na_value=np.nan)
    workers = rows["working_residents"].to_numpy(np.float64, na_value=np.nan)
    hidden = rows["suppressed"].to_numpy(bool) | (np.isnan(share) & (workers > 0))
    return estimates.on_towns(products, rows.assign(suppressed=hidden), share * 100)


LAYER = replace(
    jobs_housing_ratio.LAYER,
    id="self-containment",
    measure=Measure("self_containment", "percent", "rate", digits=1),
    legend=Legend("density"),
    query=query,
    order=46,
)
