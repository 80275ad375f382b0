"""Makes geometries in WGS84 out of coordinates, WKT or shapes; says what is wrong with the others."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from models.contracts import CONTRACTS
from models.profile import City, Source
from models.sources.datum import to_wgs84
from models.sources.ledger import Ledger

Objects = npt.NDArray[Any]


def coordinates(frame: pd.DataFrame, city: City, source: Source, ledger: Ledger) -> pd.DataFrame:
    """Return ``frame`` with lon and lat in WGS84; impossible ones and those outside the city's bounds are
    rejected."""
    lon, lat = to_wgs84(frame["lon"], frame["lat"], source.datum or "WGS84")
    x, y = pd.Series(lon, index=frame.index), pd.Series(lat, index=frame.index)
    half = frame["lon"].isna() != frame["lat"].isna()
    # An unreadable number has its own reason already.
    half &= ~frame.index.isin(ledger.rejected())
    shown = frame["lon"].astype("str") + ", " + frame["lat"].astype("str")
    ledger.reject(half, "lon", shown, "one of the two coordinates is missing")
    given = frame["lon"].notna() & frame["lat"].notna()
    possible = (x.abs() <= 180) & (y.abs() <= 90)
    ledger.reject(given & ~possible, "lon", shown, f"not a position in the datum {source.datum}")
    _reject_outside((x.where(given & possible), y.where(given & possible)), city, ledger, shown)
    return frame.assign(lon=x, lat=y)


def points(frame: pd.DataFrame) -> Objects:
    """Points of the columns lon and lat; None where one is missing."""
    lon, lat = frame["lon"].to_numpy(dtype=float), frame["lat"].to_numpy(dtype=float)
    known = np.isfinite(lon) & np.isfinite(lat)
    made = np.full(len(frame), None, dtype=object)
    made[known] = shapely.points(lon[known], lat[known])
    return made


def from_wkt(texts: pd.Series, ledger: Ledger) -> Objects:
    """Geometries of WKT texts; an unreadable text is rejected."""
    plain: Objects = texts.astype(object).where(texts.notna(), None).to_numpy()
    made: Objects = shapely.from_wkt(plain, on_invalid="ignore")
    unreadable = pd.Series(shapely.is_missing(made), index=texts.index) & texts.notna()
    ledger.reject(unreadable, "geometry", texts, "not a readable WKT text")
    return made


def to_degrees(shapes: Objects, crs: str) -> Objects:
    """Convert geometries of ``crs`` (a datum or EPSG code) to WGS84 degrees."""
    if crs in ("WGS84", "CGCS2000", "EPSG:4326"):
        return shapes

    def convert(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], crs))

    moved: Objects = shapely.transform(shapes, convert)
    return moved


def usable(shapes: pd.Series, city: City, source: Source, ledger: Ledger) -> tuple[pd.Series, list[str]]:
    """Return the geometries that the table can hold, and notes on what was repaired.

    Rejected: invalid polygons (unless the manifest says ``repair = true``), another type than the table's,
    none where one is needed, points outside the city's bounds.
    """
    column = CONTRACTS[source.table].column("geometry")
    values: Objects = shapes.to_numpy(dtype=object).copy()
    missing = shapely.is_missing(values) | shapely.is_empty(values)
    values[missing] = None
    if not column.nullable:
        ledger.reject(pd.Series(missing, index=shapes.index), "geometry", "", "there is no geometry")
    values, notes = _made_valid(values, shapes.index, source, ledger)
    values = _promoted(values, column.geometry_types)
    types = pd.Series(shapely.get_type_id(values), index=shapes.index)
    allowed = [shapely.GeometryType[t.upper()].value for t in column.geometry_types]
    names = types.map(lambda t: shapely.GeometryType(t).name.lower() if t >= 0 else "none")
    wrong = (types >= 0) & ~types.isin(allowed)
    ledger.reject(wrong, "geometry", names, f"not a {' or '.join(column.geometry_types)}")
    if column.geometry_types == ("Point",) and "lon" not in source.columns:
        x, y = (pd.Series(get(values), index=shapes.index) for get in (shapely.get_x, shapely.get_y))
        _reject_outside((x, y), city, ledger, x.astype("str") + ", " + y.astype("str"))
    return pd.Series(values, index=shapes.index, dtype=object), notes


def _made_valid(values: Objects, index: pd.Index, source: Source, ledger: Ledger) -> tuple[Objects, list[str]]:
    invalid = ~shapely.is_missing(values) & ~shapely.is_valid(values)
    if not invalid.any():
        return values, []
    reasons = pd.Series(shapely.is_valid_reason(values), index=index, dtype="str")
    if not source.repair:
        why = "the geometry is not valid; declare repair = true in the manifest to have such shapes repaired"
        ledger.reject(pd.Series(invalid, index=index), "geometry", reasons, why)
        return values, []
    repaired = values.copy()
    repaired[invalid] = [_polygons_only(g) for g in shapely.make_valid(values[invalid])]
    lines = ledger.rows.loc[index[invalid], "source_row"]
    listed = "; ".join(f"row {line}: {r}" for line, r in zip(lines[:20], reasons[invalid][:20], strict=True))
    return repaired, [f"{source.id}: {int(invalid.sum())} geometries that were not valid were repaired ({listed})"]


def _reject_outside(place: tuple[pd.Series, pd.Series], city: City, ledger: Ledger, shown: pd.Series) -> None:
    if city.bounds is None:
        return
    (x, y), (west, south, east, north) = place, city.bounds
    outside = x.notna() & y.notna() & ~(x.between(west, east) & y.between(south, north))
    reason = f"outside of the city's bounds {west} to {east} east, {south} to {north} north"
    ledger.reject(outside, "lon", shown, reason)


def _polygons_only(shape: shapely.Geometry) -> shapely.Geometry:
    if shape.geom_type != "GeometryCollection":
        return shape
    parts = [p for p in shapely.get_parts(shape) if p.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts)


def _promoted(values: Objects, allowed: tuple[str, ...]) -> Objects:
    """Polygons as multipolygons where the table holds areas, one-part lines and points as single ones
    elsewhere."""
    kinds = shapely.get_type_id(values)
    made = values.copy()
    if "MultiPolygon" in allowed and "LineString" not in allowed:
        for i in np.flatnonzero(kinds == shapely.GeometryType.POLYGON):
            made[i] = shapely.MultiPolygon([values[i]])
    single = {"Point": shapely.GeometryType.MULTIPOINT, "LineString": shapely.GeometryType.MULTILINESTRING}
    for name, kind in single.items():
        if name in allowed and f"Multi{name}" not in allowed:
            for i in np.flatnonzero(kinds == kind):
                if shapely.get_num_geometries(values[i]) == 1:
                    made[i] = shapely.get_geometry(values[i], 0)
    return made
