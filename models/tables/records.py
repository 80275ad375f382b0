"""Other things a city records on the map: base stations, facilities, housing projects, places, roads and
waters."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from models.tables.areas import in_order, one_of
from models.tables.base import Base, Count, Day, Number, RowId, Text, geometry, record, spatial_index

ROAD_CLASSES = ("motorway", "trunk", "primary", "secondary", "tertiary", "residential", "other")
WATER_KINDS = ("river", "stream", "lake", "reservoir")
PLACE_KINDS = ("district", "town", "village", "road", "poi", "address", "zone")


class BaseStation(Base):
    """A base station (基站) during one period."""

    __tablename__ = "base_stations"
    __table_args__ = (
        sa.Index(None, "station_id", "valid_from", unique=True),
        spatial_index("base_stations"),
        in_order("valid_from", "valid_to"),
        sa.CheckConstraint("azimuth_deg BETWEEN 0 AND 360", name="azimuth_range"),
        record("Base stations 基站", "station_id"),
    )
    fid: Mapped[RowId]
    station_id: Mapped[Text]
    valid_from: Mapped[Day]
    valid_to: Mapped[Day | None]
    technology: Mapped[Text | None]
    azimuth_deg: Mapped[Number | None]
    source_id: Mapped[Text]
    geometry: Mapped[Any] = geometry("POINT")


class Facility(Base):
    """A public or commercial facility (设施)."""

    __tablename__ = "facilities"
    __table_args__ = (
        sa.Index(None, "facility_id", unique=True),
        spatial_index("facilities"),
        record("Facilities 设施", "facility_id"),
    )
    fid: Mapped[RowId]
    facility_id: Mapped[Text]
    name: Mapped[Text]
    facility_type: Mapped[Text]
    address: Mapped[Text | None]
    district_code: Mapped[Text | None]
    source_id: Mapped[Text]
    geometry: Mapped[Any] = geometry("POINT", nullable=True)


class HousingProject(Base):
    """A housing project or compound (住宅项目)."""

    __tablename__ = "housing_projects"
    __table_args__ = (
        sa.Index(None, "project_id", unique=True),
        spatial_index("housing_projects"),
        sa.CheckConstraint("units >= 0 AND units_sold >= 0", name="units_not_negative"),
        sa.CheckConstraint("price_cny_m2 >= 0", name="price_not_negative"),
        record("Housing projects 住宅项目", "project_id"),
    )
    fid: Mapped[RowId]
    project_id: Mapped[Text]
    name: Mapped[Text]
    developer: Mapped[Text | None]
    address: Mapped[Text | None]
    units: Mapped[Count | None]
    units_sold: Mapped[Count | None]
    price_cny_m2: Mapped[Number | None]
    opened_on: Mapped[Day | None]
    district_code: Mapped[Text | None]
    source_id: Mapped[Text]
    geometry: Mapped[Any] = geometry("POINT", nullable=True)


class Place(Base):
    """A named place of the gazetteer (地名); without a point where its name is all that is known."""

    __tablename__ = "places"
    __table_args__ = (
        sa.Index(None, "place_id", unique=True),
        sa.Index(None, "name"),
        spatial_index("places"),
        one_of("kind", PLACE_KINDS),
        sa.CheckConstraint("lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90", name="coordinates"),
        record("Gazetteer 地名", "place_id"),
    )
    fid: Mapped[RowId]
    place_id: Mapped[Text]
    name: Mapped[Text]
    kind: Mapped[Text]
    district_code: Mapped[Text | None]
    town: Mapped[Text | None]
    address: Mapped[Text | None]
    lon: Mapped[Number | None]
    lat: Mapped[Number | None]
    source_id: Mapped[Text]
    geometry: Mapped[Any] = geometry("POINT", nullable=True)


class Road(Base):
    """A road section (道路) between two junctions."""

    __tablename__ = "roads"
    __table_args__ = (
        sa.Index(None, "road_id", unique=True),
        spatial_index("roads"),
        one_of("road_class", ROAD_CLASSES),
        sa.CheckConstraint("length_m >= 0", name="length_not_negative"),
        sa.CheckConstraint("lanes BETWEEN 1 AND 20", name="lanes_range"),
        sa.CheckConstraint("maxspeed_kmh BETWEEN 1 AND 200", name="maxspeed_range"),
        record("Roads 道路", "road_id"),
    )
    fid: Mapped[RowId]
    road_id: Mapped[Text]
    name: Mapped[Text | None]
    road_class: Mapped[Text]
    oneway: Mapped[bool]
    lanes: Mapped[Count | None]
    maxspeed_kmh: Mapped[Number | None]
    length_m: Mapped[Number]
    source_id: Mapped[Text]
    geometry: Mapped[Any] = geometry("LINESTRING")


class Water(Base):
    """A river, stream, lake or reservoir (水系)."""

    __tablename__ = "waters"
    __table_args__ = (
        sa.Index(None, "water_id", unique=True),
        spatial_index("waters"),
        one_of("kind", WATER_KINDS),
        record("Waters 水系", "water_id"),
    )
    fid: Mapped[RowId]
    water_id: Mapped[Text]
    name: Mapped[Text | None]
    kind: Mapped[Text]
    source_id: Mapped[Text]
    geometry: Mapped[Any] = geometry("GEOMETRY")
