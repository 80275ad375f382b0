"""A candidate of a warning: what a detector found, before the budget decides whether it is raised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.analysis.warnings.address_keys import Lawful, lawful_on
from models.rules.warning_rules import WarningRule

Floats = npt.NDArray[np.float64]
COLUMNS: dict[str, str] = {
    "target": "str",
    "began_on": "datetime64[s]",
    "ended_on": "datetime64[s]",
    "end_reason": "str",
    "window_from": "datetime64[s]",
    "window_to": "datetime64[s]",
    "observed": "float64",
    "expected": "float64",
    "p_value": "float64",
    "tests": "float64",
    "strength": "float64",
    "subject_id": "str",
    "area_code": "str",
    "area_level": "str",
    "lon": "float64",
    "lat": "float64",
    "h3_r8": "UInt64",
    "recurrence_days": "float64",
}
"""Columns of the frame of candidates and their dtypes; all but target, began_on, window_*, observed are nullable."""


@dataclass(frozen=True)
class Fact:
    """One piece of evidence for all n candidates at once: value, threshold, unit, source table and day."""

    key: str
    values: Floats
    threshold: float | None = None
    unit: str = ""
    source: str = "legal_persons"
    days: npt.NDArray[np.datetime64] | None = None


@dataclass(frozen=True)
class Inputs:
    """What detectors look at.

    Attributes
    ----------
    subjects : the register with its places, positions 0..n-1
    records : record tables and products by name; absent ones are empty frames on contract
    as_of : business date; nothing dated later may be used
    whitelist : lawful clusters of the city
    disclosure_k : smallest count of devices that may be shown
    keys : building-level address key of each subject
    """

    subjects: pd.DataFrame
    records: Mapping[str, pd.DataFrame]
    as_of: pd.Timestamp
    whitelist: tuple[Lawful, ...] = ()
    disclosure_k: int = 10
    keys: pd.Series = field(default_factory=lambda: pd.Series(dtype="str"))

    @property
    def today(self) -> int:
        """Business date as days since 1970."""
        return int(np.datetime64(self.as_of, "D").astype(np.int64))

    def lawful(self) -> npt.NDArray[np.bool_]:
        """Whether each subject was registered in a lawful cluster while its permission held."""
        return lawful_on(self.keys, self.subjects["established_on"].to_numpy(), self.whitelist)

    def record(self, name: str, day: str) -> pd.DataFrame:
        """Rows of a record table up to the business date, by its date column."""
        frame = self.records[name]
        known: pd.DataFrame = frame[frame[day].notna() & (frame[day] <= self.as_of)]
        return known.reset_index(drop=True)


@dataclass(frozen=True)
class Candidates:
    """n candidates of one rule.

    Attributes
    ----------
    rule : the rule
    frame : n rows with `COLUMNS`
    facts : pieces of evidence, each for all n
    members : candidate (position in ``frame``), subject_id, day: the subjects it concerns
    texts : candidate, subject_id, field, matched, weight: texts that were matched
    cells : candidate, h3: cells it covers
    """

    rule: WarningRule
    frame: pd.DataFrame
    facts: tuple[Fact, ...] = ()
    members: pd.DataFrame = field(default_factory=pd.DataFrame)
    texts: pd.DataFrame = field(default_factory=pd.DataFrame)
    cells: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __len__(self) -> int:
        return len(self.frame)

    def only(self, kept: npt.NDArray[np.bool_]) -> Candidates:
        """Return the candidates that are kept, with their facts, members, texts and cells."""
        if kept.all():
            return self
        place = np.cumsum(kept) - 1

        def moved(frame: pd.DataFrame) -> pd.DataFrame:
            if frame.empty:
                return frame
            own = frame["candidate"].to_numpy(np.int64)
            left: pd.DataFrame = frame[kept[own]].reset_index(drop=True)
            return left.assign(candidate=place[own][kept[own]])

        facts = [replace(f, values=f.values[kept], days=None if f.days is None else f.days[kept]) for f in self.facts]
        frame = self.frame[kept].reset_index(drop=True)
        return Candidates(self.rule, frame, tuple(facts), *(moved(f) for f in (self.members, self.texts, self.cells)))


def frame_of(columns: Mapping[str, object]) -> pd.DataFrame:
    """Return candidates with all of `COLUMNS`, those not given missing."""
    given = pd.DataFrame(columns)
    made = {
        name: (given[name] if name in given else pd.Series([None] * len(given), dtype=dtype)).astype(dtype)  # type: ignore[call-overload]
        for name, dtype in COLUMNS.items()
    }
    return pd.DataFrame(made).reset_index(drop=True)


def nothing(rule: WarningRule) -> Candidates:
    """Return no candidates of a rule."""
    return Candidates(rule, frame_of({name: pd.Series([], dtype=dtype) for name, dtype in COLUMNS.items()}))


def excess(observed: npt.ArrayLike, threshold: npt.ArrayLike) -> Floats:
    """Return how far n values are beyond their thresholds: log2(observed / threshold), at least 0; 1 is twice as much.

    The common scale on which candidates of different rules compete; chosen by this project, without an upper end.
    """
    value, limit = np.asarray(observed, np.float64), np.asarray(threshold, np.float64)
    return np.maximum(np.log2(np.maximum(value, 1e-9) / np.maximum(limit, 1e-9)), 0.0)


def surprise(p: npt.ArrayLike, threshold: float) -> Floats:
    """Return the same scale for p-values: a third of the decades below the threshold, at most 100 decades."""
    decades = -np.log10(np.maximum(np.asarray(p, np.float64), 1e-100))
    beyond: Floats = np.maximum(decades + np.log10(threshold), 0.0) / 3.0
    return beyond
