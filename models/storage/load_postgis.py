"""Replaces whole tables of a PostGIS schema inside one transaction, by COPY."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
import shapely
import sqlalchemy as sa

from models.storage.prepare import Prepared
from models.tables.blobs import SRID

BATCH = 50_000


def replace(connection: sa.Connection, prepared: Prepared) -> None:
    """Replace the content of one table; deferred foreign keys are checked when the transaction is
    committed."""
    name = prepared.table.name
    connection.exec_driver_sql(f"DELETE FROM {name}")
    names = ["fid", *prepared.columns] + (["geometry"] if prepared.shapes is not None else [])
    _copy(connection, name, names, (_batch(prepared, start) for start in range(0, prepared.rows, BATCH)))


def _batch(prepared: Prepared, start: int) -> pa.Table:
    stop = min(start + BATCH, prepared.rows)
    arrays: list[Any] = [pa.array(np.arange(start + 1, stop + 1))]
    arrays += [values[start:stop] for values in prepared.columns.values()]
    names = ["fid", *prepared.columns]
    if prepared.shapes is not None:
        shapes = shapely.set_srid(prepared.shapes[start:stop], SRID)
        arrays.append(pa.array(shapely.to_wkb(shapes, hex=True, include_srid=True, output_dimension=2), pa.string()))
        names.append("geometry")
    return pa.table(arrays, names=names)


def _copy(connection: sa.Connection, table: str, names: list[str], batches: Any) -> None:
    quoted = ", ".join(f'"{name}"' for name in names)
    raw: Any = connection.connection.driver_connection
    try:
        with raw.cursor() as cursor, cursor.copy(f"COPY {table} ({quoted}) FROM STDIN (FORMAT csv)") as copy:
            for batch in batches:
                buffer = io.BytesIO()
                pcsv.write_csv(batch, buffer, pcsv.WriteOptions(include_header=False))
                copy.write(buffer.getvalue())
    except connection.dialect.loaded_dbapi.Error as error:
        raise sa.exc.DBAPIError.instance(
            f"COPY {table}", None, error, connection.dialect.loaded_dbapi.Error, dialect=connection.dialect
        ) from error
