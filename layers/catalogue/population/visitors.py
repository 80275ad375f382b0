"""Visitors per square kilometre on a mean day (访客) by town, from signaling."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from layers import estimates, frames
from layers.catalogue.population import jobs_housing_ratio
from layers.layer import Disclosure, Legend, Measure
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """Visitors of the origins that may be shown; where one may not, the sum is a lower bound and flagged estimated."""
    rows = estimates.latest(frames.by_area(products, "visitors", request.resolution))
    groups = rows.groupby(level="area_code")
    sums = groups.agg(
        persons=("persons", lambda column: column.sum(min_count=1)),
        devices=("devices", lambda column: column.sum(min_count=1)),
        suppressed=("suppressed", "all"),
        short=("suppressed", "any"),
    )
    density = sums["persons"].astype("float64") / estimates.town_km2(products, request.resolution).reindex(sums.index)
    frame = estimates.on_towns(products, sums, density.to_numpy(np.float64))
    short = sums["short"].reindex(frame["id"]).fillna(False).to_numpy(bool)
    flags = frame["flag"].to_numpy(np.int64)
    return frame.assign(flag=np.where(short & (flags == frames.OBSERVED), frames.ESTIMATED, flags))


LAYER = replace(
    jobs_housing_ratio.LAYER,
    id="visitors",
    measure=Measure("persons", "visitors_per_km2", "density"),
    legend=Legend("density"),
    reads=("grids", "visitors"),
    query=query,
    disclosure=Disclosure("devices", estimates.FINE_K),
    estimate="legend.at_least",
    order=47,
)
