"""Open early warnings (预警密度) per square kilometre, by hexagon."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layers import frames
from layers.access import STAFF
from layers.layer import Layer, Legend, Measure, Support
from layers.products import Products
from layers.requests import Request
from models.fusion import hexes


def query(products: Products, request: Request) -> pd.DataFrame:
    """Density by cell of what asks for a visit: without data faults and licence tags; absence is none."""
    rows = products.frame("warnings", ("h3_r8", "theme", "data_fault", "ended_on"))
    shown = rows["ended_on"].isna() & ~rows["data_fault"] & (rows["theme"] != "licence") & rows["h3_r8"].notna()
    cells = hexes.parents(rows.loc[shown, "h3_r8"].to_numpy(dtype=np.uint64), int(request.resolution))
    size = frames.cells(products, request.resolution).set_index("h3")["area_km2"]
    counts = pd.Series(cells).value_counts().sort_index()
    values = counts.astype("float64") / size.reindex(counts.index).to_numpy(np.float64)
    return frames.lay(frames.ids_of(products, "hex", request.resolution), values, empty=frames.ZERO)


LAYER = Layer(
    id="warning-density",
    theme="supervision",
    support=Support("hex", ("7", "8")),
    measure=Measure("open_warnings", "warnings_per_km2", "density", digits=2),
    legend=Legend("risk"),
    reads=("cells", "warnings"),
    tables=("legal_persons",),
    query=query,
    audience=STAFF,
    sensitivity="internal",
    detail="cell",
    order=41,
)
