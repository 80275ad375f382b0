"""Every refusal of the store is said in the language of the page, with the numbers and names it holds."""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from layers import text
from layers.refusals import refusal
from models import errors
from models.casework.conflict import ConflictError
from models.settings import PROJECT_ROOT

FOLDERS = ("models/casework",)
FILES = (
    "models/rules/checklists.py",
    "models/rules/draws.py",
    "models/analysis/draws/draw.py",
    "layers/field/reading.py",
)
SPOKEN_BY_ITSELF = {"ConflictError"}
"""Builds its sentence from parts; tested on its own below."""


def sources() -> list[Path]:
    """Files whose refusals reach the warning and tasks pages."""
    rooms = [file for folder in FOLDERS for file in sorted((PROJECT_ROOT / folder).glob("*.py"))]
    return [*rooms, *(PROJECT_ROOT / file for file in FILES)]


def sentences(file: Path) -> Iterator[tuple[str, list[str]]]:
    """Sentences of the errors that a file makes, with a word of its own for whatever they hold, and those words."""
    tree = ast.parse(file.read_text("utf-8"))
    known = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)} | set(vars(errors))
    names = {name for name in known if name.endswith("Error")} - SPOKEN_BY_ITSELF
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names and node.args:
            for said in _branches(node.args[0]):
                words: list[str] = []
                yield _spelled(said, words), words


def _branches(node: ast.expr) -> list[ast.expr]:
    return [*_branches(node.body), *_branches(node.orelse)] if isinstance(node, ast.IfExp) else [node]


def _spelled(node: ast.expr, words: list[str]) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_spelled(part, words) for part in node.values)
    words.append(f"v{len(words)}w")
    return words[-1]


FOUND = [(file.stem, *found) for file in sources() for found in sentences(file)]


def test_the_refusals_of_every_file_are_found() -> None:
    assert len(FOUND) >= 75
    assert {"lifecycle", "results", "documents", "tasks", "attachments"} <= {stem for stem, *_ in FOUND}


@pytest.mark.parametrize(("stem", "sentence", "words"), FOUND)
def test_every_refusal_has_a_chinese_sentence_that_keeps_its_numbers_and_names(
    stem: str, sentence: str, words: list[str]
) -> None:
    said = refusal(sentence, "zh-Hans")
    assert re.search("[\u4e00-\u9fff]", said), f"{stem}: {sentence!r} has no text in layers/locales/*/refusals.toml"
    assert sorted(re.findall(r"v\d+w", said)) == sorted(words)
    assert not re.search(r"[a-z]{3,} [a-z]{3,}", said)
    assert refusal(sentence, "en") == sentence


def test_no_sentence_is_kept_that_nothing_says_any_more() -> None:
    program = "\n".join(
        file.read_text("utf-8") for room in ("models", "layers") for file in sorted((PROJECT_ROOT / room).rglob("*.py"))
    )
    flat = re.sub(r"\"\s*\n\s*f?\"", "", program)
    for key, pattern in text.catalogue("en").items():
        if key.startswith("refusal."):
            longest = max(re.split(r"{\w+}", pattern), key=len)
            assert longest in flat, key


def test_a_refusal_says_states_and_steps_in_words_of_the_page() -> None:
    sentence = "warning 0123456789abcdef is closed: 王 cannot take it; possible now: reopen, close as confirmed"
    said = refusal(errors.RequestError(sentence), "zh-Hans")
    assert said == "预警 0123456789abcdef 现为已办结：王 不能对其认领；目前可以：重新打开、办结（属实）"
    assert refusal("task 7 is closed and cannot be cancelled", "zh-Hans") == "任务 7 现为完成，不能取消"


def test_who_was_first_is_said_in_the_language_of_the_page() -> None:
    at = dt.datetime(2015, 6, 30, 9, 5, tzinfo=dt.UTC)
    error = ConflictError("objection 3", actor="li", action="filed", at=at, state="pending")
    said = refusal(error, "zh-Hans")
    assert said.startswith("异议 3：li 已先行处理（提交，2015-06-30 09:05:00 UTC），现为待处理。")
    assert refusal(error, "en") == str(error)


def test_what_no_catalogue_holds_is_said_as_it_is() -> None:
    assert refusal("the disk is on fire", "zh-Hans") == "the disk is on fire"
