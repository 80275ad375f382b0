"""All words of the screens stand in the catalogues: none in the code, every key exists, no key is idle."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from layers import text
from models.contracts.population import DAYTYPES
from models.contracts.roads import WEEKDAYS
from models.fusion.addresses import REASONS
from models.settings import PROJECT_ROOT

PAGES = sorted((PROJECT_ROOT / "layers" / "pages").glob("*.py"))
CODE = [*PROJECT_ROOT.glob("layers/**/*.py")]
CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
GROUPS = (
    "theme.", "scheme.", "search.", "grid.", "cadence.", "place_kind.", "match_level.", "reason.", "section.", "unit.",
    "layer.", "change.", "unplaced.",
    "table.flag_", "data.table_of.", "data.product_of.", "data.column_of.", "data.step_of.", "reject.", "fact.",
    "number.", "readme.", "note.", "class.", "level.", "severity.", "role.", "value.", "evidence.",
    "event_kind.", "subject.tie_", "subject.outcome_",
    "warning.theme.", "warning.fact.", "warning.end_reason.", "pack.", "field.answer_", "field.result_",
    "field.follow_", "field.sign_", "tasks.tab_", "tasks.scope_", "tasks.state_", "tasks.why_", "tasks.refused_",
    "tasks.short_", "manage.tab.", "manage.metric.", "manage.model.", "manage.split.", "manage.split_note.",
    "manage.group.", "manage.record.", "manage.wb.state_",
    "casework.filter.", "casework.state.", "casework.task_state.", "casework.action.", "casework.do.", "casework.did.",
    "casework.answer.", "casework.document.", "casework.unit.", "casework.col_",
    "wall.", "wall_ui.", "refusal.", "refusal_matter.", "refusal_word.", "field.document_",
)  # fmt: skip
MADE_UP = {
    *(f"time.{day}" for day in (*DAYTYPES, *WEEKDAYS)),
    *(f"time.short.{day}" for day in (*DAYTYPES, *WEEKDAYS)),
    *(f"shell.{name}" for name in ("explore", "supervise", "tasks", "manage", "queue", "data")),
    *(f"inspect.{name}" for name in ("subjects", "premises")),
    *(f"supervise.level_{name}" for name in "ABCD"),
    *(f"supervise.{name}" for name in ("fill_risk-density", "fill_risk-share-grid", "fill_none")),
    *(f"supervise.sort_{name}" for name in ("due", "severity", "raised")),
    *(f"supervise.tile_{name}" for name in ("new", "late", "soon")),
    *(f"supervise.duty_{name}" for name in ("tasks", "late", "unlocated")),
    *(f"subject.{name}" for name in ("factor", "measured", "contribution", "source")),
    *(f"manage.{name}" for name in ("subjects", "inspected", "coverage", "risk_share", "open", "overdue", "done")),
    *(f"manage.{name}" for name in ("inspections", "positives", "raw_rate", "eb_rate", "interval")),
    *(f"manage.{name}" for name in ("month", "changed", "share")),
    *(f"manage.wb.{name}" for name in ("preview", "approve", "reject")),
    *(f"whom.{name}" for name in ("local", "public")),
    *(f"queue.{name}" for name in ("open", "decided")),
    *(f"queue.part_{name}" for name in ("district", "old", "zone", "town", "text")),
    *(f"tasks.{name}" for name in ("number", "lot", "eligible", "share", "earlier", "quota", "drawn", "of_random")),
    *(f"tasks.{name}" for name in ("short", "draw", "drawn_on", "drawn_by", "objects", "planned", "done", "open")),
    *(f"tasks.{name}" for name in ("overdue", "cancelled")),
    *(f"field.summary_{name}" for name in ("factor", "value", "points", "basis")),
    *(f"shell.drawer_{name}" for name in ("rail", "list", "panel")),
    *(f"export.{name}" for name in ("png", "csv", "xlsx")),
    *(f"data.{name}" for name in ("step", "step_state", "step_seconds")),
}


@pytest.mark.parametrize("file", PAGES, ids=lambda f: f.name)
def test_no_page_writes_chinese_itself(file: Path) -> None:
    tree = ast.parse(file.read_text("utf-8"))
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    found = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docs
        and CJK.search(node.value)
    ]
    assert found == []


def literal_keys(file: Path) -> set[str]:
    return set(re.findall(r"\btext\(\s*\"([\w.-]+)\"", file.read_text("utf-8")))


def test_every_key_in_the_code_is_in_the_catalogue() -> None:
    known = set(text.catalogue("zh-Hans"))
    missing = {f"{file.name}: {key}" for file in PAGES for key in literal_keys(file) if key not in known}
    assert missing == set()


def test_no_key_is_idle() -> None:
    code = "".join(file.read_text("utf-8") for file in CODE)
    idle = [
        key
        for key in text.catalogue("zh-Hans")
        if not key.startswith(GROUPS) and key not in MADE_UP and f'"{key}"' not in code
    ]
    assert idle == []


@pytest.mark.parametrize("lang", text.languages())
def test_every_reason_of_the_matcher_has_words(lang: str) -> None:
    assert [code for code in REASONS if not text.has(f"reason.{code}", lang)] == []
