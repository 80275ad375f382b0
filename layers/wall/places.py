"""The areas a wall speaks of: districts where the city has several, else towns; with a name and a point each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from layers import flows, frames
from layers.basemap_labels import short_name
from layers.products import Products
from layers.text import FIRST

MOST_OFFERED = 60
ZOOM = {"district": 10.0, "town": 11.5}
"""How close a presenter is taken to an area."""


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
    points, shown = flows.places(products, level), frames.names(products, level, lang)
    if lang != FIRST and level == "town" and products.has("towns"):
        towns = products.frame("towns").drop_duplicates("town_code").set_index("town_code")
        shown = towns["name_en"].reindex(shown.index).fillna(shown) if "name_en" in towns else shown
    return {
        str(row["area_code"]): Place(
            short_name(str(shown[row["area_code"]])), round(row["lon"], 5), round(row["lat"], 5)
        )
        for row in points.to_dict("records")
    }


def offered(products: Products, lang: str) -> list[dict[str, object]]:
    """What a presenter can zoom to: the largest areas first, each with a name, a point and a zoom.

    At most `MOST_OFFERED`; a large city offers its districts, a single district its towns.
    """
    level = level_of(products)
    known, zoom = places(products, level, lang), ZOOM.get(level, ZOOM["district"])
    order = [str(code) for code in top(sizes(products, level)[0], MOST_OFFERED).index] if known else []
    codes = [*order, *sorted(set(known) - set(order))][:MOST_OFFERED]
    return [
        {"name": known[code].name, "lon": known[code].lon, "lat": known[code].lat, "zoom": zoom}
        for code in codes
        if code in known
    ]


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
