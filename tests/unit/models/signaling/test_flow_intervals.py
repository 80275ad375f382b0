"""Intervals of flows: by hand, wider with model error, and true for nine of ten flows drawn as they say."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from benchmarks.flow_intervals import error_of, held
from models.signaling import flows, migration
from models.signaling.flow_intervals import MISSED, interval
from models.signaling.places import Allocation
from models.signaling.release import Rules
from models.signaling.zones import Zones

TOWNS = ("500110001", "500110002")


def zones():
    """Two cells, each on a hexagon and in a town of its own."""
    at = np.array([[0.0, 0.0], [9_000.0, 0.0]])
    allocation = Allocation(
        sp.identity(2, format="csr"), np.arange(2, dtype=np.uint64), np.ones(2, bool), np.empty(0, np.int64), "t", at
    )
    return Zones(allocation, TOWNS, np.arange(2))


def commuters(rules):
    rows = [(0, 0, 6_000.0, 60), (0, 1, 4_000.0, 40), (1, 0, 3_000.0, 30), (1, 1, 9_000.0, 90)]
    people = pd.DataFrame(rows, columns=["home_cell", "work_cell", "persons", "devices"])
    raw = SimpleNamespace(people=people.assign(resident_class="resident"))
    return flows.commute_flows(raw, zones(), rules).set_index(["from_code", "to_code"])


def test_the_interval_of_one_flow_by_hand():
    """1,000 persons of 100 devices: sampling 100, model 0.1 * 1,000 = 100; together 141.4."""
    low, high = interval(np.array([1_000.0]), np.array([100]), 0.1)
    assert high[0] - 1_000 == pytest.approx(1.645 * np.sqrt(2) * 100)
    assert 1_000 - low[0] == pytest.approx(high[0] - 1_000)
    assert interval(np.array([1_000.0]), np.array([100]))[1][0] - 1_000 == pytest.approx(164.5)


def test_where_no_device_was_seen_three_may_be_there_and_nothing_is_below_nobody():
    low, high = interval(np.array([1_000.0, 0.0, 90.0]), np.array([10, 0, 1]), 0.5)
    assert low.tolist()[1:] == [0.0, 0.0] and low[0] >= 0
    assert high[1] == pytest.approx(MISSED * 1_090 / 11)
    assert [side.tolist() for side in interval(np.zeros(2), np.zeros(2, int), 0.5)] == [[0.0, 0.0], [0.0, 0.0]]


@pytest.mark.parametrize("error", [0.0, 0.1, 0.3])
def test_nine_of_ten_intervals_hold_flows_that_are_off_by_as_much_as_they_say(error):
    rng = np.random.default_rng(1)
    devices = rng.integers(20, 900, 4_000)
    value = 70.0 * devices
    true = value * (1 + rng.normal(0, np.sqrt(1 / devices + error**2)))
    low, high = interval(value, devices, error)
    assert 0.88 < ((low <= true) & (true <= high)).mean() < 0.92


@pytest.mark.parametrize("error", [0.08, 0.25])
def test_the_error_of_a_kind_of_flow_is_found_again(error):
    rng = np.random.default_rng(2)
    devices = rng.integers(200, 2_000, 5_000)
    value = 70.0 * devices
    true = value * (1 + rng.normal(0, np.sqrt(1 / devices + error**2)))
    rows = pd.DataFrame({"persons": value, "devices": devices, "true": true, "high": value})
    assert error_of(rows) == pytest.approx(error, rel=0.05)
    assert held(rows, error_of(rows)) == pytest.approx(0.9, abs=0.01)
    assert held(rows, 0.0) < 0.75


def test_commuters_have_errors_of_their_own_between_and_within_towns_and_their_values_stay():
    bare = commuters(Rules(10, 20))
    found = commuters(Rules(10, 20, errors={"commute": 0.1, "commute_own": 0.3}))
    np.testing.assert_array_equal(found["persons"], bare["persons"])
    for pair, error in (((TOWNS[0], TOWNS[1]), 0.1), ((TOWNS[1], TOWNS[1]), 0.3)):
        row = found.loc[pair]
        half = 1.645 * row["persons"] * np.sqrt(1 / row["devices"] + error**2)
        assert row["high"] - row["persons"] == pytest.approx(half)


def test_visitors_from_the_city_are_told_with_another_error_than_those_from_elsewhere():
    visits = pd.DataFrame(
        {"zone": [0, 0], "origin": ["intra_city", "inter_provincial"], "persons": [500.0, 500.0], "devices": [50, 50]}
    )
    rules = Rules(10, 20, errors={"visitor": 0.1, "visitor_intra_city": 0.4})
    found = flows.visitors(SimpleNamespace(visits=visits), zones(), rules).set_index("origin_class")
    half = found["high"] - found["persons"]
    assert half["intra_city"] == pytest.approx(1.645 * 500 * np.sqrt(1 / 50 + 0.16))
    assert half["inter_provincial"] == pytest.approx(1.645 * 500 * np.sqrt(1 / 50 + 0.01))


def test_moves_of_nobody_are_told_as_up_to_three_devices():
    devices = np.zeros((2, 2, len(migration.CLASSES)), np.int64)
    devices[:, :, 3] = 400
    sums = migration.Totals(70.0 * devices, devices, np.full((2, 2), 9e4), np.full((2, 2), 900))
    told, _ = migration.released(sums, TOWNS, Rules(10, 20, errors={"move": 0.09}))
    rows = told[~told["suppressed"]].set_index(["area_code", "direction", "origin_class"])
    assert rows.loc[("city", "in", "international"), ["persons", "low", "high"]].tolist() == [0.0, 0.0, 210.0]
    city = rows.loc[("city", "in", "intra_district")]
    assert city["high"] - city["persons"] == pytest.approx(1.645 * 56_000 * np.sqrt(1 / 800 + 0.09**2))


def test_what_a_method_misses_is_found_in_small_flows_too_where_half_of_the_people_are_observed():
    """Each person is seen with chance 1/2 and stands for 2: the variance is (1 - 1/2) / n, not 1 / n."""
    rng = np.random.default_rng(4)
    persons = rng.integers(40, 90, 6_000)
    devices = rng.binomial(persons, 0.5)
    true = persons * (1 + rng.normal(0, 0.12, len(persons)))
    rows = pd.DataFrame({"persons": 2.0 * devices, "devices": devices, "true": true})
    assert error_of(rows.assign(observed=0.5)) == pytest.approx(0.12, abs=0.015)
    assert error_of(rows) < 0.06


def test_moves_of_a_town_are_told_with_another_error_than_those_of_the_city():
    devices = np.full((2, 2, len(migration.CLASSES)), 400, np.int64)
    sums = migration.Totals(70.0 * devices, devices, np.full((2, 2), 9e4), np.full((2, 2), 900))
    told, _ = migration.released(sums, TOWNS, Rules(10, 20, errors={"move": 0.1, "move_town": 0.3}))
    rows = told.set_index(["area_code", "direction", "origin_class"])
    for area, error in (("city", 0.1), (TOWNS[0], 0.3)):
        row = rows.loc[(area, "out", "intra_city")]
        half = 1.645 * row["persons"] * np.sqrt(1 / row["devices"] + error**2)
        assert row["high"] - row["persons"] == pytest.approx(half)
    assert not told["suppressed"].any()
