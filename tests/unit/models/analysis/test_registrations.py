"""Registrations by month: row by row against pandas, contiguous months, nothing lost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models import contracts
from models.analysis import registrations
from models.analysis.change import registrations_change
from models.analysis.profile import composition, monthly_trend, yearly_trend
from models.errors import RequestError


def plain_counts(keys: pd.Series, dates: pd.Series) -> dict:
    """Reference: count (key, YYYY-MM) one subject at a time."""
    counts: dict = {}
    for key, day in zip(keys, dates, strict=True):
        if not pd.isna(key) and not pd.isna(day):
            pair = (key, f"{day.year:04d}-{day.month:02d}")
            counts[pair] = counts.get(pair, 0) + 1
    return counts


@pytest.mark.parametrize("resolution", [7, 9])
def test_cells_by_month_are_those_counted_one_by_one(subjects, resolution):
    found = registrations.registrations_by_cell_month(subjects)
    contracts.check("registrations_by_cell_month", found)
    own = found[found["resolution"] == resolution]
    expected = plain_counts(subjects[f"h3_r{resolution}"], subjects["established_on"])
    assert dict(zip(zip(own["h3"], own["month"], strict=True), own["subjects"], strict=True)) == expected


def test_areas_by_month_are_those_counted_one_by_one(subjects, areas, members):
    found = registrations.registrations_by_area_month(subjects, areas, members)
    contracts.check("registrations_by_area_month", found)
    for level in ("district", "town"):
        own = found[found["area_level"] == level]
        expected = plain_counts(members[level], subjects["established_on"])
        pairs = zip(own["area_code"], own["month"], strict=True)
        assert dict(zip(pairs, own["subjects"], strict=True)) == expected


def test_every_dated_located_subject_stands_in_one_month_of_each_resolution(subjects):
    found = registrations.registrations_by_cell_month(subjects)
    dated = int((subjects["located"] & subjects["established_on"].notna()).sum())
    assert found.groupby("resolution")["subjects"].sum().tolist() == [dated] * 3
    assert dated + registrations.undated(subjects) == subjects["located"].sum()


def test_the_month_range_has_no_gap():
    frame = pd.DataFrame({"month": ["2020-02", "2019-11", "2020-02"]})
    assert registrations.month_range(frame) == ("2019-11", "2019-12", "2020-01", "2020-02")
    assert registrations.month_range(frame.iloc[:0]) == ()


def test_months_before_1970_and_month_ends_are_named_right():
    dates = pd.Series(pd.to_datetime(["1958-12-31", "1970-01-01", "2024-02-29", None])).astype("datetime64[s]")
    numbers = registrations.month_numbers(dates)
    assert registrations.month_texts(numbers[:3]).tolist() == ["1958-12", "1970-01", "2024-02"]
    nothing = pd.DataFrame({"established_on": dates[3:], "h3_r8": pd.Series([1], dtype="UInt64", index=[3])})
    assert registrations.registrations_by_cell_month(nothing, (8,)).empty


def test_change_between_two_periods_by_hand():
    monthly = pd.DataFrame(
        {
            "area_code": ["A", "A", "A", "B", "C"],
            "month": ["2020-01", "2020-02", "2021-02", "2021-01", "2019-05"],
            "subjects": [4, 6, 15, 3, 9],
        }
    )
    found = registrations_change(monthly, "area_code", ("2020-01", "2020-02"), ("2021-01", "2021-02"))
    assert found["area_code"].tolist() == ["A", "B", "C"]
    assert found["change"].tolist() == [5, 3, 0]
    assert found["change_rate"].iloc[0] == pytest.approx(0.5)
    assert found["change_rate"].iloc[1:].isna().all()
    assert found["later"].sum() - found["earlier"].sum() == found["change"].sum()


@pytest.mark.parametrize(
    "later", [("2020-02", "2020-03"), ("2021-01", "2021-01"), ("2021-02", "2021-01"), ("2018-01", "2018-02")]
)
def test_periods_that_cannot_be_compared_are_refused(later):
    monthly = pd.DataFrame({"area_code": ["A"], "month": ["2020-01"], "subjects": [1]})
    with pytest.raises(RequestError, match="equally many months"):
        registrations_change(monthly, "area_code", ("2020-01", "2020-02"), later)


def test_composition_lists_sections_by_count_and_the_unknown_last(subjects):
    found = composition(subjects)
    assert found["section"].iloc[:-1].notna().all() and pd.isna(found["section"].iloc[-1])
    assert found["subjects"].sum() == len(subjects)
    assert found["share"].sum() == pytest.approx(1.0)
    assert found["section"].iloc[0] == "F"
    hand = composition(pd.DataFrame({"industry_section": pd.Series(["G", "A", "G", "C"], dtype="str")}))
    assert hand["section"].tolist() == ["G", "A", "C"]
    assert hand["share"].tolist() == [0.5, 0.25, 0.25]
    assert composition(subjects.iloc[:0]).empty


def test_trends_fill_months_and_years_without_registrations_with_zero():
    monthly = pd.DataFrame({"month": ["2018-11", "2020-02"], "subjects": [2, 5]})
    trend = monthly_trend(monthly)
    assert len(trend) == 16
    assert trend["subjects"].sum() == 7 and trend["subjects"].iloc[1] == 0
    assert monthly_trend(monthly, ("2020-01", "2020-02"))["subjects"].tolist() == [0, 5]
    years = yearly_trend(monthly)
    assert years["year"].tolist() == ["2018", "2019", "2020"]
    np.testing.assert_array_equal(years["subjects"], [2, 0, 5])
