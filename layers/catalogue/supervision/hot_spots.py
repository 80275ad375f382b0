"""Hot spots of new registrations (新登记热点) by hexagon: Gi* of the rate of new firms per existing firm."""

from __future__ import annotations

import pandas as pd

from layers import frames
from layers.access import STAFF
from layers.layer import Layer, Legend, Measure, Support
from layers.products import Products
from layers.requests import Request


def found(rows: pd.DataFrame) -> pd.Series:
    """Gi* of hot and cold places, 0 where the rate does not stand out, missing where nothing could be tested."""
    stands_out = rows["kind"].isin(("hot", "cold"))
    return rows["gi_star"].where(stands_out, 0.0).where(rows["kind"].notna())


def query(products: Products, request: Request) -> pd.DataFrame:
    """Findings after adjustment for the false discovery rate; no data where there is no rate or no neighbour."""
    rows = frames.by_cell(products, "hot_spots", request.resolution)
    ids = frames.ids_of(products, "hex", request.resolution)
    frame = frames.lay(ids, found(rows), empty=frames.NO_DATA, zero=frames.OBSERVED)
    return frames.with_coarse(frame, products, request.resolution)


LAYER = Layer(
    id="hot-spots",
    theme="supervision",
    support=Support("hex", ("7", "8", "9")),
    measure=Measure("gi_star", "sd", "signed", digits=1),
    legend=Legend("balance", scheme="fixed", breaks=(-4.0, -1.5, 1.5, 4.0)),
    reads=("cells", "hot_spots", "subjects_by_cell"),
    tables=("legal_persons",),
    query=query,
    audience=STAFF,
    sensitivity="internal",
    detail="cell",
    order=62,
    estimate="legend.coarse",
)
