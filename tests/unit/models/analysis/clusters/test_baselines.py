"""Baselines of series: worked by hand, equal to statsmodels, and the same for one series as for many."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from models.analysis.clusters.baselines import cusum, ears, ears_c3, farrington, quasi_poisson

RNG = np.random.default_rng(7)


def test_ears_c1_and_c2_worked_by_hand():
    series = np.array([[3.0, 5.0, 4.0, 6.0, 5.0, 4.0, 8.0, 9.0, 2.0, 12.0]])
    c1, c2 = ears(series, 0, 0.0), ears(series, 2, 0.0)
    assert np.isnan(c1[0, :7]).all()
    assert np.isnan(c2[0, :9]).all()
    first = series[0, :7]
    assert c1[0, 7] == pytest.approx((9 - 5) / np.sqrt(16 / 6))
    assert first.mean() == 5
    assert c2[0, 9] == pytest.approx((12 - 5) / np.sqrt(16 / 6))


def test_ears_equals_pandas_row_by_row():
    import pandas as pd

    series = RNG.poisson(4, (20, 60)).astype(float)
    for gap in (0, 2):
        for row, found in zip(series, ears(series, gap, 0.5), strict=True):
            past = pd.Series(row).shift(1 + gap).rolling(7)
            wanted = (row - past.mean()) / past.std().clip(lower=0.5)
            np.testing.assert_allclose(found, wanted)


def test_c3_adds_the_excess_of_three_points():
    c2 = np.array([[np.nan, 0.5, 1.5, 2.5, 3.0]])
    np.testing.assert_allclose(ears_c3(c2)[0], [np.nan, np.nan, np.nan, 2.0, 4.0])


def test_alarms_of_ears_without_outbreaks_are_as_rare_as_chance_allows():
    c1 = ears(RNG.normal(20, 4, (400, 107)), 0, 0.0)[:, 7:]
    wanted = stats.t.sf(3.09 / np.sqrt(1 + 1 / 7), 6)
    assert (c1 > 3.09).mean() == pytest.approx(wanted, rel=0.25)


def test_cusum_worked_by_hand_and_starts_anew_after_an_alarm():
    sums, alarms = cusum(np.array([[1.0, 2.0, -1.0, 3.0, np.nan, 3.0, 0.5]]), k=0.5, h=5.0)
    np.testing.assert_allclose(sums[0], [0.5, 2.0, 0.5, 3.0, 3.0, 5.5, 0.0])
    assert alarms[0].tolist() == [False] * 5 + [True, False]


def test_quasi_poisson_equals_statsmodels():
    sm = pytest.importorskip("statsmodels.api")
    n, rows = 35, 12
    design = np.column_stack([np.ones(n), np.arange(n) / n, RNG.uniform(0, 1, n)])
    offset = np.log(RNG.integers(3, 6, n))
    counts = RNG.negative_binomial(6, 0.3, (rows, n)).astype(float)
    weights = RNG.uniform(0.2, 1.5, (rows, n))
    fit = quasi_poisson(counts, design, offset, weights)
    for s in range(rows):
        model = sm.GLM(counts[s], design, family=sm.families.Poisson(), offset=offset, var_weights=weights[s])
        wanted = model.fit(scale="X2", tol=1e-12)
        np.testing.assert_allclose(fit.beta[s], wanted.params, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(fit.mean[s], wanted.fittedvalues, rtol=1e-6)
        assert fit.dispersion[s] == pytest.approx(max(wanted.scale, 1.0), rel=1e-6)
        scaled = wanted.cov_params() * max(wanted.scale, 1.0) / wanted.scale
        np.testing.assert_allclose(fit.covariance[s], scaled, rtol=1e-5)


def test_the_bound_of_a_constant_series_worked_by_hand():
    n, z = 30, stats.norm.isf(0.005)
    bounds = farrington(np.array([10.0]), np.full((1, n), 10.0), np.ones((n, 1)), np.ones(1))
    tau = 1 + 1 / n
    assert bounds.expected[0] == pytest.approx(10)
    assert bounds.upper[0] == pytest.approx(10 * (1 + 2 / 3 * z * np.sqrt(tau / 10)) ** 1.5)
    assert bounds.p_value[0] == pytest.approx(0.5)
    at = farrington(bounds.upper, np.full((1, n), 10.0), np.ones((n, 1)), np.ones(1))
    assert (at.score[0], at.p_value[0]) == (pytest.approx(1), pytest.approx(0.005))


def test_one_series_is_the_same_alone_and_among_many():
    n = 35
    design = np.column_stack([np.ones(n), np.linspace(0, 1, n)])
    counts = RNG.poisson(9, (50, n)).astype(float)
    observed = RNG.poisson(9, 50).astype(float)
    every = farrington(observed, counts, design, np.array([1.0, 1.1]), trend=1)
    for s in range(0, 50, 7):
        alone = farrington(observed[s : s + 1], counts[s : s + 1], design, np.array([1.0, 1.1]), trend=1)
        assert alone.upper[0] == pytest.approx(every.upper[s], rel=1e-8)


def test_past_outbreaks_are_weighed_down():
    quiet = np.full((1, 35), 6.0) + np.tile([0, 1, -1, 2, -2], 7)
    loud = quiet.copy()
    loud[0, 3] = 60
    kwargs = {"design": np.ones((35, 1)), "now": np.ones(1)}
    bounds = [farrington(np.array([12.0]), c, **kwargs) for c in (quiet, loud)]
    assert bounds[1].expected[0] < 8
    plain = quasi_poisson(loud, np.ones((35, 1)), np.zeros(35)).mean[0, 0]
    assert bounds[1].expected[0] - 6 < 0.5 * (plain - 6)


def test_a_trend_is_kept_only_where_it_is_significant():
    n = 35
    time = np.linspace(-1, 0, n)
    design, now = np.column_stack([np.ones(n), time]), np.array([1.0, -0.02])
    rising = np.round(20 * np.exp(1.2 * time))[None, :]
    flat = np.tile([9.0, 11.0, 10.0, 12.0, 8.0], 7)[None, :]
    bounds = farrington(np.array([20.0, 10.0]), np.vstack([rising, flat]), design, now, trend=1)
    assert bounds.trend.tolist() == [True, False]
    assert bounds.expected[0] == pytest.approx(20, rel=0.1)
    assert bounds.expected[1] == pytest.approx(10, rel=0.05)


def test_bounds_hold_their_level_on_series_without_outbreaks():
    n = 35
    means = RNG.uniform(5, 40, 4000)
    counts = RNG.poisson(means[:, None], (4000, n)).astype(float)
    observed = RNG.poisson(means).astype(float)
    bounds = farrington(observed, counts, np.ones((n, 1)), np.ones(1))
    assert (bounds.score > 1).mean() == pytest.approx(0.005, abs=0.004)
    assert stats.kstest(bounds.p_value, "uniform").statistic < 0.12


def test_exposure_enters_as_an_offset():
    n = 30
    days = np.tile([5.0, 4.0, 5.0], 10)
    counts = (2 * days)[None, :]
    bounds = farrington(
        np.array([4.0]), counts, np.ones((n, 1)), np.ones(1), offset=np.log(days), offset_now=float(np.log(2))
    )
    assert bounds.expected[0] == pytest.approx(4)
