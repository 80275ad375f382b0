"""Counts in relation to something: subjects per square kilometre and per thousand residents."""

from __future__ import annotations

import pandas as pd


def subjects_per_km2(frame: pd.DataFrame) -> pd.Series:
    """Return ``subjects`` / ``area_km2`` of n cells or areas, 1/km2; null where the area is missing or 0."""
    density: pd.Series = frame["subjects"] / frame["area_km2"].where(frame["area_km2"] > 0)
    return density.rename("subjects_per_km2")


def subjects_per_1000(subjects_by_area: pd.DataFrame, residents_by_area: pd.DataFrame) -> pd.DataFrame:
    """Return located subjects for every thousand residents of the latest census of each area.

    Registered subjects are set against residents, not against people at work there: an office district looks
    dense.

    Returns
    -------
    area_code, area_level, subjects, residents (nullable), reference_date (nullable), subjects_per_1000
    (null where residents are missing or 0); the rows and order of ``subjects_by_area``.
    """
    latest = residents_by_area.sort_values("reference_date").drop_duplicates(["area_code", "area_level"], keep="last")
    latest = latest[["area_code", "area_level", "residents", "reference_date"]]
    counts = subjects_by_area[["area_code", "area_level", "subjects"]]
    joined = counts.merge(latest, on=["area_code", "area_level"], how="left", validate="one_to_one")
    rate = joined["subjects"] / joined["residents"].where(joined["residents"] > 0) * 1000
    return joined.assign(subjects_per_1000=rate)
