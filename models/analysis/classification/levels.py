"""Levels of all subjects: a replay over the month ends, so that a level has a history and does not jump."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.analysis.classification.events import day_number
from models.analysis.classification.indicators import indicators
from models.analysis.classification.population import Subjects
from models.contracts.levels import INDICATOR_NAMES, LEVELS
from models.rules.scorecard import Scorecard
from models.rules.scoring import level_codes, scores, vetoes
from models.rules.would_change import would_change

Codes = npt.NDArray[np.int8]
_ABSENT = np.int8(-1)
_LETTERS = np.array([*LEVELS, None], dtype=object)


@dataclass(frozen=True)
class Classified:
    """What a replay gives.

    Attributes
    ----------
    levels : ``subject_levels``, without what the statistical scorecard adds
    indicators : ``subject_indicators``
    before : ``indicators_before``: the month ends that count for the level by hysteresis
    history : ``level_history``
    changed_share : share of the subjects whose level changed, by month end
    """

    levels: pd.DataFrame
    indicators: pd.DataFrame
    before: pd.DataFrame
    history: pd.DataFrame
    changed_share: dict[str, float]


def month_ends(as_of: pd.Timestamp, count: int) -> list[pd.Timestamp]:
    """Return the last ``count`` month ends before a day, oldest first, and the day itself."""
    first = as_of.to_period("M").start_time
    return [*(first - pd.Timedelta(days=1) - pd.offsets.MonthEnd(k) for k in range(count - 1, -1, -1)), as_of]


def with_hysteresis(raw: Codes, months: int) -> Codes:
    """Return the levels that count, from those of each evaluation.

    Parameters
    ----------
    raw : n subjects by t evaluations, 0 (A) to 3 (D), -1 where the subject did not exist
    months : a better level counts once it also held at so many evaluations before; a worse one at once

    Returns
    -------
    n by t: the worst of the evaluation and of the ``months`` before it; -1 where the subject did not exist.
    """
    found = raw.copy()
    for back in range(1, min(months, raw.shape[1] - 1) + 1):
        np.maximum(found[:, back:], raw[:, :-back], out=found[:, back:])
    found[raw < 0] = _ABSENT
    return found


def classify(subjects: Subjects, card: Scorecard, as_of: pd.Timestamp, months: int) -> Classified:
    """Classify all subjects at the business date and at the month ends before it.

    Parameters
    ----------
    subjects : of `models.analysis.classification.population.prepare`
    card : the live scorecard; earlier months are what this version would have said, not what an earlier one did say
    as_of : business date
    months : month ends before it

    Notes
    -----
    One pass over columns per evaluation; nothing is done per subject. A subject exists from its establishment on; the
    level of one that is not established yet at the business date is that of the indicators as they are.
    """
    wait = card.hysteresis_months
    looks = month_ends(as_of, months + wait)
    day = as_of.date()
    fields = sorted({i.source_field for i in card.indicator} | {v.source_field for v in card.veto})
    raw = np.full((subjects.n, len(looks)), _ABSENT)
    marks = np.zeros((subjects.n, len(looks)), dtype=np.float32)
    kept: list[pd.DataFrame] = []
    for at, look in enumerate(looks):
        full = at >= len(looks) - 1 - max(wait, 1)
        frame = indicators(subjects, day_number(look), INDICATOR_NAMES if full else fields)
        exists = subjects.existing(day_number(look)) | (at == len(looks) - 1)
        score = scores(card, frame, day)
        marks[:, at] = score
        raw[:, at] = np.where(exists, level_codes(card, score, vetoes(card, frame)), _ABSENT)
        if full:
            kept.append(frame.assign(as_of=look)[exists])
    levels = with_hysteresis(raw, wait)
    now = frame
    return Classified(
        levels=_table(subjects, card, now, raw=raw, levels=levels, looks=looks[-1 - months :]),
        indicators=pd.concat([subjects.ids.to_series(index=now.index), now], axis=1),
        before=_named(kept[:-1], subjects.ids),
        history=_history(subjects.ids, card, levels[:, wait:], marks[:, wait:], looks[wait:]),
        changed_share=_changed(levels[:, wait:], looks[wait:]),
    )


def _named(frames: list[pd.DataFrame], ids: pd.Index) -> pd.DataFrame:
    joined = pd.concat(frames)
    return joined.assign(subject_id=ids.to_numpy()[joined.index.to_numpy()]).reset_index(drop=True)


def _table(
    subjects: Subjects,
    card: Scorecard,
    now: pd.DataFrame,
    *,
    raw: Codes,
    levels: Codes,
    looks: list[pd.Timestamp],
) -> pd.DataFrame:
    day = looks[-1].date()
    score, veto = scores(card, now, day), vetoes(card, now)
    current = levels[:, -1]
    shown = levels[:, -len(looks) :]
    codes = np.array([*(v.code for v in card.veto), None], dtype=object)
    before, since = _last_change(shown)
    dates = np.array(looks, dtype="datetime64[s]")
    return pd.DataFrame(
        {
            "subject_id": subjects.ids.to_numpy(),
            "level": _LETTERS[current],
            "rule_score": score,
            "veto": pd.Series(codes[veto], dtype="str"),
            "level_before": pd.Series(_LETTERS[before], dtype="str"),
            "level_since": dates[since],
            "rank": ranks(subjects.ids, current, veto >= 0, score, now),
            "rule_version": card.rule_version,
            "as_of": dates[-1],
            "would_change": would_change(card, now, day, level=current, raw=raw[:, -1], veto=veto),
        }
    ).astype({"level": "str", "rule_version": "str", "would_change": "str"})


def _last_change(levels: Codes) -> tuple[Codes, npt.NDArray[np.int64]]:
    """Level before the last change (-1: none) and the evaluation since which the last level holds."""
    n, looks = levels.shape
    since = np.full(n, looks - 1)
    before = np.full(n, _ABSENT)
    open_ = np.ones(n, dtype=bool)
    for at in range(looks - 2, -1, -1):
        same = levels[:, at] == levels[:, -1]
        before[open_ & ~same] = levels[open_ & ~same, at]
        open_ &= same
        since[open_] = at
    return before, since


def ranks(
    ids: pd.Index, level: Codes, vetoed: npt.NDArray[np.bool_], score: npt.NDArray[np.float64], now: pd.DataFrame
) -> npt.NDArray[np.int64]:
    """Return 1 for the first subject to look at, up to n; no two are equal.

    Order: level, D first; a veto before none; score, high first; time since the last inspection, never inspected
    first; then a hash of the id, so that nobody is first by the number a register gave it; then the id.
    """
    waited = now["months_since_inspection"].fillna(np.inf).to_numpy(np.float64)
    mixed = pd.util.hash_array(ids.to_numpy(object), categorize=False)
    alphabetic = np.empty(len(ids), dtype=np.int64)
    alphabetic[np.argsort(ids.to_numpy(object), kind="stable")] = np.arange(len(ids))
    order = np.lexsort((alphabetic, mixed, -waited, -score, ~vetoed, -level.astype(np.int64)))
    found = np.empty(len(ids), dtype=np.int64)
    found[order] = np.arange(1, len(ids) + 1)
    return found


def _history(
    ids: pd.Index, card: Scorecard, levels: Codes, marks: npt.NDArray[np.float32], looks: list[pd.Timestamp]
) -> pd.DataFrame:
    """First evaluation of every run of the same level, by subject and day."""
    before = np.concatenate([np.full((len(ids), 1), _ABSENT), levels[:, :-1]], axis=1)
    subject, at = np.nonzero((levels != before) & (levels >= 0))
    return pd.DataFrame(
        {
            "subject_id": ids.to_numpy()[subject],
            "as_of": np.array(looks, dtype="datetime64[s]")[at],
            "level": _LETTERS[levels[subject, at]],
            "rule_score": marks[subject, at].astype(np.float64),
            "rule_version": card.rule_version,
        }
    ).astype({"level": "str", "rule_version": "str"})


def _changed(levels: Codes, looks: list[pd.Timestamp]) -> dict[str, float]:
    shares = {}
    for at in range(1, len(looks)):
        both = (levels[:, at] >= 0) & (levels[:, at - 1] >= 0)
        differ = (levels[:, at] != levels[:, at - 1]) & both
        shares[f"{looks[at]:%Y-%m-%d}"] = float(differ.sum() / max(int(both.sum()), 1))
    return shares
