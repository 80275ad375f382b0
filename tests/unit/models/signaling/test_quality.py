"""Figures of a period: events as they are, people by class so that no class below k follows from the others."""

from __future__ import annotations

import numpy as np
import pytest

from models.signaling.quality import figures

COUNTED = {
    "events_ok": 3.0, "rows_read": 9.0, "home_class_home": 900.0, "home_class_unknown": 100.0,
    "resident_class_resident": 940.0, "resident_class_short": 30.0, "resident_class_undetermined": 20.0,
    "resident_class_passing": 10.0, "undetermined_share": 20 / 960,
}  # fmt: skip


def shown(quality, k):
    table = figures(quality, k)
    assert table["figure"].tolist() == list(quality)
    return {name: value for name, value in zip(table["figure"], table["value"], strict=True) if not np.isnan(value)}


def test_nothing_is_hidden_where_every_class_has_k_devices():
    assert shown(COUNTED, 10) == COUNTED


def test_a_class_below_k_takes_the_next_smallest_with_it_and_the_share_made_from_that():
    left = shown(COUNTED, 15)
    assert set(COUNTED) - set(left) == {"resident_class_passing", "resident_class_undetermined", "undetermined_share"}
    assert left["events_ok"] == 3.0  # an event is no person


@pytest.mark.parametrize("k", [5, 11, 21, 31, 61, 101])
def test_no_class_below_k_follows_from_the_sum_of_another_kind(k):
    """The attack: all devices by one kind of class, less what is shown of another, is k or more, and of several."""
    left = shown(COUNTED, k)
    for kind in ("home_class_", "resident_class_"):
        hidden = [value for name, value in COUNTED.items() if name.startswith(kind) and name not in left]
        assert all(value >= k for name, value in COUNTED.items() if name.startswith(kind) and name in left)
        assert not hidden or (len(hidden) > 1 and sum(hidden) >= k)


def test_empty_classes_are_shown_and_hide_nobody():
    assert shown(COUNTED | {"resident_class_passing": 0.0}, 15)["resident_class_passing"] == 0.0


def test_a_share_is_missing_where_one_of_its_classes_is():
    left = shown(COUNTED | {"resident_class_passing": 40.0, "resident_class_short": 35.0}, 25)
    assert "undetermined_share" not in left and "resident_class_resident" in left
