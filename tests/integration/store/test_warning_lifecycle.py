"""S5 and S6: warnings move only as allowed, in the program and in the database; evidence stays; what ended goes."""

from __future__ import annotations

import datetime as dt
import itertools
import json

import pandas as pd
import pytest
import sqlalchemy as sa

from models.casework.conflict import ConflictError
from models.casework.inbox import WarningFilter
from models.casework.lifecycle import STEPS, WARNINGS
from models.errors import RequestError, UnknownNameError
from models.storage.engine import writing
from models.tables.cases import OUTCOMES, WARNING_STATES
from models.tables.guards import EVIDENCE

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
DAY = dt.date(2015, 6, 30)
KEY = "00000000000000a1"
ACTIONS = ("take", "visit", "close", "withdraw", "reopen", "undo", "edit")
STANDS = [(state, None) for state in WARNING_STATES[:3]] + [("closed", outcome) for outcome in OUTCOMES]


def warnings(*keys, **changes):
    rows = [
        {
            "warning_key": key,
            "rule_id": "address_burst",
            "rule_version": "2015.1",
            "theme": "concentration",
            "severity": 3,
            "data_fault": False,
            "subject_id": None,
            "area_code": "500110-1",
            "area_level": "grid",
            "grid_code": "500110-1",
            "district_code": "500110",
            "h3_r8": 0x88 << 52,
            "lon": 106.6,
            "lat": 29.0,
            "raised_on": pd.Timestamp("2015-06-20"),
            "window_from": pd.Timestamp("2015-06-14"),
            "window_to": pd.Timestamp("2015-06-20"),
            "ended_on": pd.NaT,
            "end_reason": None,
            "observed": 12.0,
            "expected": 1.5,
            "p_value": 0.001,
            "score": 8.0,
            "recurrence_days": 1000.0,
            "members": 2,
            "member_ids": json.dumps(["91500000000000000A", "91500000000000000B"]),
            "evidence": json.dumps({"facts": [{"key": "firms", "value": 12}]}, ensure_ascii=False),
        }
        | changes
        for key in keys
    ]
    return pd.DataFrame(rows).assign(h3_r8=lambda f: f["h3_r8"].astype("UInt64"))


@pytest.fixture
def raised(store):
    store.sync_warnings(warnings(KEY), DAY, NOON)
    return store


def step(store, action, outcome=None, actor="李", at=NOON, **more):
    now = store.warning(KEY)
    return store.step_warning(
        KEY, action, revision=now["revision"], actor=actor, as_of=DAY, at=at, outcome=outcome, **more
    )


def bring_to(store, state, outcome):
    path = {"open": [], "taken": ["take"], "on_site": ["take", "visit"], "closed": ["take", "visit", "close"]}[state]
    if outcome == "withdrawn":
        store.sync_warnings(warnings(KEY, ended_on=pd.Timestamp("2015-06-30"), end_reason="renewed"), DAY, NOON)
        return
    for action in path:
        step(store, action, outcome if action == "close" else None)


def test_a_warning_goes_through_its_whole_life(raised):
    assert raised.warning(KEY)["state"] == "open"
    assert step(raised, "take")["owner"] == "李"
    step(raised, "visit")
    closed = step(raised, "close", "confirmed", note="人去楼空")
    assert (closed["state"], closed["outcome"], closed["opinion"]) == ("closed", "confirmed", "人去楼空")
    step(raised, "reopen", actor="王", note="新线索")
    lines = raised.warning_events(KEY)
    assert lines["action"].tolist() == ["raise", "take", "visit", "close", "reopen"]
    assert lines["actor"].tolist() == ["system", "李", "李", "李", "王"]
    assert lines["to_state"].tolist() == ["open", "taken", "on_site", "closed", "open"]
    assert raised.verify_access_log().entries == 6


@pytest.mark.parametrize("stand", STANDS, ids=lambda s: s[1] or s[0])
def test_every_step_that_is_not_allowed_is_refused_with_words(raised, stand):
    bring_to(raised, *stand)
    before = raised.warning(KEY)
    allowed = {(action, t) for (state, action), ts in STEPS.items() for t in ts if state == stand[0]}
    for action, outcome in itertools.product(("take", "visit", "close", "withdraw", "reopen"), (None, *OUTCOMES)):
        if any(a == action and t[1] == outcome for a, t in allowed):
            continue
        with pytest.raises(RequestError, match=r"possible now"):
            step(raised, action, outcome)
    assert raised.warning(KEY) == before


@pytest.mark.parametrize("stand", STANDS, ids=lambda s: s[1] or s[0])
def test_the_database_refuses_every_move_outside_the_matrix(raised, stand):
    bring_to(raised, *stand)
    before = raised.warning(KEY)
    tried = 0
    for action, (state, outcome), actor in itertools.product(ACTIONS, STANDS, ("李", "system")):
        if legal(before, action, state, outcome, actor):
            continue
        tried += 1
        values = {"action": action, "state": state, "outcome": outcome, "actor": actor, "owner": "李"}
        with pytest.raises(sa.exc.DBAPIError, match="not allowed"), writing(raised._engine) as connection:
            connection.execute(sa.update(WARNINGS).values(**values, revision=WARNINGS.c.revision + 1))
    assert tried > 80
    assert raised.warning(KEY) == before


def legal(before, action, state, outcome, actor):
    if action == "edit":
        return actor != "system" and (state, outcome) == (before["state"], before["outcome"])
    if action == "withdraw":
        return actor == "system" and before["state"] != "closed" and outcome == "withdrawn"
    if action == "undo":
        back = (before["previous_state"], before["previous_outcome"])
        mine = before["action"] in ("take", "visit", "close", "reopen") and before["actor"] == actor
        return actor != "system" and mine and (state, outcome) == back
    return actor != "system" and (state, outcome) in STEPS.get((before["state"], action), ())


def test_the_evidence_never_changes(raised):
    for column in EVIDENCE:
        kind = WARNINGS.c[column].type
        number = isinstance(kind, (sa.BigInteger, sa.Double))
        new = 7 if number else dt.date(2001, 1, 1) if isinstance(kind, sa.Date) else "x"
        new = {"theme": "licence", "warning_key": "f" * 16, "data_fault": True}.get(column, new)
        values = {column: new, "action": "edit", "actor": "李", "revision": WARNINGS.c.revision + 1}
        with pytest.raises(sa.exc.DBAPIError, match="evidence of a warning"), writing(raised._engine) as connection:
            connection.execute(sa.update(WARNINGS).values(**values))


@pytest.mark.parametrize("table", ["casework_warnings", "casework_events"])
def test_nothing_is_deleted(raised, table):
    with pytest.raises(sa.exc.DBAPIError, match=r"not deleted|only grow"), writing(raised._engine) as connection:
        connection.execute(sa.text(f"DELETE FROM {table}"))


def test_a_step_that_skips_a_revision_is_refused_by_the_database(raised):
    with pytest.raises(sa.exc.DBAPIError, match="not allowed"), writing(raised._engine) as connection:
        connection.execute(sa.update(WARNINGS).values(action="take", state="taken", owner="李", actor="李", revision=3))


def test_two_people_on_one_warning_get_a_conflict_that_says_who_did_what(raised):
    step(raised, "take", actor="王")
    with pytest.raises(ConflictError, match=r"王 was first \(take at 2026-03-01 12:00:00 UTC\)") as caught:
        raised.step_warning(KEY, "take", revision=1, actor="李", as_of=DAY, at=NOON)
    assert (caught.value.status, caught.value.state) == (409, "taken")
    with pytest.raises(ConflictError, match="王"):
        raised.edit_warning(KEY, revision=1, actor="李", as_of=DAY, at=NOON, opinion="x")
    with pytest.raises(ConflictError, match="王"):
        raised.undo_warning(KEY, revision=1, actor="李", as_of=DAY, at=NOON)
    assert raised.warning(KEY)["owner"] == "王"


def test_the_last_step_can_be_undone_by_its_person_for_ten_seconds(raised):
    step(raised, "take")
    taken = step(raised, "visit")
    undone = raised.undo_warning(
        KEY, revision=taken["revision"], actor="李", as_of=DAY, at=NOON + dt.timedelta(seconds=9)
    )
    assert (undone["state"], undone["owner"]) == ("taken", "李")
    with pytest.raises(RequestError, match="not yours to undo"):
        raised.undo_warning(KEY, revision=undone["revision"], actor="李", as_of=DAY, at=NOON)
    again = step(raised, "visit")
    with pytest.raises(RequestError, match="not yours"):
        raised.undo_warning(KEY, revision=again["revision"], actor="王", as_of=DAY, at=NOON)
    with pytest.raises(RequestError, match="60 s ago"):
        raised.undo_warning(KEY, revision=again["revision"], actor="李", as_of=DAY, at=NOON + dt.timedelta(seconds=60))


def test_a_take_undone_leaves_no_owner(raised):
    taken = step(raised, "take")
    assert raised.undo_warning(KEY, revision=taken["revision"], actor="李", as_of=DAY, at=NOON)["owner"] is None


def test_new_warnings_are_due_by_their_severity_in_business_days_of_the_build(store):
    frame = pd.concat([warnings(f"{n:016x}", severity=n) for n in (1, 2, 3)])
    assert store.sync_warnings(frame, DAY, NOON).raised == 3
    page, total = store.warnings_page({"*"}, DAY)
    assert total == 3
    assert page["severity"].tolist() == [3, 2, 1]
    assert page["due_on"].dt.strftime("%m-%d").tolist() == ["07-05", "07-10", "07-20"]
    assert not page["overdue"].any()
    assert store.warnings_page({"*"}, dt.date(2015, 7, 11), WarningFilter(overdue=True))[1] == 2


def test_the_same_warning_is_never_raised_twice_and_keeps_its_evidence(raised):
    step(raised, "take")
    before = raised.warning(KEY)
    changed = warnings(KEY, severity=1, evidence="{}", observed=99.0)
    assert raised.sync_warnings(changed, dt.date(2015, 7, 7), NOON).raised == 0
    assert raised.warning(KEY) == before


def test_a_warning_whose_condition_ended_is_withdrawn_by_the_system_with_a_note(raised):
    step(raised, "take")
    renewed = warnings(KEY, ended_on=pd.Timestamp("2015-07-03"), end_reason="licence renewed on 2015-07-02")
    assert raised.sync_warnings(renewed, dt.date(2015, 7, 3), NOON).withdrawn == 1
    now = raised.warning(KEY)
    assert (now["state"], now["outcome"], now["actor"]) == ("closed", "withdrawn", "system")
    assert now["ended_on"] == dt.date(2015, 7, 3)
    last = raised.warning_events(KEY).iloc[-1]
    assert (last["actor"], last["note"]) == ("system", "licence renewed on 2015-07-02")
    assert raised.sync_warnings(renewed, dt.date(2015, 7, 4), NOON).withdrawn == 0


def test_what_people_closed_is_left_alone_and_what_they_reopened_after_its_end_too(raised):
    bring_to(raised, "closed", "confirmed")
    ended = warnings(KEY, ended_on=pd.Timestamp("2015-06-29"))
    assert raised.sync_warnings(ended, DAY, NOON).withdrawn == 0
    step(raised, "reopen")
    assert raised.sync_warnings(ended, DAY, NOON).withdrawn == 0
    assert raised.warning(KEY)["state"] == "open"


def test_a_warning_the_build_finds_no_more_goes_but_not_one_before_its_period(raised):
    other = warnings("00000000000000b2", raised_on=pd.Timestamp("2015-06-25"))
    assert raised.sync_warnings(other, DAY, NOON).withdrawn == 0
    assert raised.sync_warnings(other, DAY, NOON, since=dt.date(2015, 1, 1)).withdrawn == 1
    assert raised.warning(KEY)["end_reason"] == "the build does not find it any more"


def test_lists_hold_the_own_areas_only(store):
    far = warnings(
        "00000000000000b2", area_code="500112", area_level="district", grid_code=None, district_code="500112"
    )
    ten = warnings("00000000000000c3", area_code="500110-10", grid_code="500110-10")
    store.sync_warnings(pd.concat([warnings(KEY), far, ten]), DAY, NOON)

    def keys(*areas):
        return set(store.warnings_page(set(areas), DAY)[0]["warning_key"].str[-2:])

    assert keys("*") == {"a1", "b2", "c3"}
    assert keys("500110") == {"a1", "c3"}
    assert keys("500110-1") == {"a1"}
    assert keys("500112") == {"b2"}
    assert keys() == set()


def test_precision_counts_what_people_judged(store):
    keys = [f"{n:016x}" for n in range(5)]
    store.sync_warnings(warnings(*keys), DAY, NOON)
    for key, outcome in zip(keys, ("confirmed", "confirmed", "not_confirmed"), strict=False):
        for revision, action in enumerate(("take", "visit", "close"), start=1):
            store.step_warning(
                key, action, revision=revision, actor="李", as_of=DAY, at=NOON,
                outcome=outcome if action == "close" else None,
            )  # fmt: skip
    ended = warnings(keys[3], ended_on=pd.Timestamp("2015-06-30"))
    store.sync_warnings(pd.concat([ended, warnings(keys[4])]), DAY, NOON)
    (row,) = store.rule_precision().to_dict("records")
    counted = {name: row[name] for name in ("raised", "active", "confirmed", "not_confirmed", "withdrawn")}
    assert counted == {"raised": 5, "active": 1, "confirmed": 2, "not_confirmed": 1, "withdrawn": 1}
    assert row["precision"] == pytest.approx(2 / 3)
    members = store.confirmed_warnings()
    assert len(members) == 4
    assert members["closed_on"].eq(pd.Timestamp(DAY)).all()


def test_an_unknown_warning_is_said_so(store):
    with pytest.raises(UnknownNameError, match="no warning ffff"):
        store.warning("ffff")
