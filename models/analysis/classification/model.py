"""The statistical scorecard of a city from its inspections, with its validation; empty with a reason otherwise."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.analysis.classification.population import Subjects
from models.analysis.classification.samples import samples
from models.analysis.classification.statistical import NotTrainedError, probabilities, train
from models.analysis.classification.validation import STATISTICAL, validate
from models.contracts.levels import INDICATOR_NAMES
from models.rules.prediction import Prediction
from models.rules.scorecard import Scorecard
from models.rules.scoring import scores

SEED = 20150630
"""Seed of the resampled rows behind the intervals; nothing else is random."""
NOT_TRAINED = "not_trained"


@dataclass(frozen=True)
class Modelled:
    """``model_scorecard``, ``model_validation`` and ``model_deciles``; ``why_not`` where nothing was trained."""

    scorecard: pd.DataFrame
    measures: pd.DataFrame
    deciles: pd.DataFrame
    why_not: str | None = None


def model(
    subjects: Subjects, visits: pd.DataFrame, settings: Prediction, card: Scorecard | None, as_of: pd.Timestamp
) -> Modelled:
    """Train on all visits but those of the last months, and measure on these.

    Parameters
    ----------
    subjects : prepared subjects
    visits : `models.analysis.classification.visits.visit_table`
    settings : what is predicted and from what
    card : the live rule scorecard, measured beside it; None for a city without one
    as_of : business date

    Notes
    -----
    The scorecard that is kept is the one that was measured; it is not trained again on the test months.
    """
    rows = samples(subjects, visits, kinds=settings.kinds, outcome=settings.outcome, names=INDICATOR_NAMES)
    rows = rows[rows["inspected_on"] <= as_of]
    cut = as_of - pd.DateOffset(months=settings.test_months)
    past, later = rows[rows["inspected_on"] <= cut], rows[rows["inspected_on"] > cut]
    try:
        table = train(past, settings)
    except NotTrainedError as error:
        return _untrained(str(error))
    past, later = (_scored(part, table, card, as_of.date()) for part in (past, later))
    found = validate(past, later, np.random.default_rng(SEED))
    return Modelled(table, found.measures, found.deciles)


def _scored(rows: pd.DataFrame, table: pd.DataFrame, card: Scorecard | None, day: dt.date) -> pd.DataFrame:
    rule = scores(card, rows, day) if card else np.full(len(rows), np.nan)
    return rows.assign(rule_score=rule, probability=probabilities(table, rows))


def _untrained(why: str) -> Modelled:
    line = {"model": STATISTICAL, "split": "none", "metric": NOT_TRAINED, "value": None, "note": why}
    return Modelled(pd.DataFrame(), pd.DataFrame([line]), pd.DataFrame(), why)
