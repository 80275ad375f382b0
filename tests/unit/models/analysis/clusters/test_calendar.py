"""The calendar: Spring Festival falls on its new moon, batch days lose their excess, mistakes are named."""

from __future__ import annotations

import math

import numpy as np
import pytest

from models.analysis.clusters.calendar import Calendar, batch_weights
from models.errors import ConfigError

CALENDAR = Calendar.load()


def day(text: str) -> int:
    return int(np.datetime64(text, "D").astype(np.int64))


def new_moon(k: int) -> float:
    """Julian ephemeris day of new moon k since January 2000: the main terms of Meeus, chapter 49 (+- 0.02 d)."""
    t = k / 1236.85
    mean = 2451550.09766 + 29.530588861 * k + 0.00015437 * t**2
    m = math.radians(2.5534 + 29.10535670 * k)
    mm = math.radians(201.5643 + 385.81693528 * k)
    f = math.radians(160.7108 + 390.67050284 * k)
    return (
        mean - 0.40720 * math.sin(mm) + 0.17241 * math.sin(m) + 0.01608 * math.sin(2 * mm)
        + 0.01039 * math.sin(2 * f) + 0.00739 * math.sin(mm - m) - 0.00514 * math.sin(mm + m)
        + 0.00208 * math.sin(2 * m)
    )  # fmt: skip


def test_every_spring_festival_is_the_day_of_a_new_moon_in_china_between_21_january_and_21_february():
    for start in CALENDAR.festivals:
        julian = start + 2440587.5
        k = round((julian - 2451550.1) / 29.530588861)
        local = min((new_moon(j) + 8 / 24 for j in (k - 1, k, k + 1)), key=lambda moon: abs(moon - julian - 0.5))
        assert abs(math.floor(local - 2440587.5 - 0.0007) - start) == 0, np.datetime64(start, "D")
        text = str(np.datetime64(start, "D"))
        assert "01-21" <= text[5:] <= "02-21"


def test_the_table_says_for_every_row_where_it_is_from_and_whether_it_was_verified():
    import csv

    from models.analysis.clusters.calendar import TABLE

    with TABLE.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert all(row["source"] and row["verified"] in ("true", "false") for row in rows)


def test_weekends_and_holidays_are_closed_and_the_festival_is_quiet():
    days = np.array([day(t) for t in ("2019-02-01", "2019-02-02", "2019-02-05", "2019-02-12", "2019-02-28")])
    assert CALENDAR.open(days).tolist() == [True, False, False, True, True]
    assert CALENDAR.quiet(days).tolist() == [True, True, True, True, False]


def test_a_batch_day_counts_as_a_usual_day_and_no_other_day_is_touched():
    days = np.arange(day("2019-03-01"), day("2019-05-01"))
    totals = np.where(CALENDAR.open(days), 50.0, 3.0)
    totals[41] = 465
    weights = batch_weights(totals, days, CALENDAR)
    assert totals[41] * weights[41] == pytest.approx(50)
    assert np.delete(weights, 41).min() == 1


def test_two_batches_in_a_row_are_both_recognised():
    days = np.arange(day("2019-03-01"), day("2019-05-01"))
    totals = np.where(CALENDAR.open(days), 50.0, 0.0)
    totals[40:42] = 400
    assert (batch_weights(totals, days, CALENDAR)[40:42] < 0.2).all()


def test_a_level_that_rises_for_good_is_a_batch_only_until_it_is_usual():
    days = np.arange(day("2018-01-01"), day("2018-12-31"))
    totals = np.where(CALENDAR.open(days), np.where(days < day("2018-05-02"), 12.0, 60.0), 0.0)
    weights = batch_weights(totals, days, CALENDAR)
    assert (weights[days > day("2018-07-01")] == 1).all()


def test_a_slow_rise_is_no_batch():
    days = np.arange(day("2019-03-01"), day("2019-06-01"))
    totals = np.where(CALENDAR.open(days), np.linspace(30, 90, days.size), 0.0)
    assert batch_weights(totals, days, CALENDAR).min() == 1


def test_a_registry_that_deals_with_10_firms_one_day_and_150_the_next_has_no_batch_days():
    days = np.arange(day("2019-03-01"), day("2019-07-01"))
    totals = np.zeros(days.size)
    works = CALENDAR.open(days)
    totals[works] = np.resize([10, 150, 20, 40, 90, 30, 110], works.sum())
    assert totals.max() >= 3 * np.median(totals[totals > 0])
    assert batch_weights(totals, days, CALENDAR).min() == 1


def test_the_low_days_around_spring_festival_make_no_batch_of_the_days_after_them():
    days = np.arange(day("2018-12-01"), day("2019-04-01"))
    totals = np.where(CALENDAR.open(days), np.where(CALENDAR.quiet(days), 9.0, 60.0), 0.0)
    assert batch_weights(totals, days, CALENDAR).min() == 1


def test_days_before_a_gap_of_years_are_not_compared_with():
    days = np.arange(day("2010-01-04"), day("2019-02-01"))
    recent = days >= day("2019-01-02")
    totals = np.where(CALENDAR.open(days) & (recent | (days < day("2010-07-01"))), np.where(recent, 90.0, 20.0), 0.0)
    assert batch_weights(totals, days, CALENDAR).min() == 1


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("2019-02-30,spring_festival,7,x,true", "line 2"),
        ("2019-02-05,fools_day,7,x,true", "fools_day"),
        ("2019-02-05,spring_festival,7,x,true\n2021-02-12,spring_festival,7,x,true", "without gaps"),
    ],
)
def test_mistakes_in_the_table_are_named(tmp_path, rows, words):
    file = tmp_path / "holidays.csv"
    file.write_text(f"first_day,holiday,days_closed,source,verified\n{rows}\n", "utf-8")
    with pytest.raises(ConfigError, match=words):
        Calendar.load(file)
