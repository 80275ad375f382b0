"""Rates of moves between two periods by town: the share of the mean residents that came, left, or both."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layers import frames
from layers.access import EVERYONE
from layers.layer import Layer, Legend, Measure, Support, TimeAxis
from layers.products import Products
from layers.requests import Request

BALANCE, FLOWS = "migration_balance", "migration_flows"


def periods(products: Products) -> tuple[str, ...]:
    """The later period of each pair, ascending."""
    return tuple(sorted(products.frame(BALANCE)["period_to"].astype(str).unique()))


def balance(products: Products, request: Request) -> pd.DataFrame:
    """The balances of the towns of one pair of periods, by code."""
    rows = frames.by_area(products, BALANCE, request.resolution)
    return rows[rows["period_to"] == str(request.period)]


def laid(products: Products, request: Request, percent: pd.Series, hidden: pd.Series) -> pd.DataFrame:
    """Values by code on all towns; hidden ones are flagged suppressed, towns without a row have no data."""
    frame = frames.lay(frames.ids_of(products, "area", request.resolution), percent, empty=frames.NO_DATA)
    own = hidden.reindex(frame["id"]).fillna(False).to_numpy(bool)
    return frame.assign(flag=np.where(own, frames.SUPPRESSED, frame["flag"].to_numpy(np.int64)))


def rate(products: Products, request: Request, direction: str, origin_class: str = "") -> pd.DataFrame:
    """Percent of the mean residents of both periods who moved in or out, of one class of origin or all of them."""
    rows = balance(products, request)
    mean = (rows["residents_from"].astype("float64") + rows["residents_to"].astype("float64")) / 2
    moved, hidden = rows[f"moved_{direction}"].astype("float64"), rows["suppressed"].astype(bool)
    if origin_class:
        flows = frames.by_area(products, FLOWS, request.resolution)
        kept = (flows["period_to"] == str(request.period)) & (flows["direction"] == direction)
        own = flows[kept & (flows["origin_class"] == origin_class)]
        moved = own["persons"].astype("float64").reindex(rows.index)
        hidden = hidden | own["suppressed"].astype(bool).reindex(rows.index, fill_value=True)
    return laid(products, request, (100 * moved / mean.where(mean > 0)), hidden)


def rate_layer(layer_id: str, direction: str, order: int, origin_class: str = "") -> Layer:
    """A layer of one direction, of one class of origin or all of them."""

    def query(products: Products, request: Request) -> pd.DataFrame:
        return rate(products, request, direction, origin_class)

    return Layer(
        id=layer_id,
        theme="migration",
        support=Support("area", ("town",)),
        measure=Measure(f"moved_{direction}", "percent", "rate", digits=2),
        legend=Legend("density"),
        time=TimeAxis("year", periods),
        reads=("grids", BALANCE, *((FLOWS,) if origin_class else ())),
        tables=("grids",),
        query=query,
        audience=EVERYONE,
        order=order,
    )
