"""Rows that a table refuses after its sources were read: they move from the frame to the quarantine, counted."""

from __future__ import annotations

from typing import Any

import pandas as pd

from models import contracts


def rejected(table: str, rows: pd.DataFrame, column: str | pd.Series, found: pd.Series, reason: Any) -> pd.DataFrame:
    """Quarantine rows for ``rows`` of ``table``; the texts are one for all, or one per row with the same index.

    The raw text leaves restricted columns and the geometry out; of a row without a line its position stands there.
    """
    if rows.empty:
        return contracts.empty("quarantine")
    plain = pd.DataFrame(rows.drop(columns="geometry", errors="ignore"))
    return contracts.conform(
        "quarantine",
        pd.DataFrame(
            {
                "source_id": plain["source_id"],
                "source_file": plain["source_file"] if "source_file" in plain else plain["source_id"],
                "source_row": plain["source_row"] if "source_row" in plain else range(1, len(plain) + 1),
                "column": column,
                "found": found,
                "reason": reason,
                "raw": contracts.raw_text(plain, contracts.contract(table).restricted()),
            }
        ),
    )


def joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """One quarantine frame of several."""
    filled = [part for part in parts if len(part)] or parts[:1]
    return contracts.conform("quarantine", pd.concat(filled, ignore_index=True))


def account(frame: pd.DataFrame, rejects: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Rows loaded and rows quarantined, by source; a row with several reasons counts once."""
    rows = rejects.drop_duplicates(["source_id", "source_file", "source_row"])
    return {
        "loaded": {str(k): int(v) for k, v in frame["source_id"].value_counts().items()},
        "quarantined": {str(k): int(v) for k, v in rows["source_id"].value_counts().items()},
    }
