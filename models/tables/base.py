"""The column types and the base class that every table shares, on SQLite (GeoPackage) and on PostgreSQL
(PostGIS)."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import sqlalchemy as sa
from geoalchemy2 import Geometry, WKBElement
from geoalchemy2.shape import to_shape
from sqlalchemy.dialects.sqlite import base as sqlite_dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, mapped_column

from models.tables import blobs

GEOMETRY_KINDS = (
    "GEOMETRY",
    "POINT",
    "LINESTRING",
    "POLYGON",
    "MULTIPOINT",
    "MULTILINESTRING",
    "MULTIPOLYGON",
    "GEOMETRYCOLLECTION",
)


class GeoPackageGeometry(sa.types.TypeDecorator[Any]):
    """A geometry column of a GeoPackage; values are shapely geometries going in and `WKBElement` coming out.

    The declared SQL type is the geometry's own name, as the standard asks, not BLOB.
    """

    impl = sa.LargeBinary
    cache_ok = True

    def __init__(self, kind: str = "GEOMETRY", srid: int = blobs.SRID) -> None:
        super().__init__()
        self.kind, self.srid = kind, srid

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> bytes | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Encode one shapely geometry or `WKBElement`."""
        if value is None:
            return None
        return blobs.encode([to_shape(value) if isinstance(value, WKBElement) else value], self.srid)[0]

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> WKBElement | None:  # noqa: ARG002
        """Wrap one stored blob; raises ValueError where another program wrote a foreign one."""
        if value is None:
            return None
        srid, _, offset = blobs.split(value)
        return WKBElement(bytes(value[offset:]), srid=srid)


class Instant(sa.types.TypeDecorator[dt.datetime]):
    """A moment in UTC: ISO text that ends in Z on SQLite (the DATETIME of GeoPackage), TIMESTAMPTZ on
    PostgreSQL."""

    impl = sa.String
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        """TIMESTAMPTZ on PostgreSQL, text elsewhere."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.DateTime(timezone=True))
        return dialect.type_descriptor(sa.String())

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> Any:
        """Refuse a moment without a zone; store it in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment needs its time zone: {value!r}")
        value = value.astimezone(dt.UTC)
        return value if dialect.name == "postgresql" else iso_instant(value)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> dt.datetime | None:  # noqa: ARG002
        """Give the moment back in UTC."""
        if value is None:
            return None
        moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.astimezone(dt.UTC)


def iso_instant(value: dt.datetime) -> str:
    """ISO text of a moment in UTC with milliseconds and Z, as GeoPackage wants it: 2026-03-01T08:00:00.000Z."""
    return value.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@compiles(GeoPackageGeometry, "sqlite")
def _geometry_name(type_: GeoPackageGeometry, compiler: Any, **_: Any) -> str:  # noqa: ARG001
    return type_.kind


@compiles(Instant, "sqlite")
def _instant_name(type_: Instant, compiler: Any, **_: Any) -> str:  # noqa: ARG001
    return "DATETIME"


@compiles(sa.String, "sqlite")
def _text_name(type_: sa.String, compiler: Any, **_: Any) -> str:  # noqa: ARG001
    return "TEXT"  # GDAL refuses VARCHAR and drops the attribute without an error


@compiles(sa.BigInteger, "sqlite")
def _integer_name(type_: sa.BigInteger, compiler: Any, **_: Any) -> str:  # noqa: ARG001
    return "INTEGER"


def _reflected(kind: str) -> type[GeoPackageGeometry]:
    def init(self: GeoPackageGeometry) -> None:
        GeoPackageGeometry.__init__(self, kind)

    return type(f"Reflected{kind.title()}", (GeoPackageGeometry,), {"__init__": init, "cache_ok": True})


# GeoAlchemy2 maps these names to its own type and would ask for SpatiaLite's tables on reflection.
for _kind in GEOMETRY_KINDS:
    sqlite_dialect.ischema_names[_kind] = _reflected(_kind)


def geometry_type(kind: str) -> sa.types.TypeEngine[Any]:
    """SQL type of a geometry column.

    The portable type is the base and PostGIS the variant: the other way round GeoAlchemy2 asks SQLite for
    SpatiaLite.
    """
    postgis = Geometry(kind, srid=blobs.SRID, spatial_index=False)
    return GeoPackageGeometry(kind).with_variant(postgis, "postgresql")


def geometry(kind: str, *, nullable: bool = False) -> Any:
    """Column of a geometry in EPSG:4326: a GeoPackage blob on SQLite, ``geometry(kind, 4326)`` on PostGIS."""
    return mapped_column(geometry_type(kind), nullable=nullable)


# Text sorts by code point on both back ends; the language-aware order of a page is the page's business.
TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
Text = Annotated[str, mapped_column(TEXT)]
Number = Annotated[float, mapped_column(sa.Double)]
Count = Annotated[int, mapped_column(sa.BigInteger)]
Day = Annotated[dt.date, mapped_column(sa.Date)]
Moment = Annotated[dt.datetime, mapped_column(Instant)]
Cell = Annotated[int, mapped_column(sa.BigInteger)]
RowId = Annotated[int, mapped_column(sa.BigInteger, primary_key=True, autoincrement=True)]


class Base(DeclarativeBase):
    """Base of every table; constraint names are fixed so that migrations can name them on both back ends."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def spatial_index(table: str) -> sa.Index:
    """GiST index of the geometry column; PostgreSQL only, a GeoPackage has its R-tree."""
    return sa.Index(f"ix_{table}_geometry", "geometry", postgresql_using="gist").ddl_if(dialect="postgresql")


def record(title: str, key: str, *, loaded: bool = True, listed: bool = True) -> dict[str, Any]:
    """What a table says of itself, kept in ``Table.info``.

    Parameters
    ----------
    title : shown by GDAL and QGIS
    key : column of the natural key
    loaded : whether a build replaces it whole (otherwise it is written row by row)
    listed : whether GDAL and QGIS list it
    """
    return {"info": {"title": title, "key": key, "loaded": loaded, "listed": listed}}


def table_of(model: type[Base]) -> sa.Table:
    """The table a class is mapped to, for statements that do not need objects."""
    table = model.__table__
    if not isinstance(table, sa.Table):
        raise TypeError(f"{model.__name__} is not mapped to a table")
    return table
