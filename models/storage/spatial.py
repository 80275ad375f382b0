"""Spatial questions, answered the same way on both back ends: an index gives candidates, shapely decides.

R-tree boxes are float32 rounded outwards and PostGIS's may be too, so a box never decides by itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
import sqlalchemy as sa
from pyproj import Geod

from models.errors import RequestError
from models.storage.pages import PERSONS
from models.storage.rows import frame_of, geometry_bytes, selectable, shapes_of
from models.tables.layers import rtree

_GEOD = Geod(ellps="WGS84")
_METRES_PER_DEGREE = 110_000.0  # less than the shortest degree of latitude (110,574 m), so that boxes only grow


def within(connection: sa.Connection, table: sa.Table, geometry: Any) -> npt.NDArray[np.object_]:
    """Natural keys of the rows whose geometry meets a geometry (touching counts), sorted, each once.

    Parameters
    ----------
    geometry : shapely geometry in EPSG:4326
    """
    if "geometry" not in table.columns:
        raise RequestError(f"table {table.name} has no geometry")
    if shapely.is_missing(geometry) or shapely.is_empty(geometry):
        return np.array([], dtype=object)
    dialect = connection.dialect.name
    key = table.columns[table.info["key"]]
    statement = sa.select(key, geometry_bytes(table, dialect)).where(_meets_box(table, dialect, geometry.bounds))
    rows = connection.execute(statement).all()
    if not rows:
        return np.array([], dtype=object)
    shapes = shapes_of([row[1] for row in rows], dialect)
    shapely.prepare(geometry)
    hits = shapely.intersects(geometry, shapes)
    return np.array(sorted({row[0] for row, hit in zip(rows, hits, strict=True) if hit}), dtype=object)


def nearest(connection: sa.Connection, lon: float, lat: float, radius_m: float, limit: int) -> pd.DataFrame:
    """Located legal persons within a distance along the ellipsoid, nearest first, with ``distance_m``.

    Parameters
    ----------
    lon, lat : degrees, WGS84
    radius_m : metres, up to 100 km
    """
    if not 0 < radius_m <= 100_000:
        raise RequestError(f"radius {radius_m} m: needed is more than 0 and at most 100,000 m")
    dialect = connection.dialect.name
    columns = selectable(PERSONS, None, dialect, shapes=False)
    dy = radius_m / _METRES_PER_DEGREE
    dx = dy / max(float(np.cos(np.radians(min(abs(lat) + dy, 89.9)))), 1e-3)
    box = (lon - dx, lat - dy, lon + dx, lat + dy)
    points = sa.select(PERSONS.c.fid, PERSONS.c.uscc, PERSONS.c.lon, PERSONS.c.lat)
    rows = connection.execute(points.where(_meets_box(PERSONS, dialect, box))).all()
    fids, codes, lons, lats = (list(v) for v in zip(*rows, strict=True)) if rows else ([], [], [], [])
    n = len(rows)
    _, _, metres = _GEOD.inv([lon] * n, [lat] * n, lons, lats)
    ranked = sorted((m, code, fid) for m, code, fid in zip(metres, codes, fids, strict=True) if m <= radius_m)[:limit]
    wanted = [fid for _, _, fid in ranked]
    found = connection.execute(sa.select(PERSONS.c.fid, *columns).where(PERSONS.c.fid.in_(wanted))).all()
    by_fid = {row[0]: row[1:] for row in found}
    frame = frame_of([by_fid[fid] for fid in wanted], columns, dialect)
    frame["distance_m"] = np.array([m for m, _, _ in ranked], dtype=float)
    return frame


def _meets_box(table: sa.Table, dialect: str, box: tuple[float, float, float, float]) -> Any:
    x0, y0, x1, y1 = map(float, box)
    if dialect == "postgresql":
        return sa.text("geometry && ST_MakeEnvelope(:x0, :y0, :x1, :y1, 4326)").bindparams(x0=x0, y0=y0, x1=x1, y1=y1)
    tree = sa.table(rtree(table.name), *(sa.column(n) for n in ("id", "minx", "maxx", "miny", "maxy")))
    c = tree.c
    inside = sa.select(c.id).where(c.minx <= x1, c.maxx >= x0, c.miny <= y1, c.maxy >= y0)
    return table.columns["fid"].in_(inside)
