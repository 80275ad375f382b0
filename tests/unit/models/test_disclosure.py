"""Too small counts stay hidden, also from somebody who can add and subtract."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models import disclosure

COUNTS = st.integers(1, 12).flatmap(lambda n: arrays(np.float64, n, elements=st.integers(0, 30).map(float)))


def test_k_may_be_raised_and_never_lowered():
    assert disclosure.threshold(15) == 15
    assert disclosure.threshold(15, 30) == 30
    assert disclosure.threshold(15, 3) == 15
    with pytest.raises(ValueError, match="at least 1"):
        disclosure.threshold(0)


def test_a_small_count_becomes_null_and_never_zero():
    values, flags = disclosure.suppress(
        np.array([4.0, 0.0, 9.0, np.nan, 7.0]), np.array([0, 1, 0, 3, 0]), np.array([4, 0, 9, np.nan, np.nan]), 5
    )
    assert np.isnan(values[0])
    assert flags.tolist() == [2, 1, 0, 3, 2]
    assert values[1] == 0
    assert values[2] == 9
    assert np.isnan(values[4])


@given(COUNTS, st.integers(1, 20))
@settings(max_examples=200, deadline=None)
def test_no_count_between_one_and_k_is_ever_shown(counts, k):
    values, flags = disclosure.suppress(counts.copy(), np.where(counts == 0, 1, 0), counts, k)
    shown = values[np.isfinite(values)]
    assert not ((shown > 0) & (shown < k)).any()
    assert (flags[np.isnan(values)] == 2).all()
    assert (values[counts >= k] == counts[counts >= k]).all()


@given(COUNTS, st.integers(2, 15), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_subtracting_what_is_shown_from_a_total_leaves_no_count_below_k(counts, k, chance):
    parent = np.array([chance.randint(-1, 2) for _ in counts])
    hidden = disclosure.complementary(disclosure.small(counts, k), counts, parent, k)
    for total in set(parent[parent >= 0]):
        inside = parent == total
        concealed = counts[inside & hidden]
        if len(concealed) and (counts[inside & ~hidden] > 0).any():
            assert len(concealed) >= 2
            assert concealed.sum() >= k


def test_places_without_a_published_total_need_no_further_hiding():
    counts = np.array([3.0, 40.0])
    hidden = disclosure.complementary(disclosure.small(counts, 5), counts, np.array([-1, -1]), 5)
    assert hidden.tolist() == [True, False]


def test_the_smallest_shown_count_is_hidden_beside_a_single_hidden_one():
    counts = np.array([3.0, 40.0, 9.0, 0.0])
    hidden = disclosure.complementary(disclosure.small(counts, 5), counts, np.zeros(4, int), 5)
    assert hidden.tolist() == [True, False, True, False]
