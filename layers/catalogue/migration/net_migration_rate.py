"""Net migration rate (净迁移率): moves in less moves out over the mean residents of two periods, by town."""

from __future__ import annotations

import pandas as pd

from layers import moves
from layers.access import EVERYONE
from layers.layer import Layer, Legend, Measure, Support, TimeAxis
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """Percent by town."""
    rows = moves.balance(products, request)
    return moves.laid(products, request, rows["net_rate"].astype("float64") * 100, rows["suppressed"].astype(bool))


LAYER = Layer(
    id="net-migration-rate",
    theme="migration",
    support=Support("area", ("town",)),
    measure=Measure("net_rate", "percent", "signed", digits=2),
    legend=Legend("migration", scheme="fixed", breaks=(-3.0, -1.0, 1.0, 3.0)),
    time=TimeAxis("year", moves.periods),
    reads=("grids", moves.BALANCE),
    tables=("grids",),
    query=query,
    audience=EVERYONE,
    order=60,
)
