"""One road section in the panel: where it lies, how fast it is at its worst hour, and its day hour by hour."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers import estimates, registry, road_sections
from layers.access import Actor, decide
from layers.facts import Fact
from layers.periods import WORDS
from layers.products import Products
from layers.targets import Target
from layers.text import number, text
from models.contracts.roads import WEEKDAYS
from models.errors import AccessDeniedError, UnknownNameError

LAYER = "road-speed"
DAYS = {"workday": "roads.day_workday", "weekend": "roads.day_weekend"}
METRES_PER_DEGREE = 111_320.0

Shapes = npt.NDArray[np.object_]


def nearest(products: Products, lon: float, lat: float, metres: float) -> str | None:
    """The section nearest to a place within a distance; of two directions the one whose right side the place is on.

    The plane is true to about 1 % inside a city.
    """
    tree, lines, ids, scale = _tree(products)
    point = shapely.Point(np.array([lon, lat]) * scale)
    near = tree.query(point, predicate="dwithin", distance=metres)
    if not len(near):
        return None
    away = np.asarray(shapely.distance(lines[near], point))
    same = near[away <= away.min() + 1.0]
    right = [row for row in sorted(same.tolist()) if _on_the_right(lines[row], point)]
    return str(ids[(right or sorted(same.tolist()))[0]])


def _on_the_right(line: shapely.LineString, point: shapely.Point) -> bool:
    along = line.project(point)
    before, after = line.interpolate(max(along - 30.0, 0.0)), line.interpolate(along + 30.0)
    turn = (after.x - before.x) * (point.y - before.y) - (after.y - before.y) * (point.x - before.x)
    return bool(turn <= 0)


@lru_cache(maxsize=4)
def _tree(products: Products) -> tuple[shapely.STRtree, Shapes, Shapes, npt.NDArray[np.float64]]:
    """Tree of the sections in metres on a plane, the sections, their ids, and metres per degree of both axes."""
    rows = road_sections.sections(products)
    shapes = rows.geometry.to_numpy()
    lat = float(np.mean([shape.centroid.y for shape in shapes])) if len(shapes) else 0.0
    scale = np.array([math.cos(math.radians(lat)) * METRES_PER_DEGREE, METRES_PER_DEGREE])
    lines = np.asarray(shapely.transform(shapes, lambda points: points * scale))
    return shapely.STRtree(lines), lines, rows["section_id"].to_numpy(object), scale


def target(products: Products, actor: Actor, ident: str, lang: str) -> Target:
    """The section of that code.

    Raises
    ------
    AccessDeniedError : the actor may not see road speeds
    UnknownNameError : there is none
    """
    decision = decide(actor, registry.layer(LAYER), None)
    if not decision.allowed:
        raise AccessDeniedError(decision.why)
    products.require((road_sections.SECTIONS, road_sections.SPEEDS), "A road section")
    rows = road_sections.sections(products)
    found = rows[rows["section_id"] == ident]
    if found.empty:
        raise UnknownNameError(f"No road section has the code {ident[:40]!r} in build {products.build_id}")
    row = found.iloc[0]
    there = [(round(x, 6), round(y, 6)) for x, y in row["geometry"].coords]
    middle = row["geometry"].interpolate(0.5, normalized=True)
    ring = (*there, *reversed(there[1:-1]))
    return Target("road", ident, road_sections.title(row, lang), middle.x, middle.y, (ring,))


def facts(products: Products, ident: str, lang: str) -> tuple[tuple[Fact, ...], tuple[str, ...]]:
    """Numbers of a section, the slowest hour of a workday first, and why something is missing."""
    hours = {period: _row(road_sections.measured(products, period), ident) for period in estimates.HOURS}
    shown = {period: row for period, row in hours.items() if row is not None and not bool(row["suppressed"])}
    rows = road_sections.sections(products).set_index("section_id")
    size = _fact("length", number(float(rows.loc[ident, "length_m"]) / 1000, lang, digits=1), lang, "km")
    if not shown:
        hidden = any(row is not None for row in hours.values())
        return (size,), (text("roads.all_hidden" if hidden else "roads.not_measured", lang),)
    slowest = min(shown, key=lambda period: float(shown[period]["speed_kmh"]))
    worst = shown[slowest]
    low, high = (number(round(float(worst[end])), lang) for end in ("low", "high"))
    daytype, _, hour = slowest.partition("-")
    said = text("roads.at_hour", lang, day=text(WORDS[daytype], lang), hour=f"{hour}:00", low=low, high=high)
    found = [_fact("slowest", number(round(float(worst["speed_kmh"])), lang), lang, "km_per_h", said)]
    if pd.notna(worst["tti"]):
        found.append(_fact("index", number(float(worst["tti"]), lang, digits=2), lang))
    found += _week(products, ident, daytype, hour, lang)
    free = [float(row["free_flow_kmh"]) for row in shown.values() if pd.notna(row["free_flow_kmh"])]
    if free:
        found.append(_fact("free_flow", number(round(free[0]), lang), lang, "km_per_h"))
    jams = sum(bool(row["jam"]) for row in shown.values() if pd.notna(row["jam"]))
    hidden_hours = sum(row is not None and bool(row["suppressed"]) for row in hours.values())
    notes = (text("inspect.hours_hidden", lang, n=hidden_hours),) if hidden_hours else ()
    return (*found, _fact("jam_hours", number(jams, lang), lang), size), notes


def _week(products: Products, ident: str, daytype: str, hour: str, lang: str) -> list[Fact]:
    """Speeds at an hour of those days of the week that are of a type of day and may be told; none where no day may."""
    own = WEEKDAYS[:5] if daytype == "workday" else WEEKDAYS[5:]
    rows = {day: _row(road_sections.measured(products, f"{day}-{hour}"), ident) for day in own}
    speeds = {day: float(row["speed_kmh"]) for day, row in rows.items() if row is not None and not row["suppressed"]}
    if not speeds:
        return []
    said = " · ".join(
        text("roads.on_day", lang, day=text(WORDS[day], lang), speed=number(round(speed), lang))
        for day, speed in speeds.items()
    )
    note = text("roads.other_days", lang) if len(speeds) < len(own) else ""
    return [_fact("week", said, lang, "km_per_h", note)]


def _fact(key: str, value: str, lang: str, unit: str = "", note: str = "") -> Fact:
    return Fact(f"road_{key}", text(f"fact.road_{key}", lang), value, text(f"unit.{unit}", lang) if unit else "", note)


def _row(rows: pd.DataFrame, ident: str) -> pd.Series | None:
    at = int(rows.index.get_indexer(pd.Index([ident]))[0])
    return rows.iloc[at] if at >= 0 else None


def days(products: Products, ident: str, lang: str) -> tuple[tuple[str, tuple[float | None, ...]], ...]:
    """Speed by hour of a workday and of a weekend day: label and 24 values, None where hidden or not measured."""
    found = []
    for daytype, label in DAYS.items():
        rows = [_row(road_sections.measured(products, f"{daytype}-{hour:02d}"), ident) for hour in range(24)]
        values = tuple(
            None if row is None or bool(row["suppressed"]) else round(float(row["speed_kmh"]), 1) for row in rows
        )
        if any(value is not None for value in values):
            found.append((text(label, lang), values))
    return tuple(found)
