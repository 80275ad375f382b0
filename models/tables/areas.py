"""Areas of a city: districts, towns, supervision grids, how areas changed, and what a census says of them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from models.tables.base import Base, Count, Day, Number, RowId, Text, geometry, record, spatial_index

AREA_LEVELS = ("city", "district", "town")
GRID_LEVELS = ("district", "town", "grid")


def one_of(column: str, allowed: tuple[str, ...]) -> sa.CheckConstraint:
    """CHECK that a text column holds one of the allowed words (a missing value passes)."""
    words = ", ".join(f"'{word}'" for word in allowed)
    return sa.CheckConstraint(f"{column} IN ({words})", name=f"{column}_known")


def in_order(first: str, last: str) -> sa.CheckConstraint:
    """CHECK that a period does not end before it begins."""
    return sa.CheckConstraint(f"{last} >= {first}", name="period_in_order")


class District(Base):
    """A district or county (区县) of the city."""

    __tablename__ = "districts"
    __table_args__ = (
        sa.Index(None, "district_code", unique=True),
        spatial_index("districts"),
        sa.CheckConstraint("length(district_code) = 6", name="code_length"),
        in_order("valid_from", "valid_to"),
        record("Districts 区县", "district_code"),
    )
    fid: Mapped[RowId]
    district_code: Mapped[Text]
    name: Mapped[Text]
    name_en: Mapped[Text | None]
    valid_from: Mapped[Day | None]
    valid_to: Mapped[Day | None]
    source_id: Mapped[Text]
    geometry: Mapped[Any] = geometry("MULTIPOLYGON")


class Town(Base):
    """A town or street (乡镇街道), by the point of its seat."""

    __tablename__ = "towns"
    __table_args__ = (
        sa.Index(None, "town_code", unique=True),
        spatial_index("towns"),
        sa.CheckConstraint("population > 0", name="population_positive"),
        record("Town seats 乡镇街道", "town_code"),
    )
    fid: Mapped[RowId]
    town_code: Mapped[Text]
    name: Mapped[Text]
    name_en: Mapped[Text | None]
    district_code: Mapped[Text | None]
    population: Mapped[Count | None]
    source_id: Mapped[Text]
    geometry: Mapped[Any] = geometry("POINT")


class Grid(Base):
    """A supervision grid cell (网格), at one of the levels district > town > grid."""

    __tablename__ = "grids"
    __table_args__ = (
        sa.Index(None, "grid_code", unique=True),
        spatial_index("grids"),
        one_of("level", GRID_LEVELS),
        sa.CheckConstraint("parent_code <> grid_code", name="not_its_own_parent"),
        record("Supervision grids 网格", "grid_code"),
    )
    fid: Mapped[RowId]
    grid_code: Mapped[Text]
    name: Mapped[Text]
    level: Mapped[Text]
    parent_code: Mapped[Text | None]
    derived: Mapped[bool]
    source_id: Mapped[Text]
    geometry: Mapped[Any] = geometry("MULTIPOLYGON")


class AreaChange(Base):
    """A dated change of an administrative area: merged, renamed, split, or named as a zone."""

    __tablename__ = "area_changes"
    __table_args__ = (
        sa.Index(None, "old_name", "new_code", "kind", unique=True),
        one_of("kind", ("merge", "rename", "split", "zone")),
        in_order("valid_from", "valid_to"),
        record("Changes of areas 区划变更", "old_name"),
    )
    fid: Mapped[RowId]
    old_code: Mapped[Text | None]
    old_name: Mapped[Text]
    new_code: Mapped[Text]
    new_name: Mapped[Text]
    valid_from: Mapped[Day | None]
    valid_to: Mapped[Day | None]
    kind: Mapped[Text]
    source_id: Mapped[Text]


class CensusValue(Base):
    """One value of a census or yearbook, with the area as it was defined at the reference date."""

    __tablename__ = "census_values"
    __table_args__ = (
        sa.Index(
            "ix_census_values_key",
            "area_code",
            "indicator",
            "reference_date",
            "vintage",
            "source_id",
            unique=True,
        ),
        one_of("area_level", AREA_LEVELS),
        record("Census and yearbook values 统计值", "area_code"),
    )
    fid: Mapped[RowId]
    area_code: Mapped[Text]
    area_name: Mapped[Text]
    area_level: Mapped[Text]
    area_definition: Mapped[Text]
    indicator: Mapped[Text]
    value: Mapped[Number]
    unit: Mapped[Text]
    reference_date: Mapped[Day]
    vintage: Mapped[Text]
    source_id: Mapped[Text]
