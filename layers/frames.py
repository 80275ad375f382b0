"""Layer frames: the values of a product laid on the whole geometry of a resolution, each with its flag."""

from __future__ import annotations

from functools import lru_cache

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.products import Products

OBSERVED, ZERO, SUPPRESSED, NO_DATA, ESTIMATED = range(5)
NOTHING = pd.Series([], index=pd.Index([], dtype=object), dtype="float64")
COARSE = 2.0
"""Error radius over circumradius from which on a cell is finer than what it shows."""
POINT_COLUMNS = ("uscc", "lon", "lat", "located", "match_level", "district_code", "grid_code")


def cells(products: Products, resolution: str) -> pd.DataFrame:
    """The cells of one resolution by ascending id: h3 (uint64), area_km2, lon, lat, district_code, grid_code."""
    found: pd.DataFrame = _cells(products, resolution)
    return found


@lru_cache(maxsize=12)
def _cells(products: Products, resolution: str) -> pd.DataFrame:
    frame = products.frame("cells")
    return frame[frame["resolution"] == int(resolution)].sort_values("h3", ignore_index=True)


def areas(products: Products, level: str) -> gpd.GeoDataFrame:
    """The areas of one level by ascending code, as a GeoDataFrame: area_code, name, area_level, geometry.

    ``district`` are the city's own districts, not their neighbours; ``grid`` are the cells of the supervision grid that
    have no cell below them, on whatever level they stand: there every subject is counted once.
    """
    return _areas(products, level)


@lru_cache(maxsize=12)
def _areas(products: Products, level: str) -> gpd.GeoDataFrame:
    if level == "district":
        frame = products.frame("districts").rename(columns={"district_code": "area_code"}).assign(area_level=level)
        if products.has("cells"):
            frame = frame[frame["area_code"].isin(products.frame("cells")["district_code"].dropna().unique())]
    else:
        grids = products.frame("grids")
        leaf = ~grids["grid_code"].isin(set(grids["parent_code"].dropna()))
        chosen = grids[leaf if level == "grid" else grids["level"] == level]
        frame = chosen.rename(columns={"grid_code": "area_code", "level": "area_level"})
    kept = [c for c in ("area_code", "name", "name_en", "area_level", "derived", "geometry") if c in frame.columns]
    frame = frame[kept].sort_values("area_code").drop_duplicates("area_code", keep="last")
    return gpd.GeoDataFrame(frame.reset_index(drop=True), geometry="geometry", crs="EPSG:4326")


def names(products: Products, level: str, lang: str) -> pd.Series:
    """Name of each area of a level in the language, else in Chinese, by code."""
    shapes = areas(products, level)
    named = shapes["name"]
    if lang != "zh-Hans" and "name_en" in shapes:
        named = shapes["name_en"].where(shapes["name_en"].notna(), named)
    return pd.Series(named.to_numpy(object), index=shapes["area_code"].to_numpy(object))


def ids_of(products: Products, kind: str, resolution: str) -> npt.NDArray[np.uint64] | npt.NDArray[np.object_]:
    """All ids of a resolution or level, ascending: the order in which geometry and values are sent.

    For ``road`` the sections of the latest period.
    """
    if kind == "road":
        rows = products.frame("road_sections")
        sections: npt.NDArray[np.object_] = np.sort(
            rows.loc[rows["period"] == rows["period"].max(), "section_id"].to_numpy(object)
        )
        return sections
    if kind == "hex":
        hexes: npt.NDArray[np.uint64] = cells(products, resolution)["h3"].to_numpy(np.uint64)
        return hexes
    codes: npt.NDArray[np.object_] = areas(products, resolution)["area_code"].to_numpy(object)
    return codes


def lay(
    ids: npt.NDArray[np.uint64] | npt.NDArray[np.object_], values: pd.Series, *, empty: int, zero: int = ZERO
) -> pd.DataFrame:
    """Lay values on ids: a frame on the contract of a hex or area layer, in the order of ``ids``.

    Parameters
    ----------
    ids : all ids, ascending
    values : float64 by id; NaN where nothing is known although the product has a row
    zero : flag of a value 0; `OBSERVED` for codes of categories, where 0 is a class like any other
    empty : flag of the ids the product says nothing about: `ZERO` where absence means none, else `NO_DATA`
    """
    keys = values.index.to_numpy(ids.dtype)
    at = np.clip(np.searchsorted(ids, keys), 0, max(len(ids) - 1, 0))
    found = ids[at] == keys if len(ids) else np.zeros(len(keys), bool)
    known = values.to_numpy(np.float64)[found]
    column = np.full(len(ids), 0.0 if empty == ZERO else np.nan)
    flags = np.full(len(ids), empty, np.int64)
    column[at[found]] = known
    flags[at[found]] = np.where(np.isnan(known), NO_DATA, np.where(known == 0, zero, OBSERVED))
    names = pd.Series(ids) if ids.dtype == np.uint64 else pd.Series(ids, dtype="str")
    return pd.DataFrame({"id": names, "value": column, "flag": flags})


def mark(frame: pd.DataFrame, values: npt.NDArray[np.float64]) -> pd.DataFrame:
    """A frame on the contract of a point layer from rows with lon and lat; ``id`` is the row number."""
    flags = np.where(np.isnan(values), NO_DATA, OBSERVED).astype(np.int64)
    ids = np.arange(len(frame), dtype=np.int64)
    lon, lat = frame["lon"].to_numpy(np.float64), frame["lat"].to_numpy(np.float64)
    return pd.DataFrame({"id": ids, "value": values, "flag": flags, "lon": lon, "lat": lat})


def located(products: Products) -> pd.DataFrame:
    """The subjects with a place on the map, in the order of the product: the rows that point ids number."""
    return _located(products)


@lru_cache(maxsize=2)
def _located(products: Products) -> pd.DataFrame:
    frame = products.frame("subjects", POINT_COLUMNS)
    return frame[frame["located"].astype(bool) & frame["lon"].notna()].reset_index(drop=True)


def by_cell(products: Products, name: str, resolution: str) -> pd.DataFrame:
    """The rows of one resolution of a product with the columns h3 and resolution, indexed by h3."""
    frame = products.frame(name)
    return frame[frame["resolution"] == int(resolution)].set_index("h3")


def by_area(products: Products, name: str, level: str) -> pd.DataFrame:
    """The rows of one level of a product with the columns area_code and area_level, indexed by area_code.

    For ``grid``, the rows of those cells that `areas` gives, whatever level each of them stands on.
    """
    frame = products.frame(name)
    if level != "grid":
        return frame[frame["area_level"] == level].set_index("area_code")
    own = areas(products, level).set_index("area_code")["area_level"]
    return frame[frame["area_level"] == frame["area_code"].map(own)].set_index("area_code")


def area_km2(products: Products, level: str) -> pd.Series:
    """Area of each district, town cell or grid in square kilometres, by code, in the city's working CRS."""
    found: pd.Series = by_area(products, "subjects_by_area", level)["area_km2"].astype("float64")
    return found


def with_coarse(frame: pd.DataFrame, products: Products, resolution: str) -> pd.DataFrame:
    """Flag the observed cells estimated whose subjects are located more coarsely than the cell is wide.

    That is where their mean error radius is more than `COARSE` times the circumradius of the cell: a map of such cells
    shows where the seats of towns are, not where the subjects are.
    """
    coarse = np.isin(frame["id"].to_numpy(np.uint64), _coarse(products, resolution))
    flags = frame["flag"].to_numpy(np.int64)
    return frame.assign(flag=np.where(coarse & (flags == OBSERVED), ESTIMATED, flags))


@lru_cache(maxsize=8)
def _coarse(products: Products, resolution: str) -> npt.NDArray[np.uint64]:
    rows = by_cell(products, "subjects_by_cell", resolution)
    radius = circumradius_m(rows["area_km2"].to_numpy(np.float64))
    error = rows["mean_error_radius_m"].to_numpy(np.float64, na_value=np.nan)
    found: npt.NDArray[np.uint64] = rows.index.to_numpy(np.uint64)[error > COARSE * radius]
    return found


def circumradius_m(area_km2: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Circumradius in metres of a regular hexagon of an area in square kilometres: sqrt(2 A / (3 sqrt 3))."""
    radius: npt.NDArray[np.float64] = np.sqrt(2 * area_km2 / (3 * np.sqrt(3))) * 1000
    return radius


def latest_residents(products: Products, level: str) -> pd.DataFrame:
    """The rows of the latest census of each area of a level, indexed by area_code.

    Areas that were derived (Voronoi cells) are left out: no census counted them, whatever their code.
    """
    rows = by_area(products, "residents_by_area", level).sort_values("reference_date")
    shapes = areas(products, level)
    derived = set(shapes.loc[shapes["derived"].astype(bool), "area_code"]) if "derived" in shapes else set()
    return rows[~rows.index.duplicated(keep="last") & ~rows.index.isin(derived)]


def windowed_density(products: Products, name: str, resolution: str, ends: tuple[str, ...]) -> npt.NDArray[np.float64]:
    """All densities above zero of twelve-month sums that end with each of ``ends``.

    Every registration counts in twelve windows, so the sums are made from the rows alone: a few times the register,
    not cells times months.
    """
    rows = by_cell(products, name, resolution).reset_index()
    month = pd.PeriodIndex(rows["month"], freq="M").asi8
    wanted = pd.PeriodIndex(list(ends), freq="M").asi8
    parts = [pd.DataFrame({"h3": rows["h3"], "end": month + shift, "n": rows["subjects"]}) for shift in range(12)]
    every = pd.concat(parts)
    sums = every[every["end"].isin(wanted)].groupby(["h3", "end"], sort=False)["n"].sum()
    size = cells(products, resolution).set_index("h3")["area_km2"].reindex(sums.index.get_level_values("h3"))
    density = sums.to_numpy(np.float64) / size.to_numpy(np.float64)
    shown: npt.NDArray[np.float64] = density[np.isfinite(density)]
    return shown


def months(frame: pd.DataFrame, last: int) -> tuple[str, ...]:
    """The last months (YYYY-MM) in which a product has any row, oldest first."""
    return tuple(sorted(frame["month"].unique())[-last:])


def window(month: str, length: int = 12) -> tuple[str, ...]:
    """The ``length`` months that end with ``month``, oldest first."""
    end = pd.Period(month, freq="M")
    return tuple(str(end - back) for back in range(length - 1, -1, -1))


__all__ = [
    "ESTIMATED", "NOTHING", "NO_DATA", "OBSERVED", "SUPPRESSED", "ZERO", "area_km2", "areas", "by_area", "by_cell",
    "cells", "circumradius_m", "ids_of", "latest_residents", "lay", "located", "mark", "months", "names", "window",
    "windowed_density", "with_coarse",
]  # fmt: skip
