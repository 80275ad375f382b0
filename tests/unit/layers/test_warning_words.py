"""Every piece of evidence, theme and end of a warning has words in both languages."""

from __future__ import annotations

import re

import pytest

from layers import text
from models.rules.warning_rules import THEMES, load_rules
from models.settings import LANGUAGES, PROJECT_ROOT

CODE = "\n".join(p.read_text("utf-8") for p in (PROJECT_ROOT / "models" / "analysis" / "warnings").glob("*.py"))
FACTS = sorted(set(re.findall(r'Fact\(\s*"(\w+)"', CODE)) | {"firms_at_address", "firms_of_person", "firms_of_contact"})
ENDS = sorted(set(re.findall(r'"(burst_over|time_passed|paid_in|holding_ended|renewed|revoked|expired)"', CODE)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fact_theme_and_end_has_words(language: str) -> None:
    catalogue = text.catalogue(language)
    wanted = [f"warning.fact.{f}" for f in FACTS] + [f"warning.theme.{t}" for t in THEMES]
    wanted += [f"warning.end_reason.{e}" for e in (*ENDS, "removed_from_list", "three_years_reached")]
    assert len(FACTS) > 20
    assert [key for key in wanted if key not in catalogue] == []


def test_titles_of_rules_are_in_both_languages_and_differ() -> None:
    for language in LANGUAGES:
        titles = [rule.title[language] for rule in load_rules()]
        assert len(set(titles)) == len(titles)
