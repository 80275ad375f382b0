"""Nothing below k leaves, nothing can be solved back, and totals are those before anything was withheld."""

from __future__ import annotations

import h3
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from models.fusion import hexes
from models.signaling.places import Allocation
from models.signaling.release import coverage, pooled, spread
from models.signaling.zones import Zones

TOWN = hexes.disk(np.array([h3.str_to_int(h3.latlng_to_cell(28.9, 106.65, 8))], np.uint64), 4)


def zones(weights, of_hex=None):
    matrix = sp.csr_matrix(weights)
    covered = np.asarray(matrix.sum(axis=0)).ravel() > 0
    owner = np.zeros(len(TOWN), np.int64) if of_hex is None else of_hex
    return Zones(
        Allocation(matrix, TOWN, covered, np.empty(0, np.int64), "test", np.zeros((matrix.shape[0], 2))),
        ("t1", "t2"),
        owner,
    )


def drawn(cells=30, seed=1):
    rng = np.random.default_rng(seed)
    weights = np.zeros((cells, len(TOWN)))
    for c in range(cells):
        at = rng.choice(len(TOWN), 6, replace=False)
        weights[c, at] = rng.dirichlet(np.ones(6))
    return weights, rng


@pytest.mark.parametrize("k", [5, 15, 30])
def test_every_pool_has_k_devices_lies_in_one_town_and_nobody_is_lost(k):
    weights, rng = drawn(cells=200, seed=k)
    place = zones(weights, rng.integers(0, 2, len(TOWN)))
    devices = rng.integers(0, 12, 200)
    pools = pooled(place, devices * 9.0, devices, k)
    assert (pools.devices >= k).all()
    assert pools.persons.sum() == pytest.approx(devices.sum() * 9.0)
    for pool in range(len(pools.persons)):
        assert len(set(place.town_of_cell[pools.of_cell == pool])) == 1


def test_two_cells_of_one_pool_cannot_be_told_apart():
    weights, _ = drawn(cells=4)
    one, other = np.array([3, 9, 40, 40]), np.array([9, 3, 40, 40])
    found = [spread(zones(weights), d * 10.0, d, 12, 8) for d in (one, other)]
    pools = pooled(zones(weights), one * 10.0, one, 12)
    assert pools.of_cell[0] == pools.of_cell[1]
    pd.testing.assert_frame_equal(found[0], found[1])


def test_a_town_below_k_is_withheld_and_not_alone():
    weights = np.zeros((6, len(TOWN)))
    weights[np.arange(6), np.arange(6)] = 1.0
    of_hex = np.full(len(TOWN), -1)
    of_hex[:6] = [0, 0, 1, 1, 2, 2]
    place = Zones(zones(weights).allocation, ("t1", "t2", "t3"), of_hex)
    devices = np.array([50, 60, 2, 3, 20, 25])
    found = spread(place, devices * 10.0, devices, 15, 8).set_index("h3")
    assert found.loc[TOWN[:2], "suppressed"].tolist() == [False, False]
    assert found.loc[TOWN[2:6], "suppressed"].all()
    assert found.loc[TOWN[2:6], "persons"].isna().all()


def test_no_shown_hexagon_stands_for_fewer_than_k_devices():
    weights, rng = drawn()
    devices = rng.integers(0, 80, 30)
    found = spread(zones(weights), devices * 20.0, devices, 15, 8)
    shown = found[~found["suppressed"]]
    assert ((shown["devices"] >= 15) | (shown["persons"] == 0)).all()


def test_without_small_cells_the_total_is_kept_on_every_resolution():
    weights, _ = drawn()
    devices = np.full(30, 5_000)
    for resolution in (8, 7, 6):
        found = spread(zones(weights), devices * 1.7, devices, 15, resolution)
        assert not found["suppressed"].any()
        assert found["persons"].sum() == pytest.approx(30 * 5_000 * 1.7, rel=1e-9)


def test_the_interval_of_one_cell_on_one_hexagon_is_that_of_a_count():
    weights = np.zeros((1, len(TOWN)))
    weights[0, 7] = 1.0
    found = spread(zones(weights), np.array([4_000.0]), np.array([400]), 15, 8)
    own = found[found["persons"] > 0].iloc[0]
    assert own["high"] - own["persons"] == pytest.approx(1.645 * 4_000 / np.sqrt(400))


def test_coverage_counts_serving_cells_and_how_wide_they_spread():
    weights = np.zeros((2, len(TOWN)))
    weights[0, 0] = 1.0
    weights[1, :4] = 0.25
    found = coverage(zones(weights), (8,)).set_index("h3")
    assert found.loc[TOWN[5], "covered"] == np.False_
    assert found.loc[TOWN[1], "serving_cells"] == pytest.approx(1.0)
    assert found.loc[TOWN[0], "serving_cells"] == pytest.approx(1.25**2 / (1 + 0.25**2))
    assert found.loc[TOWN[1], "spread_km"] == pytest.approx(2 * np.sqrt(0.737))
