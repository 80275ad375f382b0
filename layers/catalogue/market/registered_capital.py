"""Registered capital per square kilometre (注册资本密度) by hexagon."""

from __future__ import annotations

import pandas as pd

from layers import frames
from layers.access import EVERYONE
from layers.certainty import known_zeros
from layers.layer import Layer, Legend, Measure, Support
from layers.products import Products
from layers.requests import Request

CNY_PER_WAN = 10_000


def query(products: Products, request: Request) -> pd.DataFrame:
    """Readable capital of each cell in 10,000 yuan over its true area; no data where nothing is readable."""
    rows = frames.by_cell(products, "subjects_by_cell", request.resolution)
    known = rows["capital_cny_sum"].where(rows["capital_known"].fillna(0) > 0)
    density = (known / CNY_PER_WAN / rows["area_km2"]).mask(rows["subjects"] == 0, 0.0)
    frame = frames.lay(frames.ids_of(products, "hex", request.resolution), density, empty=frames.ZERO)
    frame = known_zeros(frame, products, "hex", request.resolution)
    return frames.with_coarse(frame, products, request.resolution)


LAYER = Layer(
    id="registered-capital",
    theme="market",
    support=Support("hex", ("7", "8", "9")),
    measure=Measure("capital_cny_sum", "wan_per_km2", "density"),
    legend=Legend("density"),
    reads=("cells", "subjects_by_cell", "subjects_by_area"),
    tables=("legal_persons",),
    query=query,
    audience=EVERYONE,
    detail="cell",
    order=14,
    estimate="legend.coarse",
)
