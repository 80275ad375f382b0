"""Replaces whole tables of a GeoPackage inside one transaction: rows, indexes, R-tree and bounds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
import sqlalchemy as sa

from models.errors import StoreError
from models.storage import rtree
from models.storage.engine import execute_many
from models.storage.prepare import Prepared
from models.tables import blobs, layers
from models.tables.base import iso_instant

BATCH = 20_000


def replace(connection: sa.Connection, prepared: Prepared, at: dt.datetime) -> None:
    """Replace the content of one table; foreign keys must be off on this connection and are checked by
    `check_keys`."""
    table = prepared.table
    indexes = sorted(
        (i for i in table.indexes if not i.name or not i.name.endswith("_geometry")),
        key=lambda i: str(i.name),
    )
    if prepared.shapes is not None:
        layers.drop_triggers(connection, table.name)
    for index in indexes:
        index.drop(connection)
    connection.exec_driver_sql(f"DELETE FROM {table.name}")
    _insert(connection, prepared)
    for index in indexes:
        index.create(connection)
    if prepared.shapes is not None:
        _fill_tree(connection, prepared)
        layers.create_triggers(connection, table.name)
    connection.exec_driver_sql(
        "UPDATE gpkg_contents SET last_change = ? WHERE table_name = ?", (iso_instant(at), table.name)
    )


def _insert(connection: sa.Connection, prepared: Prepared) -> None:
    given = {name: values for name, values in prepared.columns.items() if values.null_count < len(values)}
    names = ["fid", *given] + (["geometry"] if prepared.shapes is not None else [])
    quoted = ", ".join(f'"{name}"' for name in names)
    statement = f"INSERT INTO {prepared.table.name} ({quoted}) VALUES ({', '.join('?' * len(names))})"
    for rows in _batches(prepared, list(given.values())):
        execute_many(connection, statement, rows)


def _batches(prepared: Prepared, given: list[pa.Array]) -> Iterator[Iterator[tuple[Any, ...]]]:
    for start in range(0, prepared.rows, BATCH):
        stop = min(start + BATCH, prepared.rows)
        columns: list[Any] = [range(start + 1, stop + 1)]
        columns += [_values(values[start:stop]) for values in given]
        if prepared.shapes is not None:
            columns.append(blobs.encode(prepared.shapes[start:stop]))
        yield zip(*columns, strict=True)


def _values(values: pa.Array) -> list[Any]:
    if pa.types.is_date32(values.type):
        values = pc.cast(values, pa.string())
    return values.to_pylist()  # type: ignore[no-any-return]


def _fill_tree(connection: sa.Connection, prepared: Prepared) -> None:
    shapes = prepared.shapes
    if shapes is None:
        return
    there = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    bounds = shapely.bounds(shapes[there]) if there.size else np.empty((0, 4))
    rtree.fill(connection, prepared.table.name, there + 1, bounds)
    box = [None] * 4 if not there.size else [*bounds[:, :2].min(axis=0).tolist(), *bounds[:, 2:].max(axis=0).tolist()]
    connection.exec_driver_sql(
        "UPDATE gpkg_contents SET min_x = ?, min_y = ?, max_x = ?, max_y = ? WHERE table_name = ?",
        (*box, prepared.table.name),
    )


def check_keys(connection: sa.Connection, tables: list[str]) -> None:
    """Find rows whose foreign key points nowhere, among these tables and the tables that point at them.

    Raises
    ------
    StoreError : naming the table, how many rows, and the table that lacks them
    """
    for table in tables:
        faults = connection.exec_driver_sql(f"PRAGMA foreign_key_check({table})").all()
        if faults:
            parents = ", ".join(sorted({str(fault[2]) for fault in faults}))
            raise StoreError(
                f"table {table}: {len(faults):,} rows name a key that the table {parents} does not hold "
                "(first fid "
                f"{faults[0][1]}), so nothing was changed"
            )
