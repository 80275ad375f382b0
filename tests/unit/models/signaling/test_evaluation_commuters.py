"""Who commutes between which towns in truth, and which towns make a group."""

from __future__ import annotations

import numpy as np
import pandas as pd
import scipy.sparse as sp

from models.signaling.evaluation_commuters import GROUPS, grouped, true_pairs
from models.signaling.places import Allocation
from models.signaling.zones import Zones

HEXES = np.array([11, 12, 13], np.uint64)
ALLOCATION = Allocation(sp.identity(3, format="csr"), HEXES, np.ones(3, bool), np.empty(0, np.int64), "test",
                        np.zeros((3, 2)))  # fmt: skip
ZONES = Zones(ALLOCATION, ("a", "b"), np.array([0, 1, -1]))


def test_pairs_leave_out_who_works_near_home_or_beyond_the_towns():
    living = pd.DataFrame({
        "home_town": ["a", "a", "a", "b", "b"], "work_h3": pd.array([12, 11, 13, 12, None], dtype="UInt64"),
        "weight": 10.0, "home_e": 0.0, "home_n": 0.0, "work_e": [5_000.0, 900.0, 5_000.0, 1_100.0, np.nan],
        "work_n": 0.0,
    })  # fmt: skip
    np.testing.assert_array_equal(true_pairs(living, ZONES), [[0, 10], [0, 10]])


def test_every_town_joins_the_nearest_of_the_largest():
    towns = [f"t{k:02d}" for k in range(12)]
    size = [40, 1, 38, 1, 36, 1, 34, 1, 32, 30, 28, 26]
    rows = [(name, 1_000.0 * k, 0.0) for k, (name, n) in enumerate(zip(towns, size, strict=True)) for _ in range(n)]
    living = pd.DataFrame(rows, columns=["home_town", "home_e", "home_n"])
    found = grouped(living, towns)
    assert found.shape == (12, GROUPS)
    assert (found.sum(axis=1) == 1).all()
    largest = [k for k, n in enumerate(size) if n > 1]
    assert all(found[k].argmax() == largest.index(k) for k in largest)
    assert found[1].argmax() in (0, 1), "between the towns 0 and 2"
