"""Inspection coverage (检查覆盖率) by cell of the supervision grid."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from layers import frames
from layers.catalogue.supervision import inspection_coverage
from layers.layer import Support
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """Percent by grid cell; no data where no subject is counted."""
    rows = frames.by_area(products, "area_comparison", request.resolution)
    values = rows["coverage"].astype("float64") * 100
    return frames.lay(frames.ids_of(products, "grid", request.resolution), values, empty=frames.NO_DATA)


LAYER = replace(
    inspection_coverage.LAYER,
    id="inspection-coverage-grid",
    support=Support("grid", ("grid",)),
    reads=("grids", "area_comparison"),
    query=query,
    detail="grid",
    order=35,
)
