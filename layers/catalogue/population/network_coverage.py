"""How far the people of a hexagon are spread by the network (网络覆盖质量): the finer, the more exact the place."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layers import estimates, frames
from layers.access import STAFF
from layers.layer import Layer, Legend, Measure, Support
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """Width in km of the footprints over each hexagon; no data where none is. It counts cells, not people."""
    rows = estimates.latest(frames.by_cell(products, "coverage_quality", request.resolution))
    width = rows["spread_km"].astype("float64").where(rows["covered"].astype(bool), np.nan)
    return frames.lay(frames.ids_of(products, "hex", request.resolution), width, empty=frames.NO_DATA)


LAYER = Layer(
    id="network-coverage",
    theme="population",
    support=Support("hex", ("7", "8", "9")),
    measure=Measure("spread_km", "km", "index", digits=1),
    legend=Legend("risk"),
    reads=("cells", "coverage_quality"),
    tables=(),
    query=query,
    audience=STAFF,
    sensitivity="internal",
    detail="cell",
    order=50,
)
