"""What makes a SQLite file a GeoPackage: its core tables, the list of layers, and an R-tree per layer.

Source: OGC 12-128r17 (GeoPackage 1.3), clause 1.1 and annex F.3. Migrations call these functions, so their meaning is
fixed once a migration that uses them has been released. Nothing here applies to PostgreSQL.
"""

from __future__ import annotations

import sqlalchemy as sa

from models.tables.blobs import SRID

APPLICATION_ID = 0x47504B47
USER_VERSION = 10300  # 1.3; GDAL 3.6 warns at 1.4
_RTREE_SPEC = "GeoPackage 1.3 Specification Annex F.3"
_WGS84 = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],'
    'AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,'
    'AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]'
)
_CORE = (
    """CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization
    TEXT NOT NULL,
    organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT)""",
    """CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier
    TEXT UNIQUE,
    description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
    min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
    CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id))""",
    """CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
    geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
    CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE
    (table_name),
    CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
    CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id))""",
    """CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,
    definition TEXT NOT NULL, scope TEXT NOT NULL,
    CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))""",
)
_SYSTEMS = (
    ("Undefined Cartesian", -1, "NONE", -1, "undefined", None),
    ("Undefined geographic", 0, "NONE", 0, "undefined", None),
    ("WGS 84 geodetic", SRID, "EPSG", SRID, _WGS84, "longitude/latitude in decimal degrees"),
)


def _run(connection: sa.Connection, sql: str, *values: object) -> None:
    connection.exec_driver_sql(sql, values)


def create_core(connection: sa.Connection) -> None:
    """Create the tables every GeoPackage has."""
    for statement in _CORE:
        _run(connection, statement)
    for row in _SYSTEMS:
        _run(connection, "INSERT INTO gpkg_spatial_ref_sys VALUES (?,?,?,?,?,?)", *row)


def _list(connection: sa.Connection, table: str, kind: str, title: str, srs: int) -> None:
    columns = "table_name, data_type, identifier, srs_id"
    _run(connection, f"INSERT INTO gpkg_contents ({columns}) VALUES (?, ?, ?, ?)", table, kind, title, srs)


def add_attributes(connection: sa.Connection, table: str, title: str) -> None:
    """List a table without geometry."""
    _list(connection, table, "attributes", title, 0)


def add_layer(connection: sa.Connection, table: str, title: str, kind: str, key: str = "fid") -> None:
    """List a table with its geometry column ``geometry`` and give it an R-tree with the standard's triggers.

    Parameters
    ----------
    table, title : name of the table, and what GDAL and QGIS show
    kind : geometry name such as POINT
    key : integer primary key of the table
    """
    _list(connection, table, "features", title, SRID)
    _run(connection, "INSERT INTO gpkg_geometry_columns VALUES (?, 'geometry', ?, ?, 0, 0)", table, kind, SRID)
    _run(
        connection,
        "INSERT INTO gpkg_extensions VALUES (?, 'geometry', 'gpkg_rtree_index', ?, 'write-only')",
        table,
        _RTREE_SPEC,
    )
    _run(connection, f"CREATE VIRTUAL TABLE {rtree(table)} USING rtree(id, minx, maxx, miny, maxy)")
    create_triggers(connection, table, key)


def rtree(table: str) -> str:
    """Name of the R-tree of a layer."""
    return f"rtree_{table}_geometry"


def trigger_statements(table: str, key: str = "fid") -> dict[str, str]:
    """The standard's six R-tree triggers by name."""
    tree = rtree(table)
    put = (
        f"INSERT OR REPLACE INTO {tree} VALUES (NEW.{key}, ST_MinX(NEW.geometry), ST_MaxX(NEW.geometry), "
        "ST_MinY(NEW.geometry), ST_MaxY(NEW.geometry))"
    )
    drop, there = (
        f"DELETE FROM {tree} WHERE id = OLD.{key}",
        "NEW.geometry NOTNULL AND NOT ST_IsEmpty(NEW.geometry)",
    )
    gone = "NEW.geometry ISNULL OR ST_IsEmpty(NEW.geometry)"
    same, moved = f"OLD.{key} = NEW.{key}", f"OLD.{key} != NEW.{key}"
    both = f"DELETE FROM {tree} WHERE id IN (OLD.{key}, NEW.{key})"
    bodies = {
        "insert": f"AFTER INSERT ON {table} WHEN ({there}) BEGIN {put}; END",
        "update1": f"AFTER UPDATE OF geometry ON {table} WHEN {same} AND ({there}) BEGIN {put}; END",
        "update2": f"AFTER UPDATE OF geometry ON {table} WHEN {same} AND ({gone}) BEGIN {drop}; END",
        "update3": f"AFTER UPDATE ON {table} WHEN {moved} AND ({there}) BEGIN {drop}; {put}; END",
        "update4": f"AFTER UPDATE ON {table} WHEN {moved} AND ({gone}) BEGIN {both}; END",
        "delete": f"AFTER DELETE ON {table} WHEN OLD.geometry NOTNULL BEGIN {drop}; END",
    }
    return {f"{tree}_{name}": f"CREATE TRIGGER {tree}_{name} {body}" for name, body in bodies.items()}


def create_triggers(connection: sa.Connection, table: str, key: str = "fid") -> None:
    """Create the R-tree triggers of a layer."""
    for statement in trigger_statements(table, key).values():
        _run(connection, statement)


def drop_triggers(connection: sa.Connection, table: str) -> None:
    """Drop the R-tree triggers of a layer; the caller fills the R-tree and creates them again in the same
    transaction."""
    for name in trigger_statements(table):
        _run(connection, f"DROP TRIGGER IF EXISTS {name}")
