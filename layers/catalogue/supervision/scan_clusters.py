"""Clusters of registrations in space and time (时空聚集) by hexagon: how rarely chance alone shows one like it."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

from layers import frames
from layers.access import STAFF
from layers.layer import Layer, Legend, Measure, Support, TimeAxis
from layers.products import Products
from layers.requests import Request

PRODUCT = "scan_clusters"
LONGEST_DAYS = 36_500.0
"""A hundred years: what is rarer by chance is drawn as that."""


def query(products: Products, request: Request) -> pd.DataFrame:
    """The recurrence interval of the rarest cluster of the day that a cell belongs to; 0 in no cluster."""
    rows = products.frame(PRODUCT)
    rows = rows[rows["analysed_on"].dt.strftime("%Y-%m-%d") == request.period]
    cells = rows["cells"].map(json.loads)
    keys = np.array([int(text, 16) for zone in cells for text in zone], np.uint64)
    days = np.repeat(
        rows["recurrence_days"].clip(upper=LONGEST_DAYS).to_numpy(np.float64), cells.str.len().to_numpy(np.int64)
    )
    rarest = pd.Series(days, index=keys).groupby(level=0).max()
    return frames.lay(frames.ids_of(products, "hex", request.resolution), rarest, empty=frames.ZERO)


def periods(products: Products) -> tuple[str, ...]:
    """Days on which a cluster stood, oldest first."""
    days = products.frame(PRODUCT)["analysed_on"].dt.strftime("%Y-%m-%d")
    return tuple(sorted(days.unique()))


LAYER = Layer(
    id="scan-clusters",
    theme="supervision",
    support=Support("hex", ("8",)),
    measure=Measure("recurrence_days", "day", "index", digits=0),
    legend=Legend("risk", scheme="fixed", breaks=(30.0, 90.0, 365.0, 3650.0)),
    time=TimeAxis("day", periods),
    reads=("cells", PRODUCT),
    tables=("legal_persons",),
    query=query,
    audience=STAFF,
    sensitivity="internal",
    detail="cell",
    order=60,
)
