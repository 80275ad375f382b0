"""The areas a wall speaks of: districts where the city has several, else towns; with a name and a point each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from layers import frames
from layers.basemap_labels import short_name
from layers.products import Products


@dataclass(frozen=True)
class Place:
    """An area by name, and a point of it in degrees WGS84."""

    name: str
    lon: float
    lat: float


def level_of(products: Products) -> str:
    """The level of areas whose numbers are compared: districts of a large city, towns of a single district."""
    if not products.has("districts"):
        return ""
    if len(frames.areas(products, "district")) > 1 or not products.has("grids"):
        return "district"
    return "town" if len(frames.areas(products, "town")) else "district"


@lru_cache(maxsize=16)
def places(products: Products, level: str, lang: str) -> dict[str, Place]:
    """Each area of a level by code; its point is the seat of a town, else one inside.

    A Chinese name loses its kind (古南街道 reads 古南), as on the map.
    """
    if not level:
        return {}
    shapes = frames.areas(products, level)
    names = [short_name(str(name)) for name in frames.names(products, level, lang)]
    points = shapes.geometry.representative_point()
    found = {
        str(code): Place(name, round(float(point.x), 5), round(float(point.y), 5))
        for code, name, point in zip(shapes["area_code"], names, points, strict=True)
    }
    return found | (_seats(products, found, lang) if level == "town" and products.has("towns") else {})


def _seats(products: Products, known: dict[str, Place], lang: str) -> dict[str, Place]:
    """The places whose town the table of towns knows, at its seat and with its English name where it has one."""
    found = {}
    for row in products.frame("towns").to_dict("records"):
        code = str(row["town_code"])
        if code in known:
            english = row.get("name_en")
            name = english if lang != "zh-Hans" and isinstance(english, str) else known[code].name
            found[code] = Place(name, round(float(row["geometry"].x), 5), round(float(row["geometry"].y), 5))
    return found


def name_of(products: Products, level: str, lang: str, code: object) -> str:
    """Name of an area, its code where there is none."""
    place = places(products, level, lang).get(str(code))
    return place.name if place else str(code)


def sizes(products: Products, level: str) -> tuple[pd.Series, str]:
    """How large each area of a level is, by code: published residents, else market subjects; and the unit's key."""
    if products.has("migration_balance"):
        rows = products.frame("migration_balance")
        rows = rows[(rows["area_level"] == level) & ~rows["suppressed"].astype(bool)]
        rows = rows[rows["period_to"] == rows["period_to"].max()]
        if len(rows):
            return rows.set_index("area_code")["residents_to"].astype("float64"), "persons"
    if not level or not products.has("subjects_by_area"):
        return pd.Series(dtype="float64"), "subjects"
    return frames.by_area(products, "subjects_by_area", level)["subjects"].astype("float64"), "subjects"


def top(values: pd.Series, count: int) -> pd.Series:
    """The largest values by code, the largest first; equal ones by code; what is missing or zero is left out."""
    known = values[values.notna() & (values != 0)]
    frame = pd.DataFrame({"value": known, "code": known.index})
    ordered = frame.sort_values(["value", "code"], ascending=[False, True])
    return ordered["value"].head(count).astype("float64")
