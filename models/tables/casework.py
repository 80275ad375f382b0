"""What people decide and do: dated address decisions, and the log of who read what. A build never replaces
these."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base, Count, Moment, Number, RowId, Text, record

ACTIVE = sa.text("undone_at IS NULL")


class AddressAlias(Base):
    """A person's dated decision where an address lies; at most one is active for a legal person's address.

    An undone decision stays as history. ``alias_id`` is never used twice.
    """

    __tablename__ = "address_aliases"
    __table_args__ = (
        sa.Index(
            "ux_address_aliases_active",
            "uscc",
            "address",
            unique=True,
            sqlite_where=ACTIVE,
            postgresql_where=ACTIVE,
        ),
        sa.CheckConstraint("length(uscc) = 18", name="uscc_length"),
        sa.CheckConstraint("match_level BETWEEN 1 AND 6", name="match_level_known"),
        sa.CheckConstraint("lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90", name="coordinates"),
        sa.CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="undone_whole"),
        record("Address decisions 地址认定", "alias_id", loaded=False) | {"sqlite_autoincrement": True},
    )
    alias_id: Mapped[RowId]
    uscc: Mapped[Text]
    address: Mapped[Text]
    lon: Mapped[Number]
    lat: Mapped[Number]
    match_level: Mapped[Count]
    place_id: Mapped[Text | None]
    decided_by: Mapped[Text]
    decided_at: Mapped[Moment]
    note: Mapped[Text | None]
    undone_by: Mapped[Text | None]
    undone_at: Mapped[Moment | None]


class AccessEntry(Base):
    """One line of the access log: who read or exported what, when, how many rows, and why.

    Triggers refuse to change or delete a line; `models.casework.access_log` binds each to the one before.
    """

    __tablename__ = "access_log"
    __table_args__ = (
        sa.Index(None, "at"),
        sa.CheckConstraint("row_count >= 0", name="rows_not_negative"),
        sa.CheckConstraint("length(previous_hash) = 64 AND length(entry_hash) = 64", name="hash_lengths"),
        record("Access log 访问日志", "entry_id", loaded=False, listed=False),
    )
    entry_id: Mapped[Count] = mapped_column(primary_key=True, autoincrement=False)
    actor: Mapped[Text]
    at: Mapped[Moment]
    action: Mapped[Text]
    object: Mapped[Text]
    row_count: Mapped[Count]
    purpose: Mapped[Text | None]
    previous_hash: Mapped[Text]
    entry_hash: Mapped[Text]
