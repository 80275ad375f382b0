"""Brings a database to the schema of this program, and says what differs; the same on both back ends."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from models.errors import StoreError
from models.tables import Base

FOLDER = Path(__file__).resolve().parents[1] / "tables" / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return config


@cache
def revisions() -> tuple[str, ...]:
    """Revisions this program knows, oldest first."""
    return tuple(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())[::-1]


def options(connection: sa.Connection) -> dict[str, Any]:
    """Options of Alembic: on PostgreSQL the books of the city's own schema, whatever stands in ``public``."""
    postgis = connection.dialect.name == "postgresql"
    return {
        "version_table_schema": connection.dialect.default_schema_name if postgis else None,
        "include_object": compares(connection.dialect.name),
        "compare_type": True,
    }


def current(connection: sa.Connection) -> str | None:
    """Revision of a database, or None where it has none."""
    return MigrationContext.configure(connection, opts=options(connection)).get_current_revision()


def check(connection: sa.Connection, where: str) -> bool:
    """Say whether the database is at the newest revision.

    Raises
    ------
    StoreError : the database was made by a newer version of this program, or holds tables of another program
    """
    revision = current(connection)
    if revision is None:
        schema = options(connection)["version_table_schema"]
        names = sa.inspect(connection).get_table_names(schema)
        if names:
            raise StoreError(
                f"{where} holds tables of another program ({', '.join(sorted(names)[:5])}) and was left as "
                "it is. Move it away, or point CITYHEX_HOME or CITYHEX_DB at another place."
            )
        return False
    if revision not in revisions():
        raise StoreError(
            f"{where} was written by a newer version of Cityhex (schema {revision}; this version knows up to "
            f"{revisions()[-1]}) and was left as it is. Start the newer version, or use another CITYHEX_HOME."
        )
    return revision == revisions()[-1]


def upgrade(connection: sa.Connection, to: str = "head") -> None:
    """Run the missing migrations inside the caller's transaction."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def compares(dialect: str) -> Callable[..., bool]:
    """Rule for Alembic what belongs to the schema: not the GeoPackage's own tables, nor a GiST index on
    SQLite."""

    def include(item: Any, name: str | None, kind: str, reflected: bool, _other: Any) -> bool:
        text = name or ""
        if kind == "table" and reflected:
            return not text.startswith(("gpkg_", "rtree_", "sqlite_", "spatial_ref_sys", "alembic_version"))
        return not (kind == "index" and dialect == "sqlite" and item.dialect_options["postgresql"]["using"] == "gist")

    return include


def differences(connection: sa.Connection) -> list[Any]:
    """What `Base` declares and the database lacks, or the reverse; empty when they agree."""
    context = MigrationContext.configure(connection, opts=options(connection))
    return list(compare_metadata(context, Base.metadata))
