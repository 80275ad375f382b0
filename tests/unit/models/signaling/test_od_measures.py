"""Measures of commuters, worked by hand; the least commuting equals an exhaustive search."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from models.signaling.od_measures import asymmetry, balance, commuting

THREE_TOWNS = np.array([[80.0, 15, 5], [30, 60, 10], [20, 0, 0]])


def test_three_towns_by_hand():
    found = balance(THREE_TOWNS)
    assert found.jobs_housing == pytest.approx([1.3, 0.75, 0.75], abs=1e-12)
    assert found.self_containment == pytest.approx([0.8, 0.6, 0.0], abs=1e-12)
    assert found.self_sufficiency == pytest.approx([80 / 130, 0.8, 0.0], abs=1e-12)


def test_a_town_without_workers_or_jobs_has_no_ratio():
    found = balance([[0.0, 0.0], [5.0, 0.0]])
    assert np.isnan(found.jobs_housing[0])
    assert np.isnan(found.self_sufficiency[1])


def test_a_symmetric_table_has_no_asymmetry_and_a_triangular_one_the_root_of_two():
    assert asymmetry([[9.0, 4.0], [4.0, 1.0]], diagonal=True) == 0.0
    assert asymmetry([[0.0, 3.0], [0.0, 0.0]], diagonal=True) == pytest.approx(np.sqrt(2))
    assert np.isnan(asymmetry(np.zeros((2, 2)), diagonal=True))


def test_a_heavy_diagonal_hides_asymmetry():
    table = np.array([[100.0, 3.0], [0.0, 100.0]])
    assert asymmetry(table, diagonal=True) < 0.05
    assert asymmetry(table, diagonal=False) == pytest.approx(np.sqrt(2))


def test_the_least_commuting_equals_an_exhaustive_search():
    rng = np.random.default_rng(5)
    for _ in range(5):
        distance = rng.random((5, 5)) * 10
        flows = np.eye(5)[rng.permutation(5)]  # one worker and one job a town: an assignment
        best = min(sum(distance[i, p[i]] for i in range(5)) for p in itertools.permutations(range(5))) / 5
        found = commuting(flows, distance)
        assert found.least == pytest.approx(best, abs=1e-9)
        assert found.least <= found.actual + 1e-12


def test_whoever_can_work_at_home_town_needs_no_way():
    distance = np.array([[0.0, 10.0], [10.0, 0.0]])
    crossed = commuting([[0.0, 5.0], [5.0, 0.0]], distance)
    assert (crossed.actual, crossed.least, crossed.excess) == (10.0, pytest.approx(0.0), pytest.approx(1.0))
    needed = commuting([[0.0, 5.0], [0.0, 5.0]], distance)
    assert (needed.actual, needed.least, needed.excess) == (5.0, pytest.approx(5.0), pytest.approx(0.0))


def test_tables_of_other_shapes_are_refused():
    with pytest.raises(ValueError, match="square"):
        balance(np.ones((2, 3)))
    with pytest.raises(ValueError, match="one row and column per area"):
        commuting(np.ones((2, 2)), np.ones((3, 3)))
