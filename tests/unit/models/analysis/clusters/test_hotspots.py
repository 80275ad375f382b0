"""Hot spots: z and I of esda, honest p-values, rates instead of counts, islands marked."""

from __future__ import annotations

import warnings

import h3
import numpy as np
import pytest
from scipy import stats

from models.analysis.clusters.hotspots import adjusted, hex_neighbours, hot_spots, polygon_neighbours


def _cells(k: int) -> np.ndarray:
    return np.array([h3.str_to_int(c) for c in h3.grid_disk(h3.latlng_to_cell(29.5, 106.5, 8), k)], np.uint64)


def _city(seed: int, k: int = 8):
    cells, rng = _cells(k), np.random.default_rng(seed)
    existing = rng.integers(8, 400, cells.size)
    return cells, existing, rng.poisson(existing * 0.08)


def _esda(cells, values):
    esda, weights = pytest.importorskip("esda"), pytest.importorskip("libpysal.weights")
    a, b = hex_neighbours(cells)
    near = {i: sorted(b[a == i].tolist()) for i in range(cells.size)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        w = weights.W(near, silence_warnings=True)
        star = esda.G_Local(values, w, star=True, transform="B", permutations=0)
        w.transform = "r"
        moran = esda.Moran_Local(values, w, permutations=0)
    return star, moran


def test_gi_star_and_local_moran_equal_esda():
    cells, existing, new = _city(1, 6)
    found = hot_spots(new, existing, hex_neighbours(cells), rng=np.random.default_rng(0), draws=1000)
    star, moran = _esda(cells, found["rate"].to_numpy())
    np.testing.assert_allclose(found["gi_star"], star.Zs, rtol=1e-9)
    np.testing.assert_allclose(found["local_moran"], moran.Is, rtol=1e-9)
    names = np.array(["", "HH", "LH", "LL", "HL"])[moran.q]
    assert list(found["quadrant"]) == list(names)


def test_gi_star_worked_by_hand_on_a_row_of_three():
    pairs = (np.array([0, 1, 1, 2]), np.array([1, 0, 2, 1]))
    found = hot_spots([1, 2, 6], [10, 10, 10], pairs, rng=np.random.default_rng(0), draws=100)
    mean, spread = 0.3, np.sqrt((0.04 + 0.01 + 0.09) / 3)
    by_hand = (0.1 + 0.2 - 2 * mean) / (spread * np.sqrt((3 * 2 - 4) / 2))
    assert found["gi_star"][0] == pytest.approx(by_hand)


def test_p_values_are_those_of_dealing_the_rates_at_random():
    cells, existing, new = _city(2, 3)
    found = hot_spots(new, existing, hex_neighbours(cells), rng=np.random.default_rng(0))
    rng, rate = np.random.default_rng(1), found["rate"].to_numpy()
    a, b = hex_neighbours(cells)
    own = rate + np.bincount(a, weights=rate[b], minlength=cells.size)
    sims = []
    for _ in range(4000):
        dealt = rng.permutation(rate)
        sims.append(dealt + np.bincount(a, weights=dealt[b], minlength=cells.size))
    upper = (np.array(sims) >= own).mean(axis=0)
    lower = (np.array(sims) <= own).mean(axis=0)
    np.testing.assert_allclose(found["p_value"], np.minimum(2 * np.minimum(upper, lower), 1), atol=0.05)


def test_dealing_the_data_at_random_flags_a_cell_in_at_most_one_run_of_twenty():
    cells, existing, new = _city(3)
    pairs, rng = hex_neighbours(cells), np.random.default_rng(4)
    flagged, runs = 0, 200
    for _ in range(runs):
        order = rng.permutation(cells.size)
        found = hot_spots(new[order], existing[order], pairs, rng=rng, draws=20_000)
        flagged += bool(found["kind"].isin(("hot", "cold")).any())
    assert stats.binom.sf(flagged - 1, runs, 0.05) > 0.01


def test_a_real_hot_spot_is_found_and_says_what_kind_of_place_it_is():
    cells, existing, new = _city(5)
    hot = np.isin(cells, _cells(1))
    found = hot_spots(np.where(hot, new * 4 + 5, new), existing, hex_neighbours(cells), rng=np.random.default_rng(0))
    assert found.loc[hot, "kind"].eq("hot").sum() >= 5
    assert found.loc[found["kind"] == "hot", "quadrant"].isin(("HH", "LH", "HL")).all()


def test_doubling_all_firms_of_one_district_does_not_change_the_map():
    cells, existing, new = _city(6)
    pairs, district = hex_neighbours(cells), np.arange(cells.size) < 80
    once = hot_spots(new, existing, pairs, rng=np.random.default_rng(0))
    factor = np.where(district, 2, 1)
    twice = hot_spots(new * factor, existing * factor, pairs, rng=np.random.default_rng(0))
    assert once.equals(twice)


def test_islands_are_marked_and_not_tested_and_single_neighbours_are_marked():
    pairs = (np.array([0, 1, 1, 2]), np.array([1, 0, 2, 1]))
    found = hot_spots([1, 2, 3, 9, 1], [10, 10, 10, 10, 1], pairs, rng=np.random.default_rng(0), draws=100)
    assert list(found["mark"].fillna("-")) == ["one_neighbour", "-", "one_neighbour", "island", "no_rate"]
    assert found["kind"].isna().tolist() == [False, False, False, True, True]
    assert found["rate"].isna().tolist() == [False] * 4 + [True]


def test_equal_rates_are_no_hot_spots():
    cells, existing, _ = _city(7, 4)
    found = hot_spots(existing, existing, hex_neighbours(cells), rng=np.random.default_rng(0), draws=500)
    assert set(found["kind"]) == {"none"}


def test_the_adjustment_of_benjamini_and_hochberg_worked_by_hand():
    p = np.array([0.04, 0.01, 0.03, 0.20])
    np.testing.assert_allclose(adjusted(p), [0.16 / 3, 0.04, 0.16 / 3, 0.20])
    np.testing.assert_allclose(adjusted(p), stats.false_discovery_control(p))


def test_polygons_that_share_a_border_are_neighbours():
    import shapely

    boxes = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(5, 5, 6, 6)], dtype=object)
    a, b = polygon_neighbours(boxes)
    assert sorted(zip(a.tolist(), b.tolist(), strict=True)) == [(0, 1), (1, 0)]
