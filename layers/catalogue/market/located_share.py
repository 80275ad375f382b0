"""Share of the legal persons of a district that could be placed on the map (定位率)."""

from __future__ import annotations

import pandas as pd

from layers import frames
from layers.access import EVERYONE
from layers.layer import Layer, Legend, Measure, Support
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """Located subjects as a percentage of all that are registered in the district."""
    rows = frames.by_area(products, "subjects_by_area", request.resolution)
    share = rows["located_share"].astype("float64") * 100
    return frames.lay(frames.ids_of(products, "area", request.resolution), share, empty=frames.NO_DATA)


LAYER = Layer(
    id="located-share",
    theme="market",
    support=Support("area", ("district",)),
    measure=Measure("located_share", "percent", "rate", digits=1),
    legend=Legend("density"),
    reads=("districts", "subjects_by_area"),
    tables=("legal_persons", "districts"),
    query=query,
    audience=EVERYONE,
    detail="district",
    order=22,
)
