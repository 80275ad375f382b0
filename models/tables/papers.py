"""Papers with numbers and second signatures: documents, drafts of reviewed rules, objections of firms."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from models.tables.areas import one_of
from models.tables.base import Base, Count, Day, Moment, RowId, Text, record
from models.tables.cases import KEPT

DRAFT_STATES = ("draft", "submitted", "approved", "rejected")
CONTEST_STATES = ("pending", "upheld", "rejected")
CONTESTED = ("inspections", "findings", "penalties", "complaints", "listings", "licences", "annual_reports", "changes",
             "investments", "credit_repairs", "casework_warnings")  # fmt: skip
"""Tables whose single records a firm may object to."""


class DocumentSerial(Base):
    """The last number given out per organ, type of document and year (文号流水)."""

    __tablename__ = "document_serials"
    __table_args__ = (
        sa.Index(None, "organ", "kind", "year", unique=True),
        sa.CheckConstraint("last >= 1", name="counts_from_one"),
        record("Serials of documents 文号流水", "serial_id", loaded=False, listed=False),
    )
    serial_id: Mapped[RowId]
    organ: Mapped[Text]
    kind: Mapped[Text]
    year: Mapped[Count]
    last: Mapped[Count]


class Document(Base):
    """One numbered document (文书): organ, type, year, serial; once issued it is not changed."""

    __tablename__ = "documents"
    __table_args__ = (
        sa.Index(None, "organ", "kind", "year", "serial", unique=True),
        sa.Index(None, "subject_id"),
        sa.Index(None, "warning_key"),
        sa.CheckConstraint("serial >= 1", name="counts_from_one"),
        record("Documents 文书", "document_id", loaded=False, listed=False) | KEPT,
    )
    document_id: Mapped[RowId]
    organ: Mapped[Text]
    kind: Mapped[Text]
    year: Mapped[Count]
    serial: Mapped[Count]
    number: Mapped[Text]
    title: Mapped[Text]
    subject_id: Mapped[Text | None]
    warning_key: Mapped[Text | None]
    task_id: Mapped[Count | None]
    content: Mapped[Text | None]
    issued_on: Mapped[Day]
    issued_by: Mapped[Text]
    issued_at: Mapped[Moment]


class RuleDraft(Base):
    """A new version of a reviewed rule file (规则草案): written by one person, approved by another."""

    __tablename__ = "rule_drafts"
    __table_args__ = (
        sa.Index(None, "kind", "name", "state"),
        one_of("state", DRAFT_STATES),
        sa.CheckConstraint("decided_by <> author", name="two_persons"),
        sa.CheckConstraint(
            "(state IN ('approved', 'rejected')) = (decided_by IS NOT NULL AND decided_at IS NOT NULL)",
            name="decided_whole",
        ),
        sa.CheckConstraint("(state = 'draft') = (submitted_at IS NULL)", name="submitted_whole"),
        record("Drafts of rules 规则草案", "draft_id", loaded=False, listed=False) | KEPT,
    )
    draft_id: Mapped[RowId]
    kind: Mapped[Text]
    name: Mapped[Text]
    version: Mapped[Text]
    base_version: Mapped[Text | None]
    content: Mapped[Text]
    note: Mapped[Text | None]
    state: Mapped[Text]
    author: Mapped[Text]
    saved_at: Mapped[Moment]
    submitted_at: Mapped[Moment | None]
    decided_by: Mapped[Text | None]
    decided_at: Mapped[Moment | None]
    decision_note: Mapped[Text | None]
    revision: Mapped[Count]


ACTIVE_CONTEST = sa.text("state = 'pending'")


class Contest(Base):
    """An objection of a firm to one record about it (申诉、更正): the record does not count until it is decided."""

    __tablename__ = "contests"
    __table_args__ = (
        sa.Index(
            "ux_contests_pending",
            "table_name",
            "record_id",
            unique=True,
            sqlite_where=ACTIVE_CONTEST,
            postgresql_where=ACTIVE_CONTEST,
        ),
        sa.Index(None, "subject_id"),
        one_of("state", CONTEST_STATES),
        one_of("table_name", CONTESTED),
        sa.CheckConstraint("(state = 'pending') = (decided_by IS NULL)", name="decided_whole"),
        record("Objections 申诉", "contest_id", loaded=False, listed=False) | KEPT,
    )
    contest_id: Mapped[RowId]
    table_name: Mapped[Text]
    record_id: Mapped[Text]
    subject_id: Mapped[Text]
    grounds: Mapped[Text]
    filed_by: Mapped[Text]
    filed_on: Mapped[Day]
    filed_at: Mapped[Moment]
    state: Mapped[Text]
    decided_by: Mapped[Text | None]
    decided_on: Mapped[Day | None]
    decided_at: Mapped[Moment | None]
    decision_note: Mapped[Text | None]
    revision: Mapped[Count]
