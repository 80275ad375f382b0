"""Where supervision happens and who does it: places of business, officers, people present."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from models.tables.areas import one_of
from models.tables.base import Base, Cell, Count, Day, Number, RowId, Text, geometry, record, spatial_index


def not_before(column: str, first: str) -> sa.CheckConstraint:
    """CHECK that a day, where it is known, does not lie before the day everything began."""
    return sa.CheckConstraint(f"{column} >= {first}", name=f"{column}_in_order")


def key_length(column: str) -> sa.CheckConstraint:
    """CHECK that a keyed hash has its 16 digits: a name does not get in by accident."""
    return sa.CheckConstraint(f"length({column}) = 16", name=f"{column}_length")


def of_subject(table: str, day: str) -> tuple[sa.Index, sa.CheckConstraint]:
    """What the tables about subjects share: an index that gives a subject's rows by time, and physical lines.

    ``subject_id`` is the code of a legal person or the id of a row of ``premises``, therefore no foreign key.
    """
    return (
        sa.Index(f"ix_{table}_subject_id", "subject_id", day),
        sa.CheckConstraint("source_row >= 1", name="source_row_positive"),
    )


class Premises(Base):
    """A supervised place of business (经营场所); without a point where its location is not known."""

    __tablename__ = "premises"
    __table_args__ = (
        sa.Index(None, "premises_id", unique=True),
        sa.Index(None, "uscc"),
        spatial_index("premises"),
        sa.CheckConstraint("lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90", name="coordinates"),
        sa.CheckConstraint("(lon IS NULL) = (lat IS NULL)", name="coordinates_whole"),
        sa.CheckConstraint("(lon IS NULL) = (geometry IS NULL)", name="point_has_coordinates"),
        sa.CheckConstraint("source_row >= 1", name="source_row_positive"),
        record("Places of business 经营场所", "premises_id"),
    )
    fid: Mapped[RowId]
    premises_id: Mapped[Text]
    name: Mapped[Text]
    uscc: Mapped[Text | None]
    premises_type: Mapped[Text | None]
    address: Mapped[Text | None]
    district_code: Mapped[Text | None]
    lon: Mapped[Number | None]
    lat: Mapped[Number | None]
    source_id: Mapped[Text]
    source_file: Mapped[Text]
    source_row: Mapped[Count]
    geometry: Mapped[Any] = geometry("POINT", nullable=True)


class Officer(Base):
    """An inspection officer (执法人员)."""

    __tablename__ = "officers"
    __table_args__ = (
        sa.Index(None, "officer_id", unique=True),
        one_of("duty", ("supervisor", "manager")),
        sa.CheckConstraint("source_row >= 1", name="source_row_positive"),
        record("Officers 执法人员", "officer_id"),
    )
    fid: Mapped[RowId]
    officer_id: Mapped[Text]
    name: Mapped[Text]
    duty: Mapped[Text]
    area_codes: Mapped[Text]
    expertise: Mapped[Text]
    certificate_no: Mapped[Text | None]
    certificate_until: Mapped[Day | None]
    conflicts: Mapped[Text | None]
    source_id: Mapped[Text]
    source_file: Mapped[Text]
    source_row: Mapped[Count]


class PresentPopulation(Base):
    """People present (现有人口) in one H3 cell, mean of one class of hours; neither residents nor registered."""

    __tablename__ = "present_population"
    __table_args__ = (
        sa.Index(None, "h3", "hours", "reference_month", unique=True),
        one_of("hours", ("day", "night")),
        sa.CheckConstraint("persons >= 0 AND devices >= 0", name="counts_not_negative"),
        sa.CheckConstraint("source_row >= 1", name="source_row_positive"),
        record("People present 现有人口", "h3", listed=False),
    )
    fid: Mapped[RowId]
    h3: Mapped[Cell]
    hours: Mapped[Text]
    persons: Mapped[Number]
    devices: Mapped[Count]
    reference_month: Mapped[Day]
    source_id: Mapped[Text]
    source_file: Mapped[Text]
    source_row: Mapped[Count]
