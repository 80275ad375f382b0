"""Legal persons per square kilometre (市场主体密度) by hexagon."""

from __future__ import annotations

import pandas as pd

from layers import frames
from layers.access import EVERYONE
from layers.certainty import known_zeros
from layers.layer import Layer, Legend, Measure, Support
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """Subjects of each cell over its true area; a cell the product does not name has none."""
    rows = frames.by_cell(products, "subjects_by_cell", request.resolution)
    density = rows["subjects"] / rows["area_km2"]
    frame = frames.lay(frames.ids_of(products, "hex", request.resolution), density, empty=frames.ZERO)
    frame = known_zeros(frame, products, "hex", request.resolution)
    return frames.with_coarse(frame, products, request.resolution)


LAYER = Layer(
    id="subject-density",
    theme="market",
    support=Support("hex", ("7", "8", "9")),
    measure=Measure("subjects", "subjects_per_km2", "density"),
    legend=Legend("density"),
    reads=("cells", "subjects_by_cell", "subjects_by_area"),
    tables=("legal_persons",),
    query=query,
    audience=EVERYONE,
    detail="cell",
    order=10,
    visible=True,
    estimate="legend.coarse",
)
