"""The fineness of bins is told by the training period, later parts predicted from what was before them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.analysis.classification import fineness as module
from models.analysis.classification.fineness import best_share, fineness
from models.errors import RequestError
from models.rules.prediction import load_prediction

SETTINGS = load_prediction("faults").model_copy(
    update={"features": ("last_score",), "min_rows": 50, "min_positives": 10}
)


def visits(n: int = 2_400, seed: int = 1) -> pd.DataFrame:
    """Two years of visits; the outcome follows one indicator in two steps."""
    rng = np.random.default_rng(seed)
    score = rng.uniform(0, 100, n)
    outcome = rng.random(n) < np.where(score < 50, 0.5, 0.15)
    day = pd.Timestamp("2015-01-01") + pd.to_timedelta(np.sort(rng.integers(0, 730, n)), unit="D")
    return pd.DataFrame({"inspected_on": day, "last_score": score, "outcome": outcome.astype(float)})


def test_every_fold_is_predicted_from_earlier_visits_only(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[pd.Timestamp, pd.Timestamp]] = []
    train, score = module.train, module.probabilities

    def spy(rows: pd.DataFrame, settings: object) -> pd.DataFrame:
        seen.append((rows["inspected_on"].max(), pd.NaT))
        return train(rows, settings)

    def scored(card: pd.DataFrame, part: pd.DataFrame) -> np.ndarray:
        seen[-1] = (seen[-1][0], part["inspected_on"].min())
        return score(card, part)

    monkeypatch.setattr(module, "train", spy)
    monkeypatch.setattr(module, "probabilities", scored)
    found = fineness(visits(), SETTINGS, (0.05, 0.1), folds=3)
    assert len(found) == len(seen) == 6
    assert all(trained < tested for trained, tested in seen)


def test_the_folds_tile_the_last_months_of_the_training_period_once() -> None:
    rows = visits()
    found = fineness(rows, SETTINGS, (0.1,), folds=4, fold_months=3)
    assert found["visits"].sum() == (rows["inspected_on"] >= found["starts"].min()).sum()
    assert (found["trained"].diff().dropna() == found["visits"].iloc[:-1].to_numpy()).all()


def test_the_share_with_the_lowest_loss_over_all_visits_is_chosen_and_of_equal_ones_the_coarsest() -> None:
    table = pd.DataFrame(
        {
            "share": [0.01, 0.01, 0.05, 0.05, 0.1, 0.1],
            "visits": [10, 90] * 3,
            "log_loss": [0.1, 0.6, 0.6, 0.5, 0.6, 0.5],
        }
    )
    assert best_share(table) == 0.1
    table.loc[1, "log_loss"] = 0.4
    assert best_share(table) == 0.01


def test_a_fold_without_a_past_is_refused() -> None:
    with pytest.raises(RequestError, match="fewer or shorter folds"):
        fineness(visits(), SETTINGS, (0.1,), folds=30)
