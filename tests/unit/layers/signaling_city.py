"""The signaling products of the small city: hexagons shown, hidden, empty, uncertain and not served by any cell."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString

from models import contracts
from models.contracts.roads import WEEKDAYS

PERIODS = ("2014", "2015")
JAMMED = ("workday", *WEEKDAYS[:4])
SHAPES = ("road_sections",)
"""Products with a geometry."""
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
    between = {"5001100": "500110", "5001110": "500111"}
    above = commuters.assign(**{end: commuters[end].map(between) for end in ("from_code", "to_code")})
    commuters = pd.concat([commuters, above.assign(area_level="district")], ignore_index=True)
    before = commuters.iloc[[0, 1, 3, 4]].assign(period="2014")
    weights = pd.DataFrame({
        "area_code": ["5001100", "5001110"], "area_level": "town", "design_effect": [1.2, np.nan],
        "mean_weight": [70.0, np.nan], "effective_devices": [300.0, np.nan],
        "devices": pd.array([360, None], dtype="Int64"), "suppressed": [False, True],
    })  # fmt: skip
    return {
        "weight_quality": pd.concat([weights.assign(period=p) for p in PERIODS], ignore_index=True),
        "commute_flows": pd.concat([before, commuters.assign(period="2015")]),
        "jobs_housing": pd.concat([jobs.assign(period=p) for p in PERIODS], ignore_index=True),
        "visitors": pd.concat([visits.assign(period=p) for p in PERIODS], ignore_index=True),
    }


def _roads() -> dict[str, pd.DataFrame]:
    """A road of six kilometres through both districts, two directions, six sections each; the fourth is not measured.

    Forward, kilometres 1 to 3 are jammed at 08:00 of a workday and the fifth is hidden at every hour of a weekend. Days
    of the week are listed for these three at 08:00 only: jammed from Monday to Thursday, free on Fridays, else hidden.
    """
    rows, speeds = [], []
    for d, direction in enumerate(("forward", "backward")):
        for k in range(6):
            ends = [(106.61 + 0.018 * (k + e), 29.02 + 0.004 * (k + e)) for e in ((0, 1) if d == 0 else (1, 0))]
            section = f"R01-{k + 1:03d}{'+-'[d]}"
            rows.append({
                "section_id": section, "road_id": "R01", "name": "渝黔公路", "road_class": "trunk",
                "direction": direction, "from_km": float(k), "to_km": k + 1.0, "length_m": 1000.0,
                "geometry": LineString(ends),
            })  # fmt: skip
            if k == 3:
                continue
            for daytype in ("workday", "weekend"):
                speeds += [_speed(section, k, d, daytype, hour) for hour in range(24) if hour not in (3, 4)]
            if d == 0 and k < 3:
                speeds += [_speed(section, k, d, day, 8) for day in WEEKDAYS]
    sections = gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4326")
    return {
        "road_sections": pd.concat([sections.assign(period=p) for p in PERIODS], ignore_index=True),
        "road_speeds": pd.concat([pd.DataFrame(speeds).assign(period=p) for p in PERIODS], ignore_index=True),
    }


def _speed(section: str, k: int, direction: int, daytype: str, hour: int) -> dict[str, object]:
    jam = direction == 0 and k < 3 and daytype in JAMMED and hour == 8
    speed = 15.0 + k if jam else 55.0 + k
    hidden = (direction == 0 and k == 4 and daytype == "weekend") or daytype in WEEKDAYS[5:]
    half = 1.9 if k == 5 else 1.1  # the last section is uncertain
    numbers = {
        "speed_kmh": speed, "low": speed / half, "high": speed * half, "free_flow_kmh": 60.0, "tti": 60.0 / speed,
        "jam": 60.0 / speed >= 2, "devices": 40,
    }  # fmt: skip
    if hidden:
        numbers = dict.fromkeys(numbers)
    return {"section_id": section, "road_id": "R01", "daytype": daytype, "hour": hour, **numbers, "suppressed": hidden}


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
                covered=covered, serving_cells=np.where(covered, 4.0, np.nan), spread_km=width,
                told_apart=covered, period=period,
            )  # fmt: skip
            seen.append(quality)
    found = {
        "present_by_hour": pd.concat(hours, ignore_index=True), "residents_by_hex": pd.concat(roles, ignore_index=True),
        "coverage_quality": pd.concat(seen, ignore_index=True), **_towns(), **_roads(),
    }  # fmt: skip
    return {name: contracts.conform(name, frame) for name, frame in found.items()}
