"""The space-time scan: equal to plain enumeration, uniform p without clusters, planted clusters found."""

from __future__ import annotations

import math

import h3
import numpy as np
import pytest
from scipy import stats

from models.analysis.clusters.neighbours import nearest, rings
from models.analysis.clusters.scan import Gumbel, space_time_scan
from models.analysis.clusters.scan_kernel import likelihood_ratio
from models.errors import RequestError
from tests.unit.models.analysis.clusters.reference_scan import enumerate_windows


def _study(seed: int, places: int = 25, days: int = 20, mean: float = 0.4):
    rng = np.random.default_rng(seed)
    near = nearest(rng.uniform(0, 1e4, places), rng.uniform(0, 1e4, places), 8)
    return rng.poisson(mean, (places, days)), near, rng.uniform(0.2, 0.8, (places, days))


@pytest.mark.parametrize("model", ["permutation", "expectation", "population"])
@pytest.mark.parametrize("prospective", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_the_kernel_equals_plain_enumeration(model, prospective, seed):
    counts, near, baseline = _study(seed)
    base = None if model == "permutation" else baseline
    kwargs = {"model": model, "longest": 6, "prospective": prospective, "baseline": base}
    every = enumerate_windows(counts, near, **kwargs)
    scan = space_time_scan(counts, near, replicates=0, rng=np.random.default_rng(0), clusters=30, **kwargs)
    best = scan.clusters[0]
    assert best.llr == pytest.approx(max(w[0] for w in every), rel=1e-9)
    for cluster in scan.clusters:
        own = [w for w in every if w[1][0] == cluster.centre]
        assert cluster.llr == pytest.approx(max(w[0] for w in own), rel=1e-9)
        key = (tuple(sorted(cluster.places)), cluster.first, cluster.last)
        same = next(w for w in own if (tuple(sorted(w[1])), w[2], w[3]) == key)
        assert (cluster.observed, cluster.expected) == (same[4], pytest.approx(same[5]))


@pytest.mark.parametrize("prospective", [True, False])
def test_zones_of_complete_rings_equal_plain_enumeration(prospective):
    disk = h3.grid_disk(h3.latlng_to_cell(29.5, 106.5, 8), 2)
    cells = np.array([h3.str_to_int(c) for c in disk], np.uint64)
    near, stops = rings(cells, 2)
    counts = np.random.default_rng(5).poisson(0.3, (cells.size, 12))
    every = enumerate_windows(counts, near, model="permutation", longest=5, prospective=prospective, stops=stops)
    scan = space_time_scan(
        counts, near, stops=stops, model="permutation", longest=5, prospective=prospective, replicates=0,
        rng=np.random.default_rng(0),
    )  # fmt: skip
    assert scan.clusters[0].llr == pytest.approx(max(w[0] for w in every), rel=1e-9)


def test_ratios_worked_by_hand():
    assert likelihood_ratio(10, 4, 0) == pytest.approx(10 * math.log(2.5) - 6)
    assert likelihood_ratio(10, 4, 100) == pytest.approx(10 * math.log(2.5) + 90 * math.log(90 / 96))
    assert likelihood_ratio(4, 10, 100) == 0
    assert likelihood_ratio(100, 4, 100) == pytest.approx(100 * math.log(25))


def test_expectations_of_the_permutation_model_keep_every_margin():
    counts, near, _ = _study(3)
    scan = space_time_scan(counts, near[:, :1], model="permutation", longest=20, replicates=0,
                           rng=np.random.default_rng(0), clusters=25)  # fmt: skip
    whole = [c for c in scan.clusters if c.last - c.first == counts.shape[1] - 1]
    assert all(c.expected == pytest.approx(counts[c.centre].sum()) for c in whole)


@pytest.mark.parametrize("model", ["permutation", "expectation", "population"])
def test_p_values_are_uniform_without_clusters(model):
    p_values, gumbels = [], []
    rng = np.random.default_rng(11)
    places, days = 30, 30
    near = nearest(rng.uniform(0, 1e4, places), rng.uniform(0, 1e4, places), 6)
    baseline = np.outer(rng.uniform(0.2, 1.2, places), rng.uniform(0.5, 1.5, days))
    for _ in range(300):
        counts = rng.poisson(baseline)
        scan = space_time_scan(
            counts, near, model=model, longest=7, replicates=99, rng=rng, clusters=1,
            baseline=None if model == "permutation" else baseline,
        )  # fmt: skip
        best = scan.clusters[0] if scan.clusters else None
        p_values.append(best.p_value if best else 1.0)
        gumbels.append(best.p_gumbel if best else 1.0)
    assert stats.kstest(p_values, "uniform").pvalue > 0.01
    assert np.mean(np.array(gumbels) < 0.05) == pytest.approx(0.05, abs=0.035)


def test_a_planted_cluster_is_found_where_and_when_it_is():
    rng = np.random.default_rng(2)
    x, y = rng.uniform(0, 5e4, 300), rng.uniform(0, 5e4, 300)
    near = nearest(x, y, 20)
    counts = rng.poisson(0.05, (300, 200))
    zone = near[17, :4]
    for place in rng.choice(zone, 25):
        counts[place, 193 + rng.integers(0, 7)] += 1
    scan = space_time_scan(counts, near, model="permutation", longest=28, replicates=199, rng=rng)
    best = scan.clusters[0]
    assert best.p_value == 1 / 200
    assert best.p_gumbel < 1e-5
    assert best.recurrence_days > 1e5
    assert set(zone) <= set(best.places)
    assert len(best.places) <= 6
    assert (best.first, best.last) == (193, 199)


def test_a_busy_day_everywhere_and_a_busy_place_always_are_no_clusters():
    rng = np.random.default_rng(8)
    near = nearest(rng.uniform(0, 1e4, 60), rng.uniform(0, 1e4, 60), 10)
    rate = np.full((60, 90), 0.2)
    rate[:, -2] *= 12
    rate[5] *= 15
    scan = space_time_scan(rng.poisson(rate), near, model="permutation", longest=14, replicates=199, rng=rng)
    assert scan.clusters[0].p_value > 0.05


def test_a_batch_of_one_district_is_no_cluster_when_districts_are_strata():
    rng = np.random.default_rng(12)
    x, y = rng.uniform(0, 1e4, 60), rng.uniform(0, 1e4, 60)
    district = (x > 5e3).astype(int)
    near = nearest(x, y, 40)
    rate = np.full((60, 60), 0.2)
    rate[district == 1, -1] *= 12
    counts = rng.poisson(rate)
    kwargs = {"model": "permutation", "longest": 14, "replicates": 199}
    alone = space_time_scan(counts, near, rng=np.random.default_rng(0), **kwargs)
    within = space_time_scan(counts, near, rng=np.random.default_rng(0), strata=district, **kwargs)
    assert alone.clusters[0].p_value == 1 / 200
    assert within.clusters[0].p_value > 0.05


def test_strata_are_worked_out_within_each_district():
    counts = np.array([[3, 1], [1, 1], [0, 4], [2, 0]])
    scan = space_time_scan(counts, np.arange(4)[:, None], model="permutation", longest=1, replicates=0,
                           prospective=False, strata=[0, 0, 1, 1], rng=np.random.default_rng(0))  # fmt: skip
    by_place = {c.centre: (c.first, c.expected) for c in scan.clusters}
    assert by_place[0] == (0, pytest.approx(4 * 4 / 6))
    assert by_place[2] == (1, pytest.approx(4 * 4 / 6))
    assert by_place[3] == (0, pytest.approx(2 * 2 / 6))


def test_p_values_within_strata_are_uniform():
    rng = np.random.default_rng(21)
    near = nearest(rng.uniform(0, 1e4, 30), rng.uniform(0, 1e4, 30), 6)
    strata = rng.integers(0, 3, 30)
    rate = rng.uniform(0.1, 0.6, (3, 40))[strata]
    p_values = [
        scan.clusters[0].p_value if scan.clusters else 1.0
        for scan in (
            space_time_scan(rng.poisson(rate), near, model="permutation", longest=7, replicates=99, rng=rng,
                            strata=strata, clusters=1)
            for _ in range(200)
        )
    ]  # fmt: skip
    assert stats.kstest(p_values, "uniform").pvalue > 0.01


def test_clusters_share_no_place_and_fall_in_order():
    counts, near, _ = _study(6, mean=0.8)
    scan = space_time_scan(counts, near, model="permutation", longest=6, replicates=19, rng=np.random.default_rng(1))
    places = [p for c in scan.clusters for p in c.places]
    assert len(places) == len(set(places))
    ratios = [c.llr for c in scan.clusters]
    assert ratios == sorted(ratios, reverse=True)


def test_the_same_seed_gives_the_same_p_values():
    counts, near, _ = _study(4)
    runs = [
        space_time_scan(counts, near, model="permutation", longest=5, replicates=50, rng=np.random.default_rng(9))
        for _ in range(2)
    ]
    assert np.array_equal(runs[0].maxima, runs[1].maxima)


def test_the_gumbel_fit_finds_its_own_parameters():
    draws = stats.gumbel_r.rvs(7.0, 1.5, size=20_000, random_state=4)
    fit = Gumbel.fit(draws)
    assert (fit.location, fit.scale) == (pytest.approx(7.0, abs=0.05), pytest.approx(1.5, abs=0.05))
    assert fit.p_value(12.0) == pytest.approx(stats.gumbel_r.sf(12.0, fit.location, fit.scale))


def test_what_does_not_fit_is_refused_with_a_reason():
    counts, near, baseline = _study(1)
    rng = np.random.default_rng(0)
    for change, words in (
        ({"counts": counts - 1}, "whole numbers"),
        ({"neighbours": near[:3]}, "shape"),
        ({"neighbours": near[::-1]}, "first neighbour"),
        ({"model": "expectation"}, "needs a baseline"),
        ({"model": "expectation", "baseline": baseline * 0}, "baseline is 0"),
        ({"baseline": baseline}, "leave baseline out"),
    ):
        given = {"counts": counts, "neighbours": near, "model": "permutation", "longest": 5, "rng": rng} | change
        with pytest.raises(RequestError, match=words):
            space_time_scan(**given)


def test_a_study_without_cases_has_no_clusters():
    near = nearest([0, 1, 2], [0, 0, 0], 2)
    for model, baseline in (("permutation", None), ("expectation", np.ones((3, 4)))):
        scan = space_time_scan(
            np.zeros((3, 4), int), near, model=model, baseline=baseline, longest=2, replicates=9,
            rng=np.random.default_rng(0),
        )  # fmt: skip
        assert scan.clusters == ()
