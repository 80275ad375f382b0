"""The scorecard's file: what may stand in it, and what an error says."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from models.errors import ConfigError, UnknownNameError
from models.rules.scorecard import FOLDER, load_scorecard, parse_scorecard, scorecard_names
from models.rules.scoring import LIMIT, explain, level_codes, scores, vetoes

TEXT = (FOLDER / "general.toml").read_text(encoding="utf-8")
CARD = load_scorecard("general")
DAY = dt.date(2015, 6, 30)


@pytest.mark.parametrize("name", scorecard_names())
def test_every_scorecard_of_the_project_is_valid_and_says_where_it_comes_from(name: str) -> None:
    card = load_scorecard(name)
    assert card.source["zh-Hans"] and card.source["en"] and card.author
    assert all(i.legal_basis["zh-Hans"] and i.legal_basis["en"] for i in card.indicator)
    assert set(card.target_shares) == {"A", "B", "C", "D"}


@pytest.mark.parametrize("field", ["officer_key", "inspector_id", "officer"])
def test_the_officer_can_never_be_an_input(field: str) -> None:
    with pytest.raises(ConfigError, match="can never be an input of a level") as caught:
        parse_scorecard(TEXT.replace('source_field = "penalties"', f'source_field = "{field}"'), "general.toml")
    assert caught.value.found == field and "source_field" in caught.value.key


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('source_field = "penalties"', 'source_field = "weather"', "source_field"),
        ('group = "social"', 'group = "gossip"', "group"),
        ("C = 14", "C = 5", "cut_offs"),
        ("A = 0.70", "A = 0.90", "target_shares"),
        ("decay_by_year = [1.0, 0.6", "decay_by_year = [0.5, 0.6", "decay_by_year"),
        ('code = "punished"', 'code = "warned"', "the file"),
        ("hysteresis_months = 1", "hysteresis_months = 9", "hysteresis_months"),
        ("{ below = 1, points = 0 }, { below = 2, points = 8 }", "{ below = 1, points = 9 }, { below = 2, points = 8 }",
         "indicator"),
        ('author = "Cityhex"\nvalid', 'author = "Cityhex"\nweight = 2\nvalid', "weight"),
    ],
)  # fmt: skip
def test_what_is_not_allowed_is_refused_with_file_key_found_and_allowed(old: str, new: str, key: str) -> None:
    assert old in TEXT
    with pytest.raises(ConfigError) as caught:
        parse_scorecard(TEXT.replace(old, new, 1), "general.toml")
    assert "general.toml" in str(caught.value) and key in caught.value.key and caught.value.allowed


def test_an_unknown_scorecard_lists_those_that_exist() -> None:
    with pytest.raises(UnknownNameError, match="general"):
        load_scorecard("nowhere")


def test_a_changed_number_is_another_version() -> None:
    other = parse_scorecard(TEXT.replace("below = 2, points = 8", "below = 2, points = 9", 1), "general.toml")
    assert other.rule_version != CARD.rule_version
    assert parse_scorecard(TEXT, "general.toml").rule_version == CARD.rule_version


def test_a_score_worked_by_hand() -> None:
    """Two missing reports 18, on the list 18, one penalty of this year 16 (1 is not below 1): 52, level D."""
    row = {"reports_missing": 2.0, "abnormal_now": 1.0, "penalties": 1.0}
    reasons = explain(CARD, row, DAY)
    assert {r.indicator: r.points for r in reasons if r.points} == {"reports": 18, "abnormal": 18, "punished": 16}
    shown = next(r for r in reasons if r.indicator == "punished")
    assert (shown.bin, shown.threshold, shown.value) == ("[1, 2)", 1, 1.0)
    frame = pd.DataFrame([row]).reindex(columns=[i.source_field for i in CARD.indicator] + ["serious_now", "revoked"])
    score = scores(CARD, frame, DAY)
    assert score.tolist() == [52.0]
    assert level_codes(CARD, score, vetoes(CARD, frame)).tolist() == [3]


def test_a_sum_beyond_the_scale_is_brought_back_in_a_line_of_its_own() -> None:
    worst = {i.source_field: np.inf if i.direction == "up" else -np.inf for i in CARD.indicator}
    reasons = explain(CARD, worst, DAY)
    assert sum(r.points for r in reasons) == 100
    assert any(r.indicator == LIMIT for r in reasons)


def test_an_indicator_counts_only_while_it_is_in_force() -> None:
    text = TEXT.replace('source_field = "penalties"', 'source_field = "penalties"\nvalid_to = 2015-01-01', 1)
    card = parse_scorecard(text, "general.toml")
    assert "punished" in {i.code for i in card.active(dt.date(2014, 12, 31))}
    assert "punished" not in {i.code for i in card.active(DAY)}
