"""The city itself: areas, census values, base stations, facilities, housing, places, roads and waters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.tables import layers
from models.tables.base import TEXT, geometry_type

revision = "0001"
down_revision = None


def _districts() -> None:
    op.create_table(
        "districts",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("district_code", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("name_en", TEXT, nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("geometry", geometry_type("MULTIPOLYGON"), nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_districts"),
        sa.CheckConstraint("length(district_code) = 6", name=op.f("ck_districts_code_length")),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_districts_period_in_order")),
    )
    op.create_index("ix_districts_district_code", "districts", ["district_code"], unique=True)


def _towns() -> None:
    op.create_table(
        "towns",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("town_code", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("name_en", TEXT, nullable=True),
        sa.Column("district_code", TEXT, nullable=True),
        sa.Column("population", sa.BigInteger(), nullable=True),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("geometry", geometry_type("POINT"), nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_towns"),
        sa.CheckConstraint("population > 0", name=op.f("ck_towns_population_positive")),
    )
    op.create_index("ix_towns_town_code", "towns", ["town_code"], unique=True)


def _grids() -> None:
    op.create_table(
        "grids",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("grid_code", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("level", TEXT, nullable=False),
        sa.Column("parent_code", TEXT, nullable=True),
        sa.Column("derived", sa.Boolean(), nullable=False),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("geometry", geometry_type("MULTIPOLYGON"), nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_grids"),
        sa.CheckConstraint("level IN ('district', 'town', 'grid')", name=op.f("ck_grids_level_known")),
        sa.CheckConstraint("parent_code <> grid_code", name=op.f("ck_grids_not_its_own_parent")),
    )
    op.create_index("ix_grids_grid_code", "grids", ["grid_code"], unique=True)


def _area_changes() -> None:
    op.create_table(
        "area_changes",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("old_code", TEXT, nullable=True),
        sa.Column("old_name", TEXT, nullable=False),
        sa.Column("new_code", TEXT, nullable=False),
        sa.Column("new_name", TEXT, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("source_id", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_area_changes"),
        sa.CheckConstraint("kind IN ('merge', 'rename', 'split', 'zone')", name=op.f("ck_area_changes_kind_known")),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_area_changes_period_in_order")),
    )
    op.create_index(
        "ix_area_changes_old_name_new_code_kind",
        "area_changes",
        ["old_name", "new_code", "kind"],
        unique=True,
    )


def _census_values() -> None:
    op.create_table(
        "census_values",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("area_code", TEXT, nullable=False),
        sa.Column("area_name", TEXT, nullable=False),
        sa.Column("area_level", TEXT, nullable=False),
        sa.Column("area_definition", TEXT, nullable=False),
        sa.Column("indicator", TEXT, nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("unit", TEXT, nullable=False),
        sa.Column("reference_date", sa.Date(), nullable=False),
        sa.Column("vintage", TEXT, nullable=False),
        sa.Column("source_id", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_census_values"),
        sa.CheckConstraint(
            "area_level IN ('city', 'district', 'town')", name=op.f("ck_census_values_area_level_known")
        ),
    )
    op.create_index(
        "ix_census_values_key",
        "census_values",
        ["area_code", "indicator", "reference_date", "vintage", "source_id"],
        unique=True,
    )


def _base_stations() -> None:
    op.create_table(
        "base_stations",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("station_id", TEXT, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("technology", TEXT, nullable=True),
        sa.Column("azimuth_deg", sa.Double(), nullable=True),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("geometry", geometry_type("POINT"), nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_base_stations"),
        sa.CheckConstraint("azimuth_deg BETWEEN 0 AND 360", name=op.f("ck_base_stations_azimuth_range")),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_base_stations_period_in_order")),
    )
    op.create_index(
        "ix_base_stations_station_id_valid_from", "base_stations", ["station_id", "valid_from"], unique=True
    )


def _facilities() -> None:
    op.create_table(
        "facilities",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("facility_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("facility_type", TEXT, nullable=False),
        sa.Column("address", TEXT, nullable=True),
        sa.Column("district_code", TEXT, nullable=True),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("geometry", geometry_type("POINT"), nullable=True),
        sa.PrimaryKeyConstraint("fid", name="pk_facilities"),
    )
    op.create_index("ix_facilities_facility_id", "facilities", ["facility_id"], unique=True)


def _housing_projects() -> None:
    op.create_table(
        "housing_projects",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("project_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("developer", TEXT, nullable=True),
        sa.Column("address", TEXT, nullable=True),
        sa.Column("units", sa.BigInteger(), nullable=True),
        sa.Column("units_sold", sa.BigInteger(), nullable=True),
        sa.Column("price_cny_m2", sa.Double(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("district_code", TEXT, nullable=True),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("geometry", geometry_type("POINT"), nullable=True),
        sa.PrimaryKeyConstraint("fid", name="pk_housing_projects"),
        sa.CheckConstraint("price_cny_m2 >= 0", name=op.f("ck_housing_projects_price_not_negative")),
        sa.CheckConstraint("units >= 0 AND units_sold >= 0", name=op.f("ck_housing_projects_units_not_negative")),
    )
    op.create_index("ix_housing_projects_project_id", "housing_projects", ["project_id"], unique=True)


def _places() -> None:
    op.create_table(
        "places",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("place_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("district_code", TEXT, nullable=True),
        sa.Column("town", TEXT, nullable=True),
        sa.Column("address", TEXT, nullable=True),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("geometry", geometry_type("POINT"), nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_places"),
        sa.CheckConstraint("lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90", name=op.f("ck_places_coordinates")),
        sa.CheckConstraint(
            "kind IN ('district', 'town', 'village', 'road', 'poi', 'address', 'zone')",
            name=op.f("ck_places_kind_known"),
        ),
    )
    op.create_index("ix_places_name", "places", ["name"])
    op.create_index("ix_places_place_id", "places", ["place_id"], unique=True)


def _roads() -> None:
    op.create_table(
        "roads",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("road_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=True),
        sa.Column("road_class", TEXT, nullable=False),
        sa.Column("oneway", sa.Boolean(), nullable=False),
        sa.Column("lanes", sa.BigInteger(), nullable=True),
        sa.Column("maxspeed_kmh", sa.Double(), nullable=True),
        sa.Column("length_m", sa.Double(), nullable=False),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("geometry", geometry_type("LINESTRING"), nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_roads"),
        sa.CheckConstraint("lanes BETWEEN 1 AND 20", name=op.f("ck_roads_lanes_range")),
        sa.CheckConstraint("length_m >= 0", name=op.f("ck_roads_length_not_negative")),
        sa.CheckConstraint("maxspeed_kmh BETWEEN 1 AND 200", name=op.f("ck_roads_maxspeed_range")),
        sa.CheckConstraint(
            "road_class IN ('motorway', 'trunk', 'primary', 'secondary', 'tertiary', 'residential', 'other')",
            name=op.f("ck_roads_road_class_known"),
        ),
    )
    op.create_index("ix_roads_road_id", "roads", ["road_id"], unique=True)


def _waters() -> None:
    op.create_table(
        "waters",
        sa.Column("fid", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("water_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("geometry", geometry_type("GEOMETRY"), nullable=False),
        sa.PrimaryKeyConstraint("fid", name="pk_waters"),
        sa.CheckConstraint("kind IN ('river', 'stream', 'lake', 'reservoir')", name=op.f("ck_waters_kind_known")),
    )
    op.create_index("ix_waters_water_id", "waters", ["water_id"], unique=True)


def upgrade() -> None:
    """Create them, and list them in the GeoPackage."""
    _districts()
    _towns()
    _grids()
    _area_changes()
    _census_values()
    _base_stations()
    _facilities()
    _housing_projects()
    _places()
    _roads()
    _waters()
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.create_index("ix_districts_geometry", "districts", ["geometry"], postgresql_using="gist")
        op.create_index("ix_towns_geometry", "towns", ["geometry"], postgresql_using="gist")
        op.create_index("ix_grids_geometry", "grids", ["geometry"], postgresql_using="gist")
        op.create_index("ix_base_stations_geometry", "base_stations", ["geometry"], postgresql_using="gist")
        op.create_index("ix_facilities_geometry", "facilities", ["geometry"], postgresql_using="gist")
        op.create_index("ix_housing_projects_geometry", "housing_projects", ["geometry"], postgresql_using="gist")
        op.create_index("ix_places_geometry", "places", ["geometry"], postgresql_using="gist")
        op.create_index("ix_roads_geometry", "roads", ["geometry"], postgresql_using="gist")
        op.create_index("ix_waters_geometry", "waters", ["geometry"], postgresql_using="gist")
        return
    layers.create_core(connection)
    layers.add_layer(connection, "districts", "Districts 区县", "MULTIPOLYGON")
    layers.add_layer(connection, "towns", "Town seats 乡镇街道", "POINT")
    layers.add_layer(connection, "grids", "Supervision grids 网格", "MULTIPOLYGON")
    layers.add_layer(connection, "base_stations", "Base stations 基站", "POINT")
    layers.add_layer(connection, "facilities", "Facilities 设施", "POINT")
    layers.add_layer(connection, "housing_projects", "Housing projects 住宅项目", "POINT")
    layers.add_layer(connection, "places", "Gazetteer 地名", "POINT")
    layers.add_layer(connection, "roads", "Roads 道路", "LINESTRING")
    layers.add_layer(connection, "waters", "Waters 水系", "GEOMETRY")
    layers.add_attributes(connection, "area_changes", "Changes of areas 区划变更")
    layers.add_attributes(connection, "census_values", "Census and yearbook values 统计值")
