"""Tasks become visits and a day: joined at one building, catering between meals, firms without a place refused."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd

from layers.access import Actor
from layers.field.reading import day_plan, sheets

CITY: Any = SimpleNamespace(crs=4547)


class Books:
    def __init__(self, firms: pd.DataFrame) -> None:
        self.firms = firms

    def subjects_of(self, ids: Any) -> pd.DataFrame:
        return self.firms[self.firms["subject_id"].isin(set(ids))].reset_index(drop=True)

    def officer_names(self) -> dict[str, str]:
        return {"O1": "李执法"}


def firms() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "subject_id": ["F1", "F2", "F3", "F4"],
            "name": ["甲有限公司", "乙有限公司", "张三面馆", "丁有限公司"],
            "entity_type": ["有限责任公司", "有限责任公司", "个体工商户", "有限责任公司"],
            "industry_section": ["F", "F", "H", "F"],
            "address": "中山路",
            "lon": [106.65, 106.65, 106.66, None],
            "lat": [29.02, 29.02, 29.03, None],
            "match_level": [1, 1, 1, None],
            "grid_code": "500110001",
            "district_code": "500110",
        }
    )


def tasks() -> pd.DataFrame:
    rows = [("F1", "A01"), ("F1", "A02"), ("F2", "A01"), ("F3", "B01"), ("F4", "A01")]
    return pd.DataFrame(
        {
            "task_id": [1, 2, 3, 4, 5],
            "revision": 1,
            "kind": "draw",
            "subject_id": [s for s, _ in rows],
            "item_code": [i for _, i in rows],
            "measure": None,
            "officers": "O1",
            "due_on": pd.Timestamp("2015-07-31"),
        }
    )


def test_a_day_joins_firms_of_one_building_keeps_windows_and_says_who_has_no_place() -> None:
    plan = day_plan(Books(firms()), CITY, tasks(), (106.64, 29.01))
    assert len(plan.visits) == 5
    assert plan.visits.loc[plan.visits["subject_id"].isin(["F1", "F2"]), "visit_id"].nunique() == 1
    assert plan.route.refused["reason"].tolist() == ["no_place"]
    stops = plan.stops.set_index(plan.stops["subjects"].str[0])
    assert stops.loc["F1", "subjects"] == ["F1", "F2"]
    assert stops.loc["F3", "begin"] == "13:30"
    assert stops.loc["F1", "order"] == 1


def test_sheets_carry_the_route_and_mask_what_the_actor_may_not_see() -> None:
    books, plan = Books(firms()), day_plan(Books(firms()), CITY, tasks(), (106.64, 29.01))
    inside = Actor("zhang", frozenset({"supervisor"}), frozenset({"500110001"}))
    outside = Actor("wang", frozenset({"planner"}), frozenset({"*"}))
    made = {s.task_id: s for s in sheets(books, inside, tasks(), plan)}
    assert (made[1].order, made[4].begin, made[5].order) == (1, "13:30", None)
    assert made[4].name == "张三面馆"
    assert made[1].officers == ("李执法",)
    assert made[1].questions
    hidden = {s.task_id: s.name for s in sheets(books, outside, tasks())}
    assert "张三" not in hidden[4]
    assert hidden[1] == "甲有限公司"
