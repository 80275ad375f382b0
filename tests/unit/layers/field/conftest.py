"""Three sheets at two firms, one of them with a name that tries to break out of the file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from layers.field.paper import Stamp
from layers.field.sheets import Question, Sheet

BOTH = {"zh-Hans": "检查", "en": "check"}


def make_sheet(task_id: int, subject: str = "91500110MA00000011", **more: object) -> Sheet:
    values: dict[str, object] = {
        "task_id": task_id,
        "revision": 1,
        "kind": "draw",
        "subject_id": subject,
        "name": "綦江古南餐饮有限公司",
        "address": "重庆市綦江区古南街道中山路 7 号",
        "item_code": f"A0{task_id}",
        "item": {"zh-Hans": "公示信息检查", "en": "Published information"},
        "legal_basis": {"zh-Hans": "《企业信息公示暂行条例》第十四条", "en": "Interim Regulation, art. 14"},
        "questions": (
            Question(
                f"A0{task_id}-1", {"zh-Hans": "年度报告按时公示", "en": "The annual report was published in time"}
            ),
            Question(f"A0{task_id}-2", {"zh-Hans": "公示的出资信息真实", "en": "The published contributions are true"}),
        ),
        "results": ("none_found", "rectify", "penalty", "unreachable", "transferred"),
        "due_on": "2015-07-31",
        "officers": ("李执法", "王执法"),
    }
    return Sheet(**(values | more))  # type: ignore[arg-type]


@pytest.fixture
def sheets() -> list[Sheet]:
    return [
        make_sheet(1, order=2, begin="10:30"),
        make_sheet(2, order=2, begin="10:30"),
        make_sheet(3, "91500110MA00000022", order=1, begin="09:20", name="</script><script>alert(1)</script>&某店"),
    ]


@pytest.fixture
def stamp() -> Callable[..., Stamp]:
    def make(lang: str = "zh-Hans", second: int = 0) -> Stamp:
        at = dt.datetime(2026, 3, 1, 2, 30, second, tzinfo=dt.UTC)
        return Stamp("zhang", at, "Asia/Shanghai", "2026.1", "2015-06-30", lang)

    return make
