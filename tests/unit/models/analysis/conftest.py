"""Subjects with every kind of gap, and the areas they lie in."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.fusion import hexes


@pytest.fixture
def areas() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "area_code": pd.Series(["D1", "D2", "T1", "T2", "T3"], dtype="str"),
            "area_level": pd.Series(["district", "district", "town", "town", "town"], dtype="str"),
            "parent_code": pd.Series([None, None, "D1", "D1", "D2"], dtype="str"),
            "area_km2": [30.0, 50.0, 10.0, 20.0, 50.0],
        }
    )


@pytest.fixture
def subjects() -> pd.DataFrame:
    rng = np.random.default_rng(9)
    n = 600
    located = rng.random(n) < 0.85
    nine = hexes.cells_of(106.5 + rng.random(n) * 0.1, 28.9 + rng.random(n) * 0.1, 9)
    frame = {f"h3_r{r}": pd.Series(hexes.parents(nine, r), dtype="UInt64").mask(~located) for r in (7, 8, 9)}
    capital = pd.Series(np.round(rng.lognormal(13, 2, n), 2)).mask(rng.random(n) < 0.2)
    flag = pd.Series(rng.choice(["ok", "implausible", "unreadable"], n, p=[0.9, 0.06, 0.04]), dtype="str")
    sections = pd.Series(rng.choice(list("ACFFFGS"), n), dtype="str").mask(rng.random(n) < 0.15)
    dates = np.datetime64("2019-11-01") + rng.integers(0, 500, n).astype("timedelta64[D]")
    return pd.DataFrame(
        frame
        | {
            "located": located,
            "capital_cny": capital,
            "capital_flag": flag.mask(capital.isna(), "missing"),
            "industry_section": sections,
            "established_on": pd.Series(dates.astype("datetime64[s]")).mask(rng.random(n) < 0.1),
            "match_level": pd.Series(rng.integers(1, 7, n), dtype="Int64"),
            "error_radius_m": pd.Series(rng.uniform(10, 3000, n)).mask(rng.random(n) < 0.2),
            "district_code": pd.Series(rng.choice(["D1", "D2"], n), dtype="str"),
        }
    )


@pytest.fixture
def members(subjects) -> pd.DataFrame:
    """Town by chance, district above it; some located subjects outside all, un-located nowhere."""
    rng = np.random.default_rng(3)
    town = pd.Series(rng.choice(["T1", "T2", "T3", None], len(subjects), p=[0.5, 0.2, 0.2, 0.1]), dtype="str")
    town = town.mask(~subjects["located"])
    district = town.map({"T1": "D1", "T2": "D1", "T3": "D2"}).astype("str")
    nowhere = pd.Series([None] * len(subjects), dtype="str")
    return pd.DataFrame({"district": district, "town": town, "grid": nowhere})
