"""Road sections on the map: their lines, names and areas, and what was measured on them in the latest period.

Everything here reads protected products only (`road_sections`, `road_speeds`); how they are made and what they do not
tell stands in docs/methods/roads.md.
"""

from __future__ import annotations

from functools import lru_cache

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers import estimates, frames
from layers.products import Products
from layers.text import number, text
from models.contracts.roads import WEEKDAYS

Floats = npt.NDArray[np.float64]

SECTIONS, SPEEDS = "road_sections", "road_speeds"
WAYS = {"forward": "roads.forward", "backward": "roads.backward"}
BUSY = "workday-08"
"""Hour a fresh page shows."""
HOURS = (*estimates.HOURS, *(f"{day}-{hour:02d}" for day in WEEKDAYS for hour in range(24)))
"""Periods of the hour axis: both types of day, then the days of the week."""
_MEASURED = ["speed_kmh", "low", "high", "free_flow_kmh", "tti", "jam", "devices", "suppressed"]


def sections(products: Products) -> gpd.GeoDataFrame:
    """Sections of the latest period by ascending id: section_id, road_id, name, direction, from_km, to_km, geometry."""
    return _sections(products)


@lru_cache(maxsize=4)
def _sections(products: Products) -> gpd.GeoDataFrame:
    rows = estimates.latest(products.frame(SECTIONS))
    found = gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4326")
    return found.sort_values("section_id", ignore_index=True)


def owners(products: Products) -> pd.DataFrame:
    """The smallest grid cell and the district that the middle of each section lies in, in the order of the sections."""
    return _owners(products)


@lru_cache(maxsize=4)
def _owners(products: Products) -> pd.DataFrame:
    middle = middles(products)
    found = pd.DataFrame(index=range(len(middle)))
    for column, level in (("grid_code", "grid"), ("district_code", "district")):
        codes = pd.Series(pd.NA, index=found.index, dtype="str")
        if products.has("grids" if level == "grid" else "districts"):
            areas = frames.areas(products, level)
            at, area = shapely.STRtree(areas.geometry.to_numpy()).query(middle, predicate="intersects")
            first = pd.Series(areas["area_code"].to_numpy(object)[area], index=at).groupby(level=0).first()
            codes.loc[first.index] = first
        found[column] = codes
    return found


def middles(products: Products) -> npt.NDArray[np.object_]:
    """A point in the middle of each section."""
    lines = sections(products).geometry.to_numpy()
    found: npt.NDArray[np.object_] = np.asarray(shapely.line_interpolate_point(lines, 0.5, normalized=True))
    return found


def title(row: pd.Series, lang: str) -> str:
    """Road, kilometres and direction of a section."""
    first, last = number(float(row["from_km"]), lang, digits=0), number(float(row["to_km"]), lang, digits=0)
    way = text(WAYS[str(row["direction"])], lang)
    return text("roads.section_title", lang, name=str(row["name"]), first=first, last=last, way=way)


def names(products: Products, lang: str) -> pd.Series:
    """Name of each section in the language, by id."""
    rows = sections(products)
    said = [title(row, lang) for _, row in rows.iterrows()]
    return pd.Series(said, index=rows["section_id"].to_numpy(object), dtype=object)


def measured(products: Products, period: str) -> pd.DataFrame:
    """What was measured at one hour of one type of day or day of the week, by section id; ``period`` is one of `HOURS`.

    The product lists the days of the week of a section and hour only where one of them is told. A section that has
    devices on that type of day and lists no day of the week is hidden on each: fewer than k devices.
    """
    day, _, hour = period.partition("-")
    own = _measured(products)[period]
    if day not in WEEKDAYS:
        return own
    usual = _measured(products)[f"{'workday' if WEEKDAYS.index(day) < 5 else 'weekend'}-{hour}"]
    unlisted = usual[~usual.index.isin(own.index)]
    if unlisted.empty:
        return own
    numbers = [name for name in _MEASURED if name != "suppressed"]
    hidden = unlisted[numbers].mask(np.ones((len(unlisted), len(numbers)), bool)).assign(suppressed=True)
    return pd.concat([own, hidden[_MEASURED]]) if len(own) else hidden[_MEASURED]


@lru_cache(maxsize=4)
def _measured(products: Products) -> dict[str, pd.DataFrame]:
    rows = estimates.latest(products.frame(SPEEDS)).set_index("section_id")
    groups = rows.groupby(["daytype", "hour"], observed=True)[_MEASURED]
    found = {f"{daytype}-{hour:02d}": part for (daytype, hour), part in groups}
    nothing = rows[_MEASURED].iloc[:0]
    return {period: found.get(period, nothing) for period in HOURS}


def hours(products: Products) -> tuple[str, ...]:
    """24 hours of each type of day, then of each day of the week; none where nothing was measured."""
    return HOURS if len(products.frame(SPEEDS)) else ()


def on_sections(products: Products, rows: pd.DataFrame, values: Floats, *, category: bool = False) -> pd.DataFrame:
    """A layer frame of values of measured rows, protected by their devices; all other sections have no data.

    Parameters
    ----------
    rows : `measured`
    values : float64 (rows,); uncertain where the coefficient of variation of the speed is above `estimates.MOST_CV`
    category : whether the values are codes of classes, of which 0 is one like any other
    """
    ids = sections(products)["section_id"].to_numpy(object)
    zero = frames.OBSERVED if category else frames.ZERO
    frame = frames.lay(ids, pd.Series(values, index=rows.index), empty=frames.NO_DATA, zero=zero)
    speed, high = (rows[name].to_numpy(np.float64, na_value=np.nan) for name in ("speed_kmh", "high"))
    with np.errstate(divide="ignore", invalid="ignore"):
        cv = (high / speed - 1.0) / estimates.Z90
    return estimates.flagged(frame, rows, rows.index.get_indexer(pd.Index(frame["id"])), cv)
