"""The standing of a subject: listings, licences, annual reports, credit repairs."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from models.tables.areas import one_of
from models.tables.base import Base, Count, Day, Number, RowId, Text, record
from models.tables.supervision import key_length, not_before, of_subject

GROUNDS_OF_ABNORMAL = ("annual_report", "disclosure_overdue", "false_disclosure", "unreachable")
GROUNDS_OF_SERIOUS = ("three_years", "serious_violation")
LIBRARIES = ("commerce", "food", "drug", "quality", "special_equipment", "other")
OPEN_UNREACHABLE = sa.text("ground = 'unreachable' AND removed_on IS NULL")
ANNUAL_REPORT = sa.text("ground = 'annual_report' AND (removal IS NULL OR removal <> 'correction')")


class Listing(Base):
    """One entry of the abnormal-operations list (经营异常名录) or serious-violation list (严重违法失信名单).

    A subject is at most once at a time listed as unreachable, and once for the report of one year; entries that were
    taken back as wrong (correction) do not count.
    """

    __tablename__ = "listings"
    __table_args__ = (
        sa.Index(None, "listing_id", unique=True),
        *of_subject("listings", "listed_on"),
        sa.Index(
            "ux_listings_unreachable",
            "subject_id",
            unique=True,
            sqlite_where=OPEN_UNREACHABLE,
            postgresql_where=OPEN_UNREACHABLE,
        ),
        sa.Index(
            "ux_listings_annual_report",
            "subject_id",
            "report_year",
            unique=True,
            sqlite_where=ANNUAL_REPORT,
            postgresql_where=ANNUAL_REPORT,
        ),
        one_of("list", ("abnormal", "serious")),
        one_of(
            "ground",
            (*GROUNDS_OF_ABNORMAL, *GROUNDS_OF_SERIOUS),
        ),
        sa.CheckConstraint(
            f"(list = 'serious') = (ground IN {GROUNDS_OF_SERIOUS})",
            name="ground_of_its_list",
        ),
        sa.CheckConstraint("ground <> 'annual_report' OR report_year IS NOT NULL", name="report_has_year"),
        one_of("removal", ("normal", "correction")),
        not_before("removed_on", "listed_on"),
        sa.CheckConstraint("removal IS NULL OR removed_on IS NOT NULL", name="removal_has_day"),
        record("Listings 经营异常与严重违法名单", "listing_id"),
    )
    fid: Mapped[RowId]
    listing_id: Mapped[Text]
    subject_id: Mapped[Text]
    list: Mapped[Text]
    ground: Mapped[Text]
    report_year: Mapped[Count | None]
    listed_on: Mapped[Day]
    removed_on: Mapped[Day | None]
    removal: Mapped[Text | None]
    source_id: Mapped[Text]
    source_file: Mapped[Text]
    source_row: Mapped[Count]


class Licence(Base):
    """One licence or permit (行政许可)."""

    __tablename__ = "licences"
    __table_args__ = (
        sa.Index(None, "licence_id", unique=True),
        sa.Index(None, "expires_on"),
        *of_subject("licences", "issued_on"),
        one_of("library", LIBRARIES),
        not_before("expires_on", "issued_on"),
        not_before("revoked_on", "issued_on"),
        record("Licences 行政许可", "licence_id"),
    )
    fid: Mapped[RowId]
    licence_id: Mapped[Text]
    subject_id: Mapped[Text]
    kind: Mapped[Text]
    library: Mapped[Text]
    issued_on: Mapped[Day]
    expires_on: Mapped[Day | None]
    revoked_on: Mapped[Day | None]
    source_id: Mapped[Text]
    source_file: Mapped[Text]
    source_row: Mapped[Count]


class AnnualReport(Base):
    """One annual report of a subject (年度报告)."""

    __tablename__ = "annual_reports"
    __table_args__ = (
        sa.Index(None, "subject_id", "report_year", unique=True),
        sa.CheckConstraint("report_year BETWEEN 1980 AND 2100", name="report_year_range"),
        sa.CheckConstraint("staff >= 0", name="staff_not_negative"),
        sa.CheckConstraint(
            "revenue_cny >= 0 AND tax_cny >= 0 AND paid_in_cny >= 0",
            name="amounts_not_negative",
        ),
        key_length("contact_key"),
        sa.CheckConstraint("source_row >= 1", name="source_row_positive"),
        record("Annual reports 年度报告", "subject_id"),
    )
    fid: Mapped[RowId]
    subject_id: Mapped[Text]
    report_year: Mapped[Count]
    filed_on: Mapped[Day]
    staff: Mapped[Count | None]
    revenue_cny: Mapped[Number | None]
    tax_cny: Mapped[Number | None]
    paid_in_cny: Mapped[Number | None]
    contact_key: Mapped[Text | None]
    source_id: Mapped[Text]
    source_file: Mapped[Text]
    source_row: Mapped[Count]


class CreditRepair(Base):
    """One credit repair (信用修复)."""

    __tablename__ = "credit_repairs"
    __table_args__ = (
        sa.Index(None, "repair_id", unique=True),
        *of_subject("credit_repairs", "applied_on"),
        one_of("result", ("pending", "accepted", "refused")),
        not_before("decided_on", "applied_on"),
        sa.CheckConstraint("(result = 'pending') = (decided_on IS NULL)", name="decided_has_day"),
        record("Credit repairs 信用修复", "repair_id"),
    )
    fid: Mapped[RowId]
    repair_id: Mapped[Text]
    subject_id: Mapped[Text]
    repairs: Mapped[Text]
    applied_on: Mapped[Day]
    decided_on: Mapped[Day | None]
    result: Mapped[Text]
    source_id: Mapped[Text]
    source_file: Mapped[Text]
    source_row: Mapped[Count]
