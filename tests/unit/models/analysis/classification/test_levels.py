"""Levels: equal to a plain loop, steady, explained, strictly ordered, and adding up."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from models import contracts
from models.analysis.classification import places
from models.analysis.classification.levels import Classified, classify, month_ends, with_hysteresis
from models.analysis.classification.population import prepare
from models.contracts.levels import LEVELS
from models.rules.scorecard import load_scorecard
from models.rules.scoring import explain
from tests.unit.models.analysis.classification import small_city as city
from tests.unit.models.analysis.classification.reference import Plain

CARD = load_scorecard("general")
MONTHS = 4


def run(people: pd.DataFrame, records: dict[str, pd.DataFrame], card=CARD) -> Classified:
    return classify(prepare(people, records, card.decay_by_year, card.risk_words), card, city.AS_OF, MONTHS)


@pytest.fixture(scope="module")
def made() -> tuple[pd.DataFrame, dict[str, pd.DataFrame], Classified]:
    people, records = city.random_city(300, seed=11, events=1)
    return people, records, run(people, records)


def test_levels_equal_a_plain_loop_with_its_own_months(made) -> None:
    people, records, found = made
    plain = Plain(people, records, CARD)
    looks = month_ends(city.AS_OF, MONTHS + CARD.hysteresis_months)
    for row, level, score in zip(plain.rows, found.levels["level"], found.levels["rule_score"], strict=True):
        seen = []
        for look in looks:
            if look == looks[-1] or not row["established_on"] > look:
                values = plain.indicators(row, look)
                mark = plain.score(values, city.AS_OF.date())
                seen.append((look, plain.level(values, mark), mark))
        assert seen[-1][2] == score
        recent = [lv for look, lv, _ in seen if look in looks[-1 - CARD.hysteresis_months :]]
        assert level == max(recent)


def test_all_products_are_on_contract(made) -> None:
    for name, frame in (
        ("subject_levels", made[2].levels),
        ("subject_indicators", made[2].indicators),
        ("indicators_before", made[2].before),
        ("level_history", made[2].history),
    ):
        contracts.check(name, contracts.conform(name, frame))


def test_shown_points_add_up_to_the_score_and_the_stored_inputs_give_the_level(made) -> None:
    levels, rows = made[2].levels, made[2].indicators.to_dict("records")
    for row, score in zip(rows, levels["rule_score"], strict=True):
        reasons = explain(CARD, row, city.AS_OF.date())
        assert sum(r.points for r in reasons) == score
        assert [abs(r.points) for r in reasons] == sorted((abs(r.points) for r in reasons), reverse=True)


def test_the_order_is_strict_and_the_worst_come_first(made) -> None:
    levels = made[2].levels.sort_values("rank")
    assert levels["rank"].tolist() == list(range(1, len(levels) + 1))
    assert levels["level"].tolist() == sorted(levels["level"], reverse=True)
    one = run(city.subjects(50), city.records()).levels
    assert one["rank"].is_unique and one["rank"].tolist() != sorted(one["rank"])


def test_a_better_level_has_to_last_and_a_worse_one_counts_at_once() -> None:
    raw = np.array([[0, 2, 0, 0, 1], [3, 0, 0, 0, 0], [-1, -1, 1, 0, 0]], dtype=np.int8)
    assert with_hysteresis(raw, 1).tolist() == [[0, 2, 2, 0, 1], [3, 3, 0, 0, 0], [-1, -1, 1, 1, 0]]
    assert with_hysteresis(raw, 0).tolist() == raw.tolist()


def test_a_veto_fixes_the_level_and_names_itself() -> None:
    people = city.subjects(2)
    listed = [
        {"subject_id": city.ids(1)[0], "list": "serious", "ground": "serious_violation", "listed_on": "2015-06-01"}
    ]
    found = run(people, city.records(listings=city.table("listings", listed))).levels
    assert found["level"].tolist() == ["D", "A"]
    assert found["veto"].tolist()[0] == "serious_list" and pd.isna(found["veto"].tolist()[1])
    assert found["level_before"].tolist()[0] == "A" and str(found["level_since"].iloc[0].date()) == "2015-06-30"
    assert json.loads(found["would_change"].iloc[0])[0]["indicator"] == "veto"


def test_a_new_record_changes_the_level_of_its_subject_only() -> None:
    people, records = city.random_city(80, seed=21)
    before = run(people, records).levels.set_index("subject_id")["rule_score"]
    fines = [{"subject_id": city.ids(5)[4], "decided_on": "2015-06-15", "kind": "fine"}] * 3
    more = pd.concat([records["penalties"], city.table("penalties", fines)], ignore_index=True)
    after = run(people.assign(representative_key=None), {**records, "penalties": more}).levels.set_index("subject_id")
    alone = run(people.assign(representative_key=None), records).levels.set_index("subject_id")
    differ = after.index[after["rule_score"] != alone["rule_score"]]
    assert city.ids(5)[4] in differ
    assert len(differ) <= 1 + len(records["investments"])
    assert len(before) == 80


def test_another_table_of_points_gives_other_levels_under_another_version() -> None:
    people, records = city.random_city(80, seed=23, events=1)
    strict = CARD.model_copy(update={"cut_offs": CARD.cut_offs.model_copy(update={"D": 60.0}), "version": "x"})
    before, after = run(people, records).levels, run(people, records, strict).levels
    assert set(after["rule_version"]) == {strict.rule_version} != set(before["rule_version"])
    assert (after["level"] != before["level"]).any()


def test_what_would_change_it_does(made) -> None:
    _, _, found = made
    tried = 0
    for row, level in zip(found.indicators.to_dict("records"), found.levels.itertuples(), strict=True):
        for entry in json.loads(level.would_change):
            if entry["indicator"] in ("veto", "hysteresis"):
                continue
            indicator = next(i for i in CARD.indicator if i.code == entry["indicator"])
            step = 0.0 if indicator.direction == "down" else -1e-6
            changed = {**row, indicator.source_field: entry["to"] + step}
            score = sum(r.points for r in explain(CARD, changed, city.AS_OF.date()))
            assert score == max(level.rule_score + entry["points"], 0) or level.rule_score == 100
            assert "ABCD"[np.searchsorted(CARD.cut_offs.values, score, side="right")] == entry["level"] < level.level
            tried += 1
    assert tried > 20


def test_the_history_holds_the_first_month_of_every_level(made) -> None:
    history = made[2].history
    last = history.sort_values("as_of").groupby("subject_id")["level"].last()
    assert last.reindex(made[2].levels["subject_id"]).tolist() == made[2].levels["level"].tolist()
    again = history.sort_values(["subject_id", "as_of"])
    same = (again["subject_id"] == again["subject_id"].shift()) & (again["level"] == again["level"].shift())
    assert not same.any()
    assert max(made[2].changed_share.values()) < 0.5


def test_levels_by_cell_and_area_add_up_to_the_subjects() -> None:
    rng = np.random.default_rng(2)
    levels = pd.Series(rng.choice(LEVELS, 200))
    cells = pd.Series(rng.integers(1, 9, 200), dtype="UInt64").mask(rng.random(200) < 0.1)
    by_cell = places.levels_by_cell(levels, pd.DataFrame({"h3_r8": cells}), [8])
    assert by_cell["subjects"].sum() == cells.notna().sum()
    assert (by_cell[["level_a", "level_b", "level_c", "level_d"]].sum(axis=1) == by_cell["subjects"]).all()
    risky = by_cell["level_c"] + by_cell["level_d"]
    assert np.allclose(by_cell["risk_share"], risky / by_cell["subjects"])
    for letter in LEVELS:
        assert by_cell[f"level_{letter.lower()}"].sum() == ((levels == letter) & cells.notna()).sum()


def test_a_warning_confirmed_on_site_raises_the_level_of_its_subject_at_once() -> None:
    people = city.subjects(3)
    confirmed = pd.DataFrame(
        {"warning_key": ["0" * 16], "subject_id": [city.ids(2)[1]], "rule_id": ["address-burst"],
         "theme": ["concentration"], "closed_on": [city.AS_OF]}
    )  # fmt: skip
    before = run(people, city.records()).levels
    after = run(people, city.records(confirmed_warnings=contracts.conform("confirmed_warnings", confirmed))).levels
    assert before["level"].tolist() == ["A", "A", "A"]
    assert after["level"].tolist() == ["A", "C", "A"]
    assert after["level_before"].tolist()[1] == "A"
