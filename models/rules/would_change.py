"""What would bring a better level: the nearest ranges of indicators a subject can change, for many subjects at once."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.contracts.levels import LEVELS
from models.rules.scorecard import Indicator, Scorecard
from models.rules.scoring import bins_of, level_codes, points_of

Codes = npt.NDArray[np.int8]
SHOWN = 3
"""Changes named per subject, the smallest first."""
HYSTERESIS = "hysteresis"
VETO = "veto"
_NONE = np.int64(10_000)


def would_change(
    card: Scorecard, indicators: pd.DataFrame, as_of: dt.date, *, level: Codes, raw: Codes, veto: Codes
) -> npt.NDArray[np.object_]:
    """Return for n subjects a JSON list of single changes, each of which alone brings a better level.

    Parameters
    ----------
    indicators : n rows of ``subject_indicators``
    level : levels that count, 0 (A) to 3 (D)
    raw : levels before hysteresis
    veto : number of the veto, -1 for none

    Returns
    -------
    Per subject ``[{"indicator", "from", "to", "points", "level"}]``: its value, the bound it has to pass (above for an
    indicator whose direction is down, below otherwise), the points this takes away and the level it then has at the
    next evaluations. At most `SHOWN`, the fewest points first. A vetoed subject has one entry with the veto's code;
    one whose better level only has to last has one entry ``hysteresis``. An empty list: level A, or no single change
    of what the subject itself can change suffices.

    Notes
    -----
    The points are added up anew, so a sum above 100 is not cut before the comparison.
    """
    found = np.full(len(indicators), "[]", dtype=object)
    for number, fixed in enumerate(card.veto):
        entry = {"indicator": VETO, "from": fixed.code, "to": None, "points": 0, "level": None}
        found[veto == number] = json.dumps([entry])
    waiting = (veto < 0) & (raw < level)
    for code, letter in enumerate(LEVELS):
        entry = {"indicator": HYSTERESIS, "from": None, "to": None, "points": 0, "level": letter}
        found[waiting & (raw == code)] = json.dumps([entry])
    rows = np.flatnonzero((veto < 0) & ~waiting & (level > 0))
    if rows.size:
        found[rows] = _changes(card, indicators.iloc[rows], as_of)
    return found


def _changes(card: Scorecard, rows: pd.DataFrame, as_of: dt.date) -> npt.NDArray[np.object_]:
    active = card.active(as_of)
    values = {i.source_field: rows[i.source_field].to_numpy(np.float64) for i in active}
    points = {i.code: points_of(i, values[i.source_field]) for i in active}
    total = np.sum(list(points.values()), axis=0)
    none = np.full(len(rows), -1, dtype=np.int8)
    own = level_codes(card, np.clip(total, 0, 100).astype(np.float64), none)
    gains, texts = [], []
    for indicator in (i for i in active if i.actionable):
        gain, text = _nearest(
            card, indicator, value=values[indicator.source_field], points=points[indicator.code], total=total, own=own
        )
        gains.append(gain)
        texts.append(text)
    if not gains:
        return np.full(len(rows), "[]", dtype=object)
    return _joined(np.column_stack(gains), np.column_stack(texts))


def _nearest(
    card: Scorecard,
    indicator: Indicator,
    *,
    value: npt.NDArray[np.float64],
    points: npt.NDArray[np.int64],
    total: npt.NDArray[np.int64],
    own: Codes,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.object_]]:
    """Fewest points of this indicator that suffice, and the entry; `_NONE` and "" where none does."""
    best = np.full(value.size, _NONE)
    target = np.full(value.size, -1)
    reached = np.zeros(value.size, dtype=np.int8)
    known = bins_of(indicator, value) < len(indicator.bins)
    for number, of_bin in enumerate(indicator.bins):
        gain = points - of_bin.points
        after = np.clip(total - gain, 0, 100).astype(np.float64)
        code = level_codes(card, after, np.full(value.size, -1, dtype=np.int8))
        better = known & (gain > 0) & (code < own) & (gain < best)
        best[better], target[better], reached[better] = gain[better], number, code[better]
    texts = np.full(value.size, "", dtype=object)
    hit = np.flatnonzero(best < _NONE)
    keys = np.column_stack([np.round(value[hit], 2), target[hit], best[hit], reached[hit]])
    distinct, inverse = np.unique(keys, axis=0, return_inverse=True)
    written = np.array([_entry(indicator, *row) for row in distinct], dtype=object)
    if hit.size:
        texts[hit] = written[inverse.ravel()]
    return best, texts


def _entry(indicator: Indicator, value: float, target: float, gain: float, code: float) -> str:
    bounds = (None, *indicator.bounds, None)
    low, high = bounds[int(target)], bounds[int(target) + 1]
    passed = low if indicator.direction == "down" or high is None else high
    entry = {
        "indicator": indicator.code,
        "from": float(value),
        "to": passed,
        "points": -int(gain),
        "level": LEVELS[int(code)],
    }
    return json.dumps(entry)


def _joined(gains: npt.NDArray[np.int64], texts: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    order = np.argsort(gains, axis=1, kind="stable")[:, :SHOWN]
    chosen = np.take_along_axis(texts, order, axis=1)
    line = chosen[:, 0]
    for column in range(1, chosen.shape[1]):
        more = chosen[:, column]
        line = line + np.where(more != "", ", ", "") + more
    joined: npt.NDArray[np.object_] = "[" + line + "]"
    return joined
