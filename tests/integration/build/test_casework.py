"""What supervisors record enters the next build as a source, and what a firm objects to is left out of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from models.build.casework import bring_in, send_back
from models.build.decided import decided
from models.build.reading import read_all
from models.build.steps import StepRunner
from models.casework.results import Answer, Entry
from models.checks import check_city
from models.profile import load_city
from models.store import Store

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
DAY = dt.date(2015, 6, 30)
ACT = {"actor": "officer-7", "as_of": DAY, "at": NOON}


@pytest.fixture
def worked(small_city: Any) -> Any:
    """The small city, built, with one inspection that found a fault."""
    small_city.build()
    with Store.open("smallville", small_city.settings) as store:
        row = {"kind": "routine", "subject_id": small_city.codes[0], "item_code": "A02", "due_on": DAY}
        (task,) = store.add_tasks([row], **ACT)
        answers = (Answer("A02-2", "fault", "high", "无人"),)
        entry = Entry(task, 1, "form", DAY, "unreachable", "list", DAY, answers)
        store.record_result(entry, **ACT)
    return small_city


def test_recorded_checks_are_loaded_as_a_source_of_their_own_and_balance(worked: Any) -> None:
    report = worked.build()
    accounts = {(a.source_id, a.table): (a.read, a.loaded, a.quarantined) for a in report.sources}
    assert accounts["casework", "inspections"] == (1, 1, 0)
    assert accounts["casework", "findings"] == (1, 1, 0)
    assert check_city(worked.folder, worked.settings).ok
    with Store.open("smallville", worked.settings, read_only=True) as store:
        (row,) = store.frame("inspections").to_dict("records")
        assert (row["subject_id"], row["result"], row["source_id"]) == (worked.codes[0], "unreachable", "casework")
        assert len(row["officer_key"]) == 16
        assert "officer-7" not in row.values()
        assert store.frame("findings")["item_code"].tolist() == ["A02-2"]


def test_the_same_decisions_are_not_computed_again(worked: Any) -> None:
    first = worked.build()
    second = worked.build()
    assert (second.ran, second.skipped) == (0, first.ran + first.skipped)


def test_a_check_at_a_firm_the_register_no_longer_holds_goes_to_the_quarantine(worked: Any) -> None:
    worked.write_register(worked.rows()[1:])
    report = worked.build()
    accounts = {(a.source_id, a.table): (a.read, a.loaded, a.quarantined) for a in report.sources}
    assert accounts["casework", "inspections"] == (1, 0, 1)
    assert check_city(worked.folder, worked.settings).ok


def test_a_disputed_record_stays_in_the_table_and_out_of_the_analyses(worked: Any) -> None:
    with Store.open("smallville", worked.settings) as store:
        number = store.file_contest("inspections", "cw-1", subject_id=worked.codes[0], grounds="当日有人", **ACT)
    assert seen_inspections(worked) == 0
    worked.build()
    with Store.open("smallville", worked.settings) as store:
        assert store.count("inspections") == 1
        store.decide_contest(number, "rejected", **ACT)
    assert seen_inspections(worked) == 1


def seen_inspections(city: Any) -> int:
    """Rows of inspections that an analysis would read."""
    profile = load_city(city.folder, city.settings)
    runner = StepRunner(city.settings.city_home("smallville") / "steps", lambda _: None)
    with Store.open("smallville", city.settings) as store:
        tables, _ = read_all(profile, city.settings, runner)
        decided = bring_in(tables, store, city.settings, runner)
    outcome, frame = decided.seen.get("inspections", (decided.tables["inspections"], "frame"))
    return len(outcome.frame(frame))


def test_confirmed_warnings_and_published_rules_are_frames_of_the_analyses(small_city: Any) -> None:
    small_city.build()
    profile = load_city(small_city.folder, small_city.settings)
    with Store.open("smallville", small_city.settings) as store:
        found = send_back(profile, store, warning(small_city.codes[0]), "2015-06-30", NOON)
        assert (found.raised, found.withdrawn) == (1, 0)
        key = "00000000000000a1"
        for revision, action in enumerate(("take", "visit"), start=1):
            store.step_warning(key, action, revision=revision, **ACT)
        store.step_warning(key, "close", revision=3, outcome="confirmed", **ACT)
        draft = store.save_draft("scorecard", "general", "2", "x = 1", actor="李", at=NOON)
        store.submit_draft(draft, actor="李", at=NOON)
        store.approve_draft(draft, actor="王", at=NOON)
        found = decided(store)
        confirmed, rules = found["confirmed_warnings"], found["published_rules"]
        assert confirmed[["subject_id", "warning_key"]].to_numpy().tolist() == [[small_city.codes[0], key]]
        assert confirmed["closed_on"].tolist() == [pd.Timestamp(DAY)]
        assert rules[["rule_id", "text"]].to_numpy().tolist() == [["general", "x = 1"]]
        store.file_contest("casework_warnings", key, subject_id=small_city.codes[0], grounds="x", **ACT)
        assert decided(store)["confirmed_warnings"].empty


def test_a_build_without_warnings_withdraws_those_of_its_period(small_city: Any) -> None:
    small_city.build()
    profile = load_city(small_city.folder, small_city.settings)
    with Store.open("smallville", small_city.settings) as store:
        send_back(profile, store, warning(small_city.codes[0]), "2015-06-30", NOON)
        assert send_back(profile, store, warning("x").iloc[:0], "2015-07-07", NOON).withdrawn == 1


def warning(subject: str) -> pd.DataFrame:
    """One warning about a subject, as a build finds it."""
    day = pd.Timestamp("2015-06-20")
    row = {
        "warning_key": "00000000000000a1", "rule_id": "licence_expired", "rule_version": "1", "theme": "licence",
        "severity": 2, "data_fault": False, "subject_id": subject, "area_code": None, "area_level": None,
        "grid_code": None, "district_code": "500110", "h3_r8": None, "lon": None, "lat": None, "raised_on": day,
        "window_from": day, "window_to": day, "ended_on": pd.NaT, "end_reason": None, "observed": 1.0,
        "expected": None, "p_value": None, "score": 1.0, "recurrence_days": None, "members": 1, "member_ids": "[]",
        "evidence": "{}",
    }  # fmt: skip
    return pd.DataFrame([row])
