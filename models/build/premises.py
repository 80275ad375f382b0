"""The step that says of every place of business what its inspections found."""

from __future__ import annotations

from models.analysis.premises import premises_checks
from models.build.analysis import Analysis, Frames
from models.fusion.areas import codes_at, finest
from models.profile import City


def _checks(_city: City, frames: Frames) -> Frames:
    as_of = frames["clock"]["as_of"].iloc[0]
    checks = premises_checks(frames["premises"], frames["inspections"], frames["findings"], as_of)
    if len(frames["grids"]):
        leaves = finest(frames["grids"])
        checks["grid_code"] = codes_at(leaves.geometry, leaves["grid_code"], checks["lon"], checks["lat"])
    return {"premises_checks": checks}


ANALYSES = (
    Analysis(
        "premises checks",
        ("premises", "inspections", "clock"),
        ("premises_checks",),
        _checks,
        wishes=("findings", "grids"),
    ),
)
