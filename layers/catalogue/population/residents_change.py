"""Change of the residents (常住人口变化) between two censuses, by district."""

from __future__ import annotations

import pandas as pd

from layers import frames
from layers.access import EVERYONE
from layers.layer import Layer, Legend, Measure, Support
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """Change as a percentage of the earlier count; no data where the two censuses describe different areas."""
    rows = products.frame("residents_change").set_index("area_code")
    rate = (rows["change_rate"].astype("float64") * 100).where(rows["comparable"].astype(bool))
    return frames.lay(frames.ids_of(products, "area", request.resolution), rate, empty=frames.NO_DATA)


LAYER = Layer(
    id="residents-change",
    theme="population",
    support=Support("area", ("district",)),
    measure=Measure("change_rate", "percent", "signed", digits=1),
    legend=Legend("migration", scheme="fixed", breaks=(-20.0, -5.0, 5.0, 20.0)),
    reads=("districts", "residents_change"),
    tables=("census_values", "districts"),
    query=query,
    audience=EVERYONE,
    detail="district",
    order=32,
)
