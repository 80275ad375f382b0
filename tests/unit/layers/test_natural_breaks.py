"""Natural breaks are the best there are: compared with the published method, value by value and in their sum."""

from __future__ import annotations

import mapclassify
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from layers.natural_breaks import natural_breaks

VALUES = st.integers(1, 40).flatmap(lambda n: arrays(np.float64, n, elements=st.integers(0, 400).map(float)))


def spread(values, lower):
    """Sum of squared deviations from the mean of each class."""
    classes = np.searchsorted(lower, values, side="right")
    return sum(((values[classes == c] - values[classes == c].mean()) ** 2).sum() for c in np.unique(classes))


def published(values, count):
    """Lowest value of each class but the first, by mapclassify."""
    distinct = np.unique(values)
    highest = mapclassify.FisherJenks(values, k=count).bins[:-1]
    return distinct[np.searchsorted(distinct, highest, side="right")]


@given(VALUES, st.integers(2, 8))
@settings(max_examples=200, deadline=None)
def test_no_other_classes_have_a_smaller_sum_of_squares(values, count):
    count = min(count, len(np.unique(values)))
    found = natural_breaks(values, count)
    assert len(found) == count - 1
    assert np.isin(found, values).all() and (np.diff(found) > 0).all()
    if count > 1:
        assert spread(values, found) <= spread(values, published(values, count)) * (1 + 1e-9) + 1e-9


@pytest.mark.parametrize("count", [2, 3, 5, 7])
def test_breaks_of_many_uneven_values_are_the_published_ones(count):
    values = np.random.default_rng(4).lognormal(3, 1.5, 3_000)
    assert natural_breaks(values, count).tolist() == published(values, count).tolist()


def test_values_far_from_zero_keep_their_classes():
    values = np.array([1.0, 2.0, 3.0, 50.0, 51.0, 90.0])
    assert natural_breaks(values + 1e9, 3).tolist() == [1e9 + 50, 1e9 + 90]


def test_fewer_distinct_values_than_classes_give_fewer_classes():
    assert natural_breaks(np.array([4.0, 4.0]), 5).tolist() == []
    assert natural_breaks(np.array([4.0, 9.0]), 5).tolist() == [9.0]
