"""Inspection coverage (检查覆盖率): share of the subjects of a town inspected in the last twelve months."""

from __future__ import annotations

import pandas as pd

from layers import frames
from layers.access import STAFF
from layers.layer import Layer, Legend, Measure, Support
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """Percent by area; no data where no subject is counted."""
    rows = frames.by_area(products, "area_comparison", request.resolution)
    values = rows["coverage"].astype("float64") * 100
    return frames.lay(frames.ids_of(products, "area", request.resolution), values, empty=frames.NO_DATA)


LAYER = Layer(
    id="inspection-coverage",
    theme="supervision",
    support=Support("area", ("town",)),
    measure=Measure("coverage", "percent", "rate", digits=1),
    legend=Legend("density"),
    reads=("grids", "subjects_by_area", "area_comparison"),
    tables=("inspections", "legal_persons", "grids"),
    query=query,
    audience=STAFF,
    sensitivity="internal",
    order=34,
)
