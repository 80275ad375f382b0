"""Firms against people: the protected hours of the signaling where they stand, a delivered count where they do not."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from models import contracts
from models.analysis.warnings.detectors import look
from models.analysis.warnings.presence import DELIVERED, SIGNALING, present_gap, registered_present
from models.analysis.warnings.present_by_day import WORKING_HOURS, present_by_day
from models.rules.warning_rules import load_rules

CELL, OTHER = 613617173199323135, 613617173203517439
AS_OF = pd.Timestamp("2015-06-30")
BEGINS = {"2014": dt.date(2014, 6, 2), "2015": dt.date(2015, 6, 1), "2016": dt.date(2016, 6, 1)}


def hours(period="2015", cell=CELL, persons=None, hidden=(), daytype="workday"):
    """Every hour of one hexagon; as many people as the hour says, 30 devices and more."""
    at = np.arange(24)
    frame = pd.DataFrame({"period": period, "h3": np.uint64(cell), "resolution": 8, "daytype": daytype, "hour": at})
    frame["persons"] = at * 10.0 if persons is None else float(persons)
    frame["devices"] = pd.array(30 + at, "Int64")
    frame["suppressed"] = np.isin(at, hidden)
    frame.loc[frame["suppressed"], ["persons", "devices"]] = None
    return frame.assign(low=0.0, high=frame["persons"])


def test_the_mean_of_the_working_hours_and_the_fewest_devices():
    found = present_by_day(pd.concat([hours(), hours(daytype="weekend", persons=1)]), BEGINS, AS_OF)
    (row,) = found.itertuples()
    assert row.persons == 125.0  # mean of 90 .. 160
    assert row.devices == 39
    assert row.reference_month == pd.Timestamp("2015-06-01")


def test_a_hidden_working_hour_hides_the_day_and_one_by_night_does_not():
    found = present_by_day(pd.concat([hours(hidden=[12]), hours(cell=OTHER, hidden=[3])]), BEGINS, AS_OF)
    assert found["suppressed"].tolist() == [True, False]
    assert found[["persons", "devices"]].isna().all(axis=1).tolist() == [True, False]


def test_the_latest_period_that_began_by_the_business_date_counts():
    both = pd.concat([hours("2014", persons=7), hours("2015", persons=8), hours("2016", persons=9)])
    assert present_by_day(both, BEGINS, AS_OF)["persons"].tolist() == [8.0]
    assert present_by_day(both, BEGINS, pd.Timestamp("2015-05-31"))["persons"].tolist() == [7.0]
    assert present_by_day(both, BEGINS, pd.Timestamp("2010-01-01")).empty


def test_a_hexagon_with_a_missing_hour_says_nothing():
    assert present_by_day(hours()[lambda f: f["hour"] != 12], BEGINS, AS_OF).empty
    assert len(WORKING_HOURS) == 8


@pytest.fixture
def firms():
    rows = pd.DataFrame({"uscc": [f"9150022200000000{n:02}" for n in range(60)]})
    return rows.assign(
        address="x", status="存续", established_on=pd.Timestamp("2012-05-01"), h3_r8=pd.array([CELL] * 60, "UInt64")
    )


def inputs(firms, *, signaling=None, delivered=None):
    names = ("annual_reports", "present_population")
    records = {name: contracts.empty(name) for name in names}
    if delivered is not None:
        row = {"h3": CELL, "hours": "day", "persons": delivered, "devices": 40, "reference_month": AS_OF.replace(day=1)}
        records["present_population"] = pd.DataFrame([row])
    if signaling is not None:
        records[SIGNALING] = signaling
        records["signaling_periods"] = pd.DataFrame({"period": list(BEGINS), "first": list(BEGINS.values())})
    return look(firms, records, AS_OF)


def test_the_comparison_takes_the_signaling_and_names_it(firms):
    row = registered_present(inputs(firms, signaling=hours(persons=30), delivered=500.0)).iloc[0]
    assert (row["present_day"], row["source"], row["present_per_expected"]) == (30.0, SIGNALING, 0.5)


def test_without_signaling_the_delivered_count_stands_and_is_named(firms):
    row = registered_present(inputs(firms, delivered=500.0)).iloc[0]
    assert (row["present_day"], row["source"]) == (500.0, DELIVERED)
    nowhere = registered_present(inputs(firms)).iloc[0]
    assert pd.isna(nowhere["source"])
    assert pd.isna(nowhere["present_day"])


def test_a_hidden_hexagon_of_the_signaling_is_suppressed_and_has_no_number(firms):
    row = registered_present(inputs(firms, signaling=hours(hidden=[10]))).iloc[0]
    assert row["suppressed"]
    assert pd.isna(row["present_day"])
    assert pd.isna(row["devices"])


def test_the_warning_takes_the_delivered_count_first_and_names_what_it_took(firms):
    (rule,) = [r for r in load_rules() if r.detector == "present_gap"]
    raised = present_gap(inputs(firms, signaling=hours(persons=500), delivered=5.0), rule)
    assert {f.source for f in raised.facts if f.key == "present_day"} == {DELIVERED}
    assert len(raised.frame) == 1
    from_signaling = present_gap(inputs(firms, signaling=hours(persons=5)), rule)
    assert {f.source for f in from_signaling.facts if f.key == "present_day"} == {SIGNALING}
    assert len(from_signaling.frame) == 1
