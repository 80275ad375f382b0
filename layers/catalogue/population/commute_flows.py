"""Commuters from the town they live in to the town they work in (通勤流), from signaling."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layers import estimates, flows, frames
from layers.access import STAFF
from layers.layer import Disclosure, Layer, Legend, Measure, Support, TimeAxis
from layers.products import Products
from layers.requests import Request

PRODUCT, WHOLE = "commute_flows", "jobs_housing"


def periods(products: Products) -> tuple[str, ...]:
    """The periods of the signaling, ascending."""
    return tuple(sorted(products.frame(PRODUCT)["period"].astype(str).unique()))


def query(products: Products, request: Request) -> pd.DataFrame:
    """Commuters of one period by pair of towns; who works in the town he lives in is a pair of its own."""
    rows = products.frame(PRODUCT)
    rows = rows[rows["area_level"] == request.resolution].astype({"period": "str"})
    return flows.lay(products, request.resolution, rows, str(request.period))


def total(products: Products, period: str | None) -> float:
    """All residents with a workplace, also those who work beyond the city or whose pair is hidden."""
    rows = frames.by_area(products, WHOLE, "town")
    rows = rows[rows["period"].astype(str) == period] if period else estimates.latest(rows)
    return float(np.nansum(rows["working_residents"].to_numpy(np.float64, na_value=np.nan)))


LAYER = Layer(
    id="commute-flows",
    theme="population",
    support=Support("od", ("town",)),
    measure=Measure("persons", "persons", "count", digits=0),
    legend=Legend("density", "natural"),
    time=TimeAxis("year", periods),
    reads=("grids", PRODUCT, WHOLE),
    tables=("grids",),
    query=query,
    audience=STAFF,
    sensitivity="internal",
    disclosure=Disclosure("devices"),
    order=47,
    total=total,
)
