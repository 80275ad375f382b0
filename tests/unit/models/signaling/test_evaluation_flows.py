"""Shown flows beside their truth: hidden ones and those beyond the city left out, nobody counted as such."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.signaling.evaluation_flows import (
    commuters_beside,
    interval_figures,
    moves_beside,
    total_figures,
    visitors_beside,
)

TOWNS = ("a", "b")


def table(names, *rows):
    values = ["persons", "low", "high", "devices"]
    frame = pd.DataFrame(rows, columns=[*names, *values])
    return frame.assign(suppressed=frame["persons"].isna(), area_level="town")


def test_commuters_of_shown_pairs_between_the_towns_of_the_city():
    found = table(
        ["from_code", "to_code"], ("a", "a", 90.0, 80.0, 100.0, 20), ("a", "b", 50.0, 40.0, 60.0, 12),
        ("b", "a", None, None, None, None), ("b", "outside", 70.0, 60.0, 80.0, 14), ("b", "b", 30.0, 20.0, 40.0, 11),
    )  # fmt: skip
    beside = commuters_beside(found, np.array([[95.0, 61.0], [5.0, 40.0]]), TOWNS)
    assert beside["kind"].tolist() == ["commute_own", "commute", "commute_own"]
    assert beside["true"].tolist() == [95.0, 61.0, 40.0]
    figures = {figure.name: (figure.value, figure.tested) for figure in interval_figures(beside)}
    assert figures == {
        "90 % interval holds the truth, commuters between towns": (0.0, 1),
        "90 % interval holds the truth, commuters within their town": (1.0, 2),
    }


def test_moves_of_towns_and_of_the_city_and_classes_without_movers():
    truth = pd.DataFrame(
        [("a", "in", "intra_city", 30.0), ("b", "in", "intra_city", 12.0)],
        columns=["town", "direction", "origin_class", "persons"],
    )
    found = table(
        ["area_code", "direction", "origin_class"], ("a", "in", "intra_city", 25.0, 20.0, 29.0, 30),
        ("city", "in", "intra_city", 40.0, 35.0, 45.0, 60), ("city", "in", "international", 0.0, 0.0, 3.0, 0),
    )  # fmt: skip
    beside = moves_beside(found, truth)
    assert beside["true"].tolist() == [30.0, 42.0, 0.0]
    assert [figure.value for figure in interval_figures(beside)] == [2 / 3]


def test_visitors_by_where_they_come_from():
    truth = pd.DataFrame(
        [("a", "intra_city", 9.0), ("a", "international", 4.0)], columns=["town", "origin_class", "persons"]
    )
    found = table(
        ["area_code", "origin_class"],
        ("a", "intra_city", 20.0, 10.0, 30.0, 40),
        ("a", "international", 5.0, 3.0, 7.0, 30),
    )
    figures = {figure.name.split(", ")[1]: figure.value for figure in interval_figures(visitors_beside(found, truth))}
    assert figures == {"visitors from elsewhere": 1.0, "visitors from the city": 0.0}
    beside = visitors_beside(found, truth)
    totals = {figure.name.split(",")[0]: figure.value for figure in total_figures(beside, least=1)}
    assert totals == {"visitors from elsewhere": 5 / 4, "visitors from the city": 20 / 9}
    assert total_figures(beside) == []  # one flow of each kind: chance
