"""The signaling products of the small city: hexagons shown, hidden, empty, uncertain and not served by any cell."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models import contracts

PERIODS = ("2014", "2015")
STATES = ("shown", "shown", "hidden", "shown", "empty", "uncertain", "uncovered")
"""State of the hexagons of a resolution by ascending id, over and over."""


def _states(cells: pd.DataFrame, resolution: int) -> pd.DataFrame:
    rows = cells[cells["resolution"] == resolution].sort_values("h3", ignore_index=True)
    state = np.array(STATES, dtype=object)[np.arange(len(rows)) % len(STATES)]
    return rows[["h3", "resolution", "area_km2"]].assign(state=state, n=np.arange(len(rows)))


def _estimate(places: pd.DataFrame, persons: np.ndarray) -> pd.DataFrame:
    """Persons, interval, devices and suppressed of places in their states; 30 devices where shown."""
    hidden, empty = places["state"] == "hidden", places["state"] == "empty"
    half = np.where(places["state"] == "uncertain", 0.9, 0.3) * persons
    devices = pd.Series(np.where(empty, 0, 30), index=places.index).astype("Int64")
    frame = pd.DataFrame({
        "persons": np.where(empty, 0.0, persons), "low": np.where(empty, 0.0, persons - half),
        "high": np.where(empty, 0.0, persons + half), "devices": devices, "suppressed": hidden,
    }, index=places.index)  # fmt: skip
    hide = ["persons", "low", "high", "devices"]
    frame[hide] = frame[hide].mask(hidden)
    return frame


def _by_hour(places: pd.DataFrame, period: str) -> list[pd.DataFrame]:
    """More people by day in even hexagons, fewer in odd ones; a tenth fewer at weekends."""
    parts = []
    for weekend, daytype in enumerate(("workday", "weekend")):
        for hour in range(24):
            swing = 1 + 0.6 * np.sin(np.pi * hour / 24) * np.where(places["n"] % 2 == 0, 1, -1)
            people = (40.0 + places["n"]) * swing * (1 - 0.1 * weekend)
            found = _estimate(places, people.to_numpy())
            parts.append(places[["h3", "resolution"]].join(found).assign(daytype=daytype, hour=hour, period=period))
    return parts


def _roles(places: pd.DataFrame, period: str) -> list[pd.DataFrame]:
    return [
        places[["h3", "resolution"]]
        .join(_estimate(places, (factor * (50.0 + places["n"])).to_numpy()))
        .assign(role=role, period=period)
        for role, factor in (("resident", 1.0), ("worker", 0.5), ("short_stay", 0.1))
    ]


def _towns() -> dict[str, pd.DataFrame]:
    """The first town whole; the second shows jobs but hides who lives and works there, and one origin of visitors.

    Of the commuters between them those into the second town are hidden, those into the first are there in 2015 only.
    """
    jobs = pd.DataFrame({
        "period": "2015", "area_code": ["5001100", "5001110"], "area_level": "town",
        "working_residents": [1000.0, 400.0], "jobs": [1500.0, 200.0], "both": [600.0, np.nan],
        "jobs_housing_ratio": [1.5, 0.5], "self_containment": [0.6, np.nan], "job_self_sufficiency": [0.4, np.nan],
        "mean_distance_km": [4.0, 9.0], "devices": [80, 20], "suppressed": False,
    })  # fmt: skip
    visits = pd.DataFrame({
        "period": "2015", "area_code": ["5001100", "5001100", "5001110", "5001110"], "area_level": "town",
        "origin_class": ["intra_city", "inter_provincial"] * 2, "persons": [900.0, 300.0, 500.0, np.nan],
        "low": [800.0, 200.0, 400.0, np.nan], "high": [1000.0, 400.0, 600.0, np.nan],
        "devices": pd.array([90, 30, 50, None], dtype="Int64"), "suppressed": [False, False, False, True],
    })  # fmt: skip
    commuters = pd.DataFrame({
        "from_code": ["5001100", "5001100", "5001110"], "to_code": ["5001100", "5001110", "5001100"],
        "area_level": "town", "persons": [600.0, np.nan, 300.0], "low": [500.0, np.nan, 200.0],
        "high": [700.0, np.nan, 400.0], "devices": pd.array([60, None, 30], dtype="Int64"),
        "suppressed": [False, True, False],
    })  # fmt: skip
    return {
        "commute_flows": pd.concat([commuters.iloc[:2].assign(period="2014"), commuters.assign(period="2015")]),
        "jobs_housing": pd.concat([jobs.assign(period=p) for p in PERIODS], ignore_index=True),
        "visitors": pd.concat([visits.assign(period=p) for p in PERIODS], ignore_index=True),
    }


def products(cells: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Products of two periods, each on its contract."""
    hours, roles, seen = [], [], []
    for period in PERIODS:
        for resolution in (7, 8):
            places = _states(cells, resolution)
            covered = places["state"] != "uncovered"
            served = places[covered]
            hours += _by_hour(served, period)
            roles += _roles(served, period)
            width = np.where(covered, 0.5 + places["n"] % 5 / 2, np.nan)
            quality = places[["h3", "resolution"]].assign(
                covered=covered, serving_cells=np.where(covered, 4.0, np.nan), spread_km=width, period=period
            )
            seen.append(quality)
    found = {
        "present_by_hour": pd.concat(hours, ignore_index=True), "residents_by_hex": pd.concat(roles, ignore_index=True),
        "coverage_quality": pd.concat(seen, ignore_index=True), **_towns(),
    }  # fmt: skip
    return {name: contracts.conform(name, frame) for name, frame in found.items()}
