"""What one area's supervisor works with: its subjects with their levels, counts, outline; the data of "my grid".

Every number of the page comes from here, so that strip, map, table and export agree. An area is a district, town or
grid cell; None is the whole city. What has no place yet waits in its district and is counted apart: subjects of an area
= those in its grid cells + those that wait.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers import frames
from layers.access import EVERYWHERE, SUPERVISION, Actor, lies_in, require_area
from layers.products import Products
from models.errors import UnknownNameError

LEVELS = ("D", "C", "B", "A")
SUBJECT_COLUMNS = (
    "uscc", "name", "entity_type", "industry_section", "address", "grid_code", "district_code", "located", "lon", "lat",
    "h3_r7", "h3_r8", "h3_r9",
)  # fmt: skip
LEVEL_COLUMNS = ("subject_id", "level", "rule_score", "rank", "level_since", "level_before")
SORTS = ("rank", "level", "name", "score")
TOLERANCE_DEG = 0.0001
KEPT_BOARDS = 12


@dataclass(frozen=True)
class Counts:
    """How many subjects an area has.

    Attributes
    ----------
    by_level : D, C, B, A -> subjects of that level
    unclassified : subjects without a level
    located : subjects with a place in the area
    waiting : subjects of the area's district that wait for a place; only for a district and for the city
    total : located + waiting
    """

    by_level: Mapping[str, int]
    unclassified: int
    located: int
    waiting: int
    total: int


@dataclass(frozen=True)
class Area:
    """An area as the page needs it: code (None is the city), name, its outline and its bounds in degrees WGS84."""

    code: str | None
    name: str
    rings: tuple[tuple[tuple[float, float], ...], ...]
    bounds: tuple[float, float, float, float]


def business_date(manifest: Mapping[str, Any]) -> dt.date:
    """The day a build looks at; the day it was made where it names none."""
    day = manifest.get("as_of") or str(manifest.get("created_at", ""))[:10]
    return dt.date.fromisoformat(str(day)[:10])


def require(actor: Actor, area: str | None) -> None:
    """Refuse whoever may not work with the subjects of an area.

    Raises
    ------
    AccessDeniedError : with the rule that decided
    """
    require_area(actor, area, SUPERVISION, "the subjects of an area")


def choices(products: Products, actor: Actor, lang: str, current: str | None = None) -> list[tuple[str | None, str]]:
    """Areas an actor may choose, each with its name: the own ones, and the way down to the current one.

    Below an own area stands what lies directly below it where it is the only one or holds the current one, and so on.
    The whole city comes first for whoever works everywhere.
    """
    every = _names(products, lang)
    found: list[tuple[str | None, str]] = []
    if EVERYWHERE in actor.areas:
        found.append((None, ""))
        tops = sorted(code for code, (_, level) in every.items() if level == "district")
    else:
        tops = sorted(code for code in actor.areas if code in every)
    for code in tops:
        found.append((code, every[code][0]))
        if len(tops) == 1 or (current is not None and lies_in(current, code)):
            found += _below(products, every, code, current)
    return list(dict.fromkeys(found))


def _below(
    products: Products, every: Mapping[str, tuple[str, str]], code: str, current: str | None
) -> list[tuple[str | None, str]]:
    found: list[tuple[str | None, str]] = []
    for child in children(products, code):
        found.append((child, every[child][0]))
        if current is not None and lies_in(current, child):
            found += _below(products, every, child, current)
    return found


def children(products: Products, code: str) -> list[str]:
    """Codes of the areas directly below one, sorted."""
    if not products.has("grids"):
        return []
    grids = products.frame("grids", ("grid_code", "parent_code"))
    return sorted(grids.loc[grids["parent_code"] == code, "grid_code"])


@lru_cache(maxsize=8)
def _names(products: Products, lang: str) -> dict[str, tuple[str, str]]:
    """Code -> name and level of every area."""
    found: dict[str, tuple[str, str]] = {}
    for table, key in (("districts", "district_code"), ("grids", "grid_code")):
        if not products.has(table):
            continue
        rows = products.frame(table)
        if table == "districts" and products.has("cells"):
            rows = rows[rows[key].isin(products.frame("cells")["district_code"].dropna().unique())]
        named = rows["name"]
        if lang != "zh-Hans" and "name_en" in rows:
            named = rows["name_en"].where(rows["name_en"].notna(), named)
        levels = rows["level"] if "level" in rows else ["district"] * len(rows)
        found |= dict(zip(rows[key], zip(named, levels, strict=True), strict=True))
    return found


def known_name(products: Products, code: str, lang: str) -> str:
    """Name of an area, or its code where the build does not know it."""
    every = _names(products, lang)
    return str(every[code][0]) if code in every else code


def name_of(products: Products, code: str, lang: str) -> str:
    """Name of an area.

    Raises
    ------
    UnknownNameError : there is none of that code
    """
    every = _names(products, lang)
    if code not in every:
        raise UnknownNameError(f"No area has the code {code[:40]!r} in build {products.build_id}")
    return str(every[code][0])


@lru_cache(maxsize=KEPT_BOARDS)
def area(products: Products, code: str | None, lang: str, city_name: str) -> Area:
    """Name, outline and bounds of an area.

    Raises
    ------
    UnknownNameError : there is no area of that code
    """
    shape = _shape(products, code)
    if shape is None and code is None:
        return Area(None, city_name, (), _extent(products))
    if shape is None or shape.is_empty:
        raise UnknownNameError(f"No area has the code {str(code)[:40]!r} in build {products.build_id}")
    light = shapely.simplify(shape, TOLERANCE_DEG, preserve_topology=True)
    rings = shapely.get_rings(shapely.get_parts(light))
    outline = tuple(
        tuple((round(float(x), 5), round(float(y), 5)) for x, y in shapely.get_coordinates(ring)[:-1]) for ring in rings
    )
    name = city_name if code is None else name_of(products, code, lang)
    west, south, east, north = (float(v) for v in shape.bounds)
    return Area(code, name, outline, (west, south, east, north))


def _shape(products: Products, code: str | None) -> Any:
    """Outline of an area, None where there is none; that of the city is the union of its districts."""
    if code is None:
        if not products.has("districts"):
            return None
        return shapely.union_all(frames.areas(products, "district").geometry.to_numpy())
    for table, key in (("grids", "grid_code"), ("districts", "district_code")):
        if products.has(table):
            rows = products.frame(table)
            own = rows.loc[rows[key] == code, "geometry"]
            if len(own):
                return own.iloc[-1]
    return None


def _extent(products: Products) -> tuple[float, float, float, float]:
    """Bounds of the located subjects of a city without districts."""
    rows = frames.located(products)
    lon, lat = rows["lon"].to_numpy(np.float64), rows["lat"].to_numpy(np.float64)
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


@lru_cache(maxsize=KEPT_BOARDS)
def board(products: Products, code: str | None) -> pd.DataFrame:
    """The located subjects of an area with their levels, the first to look at first; not to be changed by the caller.

    Columns: those of `SUBJECT_COLUMNS` with ``uscc`` as subject id, level, rule_score, rank, level_since, level_before
    (missing where a subject is not classified).
    """
    rows = products.frame("subjects", SUBJECT_COLUMNS)
    mine = _within(rows, code) & rows["located"].astype(bool).to_numpy()
    rows = rows[mine]
    if products.has("subject_levels"):
        levels = products.frame("subject_levels", LEVEL_COLUMNS)
        if code is not None:
            levels = levels[levels["subject_id"].isin(rows["uscc"])]
        rows = rows.merge(levels, how="left", left_on="uscc", right_on="subject_id").drop(columns="subject_id")
    else:
        rows = rows.assign(level=None, rule_score=np.nan, rank=np.nan, level_since=None, level_before=None)
    return rows.sort_values(["rank", "uscc"], na_position="last", ignore_index=True)


def _within(rows: pd.DataFrame, code: str | None) -> npt.NDArray[np.bool_]:
    if code is None:
        return np.ones(len(rows), bool)
    mask = np.zeros(len(rows), bool)
    for column in ("grid_code", "district_code"):
        mask |= rows[column].str.startswith(code).fillna(False).to_numpy(bool)
    return mask


def counts(products: Products, code: str | None) -> Counts:
    """Subjects of an area by level, and how many wait for a place; the one function every screen takes them from."""
    rows = board(products, code)
    found = rows["level"].value_counts()
    by_level = {level: int(found.get(level, 0)) for level in LEVELS}
    waiting = _waiting(products, code)
    return Counts(by_level, len(rows) - sum(by_level.values()), len(rows), waiting, len(rows) + waiting)


def _waiting(products: Products, code: str | None) -> int:
    """Un-located subjects of a district or of the city; a part of a district has none of its own."""
    rows = products.frame("subjects", ("district_code", "located"))
    open_ = rows[~rows["located"].astype(bool)]
    return len(open_) if code is None else int((open_["district_code"] == code).sum())


def selected(
    products: Products,
    code: str | None,
    *,
    levels: tuple[str, ...] = (),
    text: str = "",
    cell: str | None = None,
    members: frozenset[str] | None = None,
) -> pd.DataFrame:
    """Rows of `board` that pass every filter given.

    Parameters
    ----------
    levels : letters to keep
    text : part of name, code or address, upper and lower case alike
    cell : H3 index in hexadecimal, of resolution 7 to 9
    members : subject ids
    """
    rows = board(products, code)
    keep = np.ones(len(rows), bool)
    if levels:
        keep &= rows["level"].isin(levels).to_numpy()
    if cell:
        column = f"h3_r{int(cell[1], 16)}"
        keep &= (rows[column] == int(cell, 16)).fillna(False).to_numpy(bool)
    if members is not None:
        keep &= rows["uscc"].isin(members).to_numpy()
    if text.strip():
        wanted = text.strip().casefold()
        hit = np.zeros(len(rows), bool)
        for column in ("name", "uscc", "address"):
            hit |= rows[column].str.casefold().str.contains(wanted, regex=False).fillna(False).to_numpy(bool)
        keep &= hit
    return rows[keep]


def ordered(rows: pd.DataFrame, sort: str = "rank", descending: bool = False) -> pd.DataFrame:
    """Rows in an order of `SORTS`; the strict rank decides among equals, missing values come last."""
    key = {"rank": "rank", "level": "level", "name": "name", "score": "rule_score"}[sort]
    if key == "rank" and not descending:
        return rows
    return rows.sort_values([key, "rank", "uscc"], ascending=[not descending, True, True], na_position="last")
