"""Reviewed measures and check items: what is prescribed when, what may be checked where, what no file may hold."""

from __future__ import annotations

import datetime as dt

import pytest

from models.errors import ConfigError, RequestError, UnknownNameError
from models.rules.checklists import FILE as CHECKLISTS
from models.rules.checklists import load_checklists
from models.rules.measures import FILE as MEASURES
from models.rules.measures import load_measures
from models.rules.warning_rules import load_rules
from models.tables.cases import RESULTS, THEMES

BOTH = {"zh-Hans", "en"}


def test_every_theme_has_a_measure_and_items_and_every_level_a_measure():
    measures, catalogue = load_measures(), load_checklists()
    assert all(measures.of_warning(theme) for theme in THEMES)
    assert set(catalogue.by_theme) == set(THEMES)
    assert all(measures.of_level(level) for level in "ABCD")


def test_every_measure_a_warning_rule_names_is_in_the_catalogue():
    measures = load_measures()
    assert [rule.id for rule in load_rules() if measures.named(rule.measure) is None] == []


def test_every_text_stands_in_both_languages_with_a_legal_basis():
    for measure in load_measures().measures:
        assert set(measure.name) == set(measure.text) == set(measure.legal_basis) == BOTH
    for item in load_checklists().items:
        assert set(item.name) == set(item.legal_basis) == BOTH
        assert all(set(question.text) == BOTH for question in item.questions)
        assert set(item.results) <= set(RESULTS)


def test_the_worst_is_due_first_and_a_data_fault_is_verified_before_anything_else():
    measures, day = load_measures(), dt.date(2015, 6, 30)
    due = [measures.due_on(severity, day) for severity in (3, 2, 1)]
    assert due == sorted(due)
    assert due[0] == dt.date(2015, 7, 5)
    assert measures.of_warning("investment", data_fault=True)[0].code == "correct_record"
    assert measures.of_warning("investment")[0].code == "check_paid_in"
    codes = [m.code for m in measures.of_warning("concentration", first="check_agent")]
    assert codes == ["check_agent", "site_check", "interview_representative", "list_abnormal"]
    assert measures.named("site_check").days == 10
    assert measures.named("nothing") is None


def test_a_subject_belongs_to_libraries_by_section_licence_and_kind():
    catalogue = load_checklists()
    assert catalogue.libraries_of("H") == {"commerce", "other", "food"}
    assert catalogue.libraries_of(None, {"special_equipment"}) == {"commerce", "other", "special_equipment"}
    assert "food" in catalogue.libraries_of(None, premises=True)
    assert {item.library for item in catalogue.allowed({"food"})} == {"food"}
    with pytest.raises(RequestError, match="belongs to the library food"):
        catalogue.need_allowed("B01", {"commerce"}, "9150")
    with pytest.raises(UnknownNameError, match="no check item Z9"):
        catalogue.item("Z9")


@pytest.mark.parametrize(
    ("file", "load", "old", "new", "message"),
    [
        (MEASURES, load_measures, "3 = 5", "4 = 5", "due_days for the severities"),
        (MEASURES, load_measures, 'code = "check_agent"', 'code = "site_check"', "every measure once"),
        (MEASURES, load_measures, "days = 15", "days = 0", "greater than or equal to 1"),
        (CHECKLISTS, load_checklists, 'code = "A02"', 'code = "A01"', "every item"),
        (CHECKLISTS, load_checklists, 'library = "drug"', 'library = "toys"', "item B04"),
        (CHECKLISTS, load_checklists, '["A02", "A03"]', '["A02", "A99"]', "not A99"),
        (CHECKLISTS, load_checklists, "[libraries.other]", "[libraries.toys]", "not toys"),
        (CHECKLISTS, load_checklists, "version = ", "version : ", "valid TOML"),
    ],
)  # fmt: skip
def test_a_fault_in_a_file_is_named(tmp_path, file, load, old, new, message):
    path = tmp_path / file.name
    text = file.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        load(path)


def test_an_absent_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"measures\.toml"):
        load_measures(tmp_path / "measures.toml")
