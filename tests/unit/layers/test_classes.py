"""Breaks can be read, keep what the scheme found, and every value has one class."""

from __future__ import annotations

import mapclassify
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from layers.classes import MOVED, breaks, classify

VALUES = st.integers(1, 60).flatmap(
    lambda n: arrays(np.float64, n, elements=st.floats(-1e6, 1e9, allow_nan=False, allow_subnormal=False))
)
SCHEMES = ("quantile", "natural", "headtail")


@given(VALUES, st.sampled_from(SCHEMES), st.integers(2, 7), st.booleans())
@settings(max_examples=150, deadline=None)
def test_breaks_ascend_and_never_make_more_classes_than_asked(values, scheme, count, diverging):
    found = breaks(values, scheme, count, diverging=diverging)
    assert list(found) == sorted(set(found))
    assert len(found) + 1 <= max(count, 3 if diverging else 1)
    if diverging:
        assert found == tuple(-b for b in reversed(found))


@given(VALUES, st.integers(2, 7))
@settings(max_examples=100, deadline=None)
def test_every_value_has_the_class_whose_range_holds_it(values, count):
    found = breaks(values, "quantile", count)
    classes = classify(values, np.zeros(len(values), np.int64), found)
    edges = (-np.inf, *found, np.inf)
    assert all(edges[c] <= v < edges[c + 1] for v, c in zip(values, classes, strict=True))


def test_suppressed_and_missing_values_have_no_class():
    values, flags = np.array([1.0, 5.0, np.nan, 9.0]), np.array([0, 2, 3, 3])
    assert classify(values, flags, (2.0,)).tolist() == [0, -1, -1, -1]


def test_quantiles_put_about_as_many_values_into_each_class():
    values = np.random.default_rng(0).lognormal(3, 1.5, 10_000)
    found = breaks(values, "quantile", 5)
    counts = np.bincount(classify(values, np.zeros(len(values), np.int64), found))
    assert (np.abs(counts / len(values) - 0.2) < 2 * MOVED + 0.01).all()
    assert all(len(f"{b:g}".replace(".", "").strip("0")) <= 2 for b in found)


def test_natural_breaks_are_those_of_fisher_and_jenks():
    values = np.repeat([1.0, 2.0, 50.0, 51.0, 400.0, 410.0], 5)
    exact = mapclassify.FisherJenks(values, k=3).bins[:-1]
    found = breaks(values, "natural", 3)
    for bound, lower in zip(exact, found, strict=True):
        assert (values < lower).sum() == (values <= bound).sum()


def test_head_tail_takes_the_means_of_the_heads():
    values = np.array([1.0] * 8 + [10.0] * 4 + [100.0] * 2 + [1000.0])
    first = values.mean()
    second = values[values > first].mean()
    found = breaks(values, "headtail", 4)
    assert len(found) == 2
    for lower, mean in zip(found, (first, second), strict=True):
        assert (values >= lower).sum() == (values > mean).sum()


def test_zeros_do_not_take_part_in_the_breaks():
    positive = np.random.default_rng(1).lognormal(2, 1, 500)
    assert breaks(np.concatenate([np.zeros(9_000), positive]), "quantile", 5) == breaks(positive, "quantile", 5)


@pytest.mark.parametrize("values", [[], [np.nan], [0.0, 0.0], [7.0, 7.0]])
def test_where_there_is_nothing_to_divide_there_is_one_class(values):
    assert breaks(np.array(values), "quantile", 5) == ()


def test_the_same_values_give_the_same_breaks_also_where_they_are_sampled():
    values = np.random.default_rng(2).lognormal(3, 2, 30_000)
    assert breaks(values, "natural", 4) == breaks(values.copy(), "natural", 4)


def test_cells_that_hold_one_firm_stay_together_although_their_areas_differ():
    rng = np.random.default_rng(3)
    areas = rng.uniform(0.70, 0.745, 2_000)
    counts = np.minimum(rng.geometric(0.5, 2_000), 8)
    density = counts / areas
    found = breaks(density, "quantile", 5)
    for n in (1, 2, 3):
        classes = classify(density[counts == n], np.zeros((counts == n).sum(), np.int64), found)
        assert len(set(classes)) == 1, (n, found)


def test_close_but_unbroken_values_are_still_divided():
    values = np.linspace(95, 100, 200)
    counts = np.bincount(classify(values, np.zeros(200, np.int64), breaks(values, "quantile", 5)))
    assert len(counts) == 5
    assert counts.min() >= 30


def test_quantiles_leave_no_class_almost_empty():
    values = np.concatenate([np.full(700, 1.4), np.full(5, 1.6), np.random.default_rng(4).lognormal(3, 1, 400)])
    found = breaks(values, "quantile", 5)
    counts = np.bincount(classify(values, np.zeros(len(values), np.int64), found), minlength=len(found) + 1)
    assert (counts[1:] >= 0.05 * len(values)).all()
