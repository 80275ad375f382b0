"""Opens or creates a city's database, checks whose it is, and brings it to the present schema."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from filelock import FileLock

from models.errors import NotBuiltError, StoreError
from models.storage.engine import check_file, geopackage_engine, postgis_engine, reading, schema_name, writing
from models.storage.faults import guarded
from models.storage.network import refuse_network
from models.storage.revision import is_newest

FILE = "city.gpkg"
_MIGRATION_WAIT_S = 60


def open_engine(city_id: str, home: Path, url: str | None, *, read_only: bool) -> tuple[sa.Engine, str]:
    """Engine of a city's database at the present schema, and how to name the database in messages.

    Raises
    ------
    NotBuiltError : ``read_only`` and there is nothing yet
    StoreError : another program's, or a newer version's, or on a network file system
    """
    if url is None:
        where = str(home / FILE)
        refuse_network(home)
        if read_only and not _has_bytes(home / FILE):
            raise NotBuiltError(
                f"{city_id} has not been built yet: {where} does not exist. Run: cityhex build {city_id}"
            )
        check_file(home / FILE)
    else:
        address = sa.make_url(url).render_as_string(hide_password=True)
        where = f"schema {schema_name(city_id)} of {address}"
    with guarded(where):
        if not read_only:
            home.mkdir(parents=True, exist_ok=True)
        if url is None:
            engine = geopackage_engine(home / FILE, read_only=read_only)
        else:
            _need_schema(url, city_id, where, read_only=read_only)
            engine = postgis_engine(url, city_id)
        try:
            bring_up(engine, city_id, home, where, read_only=read_only)
        except BaseException:
            engine.dispose()
            raise
    return engine, where


def _has_bytes(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def bring_up(engine: sa.Engine, city_id: str, home: Path, where: str, *, read_only: bool) -> None:
    """Run the migrations that are missing, one process at a time; ``read_only`` refuses instead."""
    with reading(engine) as connection:
        if is_newest(connection):
            return
    from models.storage import migrate  # noqa: PLC0415 - loads Alembic, which an up-to-date database does not need

    with reading(engine) as connection:
        present = migrate.check(connection, where)
        fresh = migrate.current(connection) is None
    if present:
        return
    if read_only and fresh:
        raise NotBuiltError(f"{city_id} has not been built yet. Run: cityhex build {city_id}")
    if read_only:
        raise StoreError(f"{where} was written by an older version of Cityhex. Run: cityhex build {city_id}")
    with FileLock(home / "migration.lock", timeout=_MIGRATION_WAIT_S), writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            _alone(connection, city_id)
        if not migrate.check(connection, where):
            migrate.upgrade(connection)


def _need_schema(url: str, city_id: str, where: str, *, read_only: bool) -> None:
    """Create the city's schema; an engine of its own, because an engine remembers its schema from the start."""
    name = schema_name(city_id)
    engine = postgis_engine(url, city_id)
    try:
        with writing(engine) as connection:
            extensions = sa.text("SELECT 1 FROM pg_extension WHERE extname = 'postgis'")
            if connection.execute(extensions).first() is None:
                raise StoreError(f"{where}: the database has no PostGIS. As its owner run: CREATE EXTENSION postgis;")
            if sa.inspect(connection).has_schema(name):
                return
            if read_only:
                raise NotBuiltError(f"{city_id} has not been built yet. Run: cityhex build {city_id}")
            _alone(connection, city_id)  # two IF NOT EXISTS at once would both find nothing
            connection.execute(sa.schema.CreateSchema(name, if_not_exists=True))
    finally:
        engine.dispose()


def _alone(connection: sa.Connection, city_id: str) -> None:
    """Wait until no other transaction makes or changes this city's schema."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(schema_name(city_id)))))
