"""Frame -> Arrow table with exactly the columns of a database table, checked, in spatial order, with a
content hash."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely
import sqlalchemy as sa

from models.errors import StoreError
from models.tables.base import GeoPackageGeometry

Objects = npt.NDArray[np.object_]
_SINGLE = {3: shapely.multipolygons, 1: shapely.multilinestrings, 0: shapely.multipoints}
_MULTI_OF = {"MULTIPOLYGON": 3, "MULTILINESTRING": 1, "MULTIPOINT": 0}
_TYPE_ID = {
    "POINT": 0,
    "LINESTRING": 1,
    "POLYGON": 3,
    "MULTIPOINT": 4,
    "MULTILINESTRING": 5,
    "MULTIPOLYGON": 6,
}


@dataclass(frozen=True)
class Prepared:
    """One table, ready to be loaded.

    Attributes
    ----------
    table : the database table
    columns : Arrow columns by name, the geometry left out; n rows
    shapes : n shapely geometries in EPSG:4326 (None where missing), or None for a table without geometry
    content_hash : sha256 over the columns and the geometry; equal frames have equal hashes on every machine
    """

    table: sa.Table
    columns: dict[str, pa.Array]
    shapes: Objects | None
    content_hash: str

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(next(iter(self.columns.values())))


def prepare(table: sa.Table, frame: pd.DataFrame) -> Prepared:
    """Convert a frame on contract to the columns of a table.

    Parameters
    ----------
    table : where it goes; its columns but ``fid`` and the geometry are taken by name, optional ones may be
        absent
    frame : for a table with geometry a GeoDataFrame in EPSG:4326, or a DataFrame with ``lon`` and ``lat`` in
        degrees (a row with ``located`` False gets no point)

    Returns
    -------
    Rows with a geometry come in Hilbert order, so that neighbours share database pages; the others follow.

    Raises
    ------
    StoreError : a column the table does not have, a missing or empty required one, a value that does not fit
    """
    wanted = [c for c in table.columns if not c.primary_key and not isinstance(c.type, GeoPackageGeometry)]
    _check_names(table, wanted, frame)
    columns = {c.name: _column(table, c, frame) for c in wanted}
    shapes = _shapes(table, frame)
    if shapes is not None:
        order = _hilbert_order(shapes)
        take = pa.array(order)
        columns = {name: values.take(take) for name, values in columns.items()}
        shapes = shapes[order]
    return Prepared(table, columns, shapes, _content_hash(columns, shapes))


def _check_names(table: sa.Table, wanted: list[sa.Column[Any]], frame: pd.DataFrame) -> None:
    known = {c.name for c in wanted} | {"geometry", "lon", "lat"}
    unknown = sorted(set(map(str, frame.columns)) - known)
    if unknown:
        raise StoreError(
            f"table {table.name}: no place for column {', '.join(unknown)}; it has "
            f"{', '.join(sorted(known))}. Drop the "
            "column before publishing, or add it to models/tables with a migration."
        )
    missing = sorted(c.name for c in wanted if not c.nullable and c.name not in frame.columns)
    if missing:
        raise StoreError(f"table {table.name}: the frame lacks the required column {', '.join(missing)}")


def _column(table: sa.Table, column: sa.Column[Any], frame: pd.DataFrame) -> pa.Array:
    target = _arrow_type(column)
    if column.name not in frame.columns:
        return pa.nulls(len(frame), target)
    series = frame[column.name]
    try:
        values = pa.array(_plain(series), from_pandas=True)
        if isinstance(values, pa.ChunkedArray):
            values = values.combine_chunks()
        if pa.types.is_timestamp(values.type) and pa.types.is_date32(target):
            values = pc.cast(values, pa.timestamp(values.type.unit))
        values = pc.cast(values, target)
    except (pa.ArrowException, ValueError, TypeError) as error:
        raise StoreError(
            f"table {table.name}, column {column.name}: values of dtype {series.dtype} do not fit {target}: {error}"
        ) from error
    if pa.types.is_floating(target):
        finite = pc.is_finite(values)
        values = pc.if_else(pc.fill_null(pc.is_nan(values), False), pa.scalar(None, target), values)
        if pc.any(pc.and_kleene(pc.is_valid(values), pc.invert(finite))).as_py():
            raise StoreError(f"table {table.name}, column {column.name}: an infinite number cannot be stored")
    if not column.nullable and values.null_count:
        row = int(np.flatnonzero(values.is_null().to_numpy(zero_copy_only=False))[0])
        raise StoreError(
            f"table {table.name}, column {column.name}: {values.null_count:,} rows have no value, first the "
            "row with "
            f"index {frame.index[row]!r}, but the column is required"
        )
    return values


def _plain(series: pd.Series[Any]) -> Any:
    if series.dtype == object:
        filled = series.dropna()
        if len(filled) and isinstance(filled.iloc[0], list | dict):
            return [json.dumps(v, ensure_ascii=False) if isinstance(v, list | dict) else None for v in series]
    return series


def _arrow_type(column: sa.Column[Any]) -> pa.DataType:
    kinds: tuple[tuple[type[Any], pa.DataType], ...] = (
        (sa.BigInteger, pa.int64()),
        (sa.Boolean, pa.bool_()),
        (sa.Date, pa.date32()),
        (sa.Double, pa.float64()),
    )
    return next((target for kind, target in kinds if isinstance(column.type, kind)), pa.string())


def _shapes(table: sa.Table, frame: pd.DataFrame) -> Objects | None:
    if "geometry" not in table.columns:
        return None
    column = table.columns["geometry"]
    if isinstance(frame, gpd.GeoDataFrame):
        if frame.crs is None or frame.crs.to_epsg() not in (4326, 4490):
            raise StoreError(f"table {table.name}: the geometry is in {frame.crs or 'no CRS'}; needed: EPSG:4326")
        shapes = np.asarray(frame.geometry.array, dtype=object)
    elif {"lon", "lat"} <= set(frame.columns):
        shapes = _points(frame)
    else:
        raise StoreError(f"table {table.name}: the frame has neither a geometry nor lon and lat")
    shapes = _of_kind(table.name, shapes, column.type.kind)  # type: ignore[attr-defined]
    bare = int((shapely.is_missing(shapes) | shapely.is_empty(shapes)).sum())
    if bare and not column.nullable:
        raise StoreError(f"table {table.name}: {bare:,} rows have no geometry, but it is required")
    return shapes


def _points(frame: pd.DataFrame) -> Objects:
    lon, lat = (pd.to_numeric(frame[name]).to_numpy(dtype=float, na_value=np.nan) for name in ("lon", "lat"))
    there = np.isfinite(lon) & np.isfinite(lat)
    if "located" in frame.columns:
        there &= frame["located"].to_numpy(dtype=bool, na_value=False)
    shapes = np.full(len(frame), None, dtype=object)
    shapes[there] = shapely.points(lon[there], lat[there])
    return shapes


def _of_kind(table: str, shapes: Objects, kind: str) -> Objects:
    if shapely.has_z(shapes).any():
        shapes = shapely.force_2d(shapes)
    if kind == "GEOMETRY":
        return shapes
    types = shapely.get_type_id(shapes)
    single = _MULTI_OF.get(kind)
    if single is not None and (types == single).any():
        shapes = shapes.copy()
        shapes[types == single] = [_SINGLE[single]([shape]) for shape in shapes[types == single]]
        types = shapely.get_type_id(shapes)
    wrong = (types >= 0) & (types != _TYPE_ID[kind])
    if wrong.any():
        first = shapes[wrong][0].geom_type
        raise StoreError(f"table {table}: {int(wrong.sum()):,} geometries are not of type {kind}, first a {first}")
    return shapes


def _hilbert_order(shapes: Objects) -> npt.NDArray[np.int64]:
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    order = np.flatnonzero(there)
    if order.size > 1:
        distance = gpd.GeoSeries(shapes[order]).hilbert_distance().to_numpy()
        order = order[np.argsort(distance, kind="stable")]
    return np.concatenate([order, np.flatnonzero(~there)])


def _content_hash(columns: dict[str, pa.Array], shapes: Objects | None) -> str:
    digest = hashlib.sha256()
    for name, values in columns.items():
        digest.update(f"{name}:{values.type}:{len(values)};".encode())
        empty = pa.scalar(
            "" if pa.types.is_string(values.type) else 0,
            pa.string() if pa.types.is_string(values.type) else pa.int32(),
        )
        for part in (pc.is_null(values), pc.fill_null(values, pc.cast(empty, values.type))):
            batch = pa.record_batch([pa.concat_arrays([part])], names=["v"])
            digest.update(batch.serialize())
    if shapes is not None:
        digest.update(b"geometry;")
        _hash_shapes(digest, shapes)
    return digest.hexdigest()


def _hash_shapes(digest: hashlib._Hash, shapes: Objects) -> None:
    kinds = shapely.get_type_id(shapes)
    digest.update(kinds.astype("<i4").tobytes())
    if np.all(kinds <= 0):
        digest.update(shapely.is_empty(shapes).tobytes())
        digest.update(shapely.get_coordinates(shapes).astype("<f8").tobytes())
        return
    for body in shapely.to_wkb(shapes, byte_order=1, output_dimension=2):
        digest.update(b"\0" if body is None else body)
