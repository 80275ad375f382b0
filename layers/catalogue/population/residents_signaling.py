"""Residents per square kilometre (常住人口) by hexagon, from signaling."""

from __future__ import annotations

import pandas as pd

from layers import estimates
from layers.access import STAFF
from layers.layer import Disclosure, Layer, Legend, Measure, Support
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """Residents of the latest period over the area of each hexagon."""
    return estimates.by_figure(products, request.resolution, "resident", "per_km2")


LAYER = Layer(
    id="residents-signaling",
    theme="population",
    support=Support("hex", ("7", "8", "9")),
    measure=Measure("persons", "persons_per_km2", "density"),
    legend=Legend("density", scheme="natural", class_count=7),
    reads=("cells", "residents_by_hex", "coverage_quality"),
    tables=(),
    query=query,
    audience=STAFF,
    sensitivity="internal",
    disclosure=Disclosure("devices"),
    detail="cell",
    order=42,
    estimate="legend.uncertain",
)
