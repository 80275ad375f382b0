"""Subjects of level C and D (高风险主体) per square kilometre, by hexagon."""

from __future__ import annotations

import pandas as pd

from layers import frames
from layers.access import STAFF
from layers.layer import Layer, Legend, Measure, Support
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """Density by cell; a cell without classified subjects holds none of level C or D."""
    rows = frames.by_cell(products, "levels_by_cell", request.resolution)
    size = frames.cells(products, request.resolution).set_index("h3")["area_km2"].reindex(rows.index)
    values = (rows["level_c"] + rows["level_d"]).astype("float64") / size
    return frames.lay(frames.ids_of(products, "hex", request.resolution), values, empty=frames.ZERO)


LAYER = Layer(
    id="risk-density",
    theme="supervision",
    support=Support("hex", ("7", "8", "9")),
    measure=Measure("level_c", "subjects_per_km2", "density"),
    legend=Legend("risk"),
    reads=("cells", "levels_by_cell"),
    tables=("legal_persons",),
    query=query,
    audience=STAFF,
    sensitivity="internal",
    detail="cell",
    order=31,
)
