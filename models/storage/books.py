"""What the books say: rows per source, loaded and quarantined, and the files a build was made of."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import sqlalchemy as sa

from models.errors import UnknownNameError
from models.storage.rows import frame_of, selectable
from models.tables import Base, QuarantinedRow, SourceFileRecord
from models.tables.base import table_of

_SOURCES = table_of(SourceFileRecord)
_QUARANTINE = table_of(QuarantinedRow)


def rows_by_source(connection: sa.Connection) -> dict[tuple[str, str], int]:
    """Number of rows by table and source over all tables a build loads, the quarantine left out."""
    counts: dict[tuple[str, str], int] = {}
    for table in Base.metadata.sorted_tables:
        if table.info["loaded"] and "source_id" in table.columns and table is not _QUARANTINE:
            source = table.columns["source_id"]
            for name, number in connection.execute(sa.select(source, sa.func.count()).group_by(source)):
                counts[table.name, name] = int(number)
    return counts


def quarantined_by_source(connection: sa.Connection) -> dict[str, int]:
    """Number of distinct quarantined rows (file and line) by source."""
    c = _QUARANTINE.c
    distinct = sa.select(c.source_id, c.source_file, c.source_row).distinct().subquery()
    rows = connection.execute(sa.select(distinct.c.source_id, sa.func.count()).group_by(distinct.c.source_id))
    return {name: int(number) for name, number in rows}


def provenance(connection: sa.Connection, build_id: str) -> pd.DataFrame:
    """Files a build read, by source and label."""
    columns = selectable(_SOURCES, None, connection.dialect.name, shapes=False)
    order = (_SOURCES.c.source_id, _SOURCES.c.label)
    rows = connection.execute(sa.select(*columns).where(_SOURCES.c.build_id == build_id).order_by(*order)).all()
    return frame_of(rows, columns, connection.dialect.name)


def count(connection: sa.Connection, table: sa.Table) -> int:
    """Number of rows of a table."""
    return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def whole_table(
    connection: sa.Connection, table: sa.Table, columns: Sequence[str] | None, source_id: str | None
) -> pd.DataFrame:
    """All rows of a table, or those of one source, in the order of its natural key.

    Raises
    ------
    UnknownNameError : a column the table does not have
    """
    names, dialect = table.columns.keys(), connection.dialect.name
    unknown = sorted({*(columns or ()), *(["source_id"] if source_id is not None else [])} - set(names))
    if unknown:
        raise UnknownNameError(f"table {table.name} has no column {', '.join(unknown)}; it has {', '.join(names)}")
    shapes = "geometry" in names and (columns is None or "geometry" in columns)
    picked = selectable(table, columns, dialect, shapes=shapes)
    statement = sa.select(*picked).order_by(table.columns[table.info["key"]], *table.primary_key.columns)
    if source_id is not None:
        statement = statement.where(table.columns["source_id"] == source_id)
    return frame_of(connection.execute(statement).all(), picked, dialect)
