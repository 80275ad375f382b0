"""An empty cell is zero only where most subjects of its district are located."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from layers import certainty, frames


class City:
    """Two districts with a town each: nine in ten located in the first, one in ten in the second."""

    def __init__(self, second: float) -> None:
        self.made = {
            "subjects_by_area": pd.DataFrame(
                {"area_code": ["A", "B"], "area_level": "district", "located_share": [0.9, second]}
            ),
            "grids": pd.DataFrame(
                {
                    "grid_code": ["A", "A1", "B", "B1", "B2"],
                    "parent_code": [None, "A", None, "B", "B"],
                    "level": ["district", "town", "district", "town", "town"],
                    "name": list("abcde"),
                    "geometry": None,
                }
            ),
            "cells": pd.DataFrame({"resolution": 8, "h3": [1, 2, 3], "district_code": ["A", "B", None]}),
        }

    def frame(self, name: str) -> pd.DataFrame:
        return self.made[name]

    def has(self, name: str) -> bool:
        return name in self.made


@pytest.fixture(autouse=True)
def fresh() -> None:
    for cached in (certainty._doubtful, frames._cells, frames._areas):
        cached.cache_clear()


def zeros(ids: list[object], *values: float) -> pd.DataFrame:
    flags = [frames.ZERO if v == 0 else frames.OBSERVED for v in values]
    return pd.DataFrame({"id": ids, "value": np.array(values, float), "flag": flags})


def test_zeros_of_a_district_mostly_in_the_queue_are_no_data() -> None:
    shown = certainty.known_zeros(zeros(["A1", "B1", "B2"], 0, 0, 3), City(0.1), "grid", "grid")
    assert shown["flag"].tolist() == [frames.ZERO, frames.NO_DATA, frames.OBSERVED]
    assert np.isnan(shown["value"][1]) and shown["value"][2] == 3


def test_a_cell_on_the_edge_is_in_doubt_with_any_district() -> None:
    shown = certainty.known_zeros(zeros([1, 2, 3], 0, 0, 0), City(0.1), "hex", "8")
    assert shown["flag"].tolist() == [frames.ZERO, frames.NO_DATA, frames.NO_DATA]


def test_nothing_changes_where_every_district_is_mostly_located() -> None:
    given = zeros([1, 2, 3], 0, 0, 0)
    assert certainty.known_zeros(given, City(0.5), "hex", "8") is given
