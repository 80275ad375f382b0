"""A document of a warning on paper: its number, its facts, its firms and its measure, and no level."""

from __future__ import annotations

import datetime as dt
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from layers.casefile import Casefile, Member, Precision, Sentence
from layers.field.paper import Stamp
from layers.field.warning_document import MOST_MEMBERS, warning_document
from layers.text import text
from models.rules.measures import load_measures

_papers = importlib.util.spec_from_file_location("papers", Path(__file__).with_name("test_papers.py"))
PAPERS = importlib.util.module_from_spec(_papers)  # type: ignore[arg-type]
_papers.loader.exec_module(PAPERS)  # type: ignore[union-attr]
NOTHING = pd.DataFrame()
DOCUMENT = {
    "document_id": 1, "kind": "核查", "number": "綦市监核查〔2015〕12号", "title": "核查住所: 一址多照",
    "issued_on": dt.date(2015, 6, 30), "issued_by": "王执法",
}  # fmt: skip


def case(members: int = 2, subject: str | None = None) -> Casefile:
    row = {
        "warning_key": "0123456789abcdef", "raised_on": dt.date(2015, 6, 20), "due_on": dt.date(2015, 7, 4),
        "subject_id": subject, "members": 45,
    }  # fmt: skip
    firms = tuple(
        Member(f"9150011{i:011d}", f"古南餐饮{i}店", "D", "H", "2015-06-18", f"中山路 {i} 号", None, None)
        for i in range(members)
    )
    said = (Sentence("观测值", "12，预期 1.40", None), Sentence("同一栋楼新登记企业数", "12 户", "阈值 5"))
    measures = load_measures().of_warning("concentration")
    return Casefile(row, "同一栋楼新登记过多", {}, said, firms, Precision(0, 0), measures, NOTHING, NOTHING,
                    NOTHING, NOTHING, NOTHING, dt.date(2015, 6, 30), True)  # fmt: skip


def test_the_document_says_its_number_facts_firms_and_measure(stamp: Callable[..., Stamp]) -> None:
    found = PAPERS.shown(warning_document(DOCUMENT, case(), stamp(), organ="綦江区市场监督管理局"))
    measure = load_measures().of_warning("concentration")[0]
    said = ("綦江区市场监督管理局", "綦市监核查〔2015〕12号", "核查住所: 一址多照", "12，预期 1.40", "古南餐饮1店")
    for words in (*said, "2015-07-04", measure.name["zh-Hans"], text("field.summary_more", "zh-Hans", n=43)):
        assert words in found, words
    assert "/BaseFont /STSong-Light" in warning_document(DOCUMENT, case(), stamp(), organ="局").decode("latin-1")


def test_a_document_about_one_firm_names_that_firm_only(stamp: Callable[..., Stamp]) -> None:
    found = PAPERS.shown(warning_document(DOCUMENT, case(3, "9150011" + "0" * 10 + "1"), stamp(), organ="局"))
    assert "古南餐饮1店" in found
    assert "古南餐饮2店" not in found


def test_many_firms_are_cut_short_and_counted(stamp: Callable[..., Stamp]) -> None:
    found = PAPERS.shown(warning_document(DOCUMENT, case(30), stamp("en"), organ="Bureau"))
    assert f"古南餐饮{MOST_MEMBERS - 1}店" in found
    assert f"古南餐饮{MOST_MEMBERS}店" not in found
    assert f"and {45 - MOST_MEMBERS} more" in found


@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_no_level_stands_on_it_and_the_same_data_give_the_same_bytes(stamp: Callable[..., Stamp], lang: str) -> None:
    made: list[Any] = [warning_document(DOCUMENT, case(), stamp(lang), organ="局") for _ in range(2)]
    assert made[0] == made[1]
    lines = PAPERS.shown(made[0]).splitlines()
    assert not any(line.strip() == "D" or "等级" in line or "Level" in line for line in lines)
