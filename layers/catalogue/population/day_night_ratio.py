"""People present at two in the afternoon over those at three at night (昼夜人口比) on workdays, by hexagon."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layers import estimates
from layers.access import STAFF
from layers.layer import Disclosure, Layer, Legend, Measure, Support
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """Day over night; hidden where either is, no data where nobody is there at night."""
    day = estimates.present(products, request.resolution, estimates.DAY)
    night = estimates.present(products, request.resolution, estimates.NIGHT).reindex(day.index)
    above, below = (rows["persons"].to_numpy(np.float64, na_value=np.nan) for rows in (day, night))
    ratio = np.divide(above, below, out=np.full(len(day), np.nan), where=below > 0)
    both = pd.DataFrame(
        {
            "devices": np.fmin(*(rows["devices"].to_numpy(np.float64, na_value=np.nan) for rows in (day, night))),
            "suppressed": day["suppressed"].to_numpy(bool) | night["suppressed"].fillna(True).to_numpy(bool),
        },
        index=day.index,
    )
    cv = np.hypot(estimates.deviation(day), estimates.deviation(night))
    return estimates.on_hexes(products, request.resolution, both, ratio, cv)


LAYER = Layer(
    id="day-night-ratio",
    theme="population",
    support=Support("hex", ("7", "8")),
    measure=Measure("persons", "", "rate", digits=2),
    legend=Legend("balance", scheme="fixed", breaks=(0.5, 0.8, 1.25, 2.0), middle=1.0),
    reads=("cells", "present_by_hour"),
    tables=(),
    query=query,
    audience=STAFF,
    sensitivity="internal",
    disclosure=Disclosure("devices", estimates.FINE_K),
    detail="cell",
    order=41,
    estimate="legend.uncertain",
)
