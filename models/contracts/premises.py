"""Contract of what is computed about places of business."""

from __future__ import annotations

from models.contracts.column import Column, Contract
from models.contracts.tables import DISTRICT, LAT, LON

WORST = ("none", "low", "moderate", "high")
"""The most serious fault found at a routine inspection, from nothing found on."""

PREMISES_PRODUCTS = (
    Contract(
        "premises_checks",
        "product",
        "one place of business and what its inspections until the business date say",
        (
            Column("premises_id", "str", "id given by the authority"),
            LON,
            LAT,
            DISTRICT,
            Column("grid_code", "str", "supervision grid cell that holds the point", nullable=True),
            Column("inspections", "int", "inspections of any kind", minimum=0),
            Column("last_on", "date", "day of the last inspection of any kind", nullable=True),
            Column("last_routine_on", "date", "day of the last routine inspection", nullable=True),
            Column(
                "worst",
                "str",
                "most serious fault at the last routine inspection; missing where there was none",
                nullable=True,
                allowed=WORST,
            ),
        ),
        ("premises_id",),
    ),
)
