"""Every text of the wall is used, and every text the wall asks for is there."""

from __future__ import annotations

import re

from layers import text
from layers.wall.playlist import BUILDERS
from models.profile.wall import KINDS
from models.settings import PROJECT_ROOT

CODE = "".join(p.read_text("utf-8") for p in sorted((PROJECT_ROOT / "layers" / "wall").glob("*.py")))
MADE = {
    "kind.": KINDS,
    "level.": "DCBA",
    "migration.": ("arcs_commute", "arcs_moves", "arc_commute", "arc_in", "arc_out", "gate_in", "gate_out"),
    "series.": ("moved_in", "moved_out"),
}
"""Keys that are put together from a group and a name."""


def wall_keys() -> set[str]:
    return {key.removeprefix("wall.") for key in text.catalogue("zh-Hans") if key.startswith("wall.")}


def asked() -> set[str]:
    literal = set(re.findall(r'(?:say|bars|line|strip)\(\s*(?:view,\s*)?"([\w.]+)"', CODE))
    literal |= set(re.findall(r'"wall\.([\w.]+)"', CODE))
    return literal


def test_no_text_is_idle() -> None:
    made = {f"{group}{name}" for group, names in MADE.items() for name in names}
    rule = re.compile(r'"(\w+)"')
    words = set(rule.findall(CODE))
    idle = [
        key
        for key in wall_keys() - asked() - made
        if not key.startswith("facility.") and key.rpartition(".")[2] not in words
    ]
    assert idle == []


def test_every_text_that_is_asked_for_is_there() -> None:
    assert asked() - wall_keys() == set()


def test_there_is_a_builder_for_kinds_only() -> None:
    assert set(BUILDERS) <= set(KINDS)
