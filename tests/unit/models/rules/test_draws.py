"""The ratios of draws: as published, versioned, and none of them exempts a level."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.errors import ConfigError, RequestError, UnknownNameError
from models.rules.draws import FILE, load_draw_rules


def test_the_published_ratios_are_those_of_the_table() -> None:
    rules = load_draw_rules()
    assert rules.scheme("yuexiu-2021").share == {"A": 0.05, "B": 0.15, "C": 0.30, "D": 0.50}
    assert rules.scheme("bayannur-2022").share == {"A": 0.02, "B": 0.05, "C": 1.0, "D": 1.0}
    assert rules.scheme("lindian-2024").share == {"A": 0.05, "B": 0.20, "C": 0.60, "D": 1.0}
    assert all(set(s.place) == set(s.source) == set(s.scope) == {"zh-Hans", "en"} for s in rules.schemes)
    assert 0.05 <= rules.control.share <= 0.10


def test_a_scheme_that_says_nothing_of_a_level_cannot_be_drawn_with() -> None:
    with pytest.raises(RequestError, match="A, B, C"):
        load_draw_rules().usable("shandong-2020")
    assert load_draw_rules().usable().id == "yuexiu-2021"
    with pytest.raises(UnknownNameError, match="bayannur-2022"):
        load_draw_rules().usable("nowhere")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("share = { A = 0.05, B = 0.15", "share = { A = 0.0, B = 0.15", "no level exempts"),
        ("share = 0.08", "share = 0.2", "control.share"),
        ('default_scheme = "yuexiu-2021"', 'default_scheme = "shandong-2020"', "default_scheme"),
        ('version = "2026.1"', "", "version is 'missing'"),
    ],
)
def test_what_is_not_allowed_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = FILE.read_text("utf-8")
    assert old in text
    file = tmp_path / "draws.toml"
    file.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(ConfigError, match=said):
        load_draw_rules(file)
