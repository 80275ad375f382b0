"""Bounds of the nights in the city by hand, each condition of the rule, and who is counted where afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.errors import ConfigError
from models.signaling import cubes, elsewhere, undetermined
from models.signaling.bridges import Calendar
from models.signaling.labels import RESIDENT_CLASSES
from models.signaling.period import PeriodRows

RULE = undetermined.SignalRule(known_hours=12.5, night_share=0.25)
NIGHTS, DAYS = 12.6, 21
"""Nights of a resident in 21 days, by 18 of 30."""
SELDOM: dict[str, Any] = {
    "resident_class": "short", "nights": 5, "observed_nights": 6, "days_here": 11, "span_nights": 19,
    "nights_heard": 7, "days_elsewhere": 0, "hours": 8.0,
}  # fmt: skip
"""A resident who is seldom heard: 5 nights here, 6 observed, 13 nobody saw: at most 18 of 19."""


def people(*rows: dict[str, Any]) -> pd.DataFrame:
    table = pd.DataFrame([SELDOM | row for row in rows])
    kinds = pd.Categorical(table["resident_class"], categories=RESIDENT_CLASSES)
    known = table.pop("hours") * table["days_here"] / (24 * DAYS)
    return table.assign(user=np.arange(len(table), dtype=np.uint64), resident_class=kinds, coverage=known)


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({}, True),
        ({"resident_class": "passing", "nights": 1, "observed_nights": 2}, True),
        ({"resident_class": "resident", "nights": 13}, False),
        # Upper bound: 12 nights between the first and the last day heard are too few, however few were observed.
        ({"span_nights": 12, "days_here": 6}, False),
        ({"span_nights": 13, "days_here": 6, "nights": 0, "observed_nights": 0}, True),
        # Observed nights that were not spent here count against it: 3 + (19 - 10) = 12 < 12.6, 3 + (19 - 9) = 13.
        ({"nights": 3, "observed_nights": 10}, False),
        ({"nights": 3, "observed_nights": 9}, True),
        # Four weekends, heard all day: away in between. The same heard now and then: nobody knows.
        ({"days_here": 8, "nights": 8, "observed_nights": 8, "hours": 20.0, "nights_heard": 8}, False),
        ({"days_here": 8, "nights": 4, "observed_nights": 4, "hours": 6.0, "nights_heard": 4}, True),
        # At home all day on 20 days, with few nights of three hours at a place: not away.
        ({"days_here": 20, "nights": 11, "observed_nights": 11, "hours": 16.0, "nights_heard": 12}, True),
        # Works here on 15 days and sleeps in another city: no sign by night, or heard there as often.
        ({"days_here": 15, "nights": 0, "observed_nights": 0, "nights_heard": 3, "hours": 9.0}, False),
        ({"days_here": 15, "days_elsewhere": 15}, False),
        ({"days_here": 0, "span_nights": 0, "nights": 14, "observed_nights": 9, "days_elsewhere": 20}, False),
    ],
)
def test_the_bounds_of_the_nights_decide(changed: dict[str, Any], wanted: bool) -> None:
    assert undetermined.undetermined(people(changed), RULE, NIGHTS, DAYS * 86_400).tolist() == [wanted]


def test_nobody_is_lost_and_residents_stay() -> None:
    rng = np.random.default_rng(3)
    rows = [
        {
            "resident_class": str(rng.choice(RESIDENT_CLASSES[:3])), "nights": int(rng.integers(0, 14)),
            "observed_nights": int(rng.integers(0, 21)), "days_here": int(rng.integers(0, 21)),
            "span_nights": int(rng.integers(0, 21)), "hours": float(rng.uniform(0, 24)),
        } for _ in range(500)
    ]  # fmt: skip
    table = people(*rows)
    found = undetermined.named(table, RULE, NIGHTS, DAYS * 86_400)
    before, after = (frame["resident_class"].value_counts() for frame in (table, found))
    assert after.sum() == before.sum() == 500
    assert after["resident"] == before["resident"]
    assert 0 < after["undetermined"] == (before - after)[["passing", "short"]].sum()
    assert not {"span_nights", "nights_heard"} & set(found)


def test_days_nights_and_span_of_a_user() -> None:
    """Days 0, 2 and 5 here, by night on 0 and 5; day 3 in another region by night."""
    day = np.array([0, 0, 2, 3, 5, 5, 1], np.int32)
    place = np.array([0, 1, 0, 2, 1, 1, 2], np.int32)
    hour = np.array([22, 23, 12, 23, 6, 7, 1], np.int8)
    rows = PeriodRows(
        np.array([4, 9], np.uint64), np.array([0, 6, 7]), day, place, hour, np.full(7, 60, np.int32)
    )  # fmt: skip
    found = elsewhere.seen(rows, np.array([False, False, True]), (21, 7)).set_index("user")
    columns = ["days_here", "span_nights", "nights_heard", "days_elsewhere"]
    assert found[columns].to_numpy().tolist() == [[3, 5, 2, 1], [0, 0, 0, 1]]


def test_who_has_no_weight_is_nowhere_and_leaves_the_others_as_they_are() -> None:
    users, start = np.array([1, 2, 3], np.uint64), np.array([0, 2, 4, 6])
    day, hour = np.array([0, 1] * 3, np.int32), np.full(6, 12, np.int8)
    rows = PeriodRows(users, start, day, np.array([0, 0, 0, 1, 0, 1], np.int32), hour, np.full(6, 3_600, np.int32))
    calendar = Calendar(
        np.full(2, 86_400, np.int32), np.array([False, True]), np.zeros((2, 1), np.int32), np.zeros((2, 1), np.int8),
        np.ones(2, np.int32), np.array([True, True]),
    )  # fmt: skip
    staying = np.array([True, False, False])
    whole = cubes.presence(rows, np.array([10.0, np.nan, 30.0]), staying, calendar, 2)
    kept = PeriodRows(
        users[[0, 2]], np.array([0, 2, 4]), *(c[[0, 1, 4, 5]] for c in (day, rows.place, hour, rows.seconds))
    )
    wanted = cubes.presence(kept, np.array([10.0, 30.0]), staying[[0, 2]], calendar, 2)
    np.testing.assert_array_equal(whole.persons, wanted.persons)
    np.testing.assert_array_equal(whole.devices, wanted.devices)
    assert whole.persons[:, 12, 0].sum() == pytest.approx(10 + 30)


def test_the_share_is_of_those_who_may_live_here_and_hides_a_few() -> None:
    figures = {"resident_class_resident": 900.0, "resident_class_undetermined": 100.0, "resident_class_short": 50.0}
    assert undetermined.share(figures, 15) == pytest.approx(0.1)
    assert np.isnan(undetermined.share(figures | {"resident_class_undetermined": 14.0}, 15))
    assert undetermined.share(figures | {"resident_class_undetermined": 0.0}, 15) == 0.0
    assert np.isnan(undetermined.share({}, 15))


@pytest.mark.parametrize("text", ["", "known_hours = 12.5", "known_hours = { value = 25, source = 's' }"])
def test_a_rule_without_source_or_out_of_range_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "rule.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="known_hours"):
        undetermined.load_signal_rule(file)


def test_the_rule_in_use_has_its_sources() -> None:
    assert undetermined.load_signal_rule() == RULE


def test_a_long_stay_among_short_ones_tells_less_than_its_devices() -> None:
    """One device all of two days, two for a quarter each: 1.5 persons, squares 1.125, as good as 1.5^2 / 1.125 = 2."""
    users, start = np.array([1, 2, 3], np.uint64), np.array([0, 2, 3, 5])
    seconds = np.array([86_400, 86_400, 43_200, 21_600, 21_600], np.int32)
    rows = PeriodRows(
        users, start, np.array([0, 1, 0, 1, 1], np.int32), np.zeros(5, np.int32), np.zeros(5, np.int8), seconds
    )
    calendar = Calendar(
        np.full(2, 86_400, np.int32), np.array([False, True]), np.zeros((2, 1), np.int32), np.zeros((2, 1), np.int8),
        np.ones(2, np.int32), np.array([True, True]),
    )  # fmt: skip
    guests = pd.DataFrame({"user": users, "origin": "intra_city", "weight": 8.0})
    found = cubes.visits(rows, guests, calendar, np.zeros(1, np.int64)).iloc[0]
    assert found["persons"] == pytest.approx(8 * 1.5)
    assert found["squares"] == pytest.approx(64 * (1 + 2 / 16))
    assert found["persons"] ** 2 / found["squares"] == pytest.approx(2.0)
    assert found["devices"] == 3
