"""Residents per square kilometre (常住人口密度) by town at the latest census; derived town cells have none."""

from __future__ import annotations

from dataclasses import replace

from layers.catalogue.population import census_residents
from layers.layer import Support

LAYER = replace(
    census_residents.LAYER,
    id="census-residents-town",
    support=Support("area", ("town",)),
    reads=("grids", "residents_by_area", "subjects_by_area"),
    tables=("census_values", "grids"),
    detail="",
    order=31,
)
