"""Memory used again from day to day changes no result."""

from __future__ import annotations

import dataclasses

import numpy as np

from models.signaling.day import compute_day
from models.signaling.room import KEPT_BYTES, Room
from tests.unit.models.signaling.grouped import group_by_user
from tests.unit.models.signaling.test_kernel import DAY, RULES, drawn


def test_an_array_is_as_large_as_asked_and_made_anew_where_it_grows_or_changes_its_kind():
    room = Room()
    first = room.array("a", 8, np.int32)
    first[:] = 7
    assert room.array("a", 5, np.int32).tolist() == [7] * 5
    assert len(room.array("a", 100, np.int32)) == 100
    assert room.array("a", 3, np.int8).dtype == np.int8
    assert not np.shares_memory(first, room.array("a", 8, np.int32))


def test_a_large_array_is_not_kept():
    room, size = Room(), KEPT_BYTES // 8 + 1
    large = room.array("a", size, np.int64)
    assert len(large) == size
    assert not np.shares_memory(large, room.array("a", size, np.int64))
    assert not np.shares_memory(large, room.array("a", 8, np.int64))


def test_a_day_after_another_one_in_the_same_room_is_as_if_alone():
    room = Room()
    for seed in (1, 2, 3):
        cells, *columns = drawn(np.random.default_rng(seed))
        events = group_by_user(*columns)
        alone, beside = compute_day(events, cells, DAY, RULES), compute_day(events, cells, DAY, RULES, room)
        for field in dataclasses.fields(alone):
            np.testing.assert_array_equal(getattr(alone, field.name), getattr(beside, field.name), err_msg=field.name)
