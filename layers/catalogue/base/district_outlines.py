"""Outlines of the districts (区县界)."""

from __future__ import annotations

import pandas as pd

from layers import frames
from layers.access import EVERYONE
from layers.layer import Layer, Support
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """All districts; an outline has no value."""
    return frames.lay(frames.ids_of(products, "area", request.resolution), frames.NOTHING, empty=frames.NO_DATA)


LAYER = Layer(
    id="district-outlines",
    theme="base",
    support=Support("area", ("district",)),
    reads=("districts",),
    tables=("districts",),
    query=query,
    audience=EVERYONE,
    detail="district",
    order=80,
    visible=True,
    opacity=100,
    names=True,
)
