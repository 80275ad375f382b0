"""Share of level C and D (高风险占比) among the classified subjects, by supervision grid cell."""

from __future__ import annotations

import pandas as pd

from layers import frames
from layers.access import STAFF
from layers.layer import Layer, Legend, Measure, Support
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """Percent by area; no data where nothing is classified."""
    rows = frames.by_area(products, "levels_by_area", request.resolution)
    values = rows["risk_share"].astype("float64") * 100
    return frames.lay(frames.ids_of(products, "grid", request.resolution), values, empty=frames.NO_DATA)


LAYER = Layer(
    id="risk-share-grid",
    theme="supervision",
    support=Support("grid", ("grid",)),
    measure=Measure("risk_share", "percent", "rate"),
    legend=Legend("risk"),
    reads=("grids", "levels_by_area"),
    tables=("legal_persons",),
    query=query,
    audience=STAFF,
    sensitivity="internal",
    detail="grid",
    order=32,
)
