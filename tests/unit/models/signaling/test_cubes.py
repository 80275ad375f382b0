"""Sums over users conserve their weights and count each device once."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from models.signaling import cubes
from models.signaling.day import Cells, compute_day
from models.signaling.kernel_rules import load_rules
from models.signaling.period import PeriodRows, Sites, calendar_of, join_days
from models.signaling.segments import UNKNOWN
from models.signaling.service_day import service_day
from tests.unit.models.signaling.grouped import group_by_user

RULES = load_rules()
DAYS = [service_day(dt.date(2015, 6, 1) + dt.timedelta(days=k), "Asia/Shanghai") for k in range(7)]
CALENDAR = calendar_of(DAYS)


@pytest.fixture(scope="module")
def bucket():
    """Thirty users with random events between six places on most of seven days."""
    rng = np.random.default_rng(3)
    network = Cells(rng.uniform(0, 20_000, 6), rng.uniform(0, 20_000, 6), np.full(6, 700.0), np.ones(6, dtype=bool))
    days = []
    for day in DAYS:
        user = np.repeat(rng.permutation(30)[:24], 30).astype(np.uint64)
        t = rng.integers(0, 86_400, len(user)).astype(np.int32)
        cell = ((user + t // 14_400) % 6).astype(np.int32)
        events = group_by_user(user, t, cell)
        days.append((events.users, compute_day(events, network, day, RULES)))
    sites = Sites(network.x, network.y, network.radius)
    return days, join_days(days, CALENDAR, sites, RULES), sites


def test_presence_of_residents_sums_to_their_weights_at_every_hour(bucket):
    _, rows, _ = bucket
    weights = np.linspace(50, 300, len(rows.users))
    found = cubes.presence(rows, weights, np.ones(len(weights), dtype=bool), CALENDAR, 6)
    seen = np.zeros((len(weights), 2), dtype=bool)
    for u in range(len(weights)):
        for d in np.unique(rows.day[rows.start[u] : rows.start[u + 1]]):
            seen[u, 0 if CALENDAR.workday[d] else 1] = True
    for k in range(2):
        np.testing.assert_allclose(found.persons[:, :, k].sum(axis=0), weights[seen[:, k]].sum(), rtol=1e-9)


def test_silent_hours_are_taken_to_be_like_those_known_of_the_same_person_and_never_of_others():
    """Two residents at 03:00 of three workdays: the first is known on two of them, the second on none; by hand."""
    day = np.array([0, 1, 1, 2, 0, 1, 2], np.int32)
    place = np.array([0, 0, 1, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN], np.int32)
    seconds = np.array([3600, 1800, 1800, 3600, 3600, 3600, 3600], np.int32)
    hour = np.full(7, 3, np.int8)
    users = np.array([4, 9], np.uint64)
    rows = PeriodRows(users, np.array([0, 4, 7]), day, place, hour, seconds)
    weights = np.array([80.0, 50.0])
    found = cubes.presence(rows, weights, np.ones(2, dtype=bool), CALENDAR, 2).persons[:, 3, 0]
    assert found[cubes.FIRST_CELL :].tolist() == pytest.approx([60.0, 20.0])
    assert found[0] == pytest.approx(50.0)
    visiting = cubes.presence(rows, weights, np.zeros(2, dtype=bool), CALENDAR, 2).persons[:, 3, 0]
    assert visiting[cubes.FIRST_CELL :].tolist() == pytest.approx([80 * 5400 / (3600 * 5), 80 * 1800 / (3600 * 5)])


def test_a_visitor_counts_for_the_share_of_days_seen(bucket):
    _, rows, _ = bucket
    away = cubes.presence(rows, np.ones(len(rows.users)), np.zeros(len(rows.users), dtype=bool), CALENDAR, 6)
    user_days = len(np.unique(np.repeat(np.arange(len(rows.users)), np.diff(rows.start)) * 7 + rows.day))
    mean = away.persons[:, 12, 0].sum() * 5 + away.persons[:, 12, 1].sum() * 2
    assert mean == pytest.approx(user_days)


def test_devices_are_counted_once_however_often_they_come(bucket):
    _, rows, _ = bucket
    found = cubes.presence(rows, np.ones(len(rows.users)), np.ones(len(rows.users), dtype=bool), CALENDAR, 6)
    for place, hour, kind in ((0, 9, 0), (3, 22, 1), (5, 14, 0)):
        here = (rows.place == place) & (rows.hour == hour) & (CALENDAR.workday[rows.day] == (kind == 0))
        owners = np.searchsorted(rows.start, np.flatnonzero(here), side="right")
        assert found.devices[place + cubes.FIRST_CELL, hour, kind] == len(np.unique(owners))


def test_buckets_add_up(bucket):
    table = pd.DataFrame({"home_cell": [1, 1, 2, None], "weight": [10.0, 20.0, 5.0, 7.0]})
    parts = [cubes.counted(table.iloc[:2], ["home_cell"]), cubes.counted(table.iloc[2:], ["home_cell"])]
    pd.testing.assert_frame_equal(cubes.added(parts), cubes.counted(table, ["home_cell"]))
