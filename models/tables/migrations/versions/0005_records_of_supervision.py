"""Records of supervision: places of business, officers, checks, faults, penalties, complaints, listings and changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.tables import layers
from models.tables.base import TEXT, geometry_type

revision = "0005"
down_revision = "0004"


def _premises() -> None:
    op.create_table(
        "premises",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("premises_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("uscc", TEXT, nullable=True),
        sa.Column("premises_type", TEXT, nullable=True),
        sa.Column("address", TEXT, nullable=True),
        sa.Column("district_code", TEXT, nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("source_file", TEXT, nullable=False),
        sa.Column("source_row", sa.BigInteger(), nullable=False),
        sa.Column("geometry", geometry_type("POINT"), nullable=True),
        sa.PrimaryKeyConstraint("fid", name="pk_premises"),
        sa.CheckConstraint("lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90", name=op.f("ck_premises_coordinates")),
        sa.CheckConstraint("(lon IS NULL) = (lat IS NULL)", name=op.f("ck_premises_coordinates_whole")),
        sa.CheckConstraint("(lon IS NULL) = (geometry IS NULL)", name=op.f("ck_premises_point_has_coordinates")),
        sa.CheckConstraint("source_row >= 1", name=op.f("ck_premises_source_row_positive")),
    )
    op.create_index("ix_premises_premises_id", "premises", ["premises_id"], unique=True)
    op.create_index("ix_premises_uscc", "premises", ["uscc"])


def _officers() -> None:
    op.create_table(
        "officers",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("officer_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("duty", TEXT, nullable=False),
        sa.Column("area_codes", TEXT, nullable=False),
        sa.Column("expertise", TEXT, nullable=False),
        sa.Column("certificate_no", TEXT, nullable=True),
        sa.Column("certificate_until", sa.Date(), nullable=True),
        sa.Column("conflicts", TEXT, nullable=True),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("source_file", TEXT, nullable=False),
        sa.Column("source_row", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_officers"),
        sa.CheckConstraint("duty IN ('supervisor', 'manager')", name=op.f("ck_officers_duty_known")),
        sa.CheckConstraint("source_row >= 1", name=op.f("ck_officers_source_row_positive")),
    )
    op.create_index("ix_officers_officer_id", "officers", ["officer_id"], unique=True)


def _inspections() -> None:
    op.create_table(
        "inspections",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("inspection_id", TEXT, nullable=False),
        sa.Column("subject_id", TEXT, nullable=False),
        sa.Column("inspected_on", sa.Date(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("selected_by", TEXT, nullable=True),
        sa.Column("item_code", TEXT, nullable=True),
        sa.Column("officer_key", TEXT, nullable=True),
        sa.Column("result", TEXT, nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("follow_up", TEXT, nullable=True),
        sa.Column("follow_up_due", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("source_file", TEXT, nullable=False),
        sa.Column("source_row", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_inspections"),
        sa.CheckConstraint("closed_on >= inspected_on", name=op.f("ck_inspections_closed_on_in_order")),
        sa.CheckConstraint("follow_up_due >= inspected_on", name=op.f("ck_inspections_follow_up_due_in_order")),
        sa.CheckConstraint(
            "follow_up IN ('none', 'rectify', 'reinspect', 'penalty', 'list')",
            name=op.f("ck_inspections_follow_up_known"),
        ),
        sa.CheckConstraint(
            "kind IN ('routine', 'special', 'complaint', 'reinspection', 'warning', 'other')",
            name=op.f("ck_inspections_kind_known"),
        ),
        sa.CheckConstraint("length(officer_key) = 16", name=op.f("ck_inspections_officer_key_length")),
        sa.CheckConstraint(
            "result IN ('none_found', 'rectify', 'penalty', 'unreachable', 'transferred')",
            name=op.f("ck_inspections_result_known"),
        ),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_inspections_score_range")),
        sa.CheckConstraint(
            "selected_by IN ('random', 'risk', 'complaint', 'warning', 'other')",
            name=op.f("ck_inspections_selected_by_known"),
        ),
        sa.CheckConstraint("source_row >= 1", name=op.f("ck_inspections_source_row_positive")),
    )
    op.create_index("ix_inspections_inspected_on", "inspections", ["inspected_on"])
    op.create_index("ix_inspections_inspection_id", "inspections", ["inspection_id"], unique=True)
    op.create_index("ix_inspections_subject_id", "inspections", ["subject_id", "inspected_on"])


def _findings() -> None:
    op.create_table(
        "findings",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("finding_id", TEXT, nullable=False),
        sa.Column("inspection_id", TEXT, nullable=True),
        sa.Column("subject_id", TEXT, nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("item_code", TEXT, nullable=True),
        sa.Column("severity", TEXT, nullable=False),
        sa.Column("description", TEXT, nullable=True),
        sa.Column("corrected_on", sa.Date(), nullable=True),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("source_file", TEXT, nullable=False),
        sa.Column("source_row", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_findings"),
        sa.CheckConstraint("corrected_on >= found_on", name=op.f("ck_findings_corrected_on_in_order")),
        sa.CheckConstraint("severity IN ('high', 'moderate', 'low')", name=op.f("ck_findings_severity_known")),
        sa.CheckConstraint("source_row >= 1", name=op.f("ck_findings_source_row_positive")),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["inspections.inspection_id"],
            name="fk_findings_inspection_id",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index("ix_findings_finding_id", "findings", ["finding_id"], unique=True)
    op.create_index("ix_findings_inspection_id", "findings", ["inspection_id"])
    op.create_index("ix_findings_subject_id", "findings", ["subject_id", "found_on"])


def _penalties() -> None:
    op.create_table(
        "penalties",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("penalty_id", TEXT, nullable=False),
        sa.Column("subject_id", TEXT, nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("amount_cny", sa.Double(), nullable=True),
        sa.Column("matter", TEXT, nullable=True),
        sa.Column("legal_basis", TEXT, nullable=True),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("source_file", TEXT, nullable=False),
        sa.Column("source_row", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_penalties"),
        sa.CheckConstraint("amount_cny >= 0", name=op.f("ck_penalties_amount_not_negative")),
        sa.CheckConstraint(
            "kind IN ('warning', 'fine', 'confiscation', 'suspension', 'revocation', 'other')",
            name=op.f("ck_penalties_kind_known"),
        ),
        sa.CheckConstraint("source_row >= 1", name=op.f("ck_penalties_source_row_positive")),
    )
    op.create_index("ix_penalties_penalty_id", "penalties", ["penalty_id"], unique=True)
    op.create_index("ix_penalties_subject_id", "penalties", ["subject_id", "decided_on"])


def _complaints() -> None:
    op.create_table(
        "complaints",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("complaint_id", TEXT, nullable=False),
        sa.Column("subject_id", TEXT, nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("topic", TEXT, nullable=True),
        sa.Column("outcome", TEXT, nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("source_file", TEXT, nullable=False),
        sa.Column("source_row", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_complaints"),
        sa.CheckConstraint("closed_on >= received_on", name=op.f("ck_complaints_closed_on_in_order")),
        sa.CheckConstraint("kind IN ('complaint', 'report')", name=op.f("ck_complaints_kind_known")),
        sa.CheckConstraint("outcome <> 'open' OR closed_on IS NULL", name=op.f("ck_complaints_open_is_not_closed")),
        sa.CheckConstraint(
            "outcome IN ('open', 'mediated', 'confirmed', 'rejected')", name=op.f("ck_complaints_outcome_known")
        ),
        sa.CheckConstraint("source_row >= 1", name=op.f("ck_complaints_source_row_positive")),
    )
    op.create_index("ix_complaints_complaint_id", "complaints", ["complaint_id"], unique=True)
    op.create_index("ix_complaints_subject_id", "complaints", ["subject_id", "received_on"])


def _listings() -> None:
    op.create_table(
        "listings",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("listing_id", TEXT, nullable=False),
        sa.Column("subject_id", TEXT, nullable=False),
        sa.Column("list", TEXT, nullable=False),
        sa.Column("ground", TEXT, nullable=False),
        sa.Column("report_year", sa.BigInteger(), nullable=True),
        sa.Column("listed_on", sa.Date(), nullable=False),
        sa.Column("removed_on", sa.Date(), nullable=True),
        sa.Column("removal", TEXT, nullable=True),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("source_file", TEXT, nullable=False),
        sa.Column("source_row", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_listings"),
        sa.CheckConstraint(
            "ground IN ('annual_report', 'disclosure_overdue', 'false_disclosure', 'unreachable', 'three_years', "
            "'serious_violation')",
            name=op.f("ck_listings_ground_known"),
        ),
        sa.CheckConstraint(
            "(list = 'serious') = (ground IN ('three_years', 'serious_violation'))",
            name=op.f("ck_listings_ground_of_its_list"),
        ),
        sa.CheckConstraint("list IN ('abnormal', 'serious')", name=op.f("ck_listings_list_known")),
        sa.CheckConstraint("removal IS NULL OR removed_on IS NOT NULL", name=op.f("ck_listings_removal_has_day")),
        sa.CheckConstraint("removal IN ('normal', 'correction')", name=op.f("ck_listings_removal_known")),
        sa.CheckConstraint("removed_on >= listed_on", name=op.f("ck_listings_removed_on_in_order")),
        sa.CheckConstraint(
            "ground <> 'annual_report' OR report_year IS NOT NULL", name=op.f("ck_listings_report_has_year")
        ),
        sa.CheckConstraint("source_row >= 1", name=op.f("ck_listings_source_row_positive")),
    )
    op.create_index("ix_listings_listing_id", "listings", ["listing_id"], unique=True)
    op.create_index("ix_listings_subject_id", "listings", ["subject_id", "listed_on"])
    op.create_index(
        "ux_listings_annual_report",
        "listings",
        ["subject_id", "report_year"],
        unique=True,
        sqlite_where=sa.text("ground = 'annual_report' AND (removal IS NULL OR removal <> 'correction')"),
        postgresql_where=sa.text("ground = 'annual_report' AND (removal IS NULL OR removal <> 'correction')"),
    )
    op.create_index(
        "ux_listings_unreachable",
        "listings",
        ["subject_id"],
        unique=True,
        sqlite_where=sa.text("ground = 'unreachable' AND removed_on IS NULL"),
        postgresql_where=sa.text("ground = 'unreachable' AND removed_on IS NULL"),
    )


def _licences() -> None:
    op.create_table(
        "licences",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("licence_id", TEXT, nullable=False),
        sa.Column("subject_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("library", TEXT, nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("source_file", TEXT, nullable=False),
        sa.Column("source_row", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_licences"),
        sa.CheckConstraint("expires_on >= issued_on", name=op.f("ck_licences_expires_on_in_order")),
        sa.CheckConstraint(
            "library IN ('commerce', 'food', 'drug', 'quality', 'special_equipment', 'other')",
            name=op.f("ck_licences_library_known"),
        ),
        sa.CheckConstraint("revoked_on >= issued_on", name=op.f("ck_licences_revoked_on_in_order")),
        sa.CheckConstraint("source_row >= 1", name=op.f("ck_licences_source_row_positive")),
    )
    op.create_index("ix_licences_expires_on", "licences", ["expires_on"])
    op.create_index("ix_licences_licence_id", "licences", ["licence_id"], unique=True)
    op.create_index("ix_licences_subject_id", "licences", ["subject_id", "issued_on"])


def _annual_reports() -> None:
    op.create_table(
        "annual_reports",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("subject_id", TEXT, nullable=False),
        sa.Column("report_year", sa.BigInteger(), nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("staff", sa.BigInteger(), nullable=True),
        sa.Column("revenue_cny", sa.Double(), nullable=True),
        sa.Column("tax_cny", sa.Double(), nullable=True),
        sa.Column("paid_in_cny", sa.Double(), nullable=True),
        sa.Column("contact_key", TEXT, nullable=True),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("source_file", TEXT, nullable=False),
        sa.Column("source_row", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_annual_reports"),
        sa.CheckConstraint(
            "revenue_cny >= 0 AND tax_cny >= 0 AND paid_in_cny >= 0",
            name=op.f("ck_annual_reports_amounts_not_negative"),
        ),
        sa.CheckConstraint("length(contact_key) = 16", name=op.f("ck_annual_reports_contact_key_length")),
        sa.CheckConstraint("report_year BETWEEN 1980 AND 2100", name=op.f("ck_annual_reports_report_year_range")),
        sa.CheckConstraint("source_row >= 1", name=op.f("ck_annual_reports_source_row_positive")),
        sa.CheckConstraint("staff >= 0", name=op.f("ck_annual_reports_staff_not_negative")),
    )
    op.create_index(
        "ix_annual_reports_subject_id_report_year", "annual_reports", ["subject_id", "report_year"], unique=True
    )


def _changes() -> None:
    op.create_table(
        "changes",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("change_id", TEXT, nullable=False),
        sa.Column("subject_id", TEXT, nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("before", TEXT, nullable=True),
        sa.Column("after", TEXT, nullable=True),
        sa.Column("before_key", TEXT, nullable=True),
        sa.Column("after_key", TEXT, nullable=True),
        sa.Column("amount_before_cny", sa.Double(), nullable=True),
        sa.Column("amount_after_cny", sa.Double(), nullable=True),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("source_file", TEXT, nullable=False),
        sa.Column("source_row", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_changes"),
        sa.CheckConstraint("length(after_key) = 16", name=op.f("ck_changes_after_key_length")),
        sa.CheckConstraint(
            "amount_before_cny >= 0 AND amount_after_cny >= 0", name=op.f("ck_changes_amounts_not_negative")
        ),
        sa.CheckConstraint("length(before_key) = 16", name=op.f("ck_changes_before_key_length")),
        sa.CheckConstraint(
            "kind IN ('capital', 'scope', 'address', 'representative', 'shareholding', 'name', 'branch')",
            name=op.f("ck_changes_kind_known"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('representative', 'shareholding') OR (before IS NULL AND after IS NULL)",
            name=op.f("ck_changes_persons_as_keys"),
        ),
        sa.CheckConstraint("source_row >= 1", name=op.f("ck_changes_source_row_positive")),
    )
    op.create_index("ix_changes_change_id", "changes", ["change_id"], unique=True)
    op.create_index("ix_changes_changed_on", "changes", ["changed_on"])
    op.create_index("ix_changes_subject_id", "changes", ["subject_id", "changed_on"])


def _investments() -> None:
    op.create_table(
        "investments",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("investment_id", TEXT, nullable=False),
        sa.Column("subject_id", TEXT, nullable=False),
        sa.Column("investor_id", TEXT, nullable=True),
        sa.Column("investor_key", TEXT, nullable=True),
        sa.Column("amount_cny", sa.Double(), nullable=True),
        sa.Column("share", sa.Double(), nullable=True),
        sa.Column("invested_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("source_file", TEXT, nullable=False),
        sa.Column("source_row", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_investments"),
        sa.CheckConstraint("amount_cny >= 0", name=op.f("ck_investments_amount_not_negative")),
        sa.CheckConstraint("ended_on >= invested_on", name=op.f("ck_investments_ended_on_in_order")),
        sa.CheckConstraint("length(investor_key) = 16", name=op.f("ck_investments_investor_key_length")),
        sa.CheckConstraint("investor_id IS NULL OR investor_key IS NULL", name=op.f("ck_investments_one_investor")),
        sa.CheckConstraint("share BETWEEN 0 AND 1", name=op.f("ck_investments_share_range")),
        sa.CheckConstraint("source_row >= 1", name=op.f("ck_investments_source_row_positive")),
    )
    op.create_index("ix_investments_investment_id", "investments", ["investment_id"], unique=True)
    op.create_index("ix_investments_investor_id", "investments", ["investor_id"])
    op.create_index("ix_investments_subject_id", "investments", ["subject_id", "invested_on"])


def _credit_repairs() -> None:
    op.create_table(
        "credit_repairs",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("repair_id", TEXT, nullable=False),
        sa.Column("subject_id", TEXT, nullable=False),
        sa.Column("repairs", TEXT, nullable=False),
        sa.Column("applied_on", sa.Date(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("result", TEXT, nullable=False),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("source_file", TEXT, nullable=False),
        sa.Column("source_row", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_credit_repairs"),
        sa.CheckConstraint(
            "(result = 'pending') = (decided_on IS NULL)", name=op.f("ck_credit_repairs_decided_has_day")
        ),
        sa.CheckConstraint("decided_on >= applied_on", name=op.f("ck_credit_repairs_decided_on_in_order")),
        sa.CheckConstraint("result IN ('pending', 'accepted', 'refused')", name=op.f("ck_credit_repairs_result_known")),
        sa.CheckConstraint("source_row >= 1", name=op.f("ck_credit_repairs_source_row_positive")),
    )
    op.create_index("ix_credit_repairs_repair_id", "credit_repairs", ["repair_id"], unique=True)
    op.create_index("ix_credit_repairs_subject_id", "credit_repairs", ["subject_id", "applied_on"])


def _present_population() -> None:
    op.create_table(
        "present_population",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("h3", sa.BigInteger(), nullable=False),
        sa.Column("hours", TEXT, nullable=False),
        sa.Column("persons", sa.Double(), nullable=False),
        sa.Column("devices", sa.BigInteger(), nullable=False),
        sa.Column("reference_month", sa.Date(), nullable=False),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("source_file", TEXT, nullable=False),
        sa.Column("source_row", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_present_population"),
        sa.CheckConstraint("persons >= 0 AND devices >= 0", name=op.f("ck_present_population_counts_not_negative")),
        sa.CheckConstraint("hours IN ('day', 'night')", name=op.f("ck_present_population_hours_known")),
        sa.CheckConstraint("source_row >= 1", name=op.f("ck_present_population_source_row_positive")),
    )
    op.create_index(
        "ix_present_population_h3_hours_reference_month",
        "present_population",
        ["h3", "hours", "reference_month"],
        unique=True,
    )


def upgrade() -> None:
    """Create them, and list them in the GeoPackage."""
    _premises()
    _officers()
    _inspections()
    _findings()
    _penalties()
    _complaints()
    _listings()
    _licences()
    _annual_reports()
    _changes()
    _investments()
    _credit_repairs()
    _present_population()
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.create_index("ix_premises_geometry", "premises", ["geometry"], postgresql_using="gist")
        return
    layers.add_layer(connection, "premises", "Places of business 经营场所", "POINT")
    layers.add_attributes(connection, "officers", "Officers 执法人员")
    layers.add_attributes(connection, "inspections", "Inspections 检查记录")
    layers.add_attributes(connection, "findings", "Findings 检查发现问题")
    layers.add_attributes(connection, "penalties", "Penalties 行政处罚")
    layers.add_attributes(connection, "complaints", "Complaints 投诉举报")
    layers.add_attributes(connection, "listings", "Listings 经营异常与严重违法名单")
    layers.add_attributes(connection, "licences", "Licences 行政许可")
    layers.add_attributes(connection, "annual_reports", "Annual reports 年度报告")
    layers.add_attributes(connection, "changes", "Changes of subjects 变更登记")
    layers.add_attributes(connection, "investments", "Investments 投资与持股")
    layers.add_attributes(connection, "credit_repairs", "Credit repairs 信用修复")
