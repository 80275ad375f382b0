"""Nothing below k leaves, nothing can be solved back, and totals are those before anything was withheld."""

from __future__ import annotations

import h3
import numpy as np
import pytest
import scipy.sparse as sp

from models.fusion import hexes
from models.signaling.places import Allocation
from models.signaling.release import coverage, spread, withheld
from models.signaling.zones import Zones

TOWN = hexes.disk(np.array([h3.str_to_int(h3.latlng_to_cell(28.9, 106.65, 8))], np.uint64), 4)


def zones(weights, of_hex=None):
    matrix = sp.csr_matrix(weights)
    covered = np.asarray(matrix.sum(axis=0)).ravel() > 0
    owner = np.zeros(len(TOWN), np.int64) if of_hex is None else of_hex
    return Zones(Allocation(matrix, TOWN, covered, np.empty(0, np.int64), "test"), ("t1", "t2"), owner)


def drawn(cells=30, seed=1):
    rng = np.random.default_rng(seed)
    weights = np.zeros((cells, len(TOWN)))
    for c in range(cells):
        at = rng.choice(len(TOWN), 6, replace=False)
        weights[c, at] = rng.dirichlet(np.ones(6))
    return weights, rng


def test_a_small_cell_adds_nothing_to_any_hexagon():
    weights, _ = drawn()
    devices = np.full(30, 100)
    devices[4] = 3
    found = spread(zones(weights), devices * 10.0, devices, 15, 8)
    without = spread(
        zones(weights), np.where(np.arange(30) == 4, 0, devices * 10.0), np.where(np.arange(30) == 4, 0, devices), 15, 8
    )
    both = ~found["suppressed"] & ~without["suppressed"]
    # One more cell is withheld beside it, so what is shown never depends on the small one.
    assert (found["persons"][both] <= without["persons"][both] + 1e-9).all()


def test_what_a_town_lacks_stands_for_k_devices_and_two_cells():
    rng = np.random.default_rng(5)
    town = rng.integers(0, 6, 200)
    for k in (5, 15, 30):
        devices = rng.integers(0, 60, 200)
        hidden = withheld(devices, town, k)
        for t in range(6):
            missing = hidden & (town == t)
            if missing.any():
                assert devices[missing].sum() >= k or (devices[town == t][~hidden[town == t]] == 0).all()
                assert missing.sum() >= 2 or (devices[town == t][~hidden[town == t]] == 0).all()


def test_no_shown_hexagon_stands_for_fewer_than_k_devices():
    weights, rng = drawn()
    devices = rng.integers(0, 80, 30)
    found = spread(zones(weights), devices * 20.0, devices, 15, 8)
    shown = found[~found["suppressed"]]
    assert ((shown["devices"] >= 15) | (shown["persons"] == 0)).all()
    assert found[found["suppressed"]][["persons", "low", "high", "devices"]].isna().all().all()


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
