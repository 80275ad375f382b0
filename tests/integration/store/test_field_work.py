"""Draws, plans and work packs in a real store, on both back ends."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from models.analysis.draws import DrawRequest, Item
from models.casework.draws import DrawChangedError
from models.casework.pack_file import FORMAT
from models.errors import RequestError, StoreError, UnknownNameError
from models.store import Store

AS_OF = dt.date(2026, 3, 2)
AT = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
DUE = dt.date(2026, 4, 30)
SHARES = {"A": 0.05, "B": 0.15, "C": 0.30, "D": 0.50}


def request(seed: str = "seed 1", **more: Any) -> DrawRequest:
    items = more.pop("items", (Item("A01", "commerce"),))
    return DrawRequest(seed, AS_OF, items, SHARES, 0.08, "2026.1", "yuexiu-2021", **more)


def officers() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "officer_id": ["O1", "O2", "O3", "O4"],
            "name": ["甲", "乙", "丙", "丁"],
            "duty": "supervisor",
            "area_codes": ["*", "500110", "500110;500112", "*"],
            "expertise": "commerce;food;quality",
            "certificate_no": "X",
            "certificate_until": pd.to_datetime(["2027-01-01", "2027-01-01", "2027-01-01", "2026-03-01"]),
            "conflicts": None,
            "source_id": "staff",
            "source_file": "staff.csv",
            "source_row": [2, 3, 4, 5],
        }
    )


@pytest.fixture
def city(store: Store, tables: Any) -> tuple[Store, pd.DataFrame]:
    """A published city of 400 firms with officers, and the levels of its firms."""
    made = tables(400, unlocated=20)
    store.publish("b1", {}, {**made, "officers": officers()}, {})
    rng = np.random.default_rng(1)
    ids = made["legal_persons"]["uscc"]
    return store, pd.DataFrame({"subject_id": ids, "level": rng.choice(list("ABCD"), len(ids), p=[0.6, 0.2, 0.1, 0.1])})


def publish(store: Store, levels: pd.DataFrame, asked: DrawRequest | None = None, **more: Any) -> str:
    return store.publish_draw(
        asked or request(), levels, more.pop("place", "*"), actor="chen", at=AT, due_on=DUE, **more
    )


def test_a_draw_is_published_as_it_was_shown_and_makes_a_task_per_pair(city: Any, backend: str) -> None:
    store, levels = city
    shown = store.preview_draw(request(), levels, "*")
    name = publish(store, levels, expected_hash=shown.inputs_hash)
    kept = store.drawn_objects(name)
    assert kept["subject_id"].tolist() == shown.objects["subject_id"].tolist()
    assert kept["officers"].tolist() == shown.objects["officers"].tolist()
    assert "O4" not in ";".join(kept["officers"])
    tasks = store.tasks(["*"], AS_OF, kind="draw")
    assert set(zip(tasks["subject_id"], tasks["item_code"], strict=True)) == set(map(tuple, shown.pairs.to_numpy()))
    assert set(tasks["draw_id"]) == {name}
    assert (
        tasks.set_index("subject_id")["selected_by"].to_dict() == kept.set_index("subject_id")["selected_by"].to_dict()
    )
    (row,) = store.draws(2026).to_dict("records")
    assert (row["seed"], row["objects"], row["drawn_by"]) == ("seed 1", len(kept), "chen")


def test_a_draw_reproduces_itself_after_the_data_have_moved_on(city: Any, tables: Any, backend: str) -> None:
    store, levels = city
    name = publish(store, levels)
    assert store.verify_draw(name)
    store.publish("b2", {}, {**tables(300, seed=9), "officers": officers().iloc[:2]}, {})
    assert store.verify_draw(name)
    with pytest.raises(UnknownNameError):
        store.verify_draw("2026-00000000")


def test_nobody_is_drawn_twice_in_a_year_and_the_same_draw_not_twice(city: Any, backend: str) -> None:
    store, levels = city
    first = publish(store, levels)
    second = publish(store, levels, request("seed 2"))
    names = [set(store.drawn_objects(d)["subject_id"]) for d in (first, second)]
    assert not names[0] & names[1]
    with pytest.raises(DrawChangedError):
        publish(store, levels, request("seed 3"), expected_hash="0" * 64)
    with store._writing() as connection, pytest.raises((StoreError, sa.exc.DBAPIError)):
        connection.execute(sa.text("UPDATE draws SET seed = 'mine'"))
    assert set(store.draws(2026)["seed"]) == {"seed 1", "seed 2"}


def test_a_place_and_a_library_narrow_the_draw(city: Any, backend: str) -> None:
    store, levels = city
    here = store.preview_draw(request(), levels, "500110")
    assert here.objects["area_code"].str.startswith("500110").all()
    food = store.preview_draw(request(items=(Item("B01", "food"),)), levels, "*")
    known = store.frame("legal_persons", ["uscc", "industry_section"]).set_index("uscc")["industry_section"]
    assert set(known[food.objects["subject_id"]]) == {"H"}
    with pytest.raises(RequestError, match="nobody"):
        publish(store, levels, place="999999")


def test_a_city_of_places_of_business_without_a_register_can_be_drawn_in(store: Store, backend: str) -> None:
    n = 120
    ids = [f"P{i:03d}" for i in range(n)]
    premises = pd.DataFrame(
        {
            "premises_id": ids,
            "name": [f"Diner {i}" for i in range(n)],
            "lon": np.where(np.arange(n) % 2, 106.6, np.nan),
            "lat": np.where(np.arange(n) % 2, 29.0, np.nan),
            "source_id": "places",
            "source_file": "places.csv",
            "source_row": np.arange(n) + 2,
        }
    )
    store.publish("b1", {}, {"premises": premises, "officers": officers()}, {})
    levels = pd.DataFrame({"subject_id": ids, "level": list("AABC") * (n // 4)})
    name = publish(store, levels, request(items=(Item("B02", "food"),)))
    drawn = store.drawn_objects(name)
    assert set(drawn["subject_id"]) <= set(ids)
    assert set(store.subjects_of(drawn["subject_id"])["name"].str[:5]) == {"Diner"}
    assert len(store.tasks(["*"], AS_OF, kind="draw")) == len(drawn)
    assert store.verify_draw(name)


def test_plan_and_tasks_agree(city: Any, backend: str) -> None:
    store, levels = city
    plan = store.save_plan(2026, "*", {("A01", "A"): 12, ("A01", "D"): 5}, actor="chen", as_of=AS_OF, at=AT)
    store.save_plan(2026, "*", {("A01", "D"): 7, ("A02", "B"): 3}, actor="chen", as_of=AS_OF, at=AT)
    publish(store, levels, plan_id=plan)
    tasks = store.tasks(["*"], AS_OF, kind="draw")
    gone = tasks.iloc[0]
    store.cancel_task(int(gone["task_id"]), revision=1, actor="chen", as_of=AS_OF, at=AT)
    late = store.plan_progress(2026, "*", dt.date(2026, 6, 1)).set_index(["item_code", "level"])
    assert late["drawn"].sum() == len(tasks)
    assert late["cancelled"].sum() == 1
    assert (late["drawn"] == late["done"] + late["open"] + late["cancelled"]).all()
    assert late["overdue"].sum() == late["open"].sum() == len(tasks) - 1
    assert late["planned"].to_dict()[("A01", "D")] == 7
    assert late.loc[("A02", "B"), "drawn"] == 0
    assert pd.isna(late.loc[("A01", "B"), "planned"])
    assert store.plan_progress(2026, "*", AS_OF)["overdue"].sum() == 0
    with pytest.raises(UnknownNameError):
        store.save_plan(2026, "*", {("Z99", "A"): 1}, actor="chen", as_of=AS_OF, at=AT)


def test_subjects_of_tasks_come_with_name_and_place(city: Any, backend: str) -> None:
    store, _ = city
    found = store.subjects_of(["91500000000000000001", "9150" + "0" * 13 + "7", "9150" + "0" * 13 + "3"])
    assert found["subject_id"].tolist() == ["9150" + "0" * 13 + "3", "9150" + "0" * 13 + "7"]
    assert found["name"].str.startswith("重庆").all()
    assert found[["lon", "lat", "match_level"]].notna().all().all()
    assert store.officer_names()["O1"] == "甲"


def pack(store: Store, levels: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    publish(store, levels)
    tasks = store.tasks(["*"], AS_OF, kind="draw").head(3)
    return store.hand_out_pack(tasks["task_id"].tolist(), actor="zhang", as_of=AS_OF, at=AT), tasks


def saved(pack_id: str, *entries: tuple[int, str, str]) -> bytes:
    rows = [
        {
            "task_id": int(task), "revision": 1, "done_on": "2026-03-02", "result": result, "follow_up": "none",
            "follow_up_due": None, "note": note, "answers": [{"code": "A01-1", "answer": "ok", "severity": None}],
        }
        for task, result, note in entries
    ]  # fmt: skip
    return json.dumps(
        {"format": FORMAT, "pack_id": pack_id, "saved_at": "2026-03-02T08:00:00Z", "results": rows}
    ).encode()


def merge(store: Store, content: bytes, minutes: int = 5, areas: tuple[str, ...] = ("*",)) -> Any:
    at = AT + dt.timedelta(minutes=minutes)
    return store.merge_pack(content, areas=areas, actor="zhang", as_of=AS_OF, at=at)


def results_of(store: Store, task: int) -> list[tuple[str, str]]:
    with store._reading() as connection:
        rows = connection.execute(
            sa.text("SELECT result, note FROM results WHERE task_id = :t ORDER BY result_id"), {"t": task}
        )
        return [tuple(row) for row in rows]


def test_results_of_a_pack_are_merged_once_however_often_they_are_brought(city: Any, backend: str) -> None:
    store, levels = city
    name, tasks = pack(store, levels)
    one, two, _ = (int(t) for t in tasks["task_id"])
    content = saved(name, (one, "none_found", "a"), (two, "rectify", "b"))
    done = merge(store, content)
    assert (done.merged, done.conflicts, done.refused) == ([one, two], [], [])
    again = merge(store, content, 6)
    assert (again.merged, again.same, again.conflicts) == ([], [one, two], [])
    assert results_of(store, one) == [("none_found", "a")]
    assert store.task(one)["state"] == "closed"


def test_two_conflicting_results_give_one_conflict_and_nothing_is_written_over(city: Any, backend: str) -> None:
    store, levels = city
    name, tasks = pack(store, levels)
    task = int(tasks["task_id"].iloc[0])
    merge(store, saved(name, (task, "none_found", "first device")))
    other = saved(name, (task, "unreachable", "second device"))
    assert merge(store, other, 6).conflicts == [task]
    assert merge(store, other, 7).conflicts == []
    (entry,) = store.pack_entries("conflict").to_dict("records")
    assert json.loads(entry["standing"])["note"] == "first device"
    assert json.loads(entry["content"])["note"] == "second device"
    assert results_of(store, task) == [("none_found", "first device")]
    store.decide_pack_entry(int(entry["entry_id"]), use=True, actor="chen", as_of=AS_OF, at=AT + dt.timedelta(hours=1))
    assert results_of(store, task) == [("none_found", "first device"), ("unreachable", "second device")]
    assert store.pack_entries("conflict").empty
    with pytest.raises(RequestError, match="used"):
        store.decide_pack_entry(int(entry["entry_id"]), use=False, actor="chen", as_of=AS_OF, at=AT)


def test_keeping_what_stands_closes_the_conflict(city: Any, backend: str) -> None:
    store, levels = city
    name, tasks = pack(store, levels)
    task = int(tasks["task_id"].iloc[0])
    store.cancel_task(task, revision=1, actor="chen", as_of=AS_OF, at=AT + dt.timedelta(minutes=1))
    assert merge(store, saved(name, (task, "none_found", "late"))).conflicts == [task]
    entry = store.pack_entries("conflict").iloc[0]
    store.decide_pack_entry(int(entry["entry_id"]), use=False, actor="chen", as_of=AS_OF, at=AT)
    assert results_of(store, task) == []
    assert store.pack_entries("kept")["decided_by"].tolist() == ["chen"]


def test_what_does_not_belong_to_a_pack_is_refused_and_the_rest_merged(city: Any, backend: str) -> None:
    store, levels = city
    name, tasks = pack(store, levels)
    task, wrong = int(tasks["task_id"].iloc[0]), int(tasks["task_id"].iloc[1])
    done = merge(
        store, saved(name, (9999, "none_found", "x"), (wrong, "no_such_result", "y"), (task, "none_found", "z"))
    )
    assert done.merged == [task]
    assert [number for number, _ in done.refused] == [9999, wrong]
    outside = merge(store, saved(name, (wrong, "none_found", "q")), areas=("999999",))
    assert [number for number, _ in outside.refused] == [wrong]
    with pytest.raises(UnknownNameError):
        merge(store, saved("0" * 12, (task, "none_found", "x")))
    with pytest.raises(RequestError, match="no result file"):
        merge(store, b'{"format": "other"}')
