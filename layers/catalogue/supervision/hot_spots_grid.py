"""Hot spots of new registrations (新登记热点) by cell of the supervision grid."""

from __future__ import annotations

import pandas as pd

from layers import frames
from layers.access import STAFF
from layers.layer import Layer, Legend, Measure, Support
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """Gi* of hot and cold cells, 0 where the rate does not stand out; no data where nothing could be tested."""
    rows = frames.by_area(products, "hot_spots_by_area", request.resolution)
    stands_out = rows["kind"].isin(("hot", "cold"))
    values = rows["gi_star"].where(stands_out, 0.0).where(rows["kind"].notna())
    ids = frames.ids_of(products, "grid", request.resolution)
    return frames.lay(ids, values, empty=frames.NO_DATA, zero=frames.OBSERVED)


LAYER = Layer(
    id="hot-spots-grid",
    theme="supervision",
    support=Support("grid", ("grid",)),
    measure=Measure("gi_star", "sd", "signed", digits=1),
    legend=Legend("balance", scheme="fixed", breaks=(-4.0, -1.5, 1.5, 4.0)),
    reads=("grids", "hot_spots_by_area"),
    tables=("legal_persons", "grids", "towns"),
    query=query,
    audience=STAFF,
    sensitivity="internal",
    detail="grid",
    order=63,
)
