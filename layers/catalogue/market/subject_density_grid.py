"""Legal persons per square kilometre (市场主体密度) by cell of the supervision grid."""

from __future__ import annotations

import pandas as pd

from layers import frames
from layers.access import EVERYONE
from layers.certainty import known_zeros
from layers.layer import Layer, Legend, Measure, Support
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """Subjects of each grid cell over its area."""
    rows = frames.by_area(products, "subjects_by_area", request.resolution)
    density = rows["subjects"] / rows["area_km2"]
    frame = frames.lay(frames.ids_of(products, "grid", request.resolution), density, empty=frames.ZERO)
    return known_zeros(frame, products, "grid", request.resolution)


LAYER = Layer(
    id="subject-density-grid",
    theme="market",
    support=Support("grid", ("grid",)),
    measure=Measure("subjects", "subjects_per_km2", "density"),
    legend=Legend("density"),
    reads=("grids", "subjects_by_area"),
    tables=("legal_persons", "grids", "towns"),
    query=query,
    audience=EVERYONE,
    detail="grid",
    order=11,
)
