"""Legal persons, the books of the store, the queue of the un-located and people's decisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.tables import layers
from models.tables.base import TEXT, Instant, geometry_type

revision = "0002"
down_revision = "0001"


def _legal_persons() -> None:
    op.create_table(
        "legal_persons",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("uscc", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("established_on", sa.Date(), nullable=True),
        sa.Column("entity_type", TEXT, nullable=True),
        sa.Column("representative_key", TEXT, nullable=True),
        sa.Column("capital_cny", sa.Double(), nullable=True),
        sa.Column("capital_amount", sa.Double(), nullable=True),
        sa.Column("capital_currency", TEXT, nullable=True),
        sa.Column("capital_flag", TEXT, nullable=True),
        sa.Column("capital_text", TEXT, nullable=True),
        sa.Column("scope_text", TEXT, nullable=True),
        sa.Column("industry_section", TEXT, nullable=True),
        sa.Column("industry_confidence", sa.Double(), nullable=True),
        sa.Column("industry_words", TEXT, nullable=True),
        sa.Column("industry_method", TEXT, nullable=True),
        sa.Column("status", TEXT, nullable=True),
        sa.Column("district_given", TEXT, nullable=True),
        sa.Column("address", TEXT, nullable=True),
        sa.Column("coord_datum", TEXT, nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("located", sa.Boolean(), nullable=False),
        sa.Column("outside", sa.Boolean(), nullable=False),
        sa.Column("match_level", sa.BigInteger(), nullable=True),
        sa.Column("error_radius_m", sa.Double(), nullable=True),
        sa.Column("match_confidence", sa.Double(), nullable=True),
        sa.Column("match_reasons", TEXT, nullable=True),
        sa.Column("matched_text", TEXT, nullable=True),
        sa.Column("place_id", TEXT, nullable=True),
        sa.Column("district_code", TEXT, nullable=True),
        sa.Column("town", TEXT, nullable=True),
        sa.Column("grid_code", TEXT, nullable=True),
        sa.Column("h3_r7", sa.BigInteger(), nullable=True),
        sa.Column("h3_r8", sa.BigInteger(), nullable=True),
        sa.Column("h3_r9", sa.BigInteger(), nullable=True),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("source_file", TEXT, nullable=False),
        sa.Column("source_row", sa.BigInteger(), nullable=False),
        sa.Column("geometry", geometry_type("POINT"), nullable=True),
        sa.PrimaryKeyConstraint("fid", name="pk_legal_persons"),
        sa.CheckConstraint(
            "capital_flag IN ('ok', 'missing', 'implausible', 'unreadable')",
            name=op.f("ck_legal_persons_capital_flag_known"),
        ),
        sa.CheckConstraint(
            "capital_cny >= 0 AND capital_amount >= 0", name=op.f("ck_legal_persons_capital_not_negative")
        ),
        sa.CheckConstraint(
            "lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90", name=op.f("ck_legal_persons_coordinates")
        ),
        sa.CheckConstraint(
            "industry_confidence BETWEEN 0 AND 1", name=op.f("ck_legal_persons_industry_confidence_share")
        ),
        sa.CheckConstraint(
            "industry_method IN ('given', 'scope')", name=op.f("ck_legal_persons_industry_method_known")
        ),
        sa.CheckConstraint("length(representative_key) = 16", name=op.f("ck_legal_persons_key_length")),
        sa.CheckConstraint("NOT located OR geometry IS NOT NULL", name=op.f("ck_legal_persons_located_has_point")),
        sa.CheckConstraint("match_confidence BETWEEN 0 AND 1", name=op.f("ck_legal_persons_match_confidence_share")),
        sa.CheckConstraint("match_level BETWEEN 1 AND 6", name=op.f("ck_legal_persons_match_level_known")),
        sa.CheckConstraint(
            "NOT (outside AND grid_code IS NOT NULL)", name=op.f("ck_legal_persons_outside_has_no_grid")
        ),
        sa.CheckConstraint("error_radius_m >= 0", name=op.f("ck_legal_persons_radius_not_negative")),
        sa.CheckConstraint("industry_section BETWEEN 'A' AND 'T'", name=op.f("ck_legal_persons_section_known")),
        sa.CheckConstraint("source_row >= 1", name=op.f("ck_legal_persons_source_row_positive")),
        sa.CheckConstraint("length(uscc) = 18", name=op.f("ck_legal_persons_uscc_length")),
        sa.ForeignKeyConstraint(
            ["district_code"],
            ["districts.district_code"],
            name="fk_legal_persons_district_code",
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.ForeignKeyConstraint(
            ["grid_code"],
            ["grids.grid_code"],
            name="fk_legal_persons_grid_code",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index("ix_legal_persons_district_code_uscc", "legal_persons", ["district_code", "uscc"])
    op.create_index("ix_legal_persons_established_on", "legal_persons", ["established_on"])
    op.create_index("ix_legal_persons_grid_code_uscc", "legal_persons", ["grid_code", "uscc"])
    op.create_index("ix_legal_persons_h3_r7", "legal_persons", ["h3_r7"])
    op.create_index("ix_legal_persons_h3_r8", "legal_persons", ["h3_r8"])
    op.create_index("ix_legal_persons_h3_r9", "legal_persons", ["h3_r9"])
    op.create_index("ix_legal_persons_uscc", "legal_persons", ["uscc"], unique=True)


def _subject_texts() -> None:
    op.create_table(
        "subject_texts",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("text", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_subject_texts"),
    )


def _builds() -> None:
    op.create_table(
        "builds",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("build_id", TEXT, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("manifest", TEXT, nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_builds"),
    )
    op.create_index("ix_builds_build_id", "builds", ["build_id"], unique=True)
    op.create_index(
        "ux_builds_live",
        "builds",
        ["live"],
        unique=True,
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    )


def _table_versions() -> None:
    op.create_table(
        "table_versions",
        sa.Column("table_name", TEXT, nullable=False),
        sa.Column("content_hash", TEXT, nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("build_id", TEXT, nullable=False),
        sa.Column("loaded_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("table_name", name="pk_table_versions"),
        sa.CheckConstraint("row_count >= 0", name=op.f("ck_table_versions_rows_not_negative")),
    )


def _source_files() -> None:
    op.create_table(
        "source_files",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("build_id", TEXT, nullable=False),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("rows_read", sa.BigInteger(), nullable=False),
        sa.Column("rows_loaded", sa.BigInteger(), nullable=False),
        sa.Column("rows_quarantined", sa.BigInteger(), nullable=False),
        sa.Column("title", TEXT, nullable=True),
        sa.Column("licence", TEXT, nullable=True),
        sa.Column("attribution", TEXT, nullable=True),
        sa.Column("vintage", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("fid", name="pk_source_files"),
        sa.CheckConstraint("rows_read = rows_loaded + rows_quarantined", name=op.f("ck_source_files_rows_conserved")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_source_files_sha256_length")),
    )
    op.create_index(
        "ix_source_files_build_id_source_id_label",
        "source_files",
        ["build_id", "source_id", "label"],
        unique=True,
    )


def _quarantine() -> None:
    op.create_table(
        "quarantine",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("source_file", TEXT, nullable=False),
        sa.Column("source_row", sa.BigInteger(), nullable=True),
        sa.Column("column", TEXT, nullable=True),
        sa.Column("found", TEXT, nullable=True),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("raw", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("fid", name="pk_quarantine"),
        sa.CheckConstraint("source_row >= 1", name=op.f("ck_quarantine_source_row_positive")),
    )
    op.create_index(
        "ix_quarantine_source_id_source_file_source_row",
        "quarantine",
        ["source_id", "source_file", "source_row"],
    )


def _unlocated() -> None:
    op.create_table(
        "unlocated",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("uscc", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("address", TEXT, nullable=True),
        sa.Column("district_given", TEXT, nullable=True),
        sa.Column("reasons", TEXT, nullable=True),
        sa.Column("candidates", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("fid", name="pk_unlocated"),
        sa.ForeignKeyConstraint(
            ["uscc"], ["legal_persons.uscc"], name="fk_unlocated_uscc", deferrable=True, initially="DEFERRED"
        ),
    )
    op.create_index("ix_unlocated_uscc", "unlocated", ["uscc"], unique=True)


def _address_aliases() -> None:
    op.create_table(
        "address_aliases",
        sa.Column("alias_id", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("uscc", TEXT, nullable=False),
        sa.Column("address", TEXT, nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("match_level", sa.BigInteger(), nullable=False),
        sa.Column("place_id", TEXT, nullable=True),
        sa.Column("decided_by", TEXT, nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.Column("note", TEXT, nullable=True),
        sa.Column("undone_by", TEXT, nullable=True),
        sa.Column("undone_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("alias_id", name="pk_address_aliases"),
        sa.CheckConstraint(
            "lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90", name=op.f("ck_address_aliases_coordinates")
        ),
        sa.CheckConstraint("match_level BETWEEN 1 AND 6", name=op.f("ck_address_aliases_match_level_known")),
        sa.CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name=op.f("ck_address_aliases_undone_whole")),
        sa.CheckConstraint("length(uscc) = 18", name=op.f("ck_address_aliases_uscc_length")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ux_address_aliases_active",
        "address_aliases",
        ["uscc", "address"],
        unique=True,
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )


def _access_log() -> None:
    op.create_table(
        "access_log",
        sa.Column("entry_id", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("purpose", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("entry_id", name="pk_access_log"),
        sa.CheckConstraint("row_count >= 0", name=op.f("ck_access_log_rows_not_negative")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_access_log_at", "access_log", ["at"])


def upgrade() -> None:
    """Create them, and list them in the GeoPackage."""
    _legal_persons()
    _subject_texts()
    _builds()
    _table_versions()
    _source_files()
    _quarantine()
    _unlocated()
    _address_aliases()
    _access_log()
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.create_index("ix_legal_persons_geometry", "legal_persons", ["geometry"], postgresql_using="gist")
        return
    layers.add_layer(connection, "legal_persons", "Legal persons 法人", "POINT")
    layers.add_attributes(connection, "builds", "Builds 版本")
    layers.add_attributes(connection, "source_files", "Source files 数据来源")
    layers.add_attributes(connection, "quarantine", "Quarantine 隔离记录")
    layers.add_attributes(connection, "unlocated", "Un-located queue 待定位")
    layers.add_attributes(connection, "address_aliases", "Address decisions 地址认定")
