"""People who work there per square kilometre (就业人口) by hexagon, from signaling."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from layers import estimates
from layers.catalogue.population import residents_signaling
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """Workers of the latest period over the area of each hexagon."""
    return estimates.by_figure(products, request.resolution, "worker", "per_km2")


LAYER = replace(residents_signaling.LAYER, id="workers", query=query, order=43)
