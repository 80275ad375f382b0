"""Open early warnings (预警率) per 1,000 market subjects, by cell of the supervision grid."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layers import frames
from layers.access import STAFF
from layers.layer import Layer, Legend, Measure, Support
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """Rate by area of what asks for a visit: without data faults and licence tags; no data without subjects."""
    rows = products.frame("warnings", ("grid_code", "theme", "data_fault", "ended_on"))
    shown = rows["ended_on"].isna() & ~rows["data_fault"] & (rows["theme"] != "licence")
    counts = rows.loc[shown, "grid_code"].value_counts()
    subjects = frames.by_area(products, "subjects_by_area", request.resolution)["subjects"].astype("float64")
    rate = counts.reindex(subjects.index, fill_value=0) / subjects.replace(0.0, np.nan) * 1000
    return frames.lay(frames.ids_of(products, "grid", request.resolution), rate, empty=frames.NO_DATA)


LAYER = Layer(
    id="warning-rate-grid",
    theme="supervision",
    support=Support("grid", ("grid",)),
    measure=Measure("open_warnings", "warnings_per_1000_subjects", "rate", digits=1),
    legend=Legend("risk"),
    reads=("grids", "subjects_by_area", "warnings"),
    tables=("legal_persons", "grids", "towns"),
    query=query,
    audience=STAFF,
    sensitivity="internal",
    detail="grid",
    order=42,
)
