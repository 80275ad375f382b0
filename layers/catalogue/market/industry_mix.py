"""Leading industry (主导行业) of each hexagon, in eight groups of the sections of GB/T 4754."""

from __future__ import annotations

import pandas as pd

from layers import frames
from layers.access import EVERYONE
from layers.layer import Layer, Legend, Measure, Support
from layers.products import Products
from layers.requests import Request

GROUPS = {
    "agriculture": "A",
    "industry": "BCD",
    "construction": "E",
    "trade": "F",
    "transport": "G",
    "catering": "H",
    "business": "IJKLM",
    "public": "NOPQRST",
}
GROUP_OF = {section: float(code) for code, sections in enumerate(GROUPS.values()) for section in sections}


def query(products: Products, request: Request) -> pd.DataFrame:
    """Group of the most frequent section; no data where no subject has a section."""
    rows = frames.by_cell(products, "subjects_by_cell", request.resolution)
    groups = rows["dominant_section"].map(GROUP_OF).astype("float64")
    ids = frames.ids_of(products, "hex", request.resolution)
    frame = frames.lay(ids, groups, empty=frames.NO_DATA, zero=frames.OBSERVED)
    return frames.with_coarse(frame, products, request.resolution)


LAYER = Layer(
    id="industry-mix",
    theme="market",
    support=Support("hex", ("7", "8", "9")),
    measure=Measure("dominant_section", "", "category", categories=tuple(GROUPS)),
    legend=Legend("sections"),
    reads=("cells", "subjects_by_cell"),
    tables=("legal_persons",),
    query=query,
    audience=EVERYONE,
    detail="cell",
    order=16,
    estimate="legend.coarse",
)
