"""Who sees which tasks and may draw where; what a draw's form and a result's form turn into."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from layers.access import Actor
from layers.pages import tasks_draw, tasks_entry, tasks_list, tasks_reading
from models.errors import AccessDeniedError, RequestError, UnknownNameError


class Books:
    """A store with two districts' places and tasks."""

    def require_live_build(self) -> Any:
        return SimpleNamespace(manifest={"as_of": "2015-06-30"})

    def frame(self, table: str, columns: list[str]) -> pd.DataFrame:
        codes = {"districts": ["500110", "500112"], "grids": ["500110001", "500112001"]}[table]
        return pd.DataFrame({columns[0]: codes, "name": [f"区{c}" for c in codes]})

    def tasks(self, areas: list[str], as_of: dt.date, **given: Any) -> pd.DataFrame:
        rows = pd.DataFrame(
            {
                "task_id": [1, 2, 3],
                "subject_id": ["F1", "F2", None],
                "item_code": ["A01", "A01", None],
                "measure": [None, None, "check"],
                "officers": ["O1;O2", "O3", None],
                "owner": [None, None, "zhang"],
                "due_on": pd.to_datetime(["2015-06-01", "2015-08-01", "2015-07-01"]),
                "selected_by": ["random", "risk", "warning"],
                "state": "open",
                "overdue": [True, False, False],
                "area": ["500110001", "500112001", "500110001"],
            }
        )
        return rows[[any(a == "*" or code.startswith(a) for a in areas) for code in rows["area"]]].drop(columns="area")

    def subjects_of(self, ids: Any) -> pd.DataFrame:
        firms = pd.DataFrame(
            {
                "subject_id": ["F1", "F2"],
                "name": ["张三面馆", "乙有限公司"],
                "entity_type": ["个体工商户", "有限责任公司"],
                "grid_code": ["500110001", "500112001"],
                "district_code": ["500110", "500112"],
            }
        )
        return firms[firms["subject_id"].isin(list(ids))]

    def officer_names(self) -> dict[str, str]:
        return {"O1": "李执法", "O2": "王执法", "O3": "赵执法"}

    def product(self, name: str, build_id: str, columns: list[str]) -> Any:
        frame = pd.DataFrame({"subject_id": ["F1"], "level": ["D"]})
        return SimpleNamespace(to_pandas=lambda: frame)


def context(role: str, area: str, officer: str | None = None) -> Any:
    actor = Actor("zhang", frozenset({role}), frozenset({area}), officer)
    return SimpleNamespace(store=Books(), actor=actor, build_id="b1")


ASKED = {"items": ["A01"], "place": "500110", "scheme": "yuexiu-2021", "part": 50, "due": "2015-08-29", "seed": "s"}


def test_a_draw_is_asked_for_with_the_ratios_and_libraries_of_the_data() -> None:
    request = tasks_draw.request_of(context("manager", "500110"), ASKED)
    assert (request.day, request.part, request.shares["C"]) == (dt.date(2015, 6, 30), 0.5, 0.30)
    assert [(i.code, i.library) for i in request.items] == [("A01", "commerce")]


@pytest.mark.parametrize(("area", "place"), [("500110", "*"), ("500110", "500112"), ("500110001", "500110")])
def test_nobody_draws_outside_of_the_own_areas(area: str, place: str) -> None:
    with pytest.raises(AccessDeniedError):
        tasks_draw.request_of(context("manager", area), ASKED | {"place": place})


@pytest.mark.parametrize("bad", [{"items": []}, {"place": None}, {"seed": " "}, {"scheme": "shandong-2020"}])
def test_a_form_that_is_not_whole_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(RequestError):
        tasks_draw.request_of(context("manager", "500110"), ASKED | bad)
    with pytest.raises(UnknownNameError):
        tasks_draw.request_of(context("manager", "500110"), ASKED | {"items": ["Z99"]})


@pytest.mark.parametrize("role", ["supervisor", "auditor", "planner", "public"])
def test_only_planners_of_draws_publish_them(role: str) -> None:
    with pytest.raises(AccessDeniedError):
        tasks_reading.need(context(role, "*"), tasks_reading.PLANNERS, "a draw")


def test_places_are_those_of_the_own_areas_each_once() -> None:
    own = [p["value"] for p in tasks_reading.places(context("manager", "500110"), "zh-Hans")]
    assert own == ["500110", "500110001"]
    city = [p["value"] for p in tasks_reading.places(context("manager", "*"), "zh-Hans")]
    assert city[0] == "*"
    assert len(city) == len(set(city)) == 5


def test_tasks_are_those_of_the_area_mine_or_overdue_and_names_are_masked() -> None:
    rows, total = tasks_list.rows(context("supervisor", "500110"), "area", "zh-Hans")
    assert total == 2
    assert [(r["task_id"], r["level"], r["goes"]) for r in rows] == [("1", "D", True), ("3", "–", False)]
    assert rows[0]["name"] == "张三面馆"
    assert rows[0]["officers"] == "李执法、王执法"
    mine, _ = tasks_list.rows(context("supervisor", "*", "O3"), "mine", "zh-Hans")
    assert [r["task_id"] for r in mine] == ["2", "3"]
    late, _ = tasks_list.rows(context("supervisor", "*"), "overdue", "zh-Hans")
    assert [r["task_id"] for r in late] == ["1"]
    hidden, _ = tasks_list.rows(context("planner", "*"), "area", "zh-Hans")
    assert "张三" not in hidden[0]["name"]


def test_a_result_is_whole_or_refused() -> None:
    seen = {"task_id": 7, "revision": 2, "key": "screen-1"}
    given = {"result": "rectify", "follow": "rectify", "due": "2015-07-15", "done_on": "2015-06-30", "note": " x "}
    entry = tasks_entry.entry_of(seen, given, [("A01-1", "ok"), ("A01-2", "fault")])
    assert (entry.task_id, entry.revision, entry.idempotency_key, entry.note) == (7, 2, "screen-1", "x")
    assert [a.severity for a in entry.answers] == [None, "moderate"]
    assert entry.follow_up_due == dt.date(2015, 7, 15)
    assert tasks_entry.entry_of(seen, given | {"follow": "none"}, []).follow_up_due is None
    with pytest.raises(RequestError, match="A01-2"):
        tasks_entry.entry_of(seen, given, [("A01-1", "ok"), ("A01-2", None)])
    with pytest.raises(RequestError, match="result"):
        tasks_entry.entry_of(seen, given | {"result": None}, [])
