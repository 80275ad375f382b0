"""Outlines of the supervision grid (监管网格)."""

from __future__ import annotations

import pandas as pd

from layers import frames
from layers.access import EVERYONE
from layers.layer import Layer, Support
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """All cells of the supervision grid; an outline has no value."""
    return frames.lay(frames.ids_of(products, "grid", request.resolution), frames.NOTHING, empty=frames.NO_DATA)


LAYER = Layer(
    id="grid-outlines",
    theme="base",
    support=Support("grid", ("grid",)),
    reads=("grids",),
    tables=("grids", "towns"),
    query=query,
    audience=EVERYONE,
    detail="grid",
    order=70,
    opacity=100,
    min_zoom=9.0,
)
