"""Forms on paper: byte-stable but for the time, with who, when, which page and which rules on every page."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pandas as pd
import pytest

from layers.explaining import Cause, Explanation
from layers.field.inspection_form import inspection_form
from layers.field.paper import Stamp
from layers.field.sheets import Sheet, by_subject
from layers.field.subject_summary import subject_summary
from layers.panorama import Event, Panorama
from layers.relations import Relations


def shown(pdf: bytes) -> str:
    """Text of a PDF whose pages are not compressed: the CID strings are UCS-2 and written as octal and plain bytes."""
    found = []
    for raw in re.findall(rb"\(((?:\\.|[^\\()])*)\) ?(?:Tj|')", pdf, re.DOTALL):
        plain = re.sub(
            rb"\\([0-7]{3}|.)", lambda m: bytes([int(m[1], 8)]) if len(m[1]) == 3 else m[1], raw, flags=re.DOTALL
        )
        found.append(plain.decode("utf-16-be", "replace"))
    return "\n".join(found)


def test_one_form_per_firm_with_all_its_items_in_the_order_of_the_route(
    sheets: list[Sheet], stamp: Callable[..., Stamp]
) -> None:
    pdf = inspection_form(sheets, stamp(), organ="綦江区市场监督管理局")
    assert [[s.task_id for s in group] for group in by_subject(sheets)] == [[3], [1, 2]]
    text = shown(pdf)
    assert pdf.startswith(b"%PDF-")
    assert pdf.count(b"/Type /Page\n") == 2
    assert text.count("现场检查记录表") == 2
    assert text.count("________________") == 2
    assert text.index("91500110MA00000022") < text.index("91500110MA00000011")
    for words in (
        "公示信息检查",
        "年度报告按时公示",
        "李执法、王执法",
        "《企业信息公示暂行条例》第十四条",
        "未发现问题",
    ):
        assert words in text


@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_the_same_data_give_the_same_bytes_but_for_the_time_stamp(
    sheets: list[Sheet], stamp: Callable[..., Stamp], lang: str
) -> None:
    first, again, later = (
        inspection_form(
            sheets, stamp(lang, second), organ="局", numbers={sheets[0].subject_id: "綦市监核查〔2015〕1号"}
        )
        for second in (0, 0, 7)
    )
    assert first == again
    assert first != later
    assert len(first) == len(later)
    assert shown(first).replace("10:30:00", "10:30:07") == shown(later)
    changed = [i for i, (a, b) in enumerate(zip(first, later, strict=True)) if a != b]
    assert {first[i : i + 1] + later[i : i + 1] for i in changed} == {b"07"}


def test_every_page_says_who_when_which_page_and_which_rules(sheets: list[Sheet], stamp: Callable[..., Stamp]) -> None:
    text = shown(inspection_form(sheets, stamp("en"), organ="Bureau"))
    assert text.count("zhang   2026-03-01 10:30:00   page 1   rules 2026.1   data as of 2015-06-30") == 1
    assert text.count("page 2   rules 2026.1") == 1
    assert text.count("zhang  2026-03-01 10:30:00        zhang") == 8


def test_no_level_stands_on_a_paper_that_is_shown_to_a_firm(sheets: list[Sheet], stamp: Callable[..., Stamp]) -> None:
    text = shown(inspection_form(sheets, stamp(), organ="局"))
    assert "风险等级" not in text
    assert not re.search(r"\b[ABCD] 级", text)


@pytest.fixture
def one_subject() -> Panorama:
    causes = tuple(
        Cause(f"i{n}", f"因素{n}", "", f"{n} 次", "", float(20 - n), "《条例》第一条", "changes") for n in range(14)
    )
    reasons = Explanation(causes, 3, (), {"B": 20.0, "C": 45.0, "D": 70.0}, "2015.1")
    events = tuple(
        Event(dt.date(2015, 6, 30) - dt.timedelta(n), f"变更登记 {n}", None, "changes", str(n), "", "b1")
        for n in range(40)
    )
    row = {
        "industry_section": "H",
        "address": "中山路 7 号",
        "capital_cny": 500_000.0,
        "established_on": dt.date(2012, 3, 1),
    }
    level = {"level": "C", "rule_score": 61.5, "rule_version": "2015.1"}
    return Panorama(
        "91500110MA00000011", "綦江古南餐饮有限公司", row, level, reasons, ("同址注册降到 < 5（-12 分）即为 B 级",),
        pd.DataFrame(), None, events, (), (), Relations((), (), {}), 0, dt.date(2015, 6, 30),
    )  # fmt: skip


@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_a_subject_stands_on_one_page_that_only_the_time_changes(
    one_subject: Panorama, stamp: Callable[..., Stamp], lang: str
) -> None:
    first, again, later = (subject_summary(one_subject, stamp(lang, second)) for second in (0, 0, 7))
    assert first == again
    assert first.count(b"/Type /Page\n") == 1
    assert shown(first).replace("10:30:00", "10:30:07") == shown(later)
    text = shown(first)
    assert "91500110MA00000011" in text
    assert "2015.1" in text
    assert ("不是行政处罚" if lang != "en" else "no penalty") in text


def test_the_points_of_a_summary_add_up_to_those_of_the_reasons(
    one_subject: Panorama, stamp: Callable[..., Stamp]
) -> None:
    points = [
        float(p) for p in re.findall(r"^\+(\d+\.\d)$", shown(subject_summary(one_subject, stamp("en"))), re.MULTILINE)
    ]
    assert one_subject.reasons is not None
    assert sum(points) == pytest.approx(sum(c.points for c in one_subject.reasons.causes))
