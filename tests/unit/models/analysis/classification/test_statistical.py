"""The statistical scorecard: from the past only, blind to the officer, and measured with and without the officer."""

from __future__ import annotations

import importlib.util

import numpy as np
import pandas as pd
import pytest

from models import contracts
from models.analysis.classification import statistical
from models.analysis.classification.model import model
from models.analysis.classification.population import prepare
from models.analysis.classification.samples import samples
from models.analysis.classification.statistical import NotTrainedError, model_levels, probabilities, train
from models.analysis.classification.validation import within_groups
from models.analysis.classification.visits import visit_table
from models.build.levels import with_model
from models.errors import ConfigError
from models.rules.prediction import FOLDER, load_prediction
from models.rules.scorecard import load_scorecard
from tests.unit.models.analysis.classification import small_city as city

SETTINGS = load_prediction("serious_faults")
CARD = load_scorecard("general")
pytestmark = pytest.mark.skipif(importlib.util.find_spec("optbinning") is None, reason="needs the extra stats")


def planted(n: int, seed: int, strict: float) -> dict[str, pd.DataFrame]:
    """Visits of n subjects whose own badness makes faults, and of officers one of whom finds more (``strict`` in log
    odds)."""
    rng = np.random.default_rng(seed)
    bad = rng.normal(-1.2, 1.3, n)
    rows, faults = [], []
    officers = [f"{k:016x}" for k in range(1, 9)]
    for visit in range(6):
        day = pd.Timestamp("2012-07-01") + pd.to_timedelta(180 * visit + rng.integers(0, 170, n), unit="D")
        who = rng.integers(0, 8, n)
        odds = bad + strict * (who == 0)
        found = rng.random(n) < 1 / (1 + np.exp(-odds))
        for i in range(n):
            ident = f"v{visit}-{i}"
            rows.append(
                {"inspection_id": ident, "subject_id": IDS[i], "inspected_on": day[i],
                 "kind": "routine", "selected_by": "random" if i % 5 == 0 else "risk", "officer_key": officers[who[i]],
                 "result": "penalty" if found[i] else "none_found", "score": 95.0 - 20 * found[i]}
            )  # fmt: skip
            if found[i]:
                faults.append({"inspection_id": ident, "subject_id": IDS[i], "found_on": day[i], "severity": "high"})
    return city.records(inspections=city.table("inspections", rows), findings=city.table("findings", faults))


N = 900
IDS = city.ids(N)


@pytest.fixture(scope="module")
def blind() -> dict[str, pd.DataFrame]:
    return planted(N, 1, 0.0)


@pytest.fixture(scope="module")
def effect() -> dict[str, pd.DataFrame]:
    return planted(N, 1, 2.5)


def run(records: dict[str, pd.DataFrame]):
    ready = prepare(city.subjects(N), records, CARD.decay_by_year)
    visits = visit_table(records["inspections"], records["findings"])
    return model(ready, visits, SETTINGS, CARD, city.AS_OF)


def value(found, model_: str, metric: str, column: str = "value", split: str = "test") -> float:
    m = found.measures
    return float(m[(m["model"] == model_) & (m["metric"] == metric) & (m["split"] == split)][column].iloc[0])


def test_the_products_are_on_contract_and_the_same_every_time(blind) -> None:
    one, two = run(blind), run(blind)
    for name, frame in (
        ("model_scorecard", one.scorecard), ("model_validation", one.measures), ("model_deciles", one.deciles),
    ):  # fmt: skip
        contracts.check(name, contracts.conform(name, frame))
    pd.testing.assert_frame_equal(one.scorecard, two.scorecard)
    pd.testing.assert_frame_equal(one.measures, two.measures)
    assert value(one, "statistical", "auc") > 0.65
    assert value(one, "statistical", "auc", split="random_share") > 0.6
    assert value(one, "statistical", "brier") < value(one, "statistical", "brier_of_base_rate")


def test_a_planted_officer_effect_is_shown_and_is_absent_from_the_score_of_a_firm(effect, blind) -> None:
    found = run(effect)
    assert value(found, "statistical_with_officer", "auc") > value(found, "statistical", "auc") + 0.03
    assert value(found, "statistical", "officer_p") < 1e-6
    assert value(found, "statistical", "officer_ratio", "high") > 1.4
    assert value(run(blind), "statistical", "officer_p") > 0.01
    shuffled = {**effect, "inspections": effect["inspections"].assign(officer_key="f" * 16)}
    pd.testing.assert_frame_equal(run(shuffled).scorecard, found.scorecard)
    assert "officer" not in " ".join(found.scorecard["feature"])


def test_what_a_visit_finds_is_not_among_what_is_known_before_it(blind) -> None:
    visits = visit_table(blind["inspections"], blind["findings"])
    ready = prepare(city.subjects(N), blind, CARD.decay_by_year)
    rows = samples(ready, visits, kinds=("routine",), outcome="serious", names=("visits", "last_score"))
    assert len(rows) == len(visits)
    first = rows.drop_duplicates("subject_id")
    assert (first["visits"] == 0).all() and first["last_score"].isna().all()
    counted = rows.groupby("subject_id")["inspected_on"].rank() - 1
    assert (rows["visits"] <= counted).all()


def test_scoring_is_a_join_with_the_stored_table(blind) -> None:
    table = run(blind).scorecard
    frame = pd.DataFrame({name: [np.nan, 0.0, 1.0, 80.0, 95.0] for name in SETTINGS.features})
    by_hand = []
    for row in frame.to_dict("records"):
        odds = table.loc[table["feature"] == "intercept", "log_odds"].iloc[0]
        for name in set(table["feature"]) - {"intercept"}:
            part = table[table["feature"] == name]
            v = row[name]
            inside = (part["low"].isna() | (v >= part["low"])) & (part["high"].isna() | (v < part["high"]))
            hit = part[part["missing"]] if np.isnan(v) else part[inside & ~part["missing"]]
            odds += hit["log_odds"].iloc[0]
        by_hand.append(1 / (1 + np.exp(-odds)))
    assert probabilities(table, frame) == pytest.approx(by_hand)


def test_model_levels_have_the_shares_of_the_rule_levels() -> None:
    rule = pd.Series(list("AAAAAABBCD"))
    probability = np.linspace(0.1, 0.9, 10)
    assert "".join(model_levels(probability, rule)) == "AAAAAABBCD"
    frame = pd.DataFrame({"level": list("DCBBAAAAAA")})
    assert not len(set(with_model(frame, pd.DataFrame(), pd.DataFrame()).columns) - {"level"})
    assert "".join(model_levels(np.zeros(10), rule)) == "A" * 10


def test_too_few_visits_make_no_model_and_say_so() -> None:
    people, records = city.random_city(20, seed=2)
    ready = prepare(people, records, CARD.decay_by_year)
    found = model(ready, visit_table(records["inspections"], records["findings"]), SETTINGS, CARD, city.AS_OF)
    assert found.scorecard.empty and "needed are 500 visits" in found.measures["note"].iloc[0]
    contracts.check("model_validation", contracts.conform("model_validation", found.measures))


def test_a_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistical.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(NotTrainedError, match=r"cityhex\[stats\]"):
        train(pd.DataFrame(), SETTINGS)


@pytest.mark.parametrize(("name", "says"), [("officer_key", "can never be"), ("same_address", "as it stands now")])
def test_the_settings_refuse_the_officer_and_what_is_not_dated(tmp_path, name: str, says: str) -> None:
    path = tmp_path / "faults.toml"
    path.write_text(
        (FOLDER / "faults.toml").read_text(encoding="utf-8").replace('"age_years"', f'"{name}"'), encoding="utf-8"
    )
    with pytest.raises(ConfigError, match=says):
        load_prediction("faults", tmp_path)


def test_inside_groups_counts_pairs() -> None:
    group = np.array(list("aaaabb"), dtype=object)
    y, p = np.array([1.0, 0, 0, 0, 1, 0]), np.array([0.9, 0.1, 0.2, 0.3, 0.1, 0.9])
    from models.analysis.classification.metrics import auc

    assert within_groups(group, y, p, auc) == pytest.approx((3 * 1.0 + 1 * 0.0) / 4)
