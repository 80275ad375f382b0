"""An attacker who solves all published sums: breaks a naive table, and none that is proven."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from models.signaling import attack

K = 10


def naive(cells):
    values, sums = attack.two_way(cells)
    hidden = np.zeros(len(values), bool)
    hidden[: cells.size] = ((cells > 0) & (cells < K)).ravel()
    return values, hidden, sums


def test_one_hidden_value_of_a_row_is_had_by_subtraction():
    values, hidden, sums = naive(np.array([[3, 40, 55], [60, 45, 70]]))
    low, high = attack.bounds(values, hidden, sums)
    assert low[0] == pytest.approx(3)
    assert high[0] == pytest.approx(3)
    assert attack.opened(values, hidden, sums, K).tolist() == hidden.tolist()


def test_bounds_as_worked_by_hand():
    """Four hidden values 4 6 / 5 7 beside totals: the first may be 0 to 9 (its column has 9, its row 10)."""
    values, hidden, sums = naive(np.array([[4, 6, 50], [5, 7, 80]]))
    low, high = attack.bounds(values, hidden, sums)
    assert (low[0], high[0]) == (pytest.approx(0), pytest.approx(9))
    assert (low[4], high[4]) == (pytest.approx(3), pytest.approx(12))


@pytest.mark.parametrize("seed", range(3))
def test_proven_tables_withstand_what_breaks_naive_ones(seed):
    rng = np.random.default_rng(seed)
    cells = rng.poisson(np.exp(rng.normal(2.6, 1.1, (6, 6))))
    values, hidden, sums = naive(cells)
    assert np.abs(sums @ values).max() == 0
    assert attack.opened(values, hidden, sums, K).any()
    safe = attack.proven(values, hidden, sums, K)
    assert (safe | ~hidden).all()
    assert not safe[values == 0].any()
    assert not attack.opened(values, safe, sums, K).any()
    low, high = attack.bounds(values, safe, sums)
    assert (low <= values + 1e-6).all()
    assert (values <= high + 1e-6).all()


@pytest.mark.parametrize("seed", range(4))
def test_witnesses_find_open_what_the_bounds_of_every_value_do_with_fewer_programs(seed, monkeypatch):
    """A plain attacker asks for both bounds of every hidden value; k may differ from value to value."""
    rng = np.random.default_rng(seed)
    values, hidden, sums = naive(rng.poisson(np.exp(rng.normal(2.4, 1.2, (8, 8)))))
    k = np.where(np.arange(len(values)) % 3 == 0, 0.4 * K, K)
    asked = hidden & (rng.random(len(values)) < 0.8)
    low, high = attack.bounds(values, hidden, sums, asked)
    plain = hidden & (high - low <= 2 * k)
    programs = []
    real = attack.linprog
    monkeypatch.setattr(attack, "linprog", lambda *a, **kw: programs.append(1) or real(*a, **kw))
    assert attack.opened(values, hidden, sums, k, asked).tolist() == plain.tolist()
    assert 0 < plain.sum() < asked.sum()
    assert len(programs) < 2 * asked.sum()


def test_what_a_hidden_total_is_at_most_bounds_its_parts():
    """Two parts and their total, all hidden: nothing is known. With a total of 15 at most each is 0 to 15."""
    values, hidden, sums = np.array([4.0, 9.0, 13.0]), np.ones(3, bool), sp.csr_matrix([[1.0, 1.0, -1.0]])
    most = np.array([np.inf, np.inf, 15.0])
    assert (attack.bounds(values, hidden, sums)[1] == np.inf).all()
    low, high = attack.bounds(values, hidden, sums, most=most)
    assert (low.tolist(), high.tolist()) == ([0, 0, 0], [15, 15, 15])
