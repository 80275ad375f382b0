"""Areas compared: few inspections are drawn to the others, many stay where they are, and everything adds up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models import contracts
from models.analysis.classification.comparison import Prior, beta_prior, compare_areas, eb_rates
from models.analysis.classification.visits import visit_table
from tests.unit.models.analysis.classification import small_city as city


def test_the_fitted_distribution_is_that_which_made_the_rates() -> None:
    rng = np.random.default_rng(4)
    n = rng.integers(20, 200, 3000).astype(float)
    found = beta_prior(rng.binomial(n.astype(int), rng.beta(6, 14, 3000)).astype(float), n)
    assert found is not None
    assert found.alpha / (found.alpha + found.beta) == pytest.approx(0.3, abs=0.01)
    assert found.alpha + found.beta == pytest.approx(20, rel=0.1)


def test_a_rate_worked_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beta(2, 8) and 3 of 10: Beta(5, 15), mean 0.25."""
    monkeypatch.setattr("models.analysis.classification.comparison.beta_prior", lambda *_: Prior(2.0, 8.0))
    rate, low, high = eb_rates(np.array([3.0, 0.0]), np.array([10.0, 0.0]))
    assert rate.tolist() == pytest.approx([0.25, 0.2])
    assert low[0] == pytest.approx(0.0915, abs=1e-3) and high[0] == pytest.approx(0.4557, abs=1e-3)


def test_small_areas_are_drawn_to_the_mean_and_the_interval_of_large_ones_holds_the_raw_rate() -> None:
    rng = np.random.default_rng(8)
    n = np.concatenate([np.full(40, 4.0), np.full(40, 900.0)])
    y = rng.binomial(n.astype(int), rng.beta(5, 15, 80)).astype(float)
    rate, low, high = eb_rates(y, n)
    raw, mean = y / n, y.sum() / n.sum()
    off = np.abs(raw - mean) > 0.02
    moved = np.abs(rate - raw) / np.abs(raw - mean)
    assert (moved[:40][off[:40]] > 0.5).all() and (moved[40:][off[40:]] < 0.1).all()
    assert ((low[40:] <= raw[40:]) & (raw[40:] <= high[40:])).all()
    assert (high - low)[:40].min() > (high - low)[40:].max()


def test_nothing_to_learn_from_is_said() -> None:
    for y, n in (([1.0], [5.0]), ([0.0, 0.0], [5.0, 9.0]), ([5.0, 9.0], [5.0, 9.0])):
        assert np.isnan(eb_rates(np.array(y), np.array(n))[0]).all()


def test_the_inspections_of_the_areas_add_up_to_those_of_the_subjects() -> None:
    people, records = city.random_city(120, seed=31)
    visits = visit_table(records["inspections"], records["findings"])
    codes = np.array(["T1", "T2", None], dtype=object)[np.arange(120) % 3]
    members = pd.DataFrame({"district": "D1", "town": codes, "grid": None}, dtype="str")
    areas = pd.DataFrame({"area_code": ["D1", "T1", "T2"], "area_level": ["district", "town", "town"]})
    found = compare_areas(visits, pd.Index(people["uscc"]), city.AS_OF, areas, members)
    contracts.check("area_comparison", contracts.conform("area_comparison", found))
    recent = visits[
        (visits["inspected_on"] > city.AS_OF - pd.Timedelta(days=365)) & (visits["inspected_on"] <= city.AS_OF)
    ]
    whole, towns = found[found["area_level"] == "district"], found[found["area_level"] == "town"]
    assert whole["inspections"].sum() == len(recent)
    assert whole["positives"].sum() == recent["faults"].sum()
    assert towns["inspections"].sum() == recent["subject_id"].isin(people["uscc"][pd.notna(codes)]).sum()
    assert whole["inspected_12m"].tolist() == [recent["subject_id"].nunique()]
    assert np.allclose(whole["coverage"], whole["inspected_12m"] / 120)
