"""Legal persons with their place on the supervision grid and on H3, and the queue of those without one."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.areas import one_of
from models.tables.base import (
    Base,
    Cell,
    Count,
    Day,
    Number,
    RowId,
    Text,
    geometry,
    record,
    spatial_index,
)

CAPITAL_FLAGS = ("ok", "missing", "implausible", "unreadable")


class LegalPerson(Base):
    """A registered legal person (法人), one row per unified social credit code (统一社会信用代码)."""

    __tablename__ = "legal_persons"
    __table_args__ = (
        sa.Index(None, "uscc", unique=True),
        *(sa.Index(None, column) for column in ("h3_r7", "h3_r8", "h3_r9", "established_on", "name")),
        sa.Index(None, "grid_code", "uscc"),
        sa.Index(None, "district_code", "uscc"),
        spatial_index("legal_persons"),
        one_of("capital_flag", CAPITAL_FLAGS),
        one_of("industry_method", ("given", "scope")),
        sa.CheckConstraint("length(uscc) = 18", name="uscc_length"),
        sa.CheckConstraint("length(representative_key) = 16", name="key_length"),
        sa.CheckConstraint("capital_cny >= 0 AND capital_amount >= 0", name="capital_not_negative"),
        sa.CheckConstraint("industry_section BETWEEN 'A' AND 'T'", name="section_known"),
        sa.CheckConstraint("industry_confidence BETWEEN 0 AND 1", name="industry_confidence_share"),
        sa.CheckConstraint("match_confidence BETWEEN 0 AND 1", name="match_confidence_share"),
        sa.CheckConstraint("match_level BETWEEN 1 AND 6", name="match_level_known"),
        sa.CheckConstraint("error_radius_m >= 0", name="radius_not_negative"),
        sa.CheckConstraint("lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90", name="coordinates"),
        sa.CheckConstraint("NOT located OR geometry IS NOT NULL", name="located_has_point"),
        sa.CheckConstraint("NOT (outside AND grid_code IS NOT NULL)", name="outside_has_no_grid"),
        sa.CheckConstraint("source_row >= 1", name="source_row_positive"),
        record("Legal persons 法人", "uscc"),
    )
    fid: Mapped[RowId]
    uscc: Mapped[Text]
    name: Mapped[Text]
    established_on: Mapped[Day | None]
    entity_type: Mapped[Text | None]
    representative_key: Mapped[Text | None]
    capital_cny: Mapped[Number | None]
    capital_amount: Mapped[Number | None]
    capital_currency: Mapped[Text | None]
    capital_flag: Mapped[Text | None]
    capital_text: Mapped[Text | None]
    scope_text: Mapped[Text | None]
    industry_section: Mapped[Text | None]
    industry_confidence: Mapped[Number | None]
    industry_words: Mapped[Text | None]
    industry_method: Mapped[Text | None]
    status: Mapped[Text | None]
    district_given: Mapped[Text | None]
    address: Mapped[Text | None]
    coord_datum: Mapped[Text | None]
    lon: Mapped[Number | None]
    lat: Mapped[Number | None]
    located: Mapped[bool]
    outside: Mapped[bool]
    match_level: Mapped[Count | None]
    error_radius_m: Mapped[Number | None]
    match_confidence: Mapped[Number | None]
    match_reasons: Mapped[Text | None]
    matched_text: Mapped[Text | None]
    place_id: Mapped[Text | None]
    district_code: Mapped[Text | None] = mapped_column(
        sa.ForeignKey("districts.district_code", deferrable=True, initially="DEFERRED")
    )
    town: Mapped[Text | None]
    grid_code: Mapped[Text | None] = mapped_column(
        sa.ForeignKey("grids.grid_code", deferrable=True, initially="DEFERRED")
    )
    h3_r7: Mapped[Cell | None]
    h3_r8: Mapped[Cell | None]
    h3_r9: Mapped[Cell | None]
    source_id: Mapped[Text]
    source_file: Mapped[Text]
    source_row: Mapped[Count]
    geometry: Mapped[Any] = geometry("POINT", nullable=True)


class Unlocated(Base):
    """A legal person whose address gave no trustworthy place, with ranked candidates (a JSON list)."""

    __tablename__ = "unlocated"
    __table_args__ = (
        sa.Index(None, "uscc", unique=True),
        record("Un-located queue 待定位", "uscc"),
    )
    fid: Mapped[RowId]
    uscc: Mapped[Text] = mapped_column(sa.ForeignKey("legal_persons.uscc", deferrable=True, initially="DEFERRED"))
    name: Mapped[Text]
    address: Mapped[Text | None]
    district_given: Mapped[Text | None]
    reasons: Mapped[Text | None]
    candidates: Mapped[Text | None]
