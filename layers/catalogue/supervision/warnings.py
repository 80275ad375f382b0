"""Open early warnings (预警) as points, coloured by theme."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layers import frames
from layers.access import SUPERVISION
from layers.layer import Layer, Legend, Measure, Support
from layers.products import Products
from layers.requests import Request
from models.contracts.warnings import THEMES


def query(products: Products, request: Request) -> pd.DataFrame:  # noqa: ARG001 - points have one resolution
    """One row per open warning with a place; the value is its theme as 0, 1, 2, ..."""
    rows = placed(products)
    return frames.mark(rows, pd.Categorical(rows["theme"], categories=THEMES).codes.astype(np.float64))


def placed(products: Products) -> pd.DataFrame:
    """The open warnings with a place, in the order in which points number them."""
    columns = ("warning_key", "theme", "lon", "lat", "district_code", "grid_code", "ended_on")
    rows = products.frame("warnings", columns)
    rows = rows[rows["ended_on"].isna() & rows["lon"].notna()]
    return rows.rename(columns={"warning_key": "ident"}).reset_index(drop=True)


LAYER = Layer(
    id="warnings",
    theme="supervision",
    support=Support("point"),
    measure=Measure("theme", "", "category", categories=THEMES),
    legend=Legend("sections"),
    reads=("warnings",),
    tables=("legal_persons",),
    query=query,
    audience=SUPERVISION,
    sensitivity="internal",
    order=93,
    owners=placed,
    opacity=100,
)
