"""Supervision grids where a city has none yet, and the checks of those it has.

Voronoi cells of the town seats stand in for town areas: every place belongs to the nearest seat of its
district. They are labelled ``derived`` and are no administrative boundary.
"""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from models.errors import RequestError
from models.fusion.areas import codes_at, in_metres

_MOST_SEATS = 999
COLUMNS = ("grid_code", "name", "level", "parent_code", "derived", "source_id", "geometry")


def voronoi_of_towns(
    towns: gpd.GeoDataFrame, districts: gpd.GeoDataFrame, crs: int, *, only: Sequence[str] = ()
) -> gpd.GeoDataFrame:
    """Return a grids frame of the districts and, below them, the Voronoi cells of their town seats.

    Cells are cut in the working CRS and tile their district: no overlaps, and areas that add up to the
    district's. A seat counts for the district that holds it; a seat outside every district counts for the
    one its ``district_code`` names. `left_out` lists seats that make no cell. A district without a seat is
    one cell.

    Parameters
    ----------
    towns : towns frame with Points (EPSG:4326)
    districts : districts frame (EPSG:4326)
    crs : EPSG code of the working CRS, metres
    only : codes of the districts that get town cells; empty for all

    Returns
    -------
    grids frame, EPSG:4326: districts as delivered (level district, derived False), then cells (level town,
    derived True, code = district code + 3 digits in the order of the town codes, name of the town).

    Raises
    ------
    RequestError : ``only`` names an unknown district, or one has more than 999 seats
    """
    unknown = sorted(set(only) - set(districts["district_code"]))
    if unknown:
        known = ", ".join(sorted(districts["district_code"]))
        raise RequestError(f"the grid scheme names the districts {', '.join(unknown)}; there are {known}")
    seats = _seats(towns, districts)
    seats = seats[seats["reason"].isna()].to_crs(crs)
    delivered = districts.sort_values("district_code")
    polygons = delivered.set_geometry(in_metres(delivered.geometry, crs))
    parts = []
    for row in polygons.itertuples(index=False):
        if only and row.district_code not in only:
            continue
        parts.append(_cells_of_district(row, seats[seats["home"] == row.district_code], crs))
    top = delivered.assign(
        grid_code=delivered["district_code"],
        level="district",
        derived=False,
        parent_code=pd.Series(pd.NA, index=delivered.index, dtype="str"),
    )
    joined = pd.concat([top[list(COLUMNS)], *parts], ignore_index=True)
    grids = gpd.GeoDataFrame(joined, geometry="geometry", crs="EPSG:4326")
    single = grids.geom_type == "Polygon"
    grids.loc[single, "geometry"] = [shapely.MultiPolygon([shape]) for shape in grids.geometry[single]]
    return grids.astype(dict.fromkeys(("grid_code", "name", "level", "parent_code", "source_id"), "str"))


def left_out(towns: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the seats that make no Voronoi cell: town_code, name, reason."""
    seats = _seats(towns, districts)
    rows = seats.loc[seats["reason"].notna(), ["town_code", "name", "reason"]]
    return pd.DataFrame(rows).sort_values("town_code", ignore_index=True)


def _seats(towns: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Towns in the order of their codes with ``home`` (district code) and ``reason`` for having no cell."""
    seats = towns.sort_values("town_code", ignore_index=True)
    lon, lat = shapely.get_x(seats.geometry.to_numpy()), shapely.get_y(seats.geometry.to_numpy())
    home = codes_at(districts.geometry, districts["district_code"], lon, lat)
    if "district_code" in seats:
        stated = seats["district_code"].where(seats["district_code"].isin(districts["district_code"]))
        home = home.fillna(stated.astype("str"))
    reason = pd.Series(pd.NA, index=seats.index, dtype="str").mask(home.isna(), "outside every district")
    first = seats.groupby([lon, lat])["town_code"].transform("first")
    again = (first != seats["town_code"]) & reason.isna()
    reason = reason.mask(again, "same place as " + first)
    marked: gpd.GeoDataFrame = seats.assign(home=home, reason=reason)
    return marked


def _cells_of_district(district: object, seats: gpd.GeoDataFrame, crs: int) -> gpd.GeoDataFrame:
    code, outline = str(district.district_code), district.geometry  # type: ignore[attr-defined]
    if len(seats) > _MOST_SEATS:
        raise RequestError(f"district {code} has {len(seats)} town seats; cell codes have room for {_MOST_SEATS}")
    if len(seats) < 2:
        shapes = np.array([outline], dtype=object)
    else:
        points = shapely.MultiPoint(seats.geometry.to_list())
        cells = shapely.voronoi_polygons(points, extend_to=outline, ordered=True)
        shapes = _polygonal(shapely.intersection(shapely.get_parts(cells), outline))
    if len(seats):
        names, sources = seats["name"].to_numpy(object), seats["source_id"].to_numpy(object)
    else:
        names = np.array([district.name], dtype=object)  # type: ignore[attr-defined]
        sources = np.array([district.source_id], dtype=object)  # type: ignore[attr-defined]
    kept = np.flatnonzero(~shapely.is_empty(shapes))
    frame = {
        "grid_code": [f"{code}{i + 1:03d}" for i in kept],
        "name": names[kept],
        "level": "town",
        "parent_code": code,
        "derived": True,
        "source_id": sources[kept],
    }
    made: gpd.GeoDataFrame = gpd.GeoDataFrame(frame, geometry=shapes[kept], crs=crs).to_crs("EPSG:4326")
    return made


def _polygonal(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Drop the points and lines an intersection may leave beside its polygons."""
    mixed = shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION
    for i in np.flatnonzero(mixed):
        parts = shapely.get_parts(shapes[i])
        areas = parts[shapely.get_dimensions(parts) == 2]
        shapes[i] = shapely.union_all(areas) if areas.size else shapely.Polygon()
    thin = shapely.get_dimensions(shapes) < 2
    shapes[thin] = shapely.Polygon()
    return shapes
