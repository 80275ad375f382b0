"""What every table declares, on both back ends."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable

from models import contracts
from models.tables import Base
from models.tables.base import GeoPackageGeometry, Instant, iso_instant

TABLES = sorted(Base.metadata.tables)
CONTRACTED = sorted(set(TABLES) & set(contracts.CONTRACTS))


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_a_title_an_integer_key_and_a_docstring(name):
    table = Base.metadata.tables[name]
    (mapper,) = [m for m in Base.registry.mappers if m.local_table is table]
    assert mapper.class_.__doc__
    assert table.info["title"]
    assert table.info["key"] in table.columns
    assert name == "table_versions" or isinstance(next(iter(table.primary_key)).type, sa.BigInteger)


@pytest.mark.parametrize("name", TABLES)
def test_geopackage_types_are_those_gdal_knows(name):
    table = Base.metadata.tables[name]
    for column in table.columns:
        kind = column.type.compile(dialect=sqlite.dialect())
        geometry = isinstance(column.type, GeoPackageGeometry)
        allowed = {column.type.kind} if geometry else {"TEXT", "INTEGER", "DOUBLE", "BOOLEAN", "DATE", "DATETIME"}
        assert kind in allowed, column


def test_the_same_class_is_a_postgis_geometry():
    text = str(CreateTable(Base.metadata.tables["grids"]).compile(dialect=postgresql.dialect()))
    assert "geometry geometry(MULTIPOLYGON,4326) NOT NULL" in text


@pytest.mark.parametrize("name", CONTRACTED)
def test_every_column_of_a_contract_has_its_place(name):
    columns = Base.metadata.tables[name].columns
    for column in contracts.CONTRACTS[name].columns:
        assert column.name in columns, column.name
        assert columns[column.name].nullable == column.nullable, column.name


def test_the_subjects_product_fits_the_legal_persons_table():
    assert {c.name for c in contracts.CONTRACTS["subjects"].columns} <= set(
        Base.metadata.tables["legal_persons"].columns.keys()
    )


def test_a_moment_needs_a_zone_and_is_kept_in_utc():
    kind = Instant()
    with pytest.raises(ValueError, match="time zone"):
        kind.process_bind_param(dt.datetime(2026, 1, 1), sqlite.dialect())
    beijing = dt.datetime(2026, 1, 1, 8, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    stored = kind.process_bind_param(beijing, sqlite.dialect())
    assert stored == iso_instant(beijing) == "2026-01-01T00:00:00.000Z"
    assert kind.process_result_value(stored, sqlite.dialect()) == beijing
