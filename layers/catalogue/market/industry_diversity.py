"""Diversity of industries (行业多样性): Shannon entropy of the sections by hexagon."""

from __future__ import annotations

import pandas as pd

from layers import frames
from layers.access import EVERYONE
from layers.layer import Layer, Legend, Measure, Support
from layers.products import Products
from layers.requests import Request

LEAST = 5


def query(products: Products, request: Request) -> pd.DataFrame:
    """Entropy over the sections of GB/T 4754 in bits; no data where fewer than five subjects have a section."""
    rows = frames.by_cell(products, "subjects_by_cell", request.resolution)
    enough = rows["section_known"].fillna(0) >= LEAST
    entropy = rows["section_entropy"].where(enough)
    frame = frames.lay(frames.ids_of(products, "hex", request.resolution), entropy, empty=frames.NO_DATA)
    return frames.with_coarse(frame, products, request.resolution)


LAYER = Layer(
    id="industry-diversity",
    theme="market",
    support=Support("hex", ("7", "8", "9")),
    measure=Measure("section_entropy", "bit", "index", digits=2),
    legend=Legend("density", scheme="fixed", breaks=(0.8, 1.4, 2.0, 2.5)),
    reads=("cells", "subjects_by_cell"),
    tables=("legal_persons",),
    query=query,
    audience=EVERYONE,
    detail="cell",
    order=18,
    estimate="legend.coarse",
)
