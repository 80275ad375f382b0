"""What happened at a subject: checks, faults found, penalties, complaints."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.areas import one_of
from models.tables.base import Base, Count, Day, Number, RowId, Text, record
from models.tables.supervision import key_length, not_before, of_subject


class Inspection(Base):
    """One check of one item at one subject (检查记录)."""

    __tablename__ = "inspections"
    __table_args__ = (
        sa.Index(None, "inspection_id", unique=True),
        sa.Index(None, "inspected_on"),
        *of_subject("inspections", "inspected_on"),
        one_of("kind", ("routine", "special", "complaint", "reinspection", "warning", "other")),
        one_of("selected_by", ("random", "risk", "complaint", "warning", "other")),
        one_of("result", ("none_found", "rectify", "penalty", "unreachable", "transferred")),
        one_of("follow_up", ("none", "rectify", "reinspect", "penalty", "list")),
        key_length("officer_key"),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name="score_range"),
        not_before("follow_up_due", "inspected_on"),
        not_before("closed_on", "inspected_on"),
        record("Inspections 检查记录", "inspection_id"),
    )
    fid: Mapped[RowId]
    inspection_id: Mapped[Text]
    subject_id: Mapped[Text]
    inspected_on: Mapped[Day]
    kind: Mapped[Text]
    selected_by: Mapped[Text | None]
    item_code: Mapped[Text | None]
    officer_key: Mapped[Text | None]
    result: Mapped[Text]
    score: Mapped[Number | None]
    follow_up: Mapped[Text | None]
    follow_up_due: Mapped[Day | None]
    closed_on: Mapped[Day | None]
    source_id: Mapped[Text]
    source_file: Mapped[Text]
    source_row: Mapped[Count]


class Finding(Base):
    """One fault found at a subject (检查发现问题), at an inspection where that is known."""

    __tablename__ = "findings"
    __table_args__ = (
        sa.Index(None, "finding_id", unique=True),
        sa.Index(None, "inspection_id"),
        *of_subject("findings", "found_on"),
        one_of("severity", ("high", "moderate", "low")),
        not_before("corrected_on", "found_on"),
        record("Findings 检查发现问题", "finding_id"),
    )
    fid: Mapped[RowId]
    finding_id: Mapped[Text]
    inspection_id: Mapped[Text | None] = mapped_column(
        sa.ForeignKey("inspections.inspection_id", deferrable=True, initially="DEFERRED")
    )
    subject_id: Mapped[Text]
    found_on: Mapped[Day]
    item_code: Mapped[Text | None]
    severity: Mapped[Text]
    description: Mapped[Text | None]
    corrected_on: Mapped[Day | None]
    source_id: Mapped[Text]
    source_file: Mapped[Text]
    source_row: Mapped[Count]


class Penalty(Base):
    """One administrative penalty (行政处罚)."""

    __tablename__ = "penalties"
    __table_args__ = (
        sa.Index(None, "penalty_id", unique=True),
        *of_subject("penalties", "decided_on"),
        one_of("kind", ("warning", "fine", "confiscation", "suspension", "revocation", "other")),
        sa.CheckConstraint("amount_cny >= 0", name="amount_not_negative"),
        record("Penalties 行政处罚", "penalty_id"),
    )
    fid: Mapped[RowId]
    penalty_id: Mapped[Text]
    subject_id: Mapped[Text]
    decided_on: Mapped[Day]
    kind: Mapped[Text]
    amount_cny: Mapped[Number | None]
    matter: Mapped[Text | None]
    legal_basis: Mapped[Text | None]
    source_id: Mapped[Text]
    source_file: Mapped[Text]
    source_row: Mapped[Count]


class Complaint(Base):
    """One complaint or report of a consumer (12315 投诉举报)."""

    __tablename__ = "complaints"
    __table_args__ = (
        sa.Index(None, "complaint_id", unique=True),
        *of_subject("complaints", "received_on"),
        one_of("kind", ("complaint", "report")),
        one_of("outcome", ("open", "mediated", "confirmed", "rejected")),
        not_before("closed_on", "received_on"),
        sa.CheckConstraint("outcome <> 'open' OR closed_on IS NULL", name="open_is_not_closed"),
        record("Complaints 投诉举报", "complaint_id"),
    )
    fid: Mapped[RowId]
    complaint_id: Mapped[Text]
    subject_id: Mapped[Text]
    received_on: Mapped[Day]
    kind: Mapped[Text]
    topic: Mapped[Text | None]
    outcome: Mapped[Text | None]
    closed_on: Mapped[Day | None]
    source_id: Mapped[Text]
    source_file: Mapped[Text]
    source_row: Mapped[Count]
