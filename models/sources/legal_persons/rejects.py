"""Collects why rows of a frame are rejected and writes them in the shape of the quarantine."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

COLUMNS = ("source_id", "source_file", "source_row", "column", "found", "reason", "raw")
_ORIGIN = COLUMNS[:3]


class Rejects:
    """Faults of the rows of ``raw`` (n rows with source_id, source_file, source_row).

    Parameters
    ----------
    raw : the rows as delivered
    hidden : columns that name persons; they never reach the quarantine
    """

    def __init__(self, raw: pd.DataFrame, hidden: Sequence[str] = ()) -> None:
        self._raw = raw
        self._hidden = set(hidden) | set(_ORIGIN)
        self._parts: list[pd.DataFrame] = []
        self._bad = np.zeros(len(raw), dtype=bool)

    def add(self, column: str, found: pd.Series, mask: npt.NDArray[np.bool_], reason: str) -> None:
        """Reject the rows of ``mask`` (shape (n,)) for one ``reason``."""
        positions = np.flatnonzero(mask)
        if len(positions):
            self._append(column, found, positions, [reason] * len(positions))

    def add_faults(
        self, column: str, found: pd.Series, faults: npt.NDArray[np.int8], reasons: Sequence[str]
    ) -> None:
        """Reject the rows whose fault (shape (n,), position in ``reasons``) is not 0."""
        positions = np.flatnonzero(faults)
        if len(positions):
            self._append(column, found, positions, [reasons[f] for f in faults[positions]])

    def add_each(self, column: str, found: pd.Series, reasons: Sequence[str]) -> None:
        """Reject every row, each for its own reason."""
        self._append(column, found, np.arange(len(self._raw)), reasons)

    def rows(self) -> npt.NDArray[np.bool_]:
        """Return True for each row with a fault, shape (n,)."""
        return self._bad

    def frame(self) -> pd.DataFrame:
        """Return the quarantine rows in source order, one for each fault, with `COLUMNS`."""
        if not self._parts:
            empty = pd.DataFrame({c: pd.Series(dtype="str") for c in COLUMNS})
            return empty.astype({"source_row": "int64"})
        joined = pd.concat(self._parts).sort_index(kind="stable").reset_index(drop=True)
        return joined.astype({"source_row": "int64"})

    def _append(
        self, column: str, found: pd.Series, positions: npt.NDArray[np.intp], reasons: Sequence[str]
    ) -> None:
        self._bad[positions] = True
        part = self._raw.iloc[positions][list(_ORIGIN)].copy()
        part["column"] = pd.Series(column, index=part.index, dtype="str")
        part["found"] = found.iloc[positions].to_numpy()
        part["found"] = part["found"].astype("str")
        part["reason"] = pd.Series(list(reasons), index=part.index, dtype="str")
        part["raw"] = pd.Series(self._as_text(positions), index=part.index, dtype="str")
        part.index = pd.Index(positions)
        self._parts.append(part)

    def _as_text(self, positions: npt.NDArray[np.intp]) -> list[str]:
        shown = [c for c in self._raw.columns if c not in self._hidden]
        rows = self._raw.iloc[positions][shown].astype("object")
        filled = rows.notna().to_numpy()
        values = rows.to_numpy()
        return [
            "; ".join(
                f"{name}={value}" for name, value, given in zip(shown, line, there, strict=True) if given
            )
            for line, there in zip(values, filled, strict=True)
        ]
