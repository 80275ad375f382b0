"""Commuters between towns: every pair keeps its persons, borders make no flows, equal to a plain reference."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from models.signaling.commuting import fitted, gravity, pairs_of_towns
from models.signaling.evaluation import cpc

NOWHERE = np.full((2, 2), np.nan)


def drawn(seed, cells=40, towns=6, pairs=300):
    rng = np.random.default_rng(seed)
    shares = sp.csr_matrix(rng.dirichlet(np.full(towns, 0.3), cells))
    home, work = rng.integers(0, cells, pairs), rng.integers(0, cells, pairs)
    centres = np.vstack([rng.uniform(0, 30_000, (towns - 1, 2)), [[np.nan, np.nan]]])
    return shares, home, work, rng.uniform(20, 200, pairs), centres


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("same", [True, False])
def test_equals_the_plain_reference(seed, same):
    shares, home, work, persons, centres = drawn(seed)
    worked = shares if same else drawn(seed + 100)[0]
    dense, there, n = shares.toarray(), worked.toarray(), shares.shape[1]
    alone = np.zeros((n, n))
    for i, j, p in zip(home, work, persons, strict=True):
        alone += p * np.outer(dense[i], there[j])
    prior = gravity(alone, centres)
    expected = np.zeros((n, n))
    for i, j, p in zip(home, work, persons, strict=True):
        chance = np.zeros((n, n))
        for a in range(n):
            for b in range(n):
                chance[a, b] = dense[i, a] * there[j, b] * prior[a, b] / (prior[a].sum() * prior[:, b].sum())
        expected += p * chance / chance.sum()
    given = shares if same else (shares, worked)
    np.testing.assert_allclose(pairs_of_towns(given, home, work, persons, centres), expected, rtol=1e-9)


def test_nobody_is_lost_and_sure_pairs_stay_where_they_are():
    shares, home, work, persons, centres = drawn(9)
    assert pairs_of_towns(shares, home, work, persons, centres).sum() == pytest.approx(persons.sum(), rel=1e-9)
    sure = sp.identity(3, format="csr")
    found = pairs_of_towns(sure, np.array([0, 2, 0]), np.array([1, 2, 1]), np.array([5.0, 7.0, 1.0]), drawn(1)[4][:3])
    np.testing.assert_allclose(found, [[0, 6, 0], [0, 0, 0], [0, 0, 7]])


def test_who_lives_and_works_in_a_border_cell_is_shown_in_one_town_by_hand():
    """Cells 0 and 1 lie in one town each with 40 who stay in them; cell 2 is half in both, 20 live and work there.

    Spread alone the table is 45, 5 / 5, 45. Its lift is 0.45 / 0.25 = 1.8 on the diagonal and 0.2 beside it, so of the
    20 a share of 1.8 / (1.8 + 1.8 + 0.2 + 0.2) = 0.45 goes to each town's own flow.
    """
    shares = sp.csr_matrix([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
    at = np.array([0, 1, 2])
    found = pairs_of_towns(shares, at, at, np.array([40.0, 40.0, 20.0]), NOWHERE)
    np.testing.assert_allclose(found, [[49.0, 1.0], [1.0, 49.0]])


def test_a_table_that_is_a_gravity_model_is_found_again_and_sums_are_kept():
    rng = np.random.default_rng(2)
    centres = rng.uniform(0, 20_000, (8, 2))
    apart = np.hypot(*(np.subtract.outer(axis, axis) for axis in centres.T)) / 1_000
    table = np.outer(rng.uniform(1, 9, 8), rng.uniform(1, 9, 8)) * np.exp(-0.2 * apart) * 100
    np.testing.assert_allclose(gravity(table, centres), table, rtol=1e-3)
    noisy = rng.poisson(table).astype(float)
    found = gravity(noisy, centres)
    np.testing.assert_allclose(found.sum(axis=1), noisy.sum(axis=1), rtol=1e-4)
    np.testing.assert_allclose(found.sum(axis=0), noisy.sum(axis=0), rtol=1e-4)
    np.testing.assert_array_equal(found.diagonal(), noisy.diagonal())


def test_rows_without_anybody_stay_empty():
    found = fitted(np.ones((3, 3)), np.array([0.0, 2.0, 4.0]), np.array([3.0, 3.0, 0.0]))
    assert found[0].tolist() == [0, 0, 0] and found[:, 2].tolist() == [0, 0, 0]
    assert found.sum() == pytest.approx(6.0)


@pytest.mark.parametrize("seed", range(3))
def test_planted_flows_are_closer_than_spread_by_themselves(seed):
    """Towns on a line, three cells each, the outer two shared with the neighbour; most work in their own town."""
    rng = np.random.default_rng(seed)
    towns = 7
    centres = np.c_[np.arange(towns) * 6_000.0, np.zeros(towns)]
    shares = np.zeros((3 * towns, towns))
    for t in range(towns):
        for k, side in enumerate((-1, 0, 1)):
            other = t + side
            inside = 1.0 if side == 0 or not 0 <= other < towns else 0.7
            shares[3 * t + k, t] = inside
            if inside < 1:
                shares[3 * t + k, other] = 1 - inside
    apart = np.abs(np.subtract.outer(np.arange(towns), np.arange(towns))) * 6.0
    true = 2_000 * np.exp(-0.3 * apart)
    home, work, persons, table = [], [], [], np.zeros((towns, towns))
    cells_of = [np.flatnonzero(shares[:, t]) for t in range(towns)]
    for a in range(towns):
        for b in range(towns):
            for _ in range(rng.poisson(true[a, b])):
                chance = [shares[cells_of[t], t] / shares[cells_of[t], t].sum() for t in (a, b)]
                home.append(rng.choice(cells_of[a], p=chance[0]))
                work.append(rng.choice(cells_of[b], p=chance[1]))
                persons.append(1.0)
                table[a, b] += 1
    matrix = sp.csr_matrix(shares)
    given = (np.array(home), np.array(work), np.array(persons))
    found = pairs_of_towns(matrix, *given, centres)
    alone = shares[given[0]].T @ shares[given[1]]
    off = ~np.eye(towns, dtype=bool)
    assert cpc(found, table) > cpc(alone, table) + 0.01
    assert cpc(found[off], table[off]) > cpc(alone[off], table[off])
