"""Weeks in which a town or one of its industries registered more than it should (区域异常增长)."""

from __future__ import annotations

import pandas as pd

from layers import frames
from layers.access import STAFF
from layers.layer import Layer, Legend, Measure, Support, TimeAxis
from layers.products import Products
from layers.requests import Request

PRODUCT = "area_alarms"


def query(products: Products, request: Request) -> pd.DataFrame:
    """The highest score of the week in a town, its grid cells and their industries; 0 without an alarm.

    An alarm is said once, as finely as the numbers allow, so those of grid cells are carried up to their town. Alarms
    of a district or of the city as a whole lie in no town and are not drawn.
    """
    rows = products.frame(PRODUCT)
    rows = rows[(rows["week"].dt.strftime("%Y-%m-%d") == request.period) & rows["area_level"].isin(("town", "grid"))]
    grids = products.frame("grids")
    parent = grids.set_index("grid_code")["parent_code"]
    town = rows["area_code"].where(rows["area_level"] == "town", rows["area_code"].map(parent))
    highest = rows["score"].astype("float64").groupby(town.astype("str")).max()
    return frames.lay(frames.ids_of(products, "area", request.resolution), highest, empty=frames.ZERO)


def periods(products: Products) -> tuple[str, ...]:
    """First days of the weeks that had an alarm anywhere, oldest first."""
    return tuple(sorted(products.frame(PRODUCT)["week"].dt.strftime("%Y-%m-%d").unique()))


LAYER = Layer(
    id="area-alarms",
    theme="supervision",
    support=Support("area", ("town",)),
    measure=Measure("score", "", "index", digits=1),
    legend=Legend("risk", scheme="fixed", breaks=(1.0, 1.5, 2.0, 3.0)),
    time=TimeAxis("day", periods),
    reads=("grids", PRODUCT),
    tables=("legal_persons", "grids"),
    query=query,
    audience=STAFF,
    sensitivity="internal",
    order=61,
)
