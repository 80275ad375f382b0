"""Measures of prediction against answers worked by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest

from models.analysis.classification import metrics

Y = np.array([0.0, 0.0, 1.0, 1.0])
P = np.array([0.1, 0.4, 0.35, 0.8])


def test_the_published_example_of_four_rows() -> None:
    """The example of scikit-learn's documentation: AUC 0.75, average precision 0.83."""
    assert metrics.auc(Y, P) == 0.75
    assert metrics.average_precision(Y, P) == pytest.approx(0.8333, abs=1e-4)
    assert metrics.brier(Y, P) == pytest.approx((0.01 + 0.16 + 0.4225 + 0.04) / 4)


def test_they_equal_scikit_learn_with_ties() -> None:
    sk = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(1)
    y, p = (rng.random(500) < 0.3).astype(float), np.round(rng.random(500), 1)
    assert metrics.auc(y, p) == pytest.approx(sk.roc_auc_score(y, p))
    assert metrics.average_precision(y, p) == pytest.approx(sk.average_precision_score(y, p))
    assert metrics.brier(y, p) == pytest.approx(sk.brier_score_loss(y, p))


def test_precision_at_a_share_and_the_first_half() -> None:
    y, p = np.array([1.0, 0, 1, 0]), np.array([0.9, 0.8, 0.1, 0.0])
    assert metrics.precision_at(y, p, 0.25) == 1.0
    assert metrics.precision_at(y, p, 0.5) == 0.5
    assert metrics.first_half(y, p) == 0.5
    assert metrics.precision_at(y, np.zeros(4), 0.25) == 0.5


def test_days_earlier_is_nothing_for_a_score_without_order_and_all_for_the_truth() -> None:
    day, y = np.arange(10.0), np.array([0.0] * 8 + [1, 1])
    assert metrics.days_earlier(y, y, day) == 8.0
    assert metrics.days_earlier(y, -day, day) == 0.0


def test_stability_is_nothing_for_equal_and_large_for_other_distributions() -> None:
    rng = np.random.default_rng(2)
    one = rng.normal(size=5000)
    assert metrics.psi(one, one) == pytest.approx(0.0)
    assert metrics.psi(one, rng.normal(size=5000)) < 0.02
    assert metrics.psi(one, rng.normal(1.0, 1.0, 5000)) > 0.25


def test_deciles_hold_every_row_once() -> None:
    rng = np.random.default_rng(3)
    p = rng.random(1005)
    y = (rng.random(1005) < p).astype(float)
    rows = metrics.deciles(y, p)
    assert sum(n for _, n, _, _ in rows) == 1005
    assert [d for d, *_ in rows] == list(range(1, 11))
    assert all(abs(mean - seen) < 0.15 for _, _, mean, seen in rows)


def test_one_class_says_nothing() -> None:
    assert np.isnan(metrics.auc(np.zeros(3), np.arange(3.0)))
    assert np.isnan(metrics.average_precision(np.zeros(3), np.arange(3.0)))
