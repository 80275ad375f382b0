"""Rows of a query -> frame with the dtypes of the contracts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import sqlalchemy as sa

from models.storage.prepare import Objects
from models.tables import blobs
from models.tables.base import GeoPackageGeometry, Instant


def selectable(table: sa.Table, columns: Sequence[str] | None, dialect: str, *, shapes: bool) -> list[Any]:
    """Columns of a table to select, the geometry as bytes; ``fid`` is left out unless asked for by name."""
    names = [c.name for c in table.columns if c.name != "fid"] if columns is None else list(columns)
    picked = [table.columns[name] for name in names]
    plain: list[Any] = [c for c in picked if not isinstance(c.type, GeoPackageGeometry)]
    return [*plain, geometry_bytes(table, dialect)] if shapes else plain


def geometry_bytes(table: sa.Table, dialect: str) -> Any:
    """The geometry of a row as the back end's own bytes (GeoPackage blob or WKB), named ``geometry``."""
    column = table.columns["geometry"]
    if dialect == "postgresql":
        return sa.func.ST_AsBinary(column, type_=sa.LargeBinary).label("geometry")
    return sa.type_coerce(column, sa.LargeBinary).label("geometry")


def shapes_of(values: Sequence[Any], dialect: str) -> Objects:
    """Shapely geometries of what `geometry_bytes` gave; a blob of another program reads as missing."""
    if dialect == "postgresql":
        return np.asarray(shapely.from_wkb(np.asarray([None if v is None else bytes(v) for v in values], dtype=object)))
    return blobs.decode(values)[0]


def frame_of(rows: Sequence[Any], columns: Sequence[Any], dialect: str) -> pd.DataFrame:
    """Make a frame of rows; with a geometry among the columns a GeoDataFrame in EPSG:4326.

    Parameters
    ----------
    rows : n tuples
    columns : what was selected, in order; their types give the dtypes (H3 cells UInt64, other integers Int64
        where a value may be missing)
    """
    values = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    data: dict[str, Any] = {}
    shapes: Objects | None = None
    for column, content in zip(columns, values, strict=True):
        if column.name == "geometry":
            shapes = shapes_of(content, dialect)
        else:
            data[column.name] = _series(column, content)
    frame = pd.DataFrame(data)
    return frame if shapes is None else gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes), crs=4326)


def _series(column: Any, content: Sequence[Any]) -> pd.Series[Any]:
    kind, values = column.type, list(content)
    if isinstance(kind, sa.Date):
        return pd.Series(pd.to_datetime(pd.Series(values, dtype=object)).astype("datetime64[s]"))
    if isinstance(kind, Instant):
        return pd.Series(pd.to_datetime(pd.Series(values, dtype=object), utc=True))
    series: pd.Series[Any] = pd.Series(values, dtype=_dtype(column))
    return series


def _dtype(column: Any) -> Any:
    if isinstance(column.type, sa.BigInteger):
        plain = "Int64" if column.nullable else "int64"
        if column.name.startswith("h3"):
            return "UInt64" if column.nullable else "uint64"
        return plain
    if isinstance(column.type, sa.Boolean):
        return "boolean" if column.nullable else "bool"
    return "float64" if isinstance(column.type, sa.Double) else "str"
