"""Persons who should be at registered firms for every person present by day (登记与现有人口之比), by hexagon."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layers import frames
from layers.access import STAFF
from layers.layer import Disclosure, Layer, Legend, Measure, Support
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """Expected over present; suppressed below the city's k of devices, no data where nothing covers the cell."""
    rows = products.frame("registered_present").set_index("h3")
    present = rows["present_day"].to_numpy(np.float64, na_value=np.nan)
    expected = rows["expected_persons"].to_numpy(np.float64, na_value=np.nan)
    ratio = np.divide(expected, present, out=np.full(present.size, np.nan), where=present > 0)
    ids = frames.ids_of(products, "hex", request.resolution)
    frame = frames.lay(ids, pd.Series(ratio, index=rows.index), empty=frames.NO_DATA)
    own = rows.reindex(frame["id"].to_numpy(np.uint64))
    hidden = own["suppressed"].fillna(False).to_numpy(bool)
    flags = np.where(hidden, frames.SUPPRESSED, frame["flag"].to_numpy(np.int64))
    return frame.assign(flag=flags, observed=own["devices"].astype("Int64").to_numpy(dtype=object)).astype(
        {"observed": "Int64"}
    )


LAYER = Layer(
    id="registered-present",
    theme="supervision",
    support=Support("hex", ("8",)),
    measure=Measure("present_per_expected", "expected_per_present", "rate", digits=2),
    legend=Legend("risk"),
    reads=("cells", "registered_present"),
    tables=("legal_persons", "annual_reports", "present_population"),
    query=query,
    audience=STAFF,
    sensitivity="internal",
    disclosure=Disclosure("observed"),
    detail="cell",
    order=43,
)
