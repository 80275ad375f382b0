"""Holdings around one subject: whom it holds, who holds it, what its investors hold besides; never a person's key."""

from __future__ import annotations

from contextlib import AbstractContextManager

import pandas as pd
import sqlalchemy as sa

from models.tables import Investment
from models.tables.base import table_of

_HOLDINGS = table_of(Investment)
COLUMNS = ("other_id", "direction", "share", "invested_on", "ended_on")
DIRECTIONS = ("holds", "held_by", "same_investor")


def related(connection: sa.Connection, subject_id: str, limit: int = 60) -> pd.DataFrame:
    """Subjects tied to one by holdings of legal persons or by a natural person who invested in both.

    Returns
    -------
    Columns `COLUMNS`, one row per holding; ``direction`` is ``holds`` (the subject invested in the other),
    ``held_by`` (the other invested in it) or ``same_investor`` (one person invested in both: who it is stays here).
    """
    c = _HOLDINGS.c
    facts = (c.share, c.invested_on, c.ended_on)
    own = sa.select(c.investor_key).where(c.subject_id == subject_id, c.investor_key.is_not(None))
    parts = (
        sa.select(c.subject_id, sa.literal("holds"), *facts).where(c.investor_id == subject_id),
        sa.select(c.investor_id, sa.literal("held_by"), *facts).where(
            c.subject_id == subject_id, c.investor_id.is_not(None)
        ),
        sa.select(c.subject_id, sa.literal("same_investor"), *facts).where(
            c.investor_key.in_(own), c.subject_id != subject_id
        ),
    )
    rows = [tuple(row) for part in parts for row in connection.execute(part.limit(limit))]
    return pd.DataFrame(rows, columns=list(COLUMNS))


class RelatedDoor:
    """The part of `models.store.Store` that tells what is tied to a subject."""

    def _reading(self) -> AbstractContextManager[sa.Connection]:
        raise NotImplementedError

    def related(self, subject_id: str) -> pd.DataFrame:
        """Holdings around one subject; see `models.storage.related.related`."""
        with self._reading() as connection:
            return related(connection, subject_id)
