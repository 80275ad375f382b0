"""Share of level C and D (高风险占比) among the classified subjects, by hexagon; cells with few subjects are hidden."""

from __future__ import annotations

import pandas as pd

from layers import frames
from layers.access import STAFF
from layers.layer import Disclosure, Layer, Legend, Measure, Support
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """Percent by cell; a share of few subjects would be the level of a single firm, so their number goes along."""
    rows = frames.by_cell(products, "levels_by_cell", request.resolution)
    ids = frames.ids_of(products, "hex", request.resolution)
    frame = frames.lay(ids, rows["risk_share"].astype("float64") * 100, empty=frames.NO_DATA)
    counted = rows["subjects"].reindex(ids).fillna(0).to_numpy("int64")
    return frame.assign(observed=pd.array(counted, dtype="Int64"))


LAYER = Layer(
    id="risk-share",
    theme="supervision",
    support=Support("hex", ("7", "8", "9")),
    measure=Measure("risk_share", "percent", "rate", digits=1),
    legend=Legend("risk"),
    reads=("cells", "levels_by_cell"),
    tables=("legal_persons",),
    query=query,
    audience=STAFF,
    sensitivity="internal",
    disclosure=Disclosure("observed"),
    detail="cell",
    order=33,
)
