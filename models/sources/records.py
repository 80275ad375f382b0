"""What a record needs besides the columns of its file: names, ids, lengths, levels, districts."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import pandas as pd
import shapely

from models.profile import City, Source
from models.profile.targets import NUMBERED
from models.sources.districts import Districts
from models.sources.expansion import best_name
from models.sources.geometry import points
from models.sources.ledger import Ledger

FILLS_DISTRICT = ("towns", "facilities", "housing_projects", "places", "premises")
"""Tables whose rows get the district that holds their point, where the source gives none."""

NAMED_WITHOUT_POINT = ("district", "town", "zone")
"""Kinds of places whose name alone helps to read an address."""

# Codes of the municipalities (直辖市): there 0100 and 0200 are sums of districts and counties, not cities.
MUNICIPALITIES = ("11", "12", "31", "50")


def prepared(texts: pd.DataFrame, source: Source, ledger: Ledger) -> pd.DataFrame:
    """Return the canonical texts with what follows from them, before numbers and dates are read."""
    step = _PREPARE.get(source.table)
    return texts if step is None else step(texts, source, ledger)


def completed(frame: pd.DataFrame, city: City, source: Source, districts: Districts | None) -> pd.DataFrame:
    """Return the typed frame with ids, lengths and the district that holds each point.

    A district is filled in only where the source gives none. Ids are ``<source>-<line>`` where the file has
    none, so that a re-run of the same file gives the same ids.
    """
    made = frame.copy()
    for name in (n for n, table in NUMBERED.items() if table == source.table and n not in frame):
        made[name] = _numbered(made, source)
    if source.table == "grids" and "derived" not in made:
        made["derived"] = False
    if source.table == "roads":
        made["oneway"] = made["oneway"].fillna(False).astype(bool) if "oneway" in made else False
        shapes = gpd.GeoSeries(made["geometry"], index=made.index, crs="EPSG:4326")
        made["length_m"] = shapes.to_crs(city.crs).length
    if source.table == "premises" and "lon" not in made:
        shapes = made["geometry"].to_numpy(dtype=object)
        made = made.assign(lon=shapely.get_x(shapes), lat=shapely.get_y(shapes))
    placed = "geometry" in frame or "lon" in frame
    if districts is not None and placed and source.table in FILLS_DISTRICT:
        made["district_code"] = _filled(made, districts)
    return made


def _numbered(frame: pd.DataFrame, source: Source) -> pd.Series:
    file = frame["source_file"].str.split("#").str[0]
    number = frame.groupby([file, "source_row"], sort=False).cumcount()
    suffix = number.map(lambda n: f"-{n + 1}" if n else "").astype("str")
    ids = source.id + "-" + frame["source_row"].astype("str") + suffix
    if file.nunique() > 1:
        ids = ids + "@" + file.str.rsplit("/", n=1).str[-1]
    return ids.astype("str")


def _filled(frame: pd.DataFrame, districts: Districts) -> pd.Series:
    shapes = frame["geometry"].to_numpy(dtype=object) if "geometry" in frame else points(frame)
    held = districts.holding(shapes).set_axis(frame.index)
    if "district_code" not in frame:
        return held
    return frame["district_code"].fillna(held)


def _town_texts(texts: pd.DataFrame, source: Source, _ledger: Ledger) -> pd.DataFrame:
    name = texts["name"] if source.separator is None else best_name(texts["name"], source.separator)
    if "name_en" in texts:
        name = name.fillna(texts["name_en"])
    made = texts.assign(name=name)
    # Zero stands for unknown in lists of places.
    return made.assign(population=made["population"].mask(made["population"] == "0")) if "population" in made else made


def _census_texts(texts: pd.DataFrame, source: Source, ledger: Ledger) -> pd.DataFrame:
    code = texts["area_code"]
    made = texts.copy()
    ledger.reject(code.isna(), "area_code", texts["area_name"], "a row without a code is a sum of several areas")
    subtotal = code.str[:2].isin(MUNICIPALITIES) & code.str[2:].isin(["0100", "0200"])
    ledger.reject(subtotal, "area_code", code, "the code stands for a sum of districts or counties, not for an area")
    if "area_level" not in made:
        city = (code.str.len() == 6) & code.str.endswith("00").fillna(False)
        district = code.str.len() == 6
        level = pd.Series("town", index=made.index).mask(district, "district").mask(city, "city")
        made["area_level"] = level.astype("str")
    if "area_definition" not in made:
        plain = made["area_name"] + " as of " + made["reference_date"]
        made["area_definition"] = code.map(source.area_definitions).astype("str").fillna(plain)
    return made


def _housing_texts(texts: pd.DataFrame, source: Source, _ledger: Ledger) -> pd.DataFrame:
    if source.separator is None:
        return texts
    return texts.assign(name=texts["name"].str.split(source.separator).str[0])


def _place_texts(texts: pd.DataFrame, _source: Source, ledger: Ledger) -> pd.DataFrame:
    """Refuse places without coordinates, but for those whose name alone helps to read addresses."""
    there = texts["lon"].notna() & texts["lat"].notna() if {"lon", "lat"} <= set(texts) else texts["name"].isna()
    needed = ~texts["kind"].isin(NAMED_WITHOUT_POINT)
    reason = f"a place of this kind needs coordinates; only {', '.join(NAMED_WITHOUT_POINT)} may lack them"
    ledger.reject(needed & ~there, "lon", texts["kind"], reason)
    return texts


_PREPARE: dict[str, Callable[[pd.DataFrame, Source, Ledger], pd.DataFrame]] = {
    "towns": _town_texts,
    "census_values": _census_texts,
    "housing_projects": _housing_texts,
    "places": _place_texts,
}
