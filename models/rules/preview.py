"""What another scorecard would change for all subjects, from the indicators a build has stored."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.contracts.levels import LEVELS
from models.errors import RequestError
from models.rules.scorecard import Scorecard
from models.rules.scoring import bins_of, level_codes, scores, vetoes

Codes = npt.NDArray[np.int8]


@dataclass(frozen=True)
class Preview:
    """Levels before and after.

    Attributes
    ----------
    table : 4 by 4 counts, rows the level now, columns the level under the draft, A to D
    changed : subjects whose level differs
    subjects : all subjects
    """

    table: pd.DataFrame
    changed: int
    subjects: int

    @property
    def shares(self) -> dict[str, float]:
        """Share of every level under the draft."""
        return {level: float(self.table[level].sum() / max(self.subjects, 1)) for level in LEVELS}


def preview(
    card: Scorecard,
    draft: Scorecard,
    *,
    indicators: pd.DataFrame,
    before: pd.DataFrame,
    levels: pd.DataFrame,
    as_of: dt.date,
) -> Preview:
    """Compare the levels of the live build with those of a draft.

    Parameters
    ----------
    card : the scorecard the build used
    draft : the scorecard to try
    indicators, before, levels : ``subject_indicators``, ``indicators_before`` and ``subject_levels`` of the build
    as_of : business date of the build

    Raises
    ------
    RequestError : the draft changes what the stored indicators were computed with (decay, risk words), or needs more
        month ends than the build kept; only a build can show that

    Notes
    -----
    Uses the same functions as a build, so the count is that of the next build from the same records.
    """
    if draft.decay_by_year != card.decay_by_year or draft.risk_words != card.risk_words:
        raise RequestError("the draft changes the time decay or the risk words; only a build can show what they change")
    looks = sorted(before["as_of"].unique())
    if draft.hysteresis_months > len(looks):
        raise RequestError(
            f"the draft waits {draft.hysteresis_months} months for a better level; the build kept {len(looks)}"
        )
    ids = pd.Index(levels["subject_id"])
    code = np.full(len(ids), np.int8(-1))
    recent = looks[len(looks) - draft.hysteresis_months :]
    for frame in (indicators, *(before[before["as_of"] == look] for look in recent)):
        rows = ids.get_indexer(pd.Index(frame["subject_id"]))
        found = level_codes(draft, scores(draft, frame, as_of), vetoes(draft, frame))
        code[rows[rows >= 0]] = np.maximum(code[rows[rows >= 0]], found[rows >= 0])
    now = pd.Index(LEVELS).get_indexer(pd.Index(levels["level"]))
    counts = np.bincount(now * len(LEVELS) + code, minlength=len(LEVELS) ** 2).reshape(len(LEVELS), len(LEVELS))
    table = pd.DataFrame(counts, index=pd.Index(LEVELS, name="now"), columns=list(LEVELS))
    return Preview(table, int((now != code).sum()), len(ids))


def bin_shares(card: Scorecard, indicators: pd.DataFrame) -> dict[str, list[int]]:
    """Return by indicator how many subjects lie in each of its bins, those with a missing value last."""
    return {
        i.code: np.bincount(
            bins_of(i, indicators[i.source_field].to_numpy(np.float64)), minlength=len(i.bins) + 1
        ).tolist()
        for i in card.indicator
    }
