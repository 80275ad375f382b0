"""Legal persons per thousand residents (每千常住人口市场主体数) by district."""

from __future__ import annotations

import pandas as pd

from layers import frames
from layers.access import EVERYONE
from layers.layer import Layer, Legend, Measure, Support
from layers.products import Products
from layers.requests import Request


def query(products: Products, request: Request) -> pd.DataFrame:
    """Located subjects of the area over the residents of the latest census; no data where nobody is counted."""
    residents = frames.latest_residents(products, request.resolution)["residents"]
    subjects = frames.by_area(products, "subjects_by_area", request.resolution)["subjects"]
    rate = subjects.reindex(residents.index) / residents.where(residents > 0) * 1000
    return frames.lay(frames.ids_of(products, "area", request.resolution), rate, empty=frames.NO_DATA)


LAYER = Layer(
    id="subjects-per-1000-residents",
    theme="population",
    support=Support("area", ("district",)),
    measure=Measure("subjects", "subjects_per_1000", "rate", digits=1),
    legend=Legend("density"),
    reads=("districts", "residents_by_area", "subjects_by_area"),
    tables=("legal_persons", "census_values", "districts"),
    query=query,
    audience=EVERYONE,
    detail="district",
    order=34,
)
