"""The legal persons themselves (市场主体), as points that show how exactly each is located."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layers import frames
from layers.access import STAFF
from layers.layer import Layer, Legend, Measure, Support
from layers.products import Products
from layers.requests import Request

LEVELS = ("exact", "near", "road", "zone", "town")


def query(products: Products, request: Request) -> pd.DataFrame:  # noqa: ARG001 - points have one resolution
    """One row per located subject; the value is its level of location less one."""
    rows = frames.located(products)
    level = rows["match_level"].to_numpy(np.float64, na_value=np.nan)
    return frames.mark(rows, np.where(level <= len(LEVELS), level - 1, np.nan))


LAYER = Layer(
    id="subjects",
    theme="market",
    support=Support("point"),
    measure=Measure("match_level", "", "category", categories=LEVELS),
    legend=Legend("location"),
    reads=("subjects",),
    tables=("legal_persons",),
    query=query,
    audience=STAFF,
    sensitivity="internal",
    detail="subject",
    order=90,
    visible=True,
    opacity=100,
    min_zoom=11.0,
)
