"""People on a short stay per square kilometre (短期停留人口) by hexagon, from signaling."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from layers import estimates
from layers.catalogue.population import residents_signaling
from layers.layer import Support
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """Short stays of the latest period over the area of each hexagon."""
    rows = estimates.people(products, request.resolution, "short_stay")
    return estimates.density(products, request.resolution, rows)


LAYER = replace(
    residents_signaling.LAYER,
    id="short-stays",
    support=Support("hex", ("7", "8")),
    reads=("cells", "residents_by_hex"),
    query=query,
    order=44,
)
