"""Whether a database is at this program's schema, found out without loading the migration tool.

Nearly every opening finds the schema as it should be; loading Alembic just to learn that would add a third of a second
to every start.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import sqlalchemy as sa

VERSIONS = Path(__file__).resolve().parents[1] / "tables" / "migrations" / "versions"
BOOK = "alembic_version"


@cache
def newest() -> str:
    """Newest revision this program knows: migrations are numbered, and a file's name begins with its number."""
    return max(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*_*.py"))


def is_newest(connection: sa.Connection) -> bool:
    """Say whether a database is stamped with the newest revision; False also where it is not ours at all."""
    postgis = connection.dialect.name == "postgresql"
    schema = connection.dialect.default_schema_name if postgis else None
    if not sa.inspect(connection).has_table(BOOK, schema):
        return False
    book = sa.table(BOOK, sa.column("version_num"), schema=schema)
    return connection.execute(sa.select(book.c.version_num)).scalars().all() == [newest()]
