"""People present per square kilometre (现有人口) by hexagon, for each hour of a workday and of a weekend day."""

from __future__ import annotations

import pandas as pd

from layers import estimates
from layers.access import STAFF
from layers.layer import Disclosure, Layer, Legend, Measure, Support, TimeAxis
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """Mean number present during the hour over the area; the latest period of the data."""
    rows = estimates.present(products, request.resolution, str(request.period))
    return estimates.density(products, request.resolution, rows)


def periods(products: Products) -> tuple[str, ...]:
    """24 hours of a workday, then of a weekend day; none where the product is empty."""
    return estimates.HOURS if len(products.frame("present_by_hour")) else ()


LAYER = Layer(
    id="present-population",
    theme="population",
    support=Support("hex", ("7", "8")),
    measure=Measure("persons", "persons_per_km2", "density"),
    legend=Legend("density", scheme="natural", class_count=7),
    time=TimeAxis("hour", periods, start=estimates.BUSY),
    reads=("cells", "present_by_hour"),
    tables=(),
    query=query,
    audience=STAFF,
    sensitivity="internal",
    disclosure=Disclosure("devices", estimates.FINE_K),
    detail="cell",
    order=40,
    estimate="legend.uncertain",
)
