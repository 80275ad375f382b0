"""Commuters between districts are sums of those between their towns, hidden ones too, and say nothing of outside."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from models import contracts
from models.signaling import flows
from models.signaling.places import Allocation
from models.signaling.release import Rules
from models.signaling.zones import Zones

TOWNS = ("500110001", "500110002", "500111001", "500111002", "500112001")
RULES = Rules(10, 20, errors={"commute": 0.1, "commute_own": 0.2})


def zones(districts=tuple(code[:6] for code in TOWNS)):
    """A cell, a hexagon and a town each; a sixth cell lies outside."""
    at = np.c_[np.arange(6) * 9_000.0, np.zeros(6)]
    weights = sp.csr_matrix(np.vstack([np.eye(5), np.zeros(5)]))
    allocation = Allocation(weights, np.arange(5, dtype=np.uint64), np.ones(5, bool), np.array([5]), "test", at)
    return Zones(allocation, TOWNS, np.arange(5), districts)


def raw(seed=1):
    devices = np.random.default_rng(seed).poisson(25.0, (6, 6)) + 60 * np.eye(6, dtype=int)
    devices[0, 2], devices[3, 4] = 3, 0
    home, work = (index.ravel() for index in np.indices(devices.shape))
    rows = {"home_cell": home, "work_cell": work, "persons": 80.0 * devices.ravel(), "devices": devices.ravel()}
    return SimpleNamespace(people=pd.DataFrame(rows).assign(resident_class="resident")), devices


def test_pairs_of_districts_are_sums_of_all_their_towns():
    given, devices = raw()
    found = flows.commute_flows(given, zones(), RULES)
    above = found[found["area_level"] == "district"].set_index(["from_code", "to_code"])
    assert set(above.index.get_level_values(0)) == {"500110", "500111", "500112"}
    assert flows.OUTSIDE not in above.index.get_level_values(1)
    for a, rows in (("500110", [0, 1]), ("500111", [2, 3]), ("500112", [4])):
        for b, columns in (("500110", [0, 1]), ("500111", [2, 3]), ("500112", [4])):
            row = above.loc[(a, b)]
            if not row["suppressed"]:
                assert row["devices"] == devices[np.ix_(rows, columns)].sum()
                assert row["persons"] == pytest.approx(80 * row["devices"])
    own = above.loc[("500111", "500111")]
    half = 1.645 * own["persons"] * np.sqrt(1 / own["devices"] + 0.2**2)
    assert own["high"] - own["persons"] == pytest.approx(half)
    contracts.check("commute_flows", contracts.conform("commute_flows", found.assign(period="2015")))


def test_a_pair_of_towns_below_k_stays_hidden_and_its_sum_may_be_shown():
    found = flows.commute_flows(raw()[0], zones(), RULES).set_index(["from_code", "to_code"])
    assert found.loc[(TOWNS[0], TOWNS[2]), "suppressed"]
    assert not found.loc[("500110", "500111"), "suppressed"]
    assert (found["devices"].dropna() >= RULES.k).all()


def test_where_nobody_asks_for_districts_there_are_towns_only():
    found = flows.commute_flows(raw()[0], zones(()), RULES)
    assert set(found["area_level"]) == {"town"}
    assert flows.hidden_commuters(raw()[0], zones(()), RULES).districts.shape == (0, 0)
