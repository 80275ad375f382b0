"""The places of business (经营场所), as points that show the most serious fault of their last routine inspection."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layers import frames
from layers.access import STAFF
from layers.layer import Layer, Legend, Measure, Support
from layers.products import Products
from layers.requests import Request
from models.contracts.premises import WORST


def query(products: Products, request: Request) -> pd.DataFrame:  # noqa: ARG001 - points have one resolution
    """One row per place with coordinates; the value is 0 (nothing found) to 3 (serious), missing without a check."""
    rows = placed(products)
    codes = pd.Categorical(rows["worst"], categories=WORST).codes.astype(np.float64)
    return frames.mark(rows, np.where(codes < 0, np.nan, codes))


def placed(products: Products) -> pd.DataFrame:
    """The places with coordinates, in the order in which points number them."""
    columns = ("premises_id", "lon", "lat", "worst", "district_code", "grid_code")
    rows = products.frame("premises_checks", columns)
    return rows[rows["lon"].notna()].rename(columns={"premises_id": "ident"}).reset_index(drop=True)


LAYER = Layer(
    id="premises",
    theme="supervision",
    support=Support("point"),
    measure=Measure("worst", "", "category", categories=WORST),
    legend=Legend("findings"),
    reads=("premises_checks",),
    tables=("premises", "inspections", "findings"),
    query=query,
    audience=STAFF,
    sensitivity="internal",
    detail="premises",
    order=91,
    visible=True,
    owners=placed,
    opacity=100,
)
