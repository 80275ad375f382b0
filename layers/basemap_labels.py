"""Names on the base map: what is named, where it stands and how important it is (rank 0 highest, as in
docs/map.md).
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

PLACE, SEAT, TOWN, NEIGHBOUR, WATER = range(5)
# What a map leaves off a place name where at least two characters remain.
ENDINGS = ("民族乡", "街道", "地区", "镇", "乡")
# The peoples whose names stand in names of autonomous counties (GB/T 3304-1991, without 族).
PEOPLES = (
    "蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 拉祜 "
    "水 东乡 纳西 景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 塔吉克 怒 鄂温克 保安 "
    "裕固 独龙 鄂伦春 普米 阿昌 德昂 各"
)
SPOTS, LATTICE = 16, 12  # places kept of a lattice of candidates over a neighbour
SEATS, SEAT_SHARE = 2, 0.5  # a district may have two towns of rank; the second has at least this share of the first


def seats(towns: gpd.GeoDataFrame | None, outline: shapely.Geometry) -> gpd.GeoDataFrame | None:
    """Return the towns inside the outline, largest first, with a column ``seat``.

    Without populations the order of the file holds and no town is a seat.
    """
    if towns is None or not len(towns):
        return None
    inside = towns[towns.intersects(outline.buffer(0.004))]
    size = pd.to_numeric(inside.get("population", pd.Series(np.nan, inside.index))).astype(float)
    inside = inside.assign(_size=size.fillna(0.0))
    inside = inside.sort_values("_size", ascending=False, kind="stable")
    large = (inside["_size"] > 0) & (inside["_size"] >= SEAT_SHARE * inside["_size"].max())
    return inside.assign(seat=large & (np.arange(len(inside)) < SEATS))


def labels(
    own: gpd.GeoDataFrame,
    near: gpd.GeoDataFrame,
    towns: gpd.GeoDataFrame | None,
    waters: gpd.GeoDataFrame | None,
    window: shapely.Polygon,
) -> list[dict[str, Any]]:
    """Return the labels, most important first.

    Where the focus is one district its towns carry the map (and its seats stand out); where it is many,
    their names do.
    """
    out: list[dict[str, Any]] = []
    several = len(own) > 1
    if several:
        largest_first = own.iloc[np.argsort(-shapely.area(own.geometry.to_numpy()), kind="stable")]
        out += [_area_label(row, row.geometry, "plain", SEAT) for row in largest_first.itertuples()]
    if towns is not None:
        for row in towns.itertuples():
            kind, rank = ("seat", SEAT) if row.seat and not several else ("town", TOWN)
            out.append(_label(short_name(row.name), _english(row), row.geometry, kind, rank))
    for row in near.itertuples():
        seen = shapely.intersection(row.geometry, window)
        if not seen.is_empty:
            out.append(_area_label(row, seen, "neighbour", NEIGHBOUR) | {"also": _spots(seen)})
    return out + _waters(waters)


def _area_label(row: Any, shape: shapely.Geometry, kind: str, rank: int) -> dict[str, Any]:
    """A name in the widest place of the largest part of an area."""
    largest = max(shapely.get_parts(shape), key=lambda part: part.area)
    middle = shapely.maximum_inscribed_circle(largest, tolerance=0.005)
    anchor = shapely.Point(middle.coords[0]) if not middle.is_empty else largest.representative_point()
    return _label(_plain(row.name), _english(row), anchor, kind, rank)


def _spots(shape: shapely.Geometry) -> list[list[float]]:
    """Further places inside an area where its name may stand, far from each other and not on its border.

    A neighbour is mostly off the screen or under a card; the browser takes the first place that is free.
    """
    w, s, e, n = shape.bounds
    x, y = np.meshgrid(np.linspace(w, e, LATTICE + 2)[1:-1], np.linspace(s, n, LATTICE + 2)[1:-1])
    inner = shapely.buffer(shape, -0.04 * max(e - w, n - s))
    points = shapely.points(x.ravel(), y.ravel())
    points = points[shapely.contains(inner, points)]
    chosen: list[shapely.Point] = []
    away = np.full(len(points), np.inf)
    while len(chosen) < min(SPOTS, len(points)):
        chosen.append(points[int(np.argmax(away)) if chosen else len(points) // 2])
        away = np.minimum(away, shapely.distance(points, chosen[-1]))
    return [[round(p.x, 4), round(p.y, 4)] for p in chosen]


def _waters(waters: gpd.GeoDataFrame | None) -> list[dict[str, Any]]:
    """One label per named water, longest first: half-way along its longest line, or inside a lake."""
    if waters is None or not len(waters):
        return []
    named = waters[waters["name"].notna()]
    out = []
    for name, group in named.groupby("name", sort=True):
        longest = max(shapely.get_parts(group.geometry.to_numpy()), key=lambda part: part.length)
        line = longest.geom_type == "LineString"
        anchor = longest.interpolate(0.5, normalized=True) if line else longest.representative_point()
        out.append((longest.length, _label(str(name), None, anchor, "water", WATER)))
    return [label for _, label in sorted(out, key=lambda pair: -pair[0])]


def _label(zh: str, en: str | None, point: shapely.Point, kind: str, rank: int) -> dict[str, Any]:
    label: dict[str, Any] = {
        "zh": zh,
        "lon": round(point.x, 5),
        "lat": round(point.y, 5),
        "kind": kind,
        "rank": rank,
    }
    return label | ({"en": en} if en else {})


def _english(row: Any) -> str | None:
    name = getattr(row, "name_en", None)
    return None if name is None or pd.isna(name) else str(name)


def _plain(name: str) -> str:
    """An autonomous county without its peoples: 石柱土家族自治县 -> 石柱县."""
    for level in ("县", "旗", "州"):
        stem = name.removesuffix("自治" + level)
        while stem != name and (people := next((p for p in PEOPLES.split() if stem.endswith(p + "族")), None)):
            stem = stem.removesuffix(people + "族")
        if stem != name and len(stem) >= 2:
            return stem + level
    return name


def short_name(name: str) -> str:
    """The place name without its kind: 古南街道 -> 古南; a name of two characters stays whole."""
    for ending in ENDINGS:
        if name.endswith(ending) and len(name) - len(ending) >= 2:
            return name.removesuffix(ending)
    return name
