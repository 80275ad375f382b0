"""Legal persons per thousand residents (每千常住人口市场主体数) by town."""

from __future__ import annotations

from dataclasses import replace

from layers.catalogue.population import subjects_per_1000_residents
from layers.layer import Support

LAYER = replace(
    subjects_per_1000_residents.LAYER,
    id="subjects-per-1000-residents-town",
    support=Support("area", ("town",)),
    reads=("grids", "residents_by_area", "subjects_by_area"),
    tables=("legal_persons", "census_values", "grids"),
    detail="",
    order=35,
)
