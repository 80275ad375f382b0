from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from models.signaling.evaluation_roads import f1, road_figures, true_speeds

HOURS = range(24)


def truth_rows() -> pd.DataFrame:
    """A road of 4 km in half kilometres: kilometres 1 to 2 at 20 km/h at 08:00, else 80."""
    rows = []
    for k in range(8):
        for hour in HOURS:
            speed = 20.0 if k in (2, 3) and hour == 8 else 80.0
            rows.append(("G1", "forward", 106.7 + (k + 0.5) * 0.005, 28.9, 0.5, "workday", hour, speed, 80.0))
    names = ["road", "direction", "lon", "lat", "length_km", "daytype", "hour", "speed_kmh", "free_kmh"]
    return pd.DataFrame(rows, columns=names)


def sections(kilometres: float) -> gpd.GeoDataFrame:
    """Sections of that many kilometres of the same road, and one of another road beside it."""
    step = kilometres * 0.01
    cuts = np.arange(106.7, 106.74 - 1e-9, step)
    lines = [shapely.LineString([(a, 28.9), (a + step, 28.9)]) for a in cuts]
    frame = pd.DataFrame({"section_id": [f"S{k}" for k in range(len(lines))], "name": "G1", "direction": "forward",
                          "length_m": 1000.0 * kilometres})  # fmt: skip
    frame.loc[len(frame)] = ["X0", "G2", "forward", 1000.0]
    return gpd.GeoDataFrame(frame, geometry=[*lines, lines[0]], crs=4326)


def test_the_true_speed_of_a_section_is_its_way_over_the_time_of_its_stretches() -> None:
    found = true_speeds(sections(2.0), truth_rows(), 4544).set_index(["section_id", "hour"])
    # 1 km at 80 and 1 km at 20 km/h: 2 km in 45 + 180 s = 32 km/h, where the mean of speeds says 50
    assert found.loc[("S0", 8), "true_kmh"] == pytest.approx(32.0)
    assert found.loc[("S0", 8), "true_tti"] == pytest.approx(2.5)
    assert found.loc[("S1", 8), "true_kmh"] == pytest.approx(80.0)
    assert "X0" not in found.index.get_level_values(0)


def released(true: pd.DataFrame, jam: bool | None) -> pd.DataFrame:
    """A product that is right (None), or says the same of every hour."""
    said = true["true_tti"] >= 2 if jam is None else pd.Series(jam, index=true.index)
    speed = true["true_kmh"] * 1.05
    return pd.DataFrame({
        "section_id": true["section_id"], "daytype": true["daytype"], "hour": true["hour"], "speed_kmh": speed,
        "low": speed * 0.9, "high": speed * 1.1, "tti": true["true_tti"], "jam": said.astype("boolean"),
    })  # fmt: skip


def test_who_always_says_free_is_right_nearly_always_and_worth_nothing() -> None:
    true = true_speeds(sections(1.0), truth_rows(), 4544)
    always = released(true, jam=False)
    right = (always["jam"].to_numpy(bool) == (true["true_tti"] >= 2).to_numpy()).mean()
    assert right > 0.95
    scores = {f.name: f for f in road_figures(always, true, 2.0)}
    assert scores["jam F1, 1 km sections, hours of changing speed"].value == 0.0
    assert scores["jam F1, 1 km sections, hours of changing speed"].met is False


def test_a_right_product_has_all_jams_and_its_error_is_told() -> None:
    true = true_speeds(sections(1.0), truth_rows(), 4544)
    scores = {f.name: f for f in road_figures(released(true, None), true, 2.0)}
    jams = scores["jam F1, 1 km sections, hours of changing speed"]
    assert (jams.value, jams.tested) == (1.0, 3)  # 07:00, 08:00 and 09:00 of one section
    assert scores["speed error, 1 km sections, median"].value == pytest.approx(0.05)
    assert scores["speed, median bias"].value == pytest.approx(0.05)
    assert scores["90 % interval of the speed holds the truth"].value == 1.0
    assert np.isnan(scores["jam F1, 3 km sections, hours of changing speed"].value)


def test_hidden_hours_count_as_hidden_and_not_as_free() -> None:
    true = true_speeds(sections(1.0), truth_rows(), 4544)
    found = released(true, None)
    found.loc[found["hour"] < 12, ["speed_kmh", "tti", "jam"]] = None
    scores = {f.name: f for f in road_figures(found, true, 2.0)}
    assert scores["section hours shown"].value == pytest.approx(0.5)
    assert np.isnan(scores["jam F1, all sections and hours"].value)


def test_f1_is_twice_the_hits_over_hits_and_errors() -> None:
    rows = pd.DataFrame({"jam": [True, True, False, False], "true_jam": [True, False, True, False]})
    assert f1(rows) == pytest.approx(0.5)
