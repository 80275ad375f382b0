"""Gates of the provinces on the wall: the right bearing, apart from each other, and names in both languages."""

from __future__ import annotations

import math
from itertools import pairwise

import pandas as pd
import pytest

from layers.wall import origins
from layers.wall.drawing import holding

BOX = (106.0, 28.0, 107.0, 29.0)


def bearing(point: tuple[float, float]) -> float:
    return math.degrees(math.atan2(point[1] - 28.5, (point[0] - 106.5) * math.cos(math.radians(28.5))))


def regions(*rows: tuple[str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["region_code", "lon", "lat"])


def test_a_gate_lies_in_the_direction_of_its_province_on_one_ring() -> None:
    found = origins.gates(regions(("45", 106.5, 20.0), ("42", 114.0, 28.5)), BOX)
    assert bearing(found["45"]) == pytest.approx(-90)
    assert bearing(found["42"]) == pytest.approx(0)
    far = [math.hypot((lon - 106.5) * math.cos(math.radians(28.5)), lat - 28.5) for lon, lat in found.values()]
    assert far[0] == pytest.approx(far[1])


def test_gates_of_one_bearing_move_apart_and_the_first_keeps_its_own() -> None:
    found = origins.gates(regions(("43", 112.0, 28.5), ("35", 118.0, 28.5), ("33", 120.0, 28.6)), BOX)
    turns = sorted(bearing(point) for point in found.values())
    assert bearing(found["43"]) == pytest.approx(0)
    assert min(b - a for a, b in pairwise(turns)) >= origins.APART_DEG - 1e-6


def test_names_are_there_in_both_languages() -> None:
    assert origins.region_names("zh-Hans")["52"] == "贵州"
    assert origins.region_names("en")["52"] == "Guizhou"
    assert origins.region_names("zh-Hans")["500103"] == "渝中区"


def test_a_box_grows_to_hold_what_lies_beyond() -> None:
    assert holding(BOX, []) == BOX
    assert holding(BOX, [(105.5, 28.2), (106.4, 29.4)]) == (105.5, 28.0, 107.0, 29.4)
