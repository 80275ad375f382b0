"""The account of one source: which rows are rejected, at which column, and why."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from models import contracts
from models.sources.raw import RAW_LIMIT, BadRecord

FOUND_LIMIT = 200


@dataclass
class Ledger:
    """Collects the rejected rows of one source.

    Attributes
    ----------
    source_id : id of the source
    rows : columns ``source_file`` and ``source_row`` of all rows read, by row number
    raw : the rows' text by header, same index; person columns are not in it
    """

    source_id: str
    rows: pd.DataFrame
    raw: pd.DataFrame
    _parts: list[pd.DataFrame] = field(default_factory=list)

    def reject(self, failing: pd.Series, column: str, found: pd.Series | str, reason: str | pd.Series) -> None:
        """Reject the rows where ``failing`` (booleans, any subset of the rows' index) is true.

        ``found`` and ``reason`` are one text, or one per row with the same index.
        """
        index = failing.index[failing.to_numpy(dtype=bool)]
        if not len(index):
            return
        shown = found if isinstance(found, str) else found.loc[index].astype("str").str.slice(0, FOUND_LIMIT)
        why = reason if isinstance(reason, str) else reason.loc[index]
        self._parts.append(
            pd.DataFrame({"column": column, "found": shown, "reason": why}, index=index).assign(
                source_id=self.source_id,
                source_file=self.rows.loc[index, "source_file"],
                source_row=self.rows.loc[index, "source_row"],
                raw=self.texts(index),
            )
        )

    def texts(self, index: pd.Index) -> pd.Series:
        """Return the rows as ``header=value`` text, without empty values and persons."""
        return contracts.raw_text(self.raw.loc[index], frozenset()).str.slice(0, RAW_LIMIT)

    def take(self, rejects: pd.DataFrame) -> None:
        """Add quarantine rows that another module made; their index is the row number."""
        if len(rejects):
            self._parts.append(rejects)

    def rejected(self) -> pd.Index:
        """Numbers of the rows that have at least one reason."""
        return (
            pd.Index(np.unique(np.concatenate([p.index.to_numpy() for p in self._parts])))
            if self._parts
            else (pd.Index([], dtype="int64"))
        )

    def quarantine(self, bad: list[tuple[str, BadRecord]]) -> pd.DataFrame:
        """Return all quarantine rows by file and line, with the records ``bad`` (label, record) that are no
        rows."""
        parts = [*self._parts]
        if bad:
            parts.append(
                pd.DataFrame(
                    [(self.source_id, f, b.line, "", b.found, b.reason, b.raw) for f, b in bad],
                    columns=list(contracts.columns("quarantine")),
                )
            )
        if not parts:
            return contracts.empty("quarantine")
        joined = pd.concat([contracts.conform("quarantine", p) for p in parts], ignore_index=True)
        return joined.sort_values(["source_file", "source_row"], kind="stable", ignore_index=True)
