"""How a subject changed, and who holds a share of it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from models.tables.areas import one_of
from models.tables.base import Base, Count, Day, Number, RowId, Text, record
from models.tables.supervision import key_length, not_before, of_subject


class Change(Base):
    """One registered change of a subject (变更登记)."""

    __tablename__ = "changes"
    __table_args__ = (
        sa.Index(None, "change_id", unique=True),
        sa.Index(None, "changed_on"),
        *of_subject("changes", "changed_on"),
        one_of("kind", ("capital", "scope", "address", "representative", "shareholding", "name", "branch")),
        sa.CheckConstraint(
            "kind NOT IN ('representative', 'shareholding') OR (before IS NULL AND after IS NULL)",
            name="persons_as_keys",
        ),
        key_length("before_key"),
        key_length("after_key"),
        sa.CheckConstraint(
            "amount_before_cny >= 0 AND amount_after_cny >= 0",
            name="amounts_not_negative",
        ),
        record("Changes of subjects 变更登记", "change_id"),
    )
    fid: Mapped[RowId]
    change_id: Mapped[Text]
    subject_id: Mapped[Text]
    changed_on: Mapped[Day]
    kind: Mapped[Text]
    before: Mapped[Text | None]
    after: Mapped[Text | None]
    before_key: Mapped[Text | None]
    after_key: Mapped[Text | None]
    amount_before_cny: Mapped[Number | None]
    amount_after_cny: Mapped[Number | None]
    source_id: Mapped[Text]
    source_file: Mapped[Text]
    source_row: Mapped[Count]


class Investment(Base):
    """One holding of an investor, a legal person or a natural one, in a subject (投资与持股)."""

    __tablename__ = "investments"
    __table_args__ = (
        sa.Index(None, "investment_id", unique=True),
        sa.Index(None, "investor_id"),
        *of_subject("investments", "invested_on"),
        key_length("investor_key"),
        sa.CheckConstraint("investor_id IS NULL OR investor_key IS NULL", name="one_investor"),
        sa.CheckConstraint("amount_cny >= 0", name="amount_not_negative"),
        sa.CheckConstraint("share BETWEEN 0 AND 1", name="share_range"),
        not_before("ended_on", "invested_on"),
        record("Investments 投资与持股", "investment_id"),
    )
    fid: Mapped[RowId]
    investment_id: Mapped[Text]
    subject_id: Mapped[Text]
    investor_id: Mapped[Text | None]
    investor_key: Mapped[Text | None]
    amount_cny: Mapped[Number | None]
    share: Mapped[Number | None]
    invested_on: Mapped[Day]
    ended_on: Mapped[Day | None]
    source_id: Mapped[Text]
    source_file: Mapped[Text]
    source_row: Mapped[Count]
