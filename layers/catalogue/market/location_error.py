"""Quality of the locations (定位误差): mean error radius of the subjects of a hexagon."""

from __future__ import annotations

import pandas as pd

from layers import frames
from layers.access import EVERYONE
from layers.layer import Layer, Legend, Measure, Support
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """Mean error radius in metres; no data where a cell has no subject."""
    rows = frames.by_cell(products, "subjects_by_cell", request.resolution)
    return frames.lay(
        frames.ids_of(products, "hex", request.resolution),
        rows["mean_error_radius_m"].astype("float64"),
        empty=frames.NO_DATA,
    )


LAYER = Layer(
    id="location-error",
    theme="market",
    support=Support("hex", ("7", "8", "9")),
    measure=Measure("mean_error_radius_m", "m", "index", digits=0),
    legend=Legend("risk", scheme="fixed", breaks=(100.0, 500.0, 1500.0, 4000.0)),
    reads=("cells", "subjects_by_cell"),
    tables=("legal_persons",),
    query=query,
    audience=EVERYONE,
    detail="cell",
    order=20,
)
