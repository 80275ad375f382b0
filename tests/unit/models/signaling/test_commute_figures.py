"""Figures of the shown commuters: by hand, and nothing of a hidden flow in them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from models.signaling.commute_figures import NAMES, commute_figures, town_centres
from models.signaling.places import Allocation
from models.signaling.zones import Zones


@pytest.fixture
def zones():
    """Three network cells, one a hexagon and a town each, 3 and 4 km apart at a right angle."""
    where = np.array([[0.0, 0.0], [3_000.0, 0.0], [0.0, 4_000.0]])
    allocation = Allocation(
        sp.identity(3, format="csr"), np.arange(3, dtype=np.uint64), np.ones(3, bool), np.empty(0, np.int64), "t", where
    )
    return Zones(allocation, ("a", "b", "c"), np.arange(3))


def flows(*rows):
    frame = pd.DataFrame(rows, columns=["from_code", "to_code", "persons"])
    return frame.assign(suppressed=frame["persons"].isna())


def test_three_towns_by_hand(zones):
    found = commute_figures(flows(("a", "a", 100.0), ("a", "b", 30.0), ("b", "a", 10.0)), zones)
    asymmetry = np.sqrt(2) * 20
    assert found["commute_asymmetry"] == pytest.approx(asymmetry / np.sqrt(100**2 + 30**2 + 10**2))
    assert found["commute_asymmetry_between_towns"] == pytest.approx(asymmetry / np.sqrt(30**2 + 10**2))
    assert found["commute_km_between_centres"] == pytest.approx(40 * 3 / 140)
    assert found["least_commute_km_between_centres"] == pytest.approx(
        20 * 3 / 140
    )  # only 20 jobs more in b than people


def test_hidden_flows_and_those_beyond_the_city_change_nothing(zones):
    shown = (("a", "b", 30.0), ("b", "a", 10.0))
    apart = (("c", "a", None), ("a", "outside", 500.0), ("outside", "b", 7.0))
    assert commute_figures(flows(*shown, *apart), zones) == commute_figures(flows(*shown), zones)


def test_without_shown_flows_there_are_no_figures(zones):
    found = commute_figures(flows(("a", "b", None)), zones)
    assert list(found) == list(NAMES)
    assert np.isnan(list(found.values())).all()


def test_centres_are_those_of_the_network(zones):
    assert town_centres(zones).tolist() == [[0.0, 0.0], [3_000.0, 0.0], [0.0, 4_000.0]]
