"""Classification from files to products: real inspections, the demo city, and a rule from draft to levels."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.analysis.classification import metrics
from models.analysis.classification.population import WISHES, of_premises, prepare
from models.analysis.classification.samples import samples
from models.analysis.classification.statistical import probabilities, train
from models.analysis.classification.visits import visit_table
from models.build import build_city
from models.build.levels import DECAY
from models.contracts import empty
from models.errors import AccessDeniedError
from models.rules.prediction import load_prediction
from models.rules.preview import preview
from models.rules.scorecard import load_scorecard
from models.rules.scorecard_text import to_toml, with_numbers
from models.rules.scoring import explain
from models.settings import Settings
from models.store import Store

BASELINE = {"auc": 0.747, "ap": 0.560, "brier": 0.180, "precision_at_10": 0.653, "first_half": 0.752}
"""Plain logistic regression on own history: train before 2017, test 2017, businesses with a previous inspection."""


@pytest.mark.realdata
def test_real_food_inspections_are_predicted_at_least_as_well_as_by_the_published_baseline(settings: Settings) -> None:
    pytest.importorskip("optbinning")
    build_city("sf_food", settings)
    with Store.open("sf_food", settings) as store:
        tables = {name: store.frame(name) for name in ("premises", "inspections", "findings")}
        measures = store.product("model_validation").to_pandas()
    records = {name: tables.get(name, empty(name)) for name in WISHES}
    ready = prepare(of_premises(pd.DataFrame(tables["premises"])), records, DECAY)
    chosen = load_prediction("serious_faults")
    rows = samples(
        ready,
        visit_table(records["inspections"], records["findings"]),
        kinds=chosen.kinds,
        outcome=chosen.outcome,
        names=chosen.features,
    )
    past, later = rows[rows["inspected_on"] < "2017-01-01"], rows[rows["inspected_on"] >= "2017-01-01"]
    known = later[later["inspected_before"]]
    score, y = probabilities(train(past, chosen), known), known["outcome"].to_numpy(np.float64)
    assert abs(len(known) - 3348) < 40 and abs(y.mean() - 0.306) < 0.005
    assert metrics.auc(y, score) >= BASELINE["auc"]
    assert metrics.average_precision(y, score) >= BASELINE["ap"]
    assert metrics.brier(y, score) <= BASELINE["brier"]
    assert metrics.precision_at(y, score, 0.1) >= BASELINE["precision_at_10"]
    assert metrics.first_half(y, score) >= BASELINE["first_half"]
    built = measures[(measures["model"] == "statistical") & (measures["split"] == "visited_before")]
    assert built.set_index("metric")["value"]["auc"] > 0.74
    assert not (measures["model"] == "statistical_with_officer").any(), "these files name no officer"


@pytest.fixture
def copied(built_demo, tmp_path: Path) -> Settings:
    """The demo city of 1,000 firms in a home of its own."""
    shutil.copytree(built_demo.home, tmp_path / "home")
    return replace(built_demo.settings, home=tmp_path / "home")


def test_every_subject_has_a_level_whose_points_add_up(built_demo) -> None:
    with Store.open("demo", built_demo.settings, read_only=True) as store:
        levels, inputs = (store.product(n).to_pandas() for n in ("subject_levels", "subject_indicators"))
        places = store.product("levels_by_area").to_pandas()
        subjects = store.product("subjects", columns=["uscc", "located"]).to_pandas()
        history = store.product("level_history").to_pandas()
    assert set(levels["subject_id"]) == set(subjects["uscc"])
    assert sorted(levels["rank"]) == list(range(1, len(levels) + 1))
    assert places.loc[places["area_level"] == "district", "subjects"].sum() == subjects["located"].sum()
    card = load_scorecard("general")
    assert set(levels["rule_version"]) == {card.rule_version}
    day = levels["as_of"].iloc[0].date()
    score = dict(zip(levels["subject_id"], levels["rule_score"], strict=True))
    for row in inputs.head(200).to_dict("records"):
        assert sum(reason.points for reason in explain(card, row, day)) == score[row["subject_id"]]
    assert history.groupby("subject_id")["as_of"].max().max() <= levels["as_of"].iloc[0]


def test_a_draft_counts_only_once_another_person_published_it_and_then_as_previewed(copied: Settings) -> None:
    card, at = load_scorecard("general"), dt.datetime(2026, 11, 1, 9, tzinfo=dt.UTC)
    draft = with_numbers(card, [], {"B": 4.0, "C": 9.0, "D": 20.0}, version="2026.2")
    with Store.open("demo", copied) as store:
        frames = {
            n: store.product(n).to_pandas() for n in ("subject_levels", "subject_indicators", "indicators_before")
        }
        number = store.save_draft("scorecard", "general", draft.version, to_toml(draft), actor="chen", at=at)
        store.submit_draft(number, actor="chen", at=at)
        with pytest.raises(AccessDeniedError):
            store.approve_draft(number, actor="chen", at=at)
    before = frames["subject_levels"].set_index("subject_id")["level"]
    seen = preview(
        card,
        draft,
        indicators=frames["subject_indicators"],
        before=frames["indicators_before"],
        levels=frames["subject_levels"],
        as_of=frames["subject_levels"]["as_of"].iloc[0].date(),
    )
    build_city("demo", copied)
    with Store.open("demo", copied) as store:
        unpublished = store.product("subject_levels").to_pandas()
        store.approve_draft(number, actor="admin", at=at)
    assert set(unpublished["rule_version"]) == {card.rule_version}
    build_city("demo", copied)
    with Store.open("demo", copied, read_only=True) as store:
        after = store.product("subject_levels").to_pandas().set_index("subject_id")
    assert set(after["rule_version"]) == {draft.rule_version}
    assert (after["level"].reindex(before.index) != before).sum() == seen.changed > 0
