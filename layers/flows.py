"""Layer frames of flows between areas: every pair that is shown in any period, in one order for all of them.

A pair that is hidden stays among the rows as suppressed, and is never drawn: a thin arc would say that it is small.
"""

from __future__ import annotations

from functools import lru_cache

import geopandas as gpd
import numpy as np
import pandas as pd

from layers import frames
from layers.products import Products

PAIR = ["from_code", "to_code"]


def places(products: Products, level: str) -> pd.DataFrame:
    """Where arcs of a level begin and end, by ascending area_code: area_code, lon, lat (degrees).

    The seat of a town where the city gave one, else a point inside the area.
    """
    return _places(products, level)


@lru_cache(maxsize=6)
def _places(products: Products, level: str) -> pd.DataFrame:
    shapes = frames.areas(products, level)
    found = gpd.GeoSeries(shapes.geometry.representative_point().to_numpy(), index=shapes["area_code"].to_numpy(object))
    if level == "town" and products.has("towns"):
        towns = products.frame("towns").drop_duplicates("town_code").set_index("town_code")["geometry"]
        seats = gpd.GeoSeries(towns).reindex(found.index)
        found = found.where(~(seats.geom_type == "Point").to_numpy(), seats)
    return pd.DataFrame({"area_code": found.index, "lon": found.x.to_numpy(), "lat": found.y.to_numpy()})


def lay(products: Products, level: str, rows: pd.DataFrame, period: str) -> pd.DataFrame:
    """A layer frame of one period of flows, protected by their devices.

    Parameters
    ----------
    rows : of all periods: period, from_code, to_code, persons, devices, suppressed; pairs with an end outside of the
        areas of the level are left out

    Returns
    -------
    On the contract ``layer_flow``, ascending by id. A pair without a row in the period, which is shown in another, has
    no data: the product lists nobody for it, or too few.
    """
    known = set(places(products, level)["area_code"])
    inside = rows[rows["from_code"].isin(known) & rows["to_code"].isin(known)]
    pairs = inside[PAIR].drop_duplicates()
    pairs = pairs.assign(id=pairs["from_code"] + ">" + pairs["to_code"]).sort_values("id", ignore_index=True)
    own = inside[inside["period"] == period]
    found = pairs.merge(own[[*PAIR, "persons", "devices", "suppressed"]], how="left", on=PAIR)
    persons = found["persons"].to_numpy(np.float64, na_value=np.nan)
    hidden = found["suppressed"].fillna(False).to_numpy(bool)
    flags = np.select(
        [hidden, np.isnan(persons), persons == 0],
        [frames.SUPPRESSED, frames.NO_DATA, frames.ZERO],
        frames.OBSERVED,
    )
    devices = found["devices"].astype("Int64").mask(found["suppressed"].fillna(False).astype(bool))
    return pd.DataFrame(
        {
            "id": found["id"].astype("str"),
            "value": np.where(hidden, np.nan, persons),
            "flag": flags.astype(np.int64),
            "observed": devices,
            "from_code": found["from_code"].astype("str"),
            "to_code": found["to_code"].astype("str"),
        }
    )
