"""Residents per square kilometre (常住人口密度) by district at the latest census."""

from __future__ import annotations

import pandas as pd

from layers import frames
from layers.access import EVERYONE
from layers.layer import Layer, Legend, Measure, Support
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """Residents of the latest census over the area of the district or town today."""
    residents = frames.latest_residents(products, request.resolution)["residents"]
    area = frames.area_km2(products, request.resolution)
    return frames.lay(
        frames.ids_of(products, "area", request.resolution),
        residents / area.reindex(residents.index),
        empty=frames.NO_DATA,
    )


LAYER = Layer(
    id="census-residents",
    theme="population",
    support=Support("area", ("district",)),
    measure=Measure("residents", "persons_per_km2", "density"),
    legend=Legend("density"),
    reads=("districts", "residents_by_area", "subjects_by_area"),
    tables=("census_values", "districts"),
    query=query,
    audience=EVERYONE,
    detail="district",
    order=30,
)
