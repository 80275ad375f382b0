"""The market subjects with their regulatory level (监管等级): letter, shape and colour at every place."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layers import frames
from layers.access import SUPERVISION
from layers.layer import Layer, Legend, Measure, Support
from layers.products import Products
from layers.requests import Request

LEVELS = ("A", "B", "C", "D")


def query(products: Products, request: Request) -> pd.DataFrame:  # noqa: ARG001 - points have one resolution
    """One row per located subject; the value is its level as 0 (A) to 3 (D), missing where it has none."""
    rows = frames.located(products)
    known = products.frame("subject_levels", ("subject_id", "level")).set_index("subject_id")["level"]
    codes = pd.Categorical(known.reindex(rows["uscc"]), categories=LEVELS).codes.astype(np.float64)
    return frames.mark(rows, np.where(codes < 0, np.nan, codes))


LAYER = Layer(
    id="subject-levels",
    theme="supervision",
    support=Support("point"),
    measure=Measure("level", "", "category", categories=LEVELS),
    legend=Legend("levels"),
    reads=("subjects", "subject_levels"),
    tables=("legal_persons",),
    query=query,
    audience=SUPERVISION,
    sensitivity="internal",
    detail="subject",
    order=92,
    opacity=100,
    min_zoom=11.0,
)
