"""What a build raises: once, on the same day however often it is looked at, and gone when it is over."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models import contracts
from models.analysis.warnings.address_keys import Lawful, address_keys
from models.analysis.warnings.detectors import detect, look
from models.analysis.warnings.presence import registered_present
from models.analysis.warnings.replay import replay, week_names
from models.build.warnings import CLUSTERS, RECORDS
from models.rules.warning_rules import load_budget, load_rules

spec = importlib.util.spec_from_file_location("warning_examples", Path(__file__).with_name("examples.py"))
assert spec and spec.loader
examples = importlib.util.module_from_spec(spec)
spec.loader.exec_module(examples)

CELL = 613617173199323135
ADDRESS = "重庆市綦江区古南街道滨河路1号2幢"


def raised(
    as_of: str, whitelist: tuple[Lawful, ...] = (), lookback: int = 26, **tables: list[dict[str, Any]]
) -> pd.DataFrame:
    inputs = seen(as_of, whitelist, **tables)
    found = detect(inputs, load_rules())
    return replay(found, inputs, alerts_per_week=20, lookback_weeks=lookback, budget=load_budget())


def seen(as_of: str, whitelist: tuple[Lawful, ...] = (), **tables: list[dict[str, Any]]):
    made = {name: examples.table(name, rows) for name, rows in tables.items()}
    records = {name: made.get(name, contracts.empty(name)) for name in (*RECORDS, *CLUSTERS)}
    return look(made.get("subjects", contracts.empty("subjects")), records, pd.Timestamp(as_of), whitelist=whitelist)


def burst(count: int, first: str, room: str = "{n}-1", every: int = 1) -> dict[str, Any]:
    day = dt.date.fromisoformat(first)
    return {"repeat": count, "every_days": every, "established_on": day, "address": ADDRESS + room}


def test_the_same_burst_is_one_warning_on_the_same_day_in_every_later_build() -> None:
    rows = [burst(12, "2015-03-09")]
    builds = [raised(day, subjects=rows) for day in ("2015-03-20", "2015-04-15", "2015-06-30")]
    bursts = [b[b["rule_id"] == "address-burst"] for b in builds]
    assert [len(b) for b in bursts] == [1, 1, 1]
    assert len({b["warning_key"].iloc[0] for b in bursts}) == 1
    assert {str(b["raised_on"].iloc[0].date()) for b in bursts} == {"2015-03-13"}
    assert {b["week"].iloc[0] for b in bursts} == {"2015-W11"}


def test_a_build_ran_twice_gives_the_same_bytes() -> None:
    rows = [burst(12, "2015-03-09"), burst(4, "2015-05-09", "{n}-7")]
    one, two = (raised("2015-06-30", subjects=rows) for _ in range(2))
    pd.testing.assert_frame_equal(one, two)


def test_nothing_that_is_dated_later_is_used() -> None:
    assert raised("2015-03-12", subjects=[burst(12, "2015-03-09")]).empty


def test_a_burst_withdraws_itself_when_it_has_been_quiet_for_long() -> None:
    rows = [burst(6, "2015-01-05")]
    open_, over = raised("2015-06-30", subjects=rows), raised("2015-07-20", subjects=rows, lookback=52)
    assert open_["ended_on"].isna().all()
    assert str(over["ended_on"].iloc[0].date()) == "2015-07-09"
    assert over["end_reason"].tolist() == ["burst_over"]


def test_an_expiry_tag_ends_on_the_day_of_the_renewal() -> None:
    firm = [{"uscc": "9150022200000000A1", "established_on": dt.date(2010, 1, 1)}]
    own = {"subject_id": "9150022200000000A1", "kind": "食品", "library": "food"}
    old = {**own, "licence_id": "L1", "issued_on": dt.date(2012, 6, 20), "expires_on": dt.date(2015, 6, 20)}
    new = {**own, "licence_id": "L2", "issued_on": dt.date(2015, 6, 10), "expires_on": dt.date(2018, 6, 10)}
    before = raised("2015-06-01", subjects=firm, licences=[old])
    after = raised("2015-06-30", subjects=firm, licences=[old, new])
    assert before["warning_key"].tolist() == after["warning_key"].tolist()
    assert before["ended_on"].isna().all()
    assert (str(after["ended_on"].iloc[0].date()), after["end_reason"].iloc[0]) == ("2015-06-10", "renewed")


def test_a_lawful_cluster_raises_nothing_until_its_permission_ends_and_then_does() -> None:
    key = str(address_keys(pd.Series([ADDRESS], dtype="str")).iloc[0])
    lawful = (Lawful(key, "孵化园", "incubator", dt.date(2013, 1, 1), dt.date(2015, 5, 31), "1号"),)
    rows = [burst(14, "2015-03-02")]
    assert raised("2015-05-31", lawful, subjects=rows).empty
    after = raised("2015-06-30", lawful, subjects=rows)
    assert after["rule_id"].tolist() == ["address-crowded"]
    assert str(after["raised_on"].iloc[0].date()) == "2015-06-01"
    again = raised("2015-06-30", lawful, subjects=[*rows, burst(6, "2015-06-08", "{n}-9")])
    assert "address-burst" in set(again["rule_id"])


def test_rows_without_a_person_are_not_one_person() -> None:
    rows = [{"repeat": 500, "established_on": dt.date(2015, 5, 1)}]
    assert "person-burst" not in set(raised("2015-06-30", subjects=rows)["rule_id"])


def test_a_warning_carries_its_facts_members_and_time_line() -> None:
    row = raised("2015-06-30", subjects=[burst(12, "2015-03-09")]).iloc[0]
    evidence = json.loads(row["evidence"])
    assert evidence["facts"][0] == {
        "key": "firms_at_address", "value": 12.0, "threshold": 5, "unit": "firm", "source": "legal_persons",
        "date": "2015-03-20",
    }  # fmt: skip
    assert sum(point["n"] for point in evidence["series"]) == row["members"] == len(json.loads(row["member_ids"])) == 12


def test_no_person_key_leaves_the_product() -> None:
    rows = [{"repeat": 5, "established_on": dt.date(2015, 5, 1), "representative_key": "deadbeefdeadbeef"}]
    frame = raised("2015-06-30", subjects=rows)
    assert len(frame) == 1
    assert "deadbeefdeadbeef" not in frame.to_csv()


def test_data_faults_and_tags_cost_no_alert() -> None:
    fault = {"repeat": 40, "established_on": dt.date(2015, 5, 6), "capital_cny": 1e12, "capital_flag": "implausible"}
    frame = raised("2015-06-30", subjects=[fault, burst(12, "2015-05-04")])
    week = frame[frame["week"] == "2015-W19"]
    assert week["data_fault"].sum() == 40
    assert week.sort_values("rank")["rule_id"].iloc[0] == "address-burst"
    assert sorted(week["rank"]) == list(range(1, len(week) + 1))


def present(persons: float, devices: int) -> dict[str, Any]:
    return {"h3": CELL, "hours": "day", "persons": persons, "devices": devices, "reference_month": dt.date(2015, 6, 1)}


def test_fewer_devices_than_k_are_never_a_number_and_never_zero() -> None:
    firms = [{"repeat": 15, "uscc": "9150022200000000A{n}", "established_on": dt.date(2012, 5, 1), "h3_r8": CELL}]
    staff = [
        {
            "repeat": 15,
            "subject_id": "9150022200000000A{n}",
            "report_year": 2014,
            "filed_on": dt.date(2015, 4, 1),
            "staff": 10,
        }
    ]
    tables = {"subjects": firms, "annual_reports": staff, "present_population": [present(3.7, 2)]}
    row = registered_present(seen("2015-06-30", **tables)).iloc[0]
    assert (row["suppressed"], row["firms"], row["claimed_staff"]) == (True, 15, 150.0)
    assert pd.isna(row["present_day"]) and pd.isna(row["present_per_expected"])
    warning = raised("2015-06-30", **tables).iloc[0]
    assert warning["rule_id"] == "registered-present"
    assert pd.isna(warning["expected"])
    facts = {f["key"]: f["value"] for f in json.loads(warning["evidence"])["facts"]}
    assert facts["present_fewer_than_devices"] == 10
    assert "present_day" not in facts and "present_per_expected" not in facts
    assert "3.7" not in warning["evidence"]


def test_a_hexagon_the_data_do_not_cover_is_unknown_and_not_empty() -> None:
    firms = [{"repeat": 60, "established_on": dt.date(2012, 5, 1), "h3_r8": CELL}]
    row = registered_present(seen("2015-06-30", subjects=firms)).iloc[0]
    assert pd.isna(row["present_day"]) and not row["suppressed"]


def test_every_located_living_firm_is_counted_once() -> None:
    firms = [
        {"repeat": 7, "established_on": dt.date(2012, 5, 1), "h3_r8": CELL},
        {"repeat": 3, "established_on": dt.date(2012, 5, 1), "h3_r8": CELL, "status": "注销"},
        {"repeat": 5, "established_on": dt.date(2012, 5, 1)},
    ]
    assert registered_present(seen("2015-06-30", subjects=firms))["firms"].sum() == 7


def test_weeks_are_iso_weeks() -> None:
    days = (
        np.array([dt.date(2014, 12, 29).toordinal(), dt.date(2016, 1, 3).toordinal()]) - dt.date(1970, 1, 1).toordinal()
    )
    assert week_names((days + 6 - (days + 3) % 7) // 7) == ["2015-W01", "2015-W53"]
