"""How fine the bins of a statistical scorecard should be, told by the training period alone.

Later visits are predicted from earlier ones, fold after fold, with bins of every fineness on offer (rolling origin;
Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., section 5.10). The test period is never read.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from models.analysis.classification import metrics
from models.analysis.classification.statistical import probabilities, train
from models.errors import RequestError
from models.rules.prediction import Prediction

FOLDS, FOLD_MONTHS = 4, 3
LEAST_P = 1e-6


def fineness(
    rows: pd.DataFrame,
    settings: Prediction,
    shares: Sequence[float],
    *,
    folds: int = FOLDS,
    fold_months: int = FOLD_MONTHS,
) -> pd.DataFrame:
    """Return how well bins of each fineness predict the last parts of the training period from what was before them.

    Parameters
    ----------
    rows : of `models.analysis.classification.samples.samples`, the training period only
    settings : of the scorecard; its own ``min_bin_share`` is not used
    shares : least shares of the training rows in a bin, each tried
    folds, fold_months : number and length of the parts; the last one ends with the last visit

    Returns
    -------
    One row per share and fold: share, fold (0 the earliest), starts (date), trained, visits, log_loss (mean), brier,
    auc. Every fold is scored by a scorecard trained on the visits before it starts.

    Raises
    ------
    RequestError : a fold without visits, or none before it
    """
    last = pd.Timestamp(rows["inspected_on"].max())
    found = []
    for fold in range(folds):
        starts = last - pd.DateOffset(months=fold_months * (folds - fold)) + pd.Timedelta(days=1)
        ends = last - pd.DateOffset(months=fold_months * (folds - fold - 1))
        before, part = rows[rows["inspected_on"] < starts], rows[rows["inspected_on"].between(starts, ends)]
        if before.empty or part.empty:
            raise RequestError(
                f"{len(before)} visits before {starts:%Y-%m-%d} and {len(part)} in the {fold_months} months from then; "
                "take fewer or shorter folds"
            )
        y = part["outcome"].to_numpy(np.float64)
        for share in shares:
            made = train(before, settings.model_copy(update={"min_bin_share": share}))
            p = probabilities(made, part).clip(LEAST_P, 1 - LEAST_P)
            loss = float(-np.mean(y * np.log(p) + (1 - y) * np.log1p(-p)))
            found.append(
                {"share": share, "fold": fold, "starts": starts, "trained": len(before), "visits": len(part),
                 "log_loss": loss, "brier": metrics.brier(y, p), "auc": metrics.auc(y, p)}
            )  # fmt: skip
    return pd.DataFrame(found)


def best_share(found: pd.DataFrame) -> float:
    """The share with the lowest log loss over all visits of all folds; of equal ones the coarsest."""
    weighted = (found["log_loss"] * found["visits"]).groupby(found["share"]).sum()
    return float(weighted[weighted == weighted.min()].index.max())
