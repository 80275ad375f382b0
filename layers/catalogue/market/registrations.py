"""New registrations per square kilometre (新登记密度) by hexagon, over the twelve months that end with the period."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers import frames
from layers.access import EVERYONE
from layers.certainty import known_zeros
from layers.layer import Layer, Legend, Measure, Support, TimeAxis
from layers.products import Products
from layers.requests import Request

PRODUCT = "registrations_by_cell_month"
SHOWN_MONTHS = 120


def query(products: Products, request: Request) -> pd.DataFrame:
    """Registrations of the twelve months over the true area of each cell.

    Where the register has no row at all for one of the months, the sum is short and all of it is flagged estimated.
    """
    months = frames.window(str(request.period))
    rows = frames.by_cell(products, PRODUCT, request.resolution)
    counts = rows[rows["month"].isin(months)].groupby(level="h3")["subjects"].sum()
    areas = frames.cells(products, request.resolution).set_index("h3")["area_km2"]
    density = (counts / areas.reindex(counts.index)).dropna()
    frame = frames.lay(frames.ids_of(products, "hex", request.resolution), density, empty=frames.ZERO)
    if not set(months) <= _covered(products):
        frame["flag"] = frames.ESTIMATED
    frame = known_zeros(frame, products, "hex", request.resolution)
    return frames.with_coarse(frame, products, request.resolution)


@lru_cache(maxsize=4)
def _covered(products: Products) -> frozenset[str]:
    return frozenset(products.frame(PRODUCT)["month"].unique())


def spread(products: Products, resolution: str) -> npt.NDArray[np.float64]:
    """Every density other than zero of every period, without laying each period on all cells."""
    return frames.windowed_density(products, PRODUCT, resolution, periods(products))


def periods(products: Products) -> tuple[str, ...]:
    """The last ten years of months that have registrations."""
    return frames.months(products.frame(PRODUCT), SHOWN_MONTHS)


LAYER = Layer(
    id="registrations",
    theme="market",
    support=Support("hex", ("7", "8", "9")),
    measure=Measure("subjects", "subjects_per_km2_year", "density"),
    legend=Legend("density"),
    time=TimeAxis("month", periods),
    reads=("cells", PRODUCT, "subjects_by_cell", "subjects_by_area"),
    tables=("legal_persons",),
    query=query,
    spread=spread,
    audience=EVERYONE,
    detail="cell",
    order=12,
    estimate="legend.coarse_or_short",
)
