"""The core of a cluster: in the ring that holds the excess, whatever else the zone took in."""

from __future__ import annotations

import numpy as np
import pytest

from models.analysis.clusters.core import CORE_PLACES, core
from models.analysis.clusters.neighbours import nearest
from models.analysis.clusters.scan import space_time_scan

LINE = nearest(np.arange(30.0) * 1000, np.zeros(30), 20)
"""Thirty places in a row: the ring of one in the middle are the three on either side."""


def test_the_place_of_all_the_excess_is_the_core_though_another_has_more_cases():
    assert core([9, 10, 11, 12], [0.0, 8.0, 0.5, 0.0], LINE) == 10


def test_three_neighbours_with_five_firms_between_them_outweigh_one_distant_place_with_three():
    places = [10, 11, 12, 20]
    assert core(places, [1.8, 1.8, 0.8, 2.8], LINE) in {10, 11, 12}


def test_the_core_is_the_middle_of_its_ring_and_has_an_excess_of_its_own():
    places = list(range(8, 15))
    assert core(places, [-0.5, -0.5, 2.5, -0.5, 2.5, -0.5, -0.5], LINE) in {10, 12}


def test_of_equal_rings_the_place_with_more_excess_of_its_own_is_the_core():
    assert core([10, 11, 12], [0.5, 3.5, 0.5], LINE) == 11


def test_a_cluster_without_excess_still_has_a_core():
    assert core([4, 5], [-1.0, -1.0], LINE) in {4, 5}


@pytest.mark.parametrize("seed", range(5))
def test_a_burst_of_one_place_is_the_core_of_its_cluster_whatever_its_neighbours_have(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(0, 20_000, (2, 60))
    near = nearest(x, y, 20)
    counts = rng.poisson(0.3, (60, 28))
    burst = int(rng.integers(60))
    counts[burst, -5:] += 3
    baseline = np.full(counts.shape, 0.3)
    scan = space_time_scan(counts, near, model="expectation", baseline=baseline, longest=28, rng=rng, replicates=0)
    best = scan.clusters[0]
    found = core(best.places, best.excess, near)
    assert found in best.places
    assert burst in near[found, :CORE_PLACES]
    assert sum(best.excess) == pytest.approx(best.observed - best.expected)
