"""Weights of a period: the people shown in each town are its residents, whatever the cells at the border."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from models.signaling.places import Allocation
from models.signaling.weighting import weigh
from models.signaling.zones import Zones

SHARE = pd.Series([0.5, 0.25], index=["a", "b"])


@pytest.fixture
def zones():
    """Three cells over two hexagons, one in each of two towns; the middle cell reaches both."""
    weights = sp.csr_matrix([[1.0, 0.0], [0.7, 0.3], [0.1, 0.9]])
    hexes = np.array([1, 2], np.uint64)
    allocation = Allocation(weights, hexes, np.ones(2, dtype=bool), np.empty(0, np.int64), "any", np.zeros((3, 2)))
    return Zones(allocation, ("a", "b"), np.array([0, 1]))


@pytest.fixture
def people():
    cell = [0] * 10 + [1] * 20 + [2] * 8 + [None] * 2
    return pd.DataFrame(
        {"home_cell": pd.array(cell, dtype="Int32"), "resident_class": ["resident"] * 37 + ["short"] * 3}
    )


def shown(zones, weighted):
    living = weighted[weighted["resident_class"] == "resident"]
    by_cell = np.bincount(living["home_cell"].astype(int), living["weight"], 3)
    return zones.by_town.T @ by_cell


def test_without_residents_only_the_share_of_the_town_counts(zones, people):
    weighted, fitted = weigh(people, zones, SHARE, None, deduplication=1.0, most_persons=100)
    assert fitted is None
    assert weighted["weight"].tolist() == [2.0] * 30 + [4.0] * 7 + [1 / 0.375] * 3


def test_people_shown_in_each_town_are_its_residents(zones, people):
    residents = pd.Series([300.0, 200.0], index=["a", "b"])
    weighted, fitted = weigh(people, zones, SHARE, residents, deduplication=1.0, most_persons=100)
    np.testing.assert_allclose(shown(zones, weighted), residents, rtol=1e-3)
    assert (weighted["weight"] > 0).all()
    assert fitted is not None and fitted.dropped.empty


def test_margins_that_no_weights_can_meet_leave_weights_above_zero(zones, people):
    """Town b is shown at least its part of the border cell, so it cannot be emptied."""
    residents = pd.Series([500.0, 1.0], index=["a", "b"])
    weighted, _ = weigh(people, zones, SHARE, residents, deduplication=1.0, most_persons=1_000)
    assert np.isfinite(weighted["weight"]).all()
    assert (weighted["weight"] >= 0).all()


def test_a_town_whose_devices_would_stand_for_too_many_people_is_left_out_and_said_so(zones, people):
    """Town b would need 4,000 people of its 8 devices; the devices of town a, at the border too, keep their weights."""
    residents = pd.Series([300.0, 4_000.0], index=["a", "b"])
    weighted, fitted = weigh(people, zones, SHARE, residents, deduplication=1.0, most_persons=100)
    assert fitted is not None
    assert fitted.dropped[["town", "devices"]].to_numpy().tolist() == [["b", 7]]
    assert fitted.dropped["factor"].iloc[0] > 100
    at_b = (weighted["home_cell"] == 2) & (weighted["resident_class"] == "resident")
    assert (weighted.loc[at_b, "weight"] == 0).all()
    assert (weighted.loc[weighted["home_cell"].isin([0, 1]), "weight"].between(1e-9, 100)).all()
    assert shown(zones, weighted)[0] == pytest.approx(300, rel=1e-3)
    assert "b" in fitted.unmet["value"].tolist()
