"""S11 and M8: items of the own libraries only, results that count once, follow-ups, undo, and counts that add up."""

from __future__ import annotations

import datetime as dt
import json
import threading
from dataclasses import replace

import pandas as pd
import pytest
import sqlalchemy as sa

from models import contracts
from models.casework.conflict import ConflictError
from models.casework.lifecycle import WARNINGS
from models.casework.results import Answer, Entry
from models.casework.tasks import TASKS
from models.errors import RequestError, UnknownNameError
from models.storage.engine import writing
from models.store import Store
from models.tables.cases import TASK_STATES

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
DAY = dt.date(2015, 6, 30)
KEY = "00000000000000a1"
ACT = {"actor": "李", "as_of": DAY, "at": NOON}
FIRMS = [f"9150{i:014d}" for i in range(3)]


def raised(subject_id=None, key=KEY, grid="500110-1"):
    row = {
        "warning_key": key, "rule_id": "address_burst", "rule_version": "1", "theme": "concentration", "severity": 3,
        "data_fault": False, "subject_id": subject_id, "area_code": grid, "area_level": "grid",
        "grid_code": grid, "district_code": grid[:6], "h3_r8": None, "lon": 106.6, "lat": 29.0,
        "raised_on": pd.Timestamp("2015-06-20"), "window_from": pd.Timestamp("2015-06-14"),
        "window_to": pd.Timestamp("2015-06-20"), "ended_on": pd.NaT, "end_reason": None, "observed": 12.0,
        "expected": 1.5, "p_value": 0.001, "score": 8.0, "recurrence_days": 1000.0, "members": 3,
        "member_ids": json.dumps(FIRMS), "evidence": "{}",
    }  # fmt: skip
    return pd.DataFrame([row])


@pytest.fixture
def city(store, tables):
    store.publish("b1", {}, tables(20, unlocated=0), {})
    return store


@pytest.fixture
def taken(city):
    city.sync_warnings(raised(), DAY, NOON)
    city.step_warning(KEY, "take", revision=1, **ACT)
    city.step_warning(KEY, "visit", revision=2, **ACT)
    return city


def task_of(store):
    (row,) = store.tasks({"*"}, DAY, warning_key=KEY, state=["open", "follow_up"]).to_dict("records")
    return row


def entry(task, key="form-1", **more):
    given = {"done_on": DAY, "result": "none_found", "idempotency_key": key}
    return Entry(task_id=int(task["task_id"]), revision=int(task["revision"]), **(given | more))


def test_taking_a_warning_brings_a_task_with_item_measure_and_due_date(taken):
    task = task_of(taken)
    assert (task["kind"], task["selected_by"], task["item_code"], task["measure"]) == (
        "warning", "warning", "A02", "site_check",
    )  # fmt: skip
    assert (task["owner"], f"{task['due_on']:%Y-%m-%d}", task["grid_code"]) == ("李", "2015-07-05", "500110-1")


def test_a_follow_up_of_none_closes_the_task(taken):
    done = taken.record_result(entry(task_of(taken)), **ACT)
    assert (done.task["state"], done.task["closed_on"], done.repeated) == ("closed", DAY, False)
    with pytest.raises(RequestError, match="takes no more results"):
        taken.record_result(entry(done.task, "form-2"), **ACT)


def test_a_follow_up_keeps_the_task_until_its_date(taken):
    until = DAY + dt.timedelta(days=15)
    asked = entry(task_of(taken), result="rectify", follow_up="rectify", follow_up_due=until)
    task = taken.record_result(asked, **ACT).task
    assert (task["state"], task["due_on"]) == ("follow_up", until)
    assert taken.tasks({"*"}, until, state="follow_up")["overdue"].tolist() == [False]
    assert taken.tasks({"*"}, until + dt.timedelta(days=1), state="follow_up")["overdue"].tolist() == [True]
    again = taken.record_result(entry(task, "form-2"), **ACT)
    assert again.task["state"] == "closed"


def test_the_same_form_is_saved_once_however_often_it_is_sent(taken, place, city_id):
    asked, seen = entry(task_of(taken)), []

    def send():
        with Store.open(city_id, place) as mine:
            seen.append(mine.record_result(asked, **ACT))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len({done.result_id for done in seen}) == 1
    assert sorted(done.repeated for done in seen) == [False, True, True, True, True, True]
    assert taken.count("results") == 1


def test_two_people_on_one_task_get_a_conflict_and_the_second_writes_nothing(taken):
    task = task_of(taken)
    taken.record_result(entry(task), **ACT)
    with pytest.raises(ConflictError, match=r"李 was first \(record"):
        taken.record_result(entry(task, "form-2"), **(ACT | {"actor": "王"}))
    assert taken.count("results") == 1


def test_an_item_outside_the_libraries_of_the_subject_is_refused(taken):
    with pytest.raises(RequestError, match="belongs to the library special_equipment"):
        taken.record_result(entry(task_of(taken), item_code="C03", subject_id=FIRMS[0]), **ACT)
    with pytest.raises(RequestError, match="special_equipment"):
        taken.add_tasks([{"kind": "routine", "subject_id": FIRMS[0], "item_code": "C03", "due_on": DAY}], **ACT)
    assert "commerce" in taken.libraries_of(FIRMS[0])
    with pytest.raises(UnknownNameError, match="no subject"):
        taken.libraries_of("nobody")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"done_on": DAY + dt.timedelta(days=1)}, "after the business date"),
        ({"answers": (Answer("A02-1", "fault", "high"),)}, "nothing found"),
        ({"follow_up": "rectify"}, "needs its date"),
        ({"result": "rectify", "follow_up": "rectify", "follow_up_due": dt.date(2015, 6, 1)}, "before the visit"),
        ({"answers": (Answer("B01-1", "ok"),)}, "no question B01-1"),
        ({"subject_id": "91500000000000000X"}, "not one of the subjects"),
        ({"result": "fine"}, "ends with"),
        ({"idempotency_key": ""}, "key of its form"),
        ({"follow_up": "later"}, "there are none"),
    ],
)
def test_what_does_not_fit_together_is_refused(taken, change, message):
    with pytest.raises(RequestError, match=message):
        taken.record_result(replace(entry(task_of(taken)), **change), **ACT)
    assert taken.count("results") == 0


def test_a_result_may_close_its_warning_and_both_are_undone_together(taken):
    revision = taken.warning(KEY)["revision"]
    asked = entry(task_of(taken), result="penalty", outcome="confirmed", warning_revision=revision, note="查实")
    done = taken.record_result(asked, **ACT)
    now = taken.warning(KEY)
    assert (now["outcome"], now["opinion"], len(taken.results_of_warning(KEY))) == ("confirmed", "查实", 1)
    later = ACT | {"at": NOON + dt.timedelta(seconds=8)}
    with pytest.raises(RequestError, match="not yours"):
        taken.undo_result(done.result_id, **(later | {"actor": "王"}))
    assert taken.undo_result(done.result_id, **later)["state"] == "open"
    now = taken.warning(KEY)
    assert (now["state"], now["outcome"]) == ("on_site", None)
    assert taken.results_of_warning(KEY).empty
    assert taken.recorded("inspections").empty
    with pytest.raises(RequestError, match="undone already"):
        taken.undo_result(done.result_id, **later)
    with pytest.raises(RequestError, match="120 s ago"):
        again = taken.record_result(entry(task_of(taken), "form-2"), **ACT)
        taken.undo_result(again.result_id, **(ACT | {"at": NOON + dt.timedelta(seconds=120)}))


def test_closing_cancels_the_tasks_nobody_began_and_undoing_brings_them_back(taken):
    taken.step_warning(KEY, "close", revision=3, outcome="not_confirmed", **ACT)
    assert taken.tasks({"*"}, DAY)["state"].tolist() == ["cancelled"]
    taken.undo_warning(KEY, revision=4, **ACT)
    assert taken.tasks({"*"}, DAY)["state"].tolist() == ["open"]


def test_what_was_recorded_stands_on_the_contracts_of_the_next_build(taken):
    answers = (Answer("A02-1", "ok"), Answer("A02-2", "fault", "high", "空房"))
    asked = entry(task_of(taken), result="unreachable", follow_up="list", follow_up_due=DAY, answers=answers,
                  subject_id=FIRMS[1])  # fmt: skip
    taken.record_result(asked, **ACT)
    checks = taken.recorded("inspections")
    assert checks.drop(columns="officer").columns.tolist() == [
        name for name in contracts.columns("inspections") if name != "officer_key"
    ]
    contracts.check("inspections", contracts.conform("inspections", checks.drop(columns="officer")))
    row = checks.iloc[0]
    assert (row["subject_id"], row["kind"], row["selected_by"], row["result"], row["officer"]) == (
        FIRMS[1], "warning", "warning", "unreachable", "李",
    )  # fmt: skip
    assert pd.isna(row["closed_on"])
    findings = taken.recorded("findings")
    contracts.check("findings", findings)
    assert findings[["item_code", "severity", "inspection_id"]].to_numpy().tolist() == [["A02-2", "high", "cw-1"]]


@pytest.mark.parametrize("table", ["inspections", "findings"])
def test_nothing_recorded_is_an_empty_frame_on_contract(city, table):
    frame = city.recorded(table).drop(columns="officer", errors="ignore")
    contracts.check(table, contracts.conform(table, frame))
    assert frame.empty


def test_members_found_without_fault_are_not_confirmed_with_the_others(taken):
    taken.record_result(entry(task_of(taken), subject_id=FIRMS[0]), **ACT)
    taken.step_warning(KEY, "close", revision=3, outcome="confirmed", **ACT)
    assert sorted(taken.confirmed_warnings()["subject_id"]) == FIRMS[1:]


ROLES = {
    "supervisor of a grid": ({"500110-1"}, {"supervisor"}),
    "supervisor of a district": ({"500110"}, {"supervisor"}),
    "manager of the city": ({"*"}, {"manager"}),
    "planner": ({"*"}, {"planner"}),
}


@pytest.mark.parametrize("role", ROLES)
def test_to_dos_equal_plain_sql_over_the_own_areas_and_hold_a_dash_without_the_right(city, role):
    areas, roles = ROLES[role]
    places = ("500110-1", "500110-2", "500112-1")
    frames = [raised(key=f"{n:016x}", grid=grid) for n, grid in enumerate(places)]
    city.sync_warnings(pd.concat(frames), DAY, NOON)
    city.step_warning(f"{1:016x}", "take", revision=1, **ACT)
    late = dt.date(2015, 7, 20)
    lines = {(t.kind, t.state): (t.count, t.late) for t in city.todos(areas, late, roles)}
    if role == "planner":
        assert set(lines.values()) == {(None, None)}
        return
    (area,) = areas
    where = "1 = 1" if area == "*" else f"grid_code = '{area}'" if "-" in area else f"district_code = '{area}'"
    with city._reading() as connection:
        for kind, table in (("warnings", WARNINGS), ("tasks", TASKS)):
            for state in ("open", "taken", "on_site", "closed") if kind == "warnings" else TASK_STATES:
                test = f"SELECT COUNT(*) FROM {table.name} WHERE state = '{state}' AND {where}"
                due = " AND due_on < '2015-07-20'" if state not in ("closed", "cancelled") else " AND 1 = 0"
                counted = tuple(connection.execute(sa.text(sql)).scalar_one() for sql in (test, test + due))
                assert lines[kind, state] == counted, (kind, state)
        total = connection.execute(sa.text(f"SELECT COUNT(*) FROM casework_warnings WHERE {where}")).scalar_one()
    assert sum(lines["warnings", state][0] for state in ("open", "taken", "on_site", "closed")) == total
    assert (lines["drafts", "submitted"][0] is None) == ("manager" not in roles)


def test_the_database_refuses_to_reopen_a_task_sideways_or_to_change_a_result(taken):
    taken.record_result(entry(task_of(taken)), **ACT)
    with pytest.raises(sa.exc.DBAPIError, match="change of a task"), writing(taken._engine) as connection:
        connection.execute(sa.text("UPDATE tasks SET state = 'open', action = 'edit', revision = revision + 1"))
    for statement, words in (
        ("UPDATE results SET note = 'x'", "not changed"),
        ("DELETE FROM results", "not deleted"),
        ("UPDATE tasks SET subject_id = 'x', action = 'reopen', state = 'open', revision = revision + 1", "about"),
    ):
        with pytest.raises(sa.exc.DBAPIError, match=words), writing(taken._engine) as connection:
            connection.execute(sa.text(statement))


def test_a_cancelled_task_is_off_the_list_and_takes_no_result(city):
    (number,) = city.add_tasks([{"kind": "routine", "subject_id": FIRMS[0], "item_code": "A01", "due_on": DAY}], **ACT)
    city.cancel_task(number, revision=1, **ACT, note="重复")
    assert city.task(number)["state"] == "cancelled"
    with pytest.raises(RequestError, match="cannot be cancelled"):
        city.cancel_task(number, revision=2, **ACT)
    with pytest.raises(UnknownNameError, match="no task 99"):
        city.task(99)


def test_an_objection_pauses_a_record_until_it_is_decided(city):
    given = {"subject_id": FIRMS[0], "grounds": "不是我司", **ACT}
    number = city.file_contest("penalties", "p1", **given)
    with pytest.raises(ConflictError, match="pending"):
        city.file_contest("penalties", "p1", **given)
    assert city.contested()[["table_name", "record_id"]].to_numpy().tolist() == [["penalties", "p1"]]
    city.decide_contest(number, "rejected", **(ACT | {"actor": "王"}), note="证据充分")
    assert city.contested().empty
    with pytest.raises(ConflictError, match="王 was first"):
        city.decide_contest(number, "upheld", **ACT)
    again = city.file_contest("penalties", "p1", **given)
    city.decide_contest(again, "upheld", **ACT)
    assert city.contested()["state"].tolist() == ["upheld"]
    with pytest.raises(RequestError, match="needs grounds"):
        city.file_contest("roads", "r1", **given)
    with pytest.raises(RequestError, match="there are upheld"):
        city.decide_contest(again, "maybe", **ACT)
