"""The books of the store: builds, which version of each table is live, which files were read, which rows
were not loaded."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import TEXT, Base, Count, Moment, RowId, Text, record


class BuildRecord(Base):
    """One published build; exactly one is live."""

    __tablename__ = "builds"
    __table_args__ = (
        sa.Index(None, "build_id", unique=True),
        sa.Index(
            "ux_builds_live",
            "live",
            unique=True,
            sqlite_where=sa.text("live"),
            postgresql_where=sa.text("live"),
        ),
        record("Builds 版本", "build_id", loaded=False),
    )
    fid: Mapped[RowId]
    build_id: Mapped[Text]
    created_at: Mapped[Moment]
    manifest: Mapped[Text]
    live: Mapped[bool]


class TableVersion(Base):
    """Which content a loaded table holds now, and the build that brought it."""

    __tablename__ = "table_versions"
    __table_args__ = (
        sa.CheckConstraint("row_count >= 0", name="rows_not_negative"),
        record("Table versions 数据表版本", "table_name", loaded=False, listed=False),
    )
    table_name: Mapped[str] = mapped_column(TEXT, primary_key=True)
    content_hash: Mapped[Text]
    row_count: Mapped[Count]
    build_id: Mapped[Text]
    loaded_at: Mapped[Moment]


class SourceFileRecord(Base):
    """One file a build read, and what became of its rows: read = loaded + quarantined."""

    __tablename__ = "source_files"
    __table_args__ = (
        sa.Index(None, "build_id", "source_id", "label", unique=True),
        sa.CheckConstraint("length(sha256) = 64", name="sha256_length"),
        sa.CheckConstraint("rows_read = rows_loaded + rows_quarantined", name="rows_conserved"),
        record("Source files 数据来源", "source_id", loaded=False),
    )
    fid: Mapped[RowId]
    build_id: Mapped[Text]
    source_id: Mapped[Text]
    label: Mapped[Text]
    sha256: Mapped[Text]
    bytes: Mapped[Count | None]
    rows_read: Mapped[Count]
    rows_loaded: Mapped[Count]
    rows_quarantined: Mapped[Count]
    title: Mapped[Text | None]
    licence: Mapped[Text | None]
    attribution: Mapped[Text | None]
    vintage: Mapped[Text | None]


class QuarantinedRow(Base):
    """One reason for which a delivered row was not loaded; a row with two faults stands here twice."""

    __tablename__ = "quarantine"
    __table_args__ = (
        sa.Index(None, "source_id", "source_file", "source_row"),
        sa.CheckConstraint("source_row >= 1", name="source_row_positive"),
        record("Quarantine 隔离记录", "source_id"),
    )
    fid: Mapped[RowId]
    source_id: Mapped[Text]
    source_file: Mapped[Text]
    source_row: Mapped[Count | None]
    column: Mapped[Text | None]
    found: Mapped[Text | None]
    reason: Mapped[Text]
    raw: Mapped[Text | None]
