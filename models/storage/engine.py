"""Opens the database of a city: one GeoPackage file in WAL mode, or one schema of a PostGIS database."""

from __future__ import annotations

import os
import re
import sqlite3
import struct
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from models.errors import StoreError
from models.tables import blobs, layers

BUSY_MS = 10_000
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    f"busy_timeout={BUSY_MS}",
    "foreign_keys=ON",
    "secure_delete=OFF",
    "cache_size=-65536",
    "temp_store=MEMORY",
)
_WRITING = "cityhex_writing"
# A server notices in 90 s that a computer is gone, and frees its locks.
_KEEPALIVE = "-c tcp_keepalives_idle=60 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
_engines: weakref.WeakSet[sa.Engine] = weakref.WeakSet()


def _forget_connections() -> None:
    for engine in list(_engines):
        engine.dispose(close=False)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_connections)


def check_file(path: Path) -> None:
    """Refuse a file that is not a GeoPackage, by its header and without opening it as a database.

    Raises
    ------
    StoreError : the file belongs to another program
    """
    if not path.exists() or path.stat().st_size == 0:
        return
    with path.open("rb") as handle:
        head = handle.read(100)
    application = struct.unpack_from(">I", head, 68)[0] if len(head) == 100 else None
    if not head.startswith(b"SQLite format 3\0") or application not in (layers.APPLICATION_ID, 0):
        raise StoreError(
            f"{path} is not a GeoPackage written by Cityhex (it starts with {head[:16]!r}) and was left as "
            "it is. "
            "Move it away, or point CITYHEX_HOME at another folder."
        )


def geopackage_engine(path: Path, *, read_only: bool = False) -> sa.Engine:
    """Engine of a GeoPackage file; the file is created on the first connection.

    Every thread gets a connection of its own from the pool; a forked process opens its own.
    """
    engine = sa.create_engine(f"sqlite+pysqlite:///{path}", pool_size=8, max_overflow=32)

    @sa.event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # BEGIN is sent by `begun`, so that DDL is part of the transaction too
        for name, function in _spatial_functions().items():
            connection.create_function(name, 1, function, deterministic=True)
        if connection.execute("PRAGMA application_id").fetchone()[0] == 0:  # before WAL: GDAL reads the raw header
            connection.execute(f"PRAGMA application_id={layers.APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version={layers.USER_VERSION}")
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        if read_only:
            connection.execute("PRAGMA query_only=ON")

    @sa.event.listens_for(engine, "begin")
    def begun(connection: sa.Connection) -> None:
        writing = connection.get_execution_options().get(_WRITING, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    _engines.add(engine)
    return engine


def _spatial_functions() -> dict[str, Callable[[bytes | None], float | int | None]]:
    def bound(i: int) -> Callable[[bytes | None], float | None]:
        def value(blob: bytes | None) -> float | None:
            box = None if blob is None else blobs.envelope(blob)
            return None if box is None else box[i]

        return value

    bounds = {name: bound(i) for i, name in enumerate(("ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"))}
    return {**bounds, "ST_IsEmpty": lambda blob: None if blob is None else int(blobs.is_empty(blob))}


def schema_name(city_id: str) -> str:
    """Schema of a city in a shared PostGIS database."""
    return "city_" + re.sub(r"[^a-z0-9_]", "_", city_id.lower())


def postgis_engine(url: str, city_id: str) -> sa.Engine:
    """Engine whose connections see the schema of one city first, then ``public`` with PostGIS."""
    engine = sa.create_engine(
        url,
        pool_size=8,
        max_overflow=32,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={
            "connect_timeout": 3,
            "application_name": f"cityhex {city_id}",
            "options": f"-c search_path={schema_name(city_id)},public -c timezone=UTC {_KEEPALIVE}",
        },
    )
    _engines.add(engine)
    return engine


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection whose statements all see one and the same moment of the database."""
    options: dict[str, Any] = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with engine.connect() as plain:
        connection = plain.execution_options(**options)
        with connection.begin():
            yield connection


@contextmanager
def writing(engine: sa.Engine, *, foreign_keys: bool = True) -> Iterator[sa.Connection]:
    """A connection in one write transaction: committed at the end, rolled back on any error.

    Parameters
    ----------
    foreign_keys : False lets a bulk load on SQLite check them once at its end instead of at every row
    """
    with engine.connect() as plain:
        connection = plain.execution_options(**{_WRITING: True})
        loose = engine.dialect.name == "sqlite" and not foreign_keys
        if loose:
            _pragma(connection, "foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
        finally:
            if loose and not connection.invalidated:
                _pragma(connection, "foreign_keys=ON")


def checkpoint(engine: sa.Engine) -> None:
    """Bring what stands in the write-ahead log into the file, as far as readers let it."""
    with engine.connect() as connection:
        _pragma(connection, "wal_checkpoint(PASSIVE)")


def _pragma(connection: sa.Connection, text: str) -> None:
    raw: Any = connection.connection.driver_connection
    raw.execute(f"PRAGMA {text}")


def execute_many(connection: sa.Connection, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Run a statement for every tuple on the driver itself, which takes any iterator and so needs no copy of
    the rows.

    Raises
    ------
    sqlalchemy.exc.DBAPIError : as if SQLAlchemy had run it
    """
    cursor: Any = connection.connection.cursor()
    dbapi: Any = connection.dialect.loaded_dbapi
    try:
        cursor.executemany(statement, rows)
    except dbapi.Error as error:
        raise sa.exc.DBAPIError.instance(statement, None, error, dbapi.Error, dialect=connection.dialect) from error
    finally:
        cursor.close()
