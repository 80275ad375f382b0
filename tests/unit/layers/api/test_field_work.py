"""Papers and packs are handed to those who work in the area, logged, and to nobody else."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from flask import Flask

from layers.access import Actor
from layers.api import errors, field_work
from models.profile.city import View

TASK = {
    "task_id": 7, "revision": 1, "kind": "draw", "subject_id": "91500110MA00000011", "item_code": "A01",
    "measure": None, "officers": "O1;O2", "due_on": pd.Timestamp("2015-07-31"), "grid_code": "500110001",
    "district_code": "500110",
}  # fmt: skip
FIRM = {
    "subject_id": "91500110MA00000011", "name": "张三面馆", "entity_type": "个体工商户", "industry_section": "H",
    "address": "中山路 7 号", "lon": 106.65, "lat": 29.02, "match_level": 1, "grid_code": "500110001",
    "district_code": "500110",
}  # fmt: skip


class Books:
    """A store with one task at one firm, which notes what was taken out."""

    def __init__(self) -> None:
        self.logged: list[tuple[str, str]] = []
        self.issued: list[dict[str, Any]] = []

    def require_live_build(self) -> Any:
        return SimpleNamespace(manifest={"as_of": "2015-06-30"})

    def tasks(self, areas: Any, as_of: dt.date, **given: Any) -> pd.DataFrame:
        rows = pd.DataFrame([TASK])
        return rows[rows["task_id"].isin(given["task_id"])]

    def subjects_of(self, ids: Any) -> pd.DataFrame:
        return pd.DataFrame([FIRM])

    def officer_names(self) -> dict[str, str]:
        return {"O1": "李执法", "O2": "王执法"}

    def log_access(self, actor: str, action: str, what: str, rows: int, *, at: dt.datetime) -> None:
        self.logged.append((actor, f"{action} {what}"))

    def documents(self, *, subject_id: str) -> pd.DataFrame:
        return pd.DataFrame(self.issued, columns=["kind", "content", "number"])

    def issue_document(self, kind: str, title: str, **more: Any) -> dict[str, Any]:
        row = {"kind": kind, "content": more["content"], "number": f"{more['organ']}{kind}{len(self.issued) + 1}"}
        self.issued.append(row)
        return row

    def hand_out_pack(self, ids: Any, *, actor: str, as_of: dt.date, at: dt.datetime) -> str:
        self.logged.append((actor, "pack"))
        return "0123456789ab"


def client(actor: Actor, store: Books) -> Any:
    server = Flask("t")
    city: Any = SimpleNamespace(
        crs=4547,
        name={"zh-Hans": "綦江区", "en": "Qijiang"},
        timezone="Asia/Shanghai",
        supervision=SimpleNamespace(organ="市监"),
        view=View(lon=106.6, lat=29.0, zoom=10),
    )
    server.register_blueprint(field_work.blueprint(store=store, city=city, actor_of=lambda: actor))
    errors.register(server)
    return server.test_client()


def actor(role: str, area: str) -> Actor:
    return Actor("zhang", frozenset({role}), frozenset({area}))


@pytest.mark.parametrize("what", ["form", "pack"])
def test_a_supervisor_of_the_area_gets_the_file_and_it_is_logged(what: str) -> None:
    store = Books()
    data = {"tasks": "7", "lang": "en", "start": "106.6,29.0"}
    answer = client(actor("supervisor", "500110001"), store).post(f"/api/field/{what}", data=data)
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert [who for who, _ in store.logged] == ["zhang"]
    if what == "pack":
        page = answer.get_data(as_text=True)
        assert "张三面馆" in page
        assert '"order": 1' in page


def test_a_form_printed_again_keeps_its_number() -> None:
    store = Books()
    asked = client(actor("manager", "*"), store)
    for tasks in ("7", "7"):
        assert asked.post("/api/field/form", data={"tasks": tasks}).status_code == 200
    assert [row["number"] for row in store.issued] == ["市监核查1"]


@pytest.mark.parametrize(
    ("role", "area", "status"),
    [("supervisor", "500112", 403), ("auditor", "*", 403), ("planner", "*", 403), ("public", "500110001", 403)],
)
@pytest.mark.parametrize("what", ["form", "pack"])
def test_others_are_refused_and_nothing_is_logged(what: str, role: str, area: str, status: int) -> None:
    store = Books()
    answer = client(actor(role, area), store).post(f"/api/field/{what}", data={"tasks": "7"})
    assert answer.status_code == status
    assert store.logged == []
    assert "张三" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("data", "status"),
    [({"tasks": "8"}, 404), ({"tasks": ""}, 400), ({"tasks": "x"}, 400), ({"tasks": "7", "lang": "xx"}, 400)],
)
def test_wrong_questions_are_answered_in_words(data: dict[str, str], status: int) -> None:
    answer = client(actor("manager", "*"), Books()).post("/api/field/form", data=data)
    assert answer.status_code == status
    assert answer.json["error"]
