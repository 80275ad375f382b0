"""Arcs of moves between the city and the provinces and districts beyond it (迁入来源, 迁出去向).

A region is drawn at a gate: a point of the same bearing on a ring about the city, that marks a direction and no place.
Regions whose gates would touch are moved apart along the ring.
"""

from __future__ import annotations

import csv
import math
from functools import lru_cache

import numpy as np
import pandas as pd

from layers.classes import breaks, classify
from layers.wall.scene import View
from models.settings import PROJECT_ROOT

PRODUCT = "migration_origins"
WIDTHS = 5
RING = 0.92
"""Radius of the ring of gates, as a share of half the diagonal of the city's box."""
APART_DEG = 24.0
"""Least angle between two gates, so that their names do not touch."""
NAMES = PROJECT_ROOT / "data" / "reference"


@lru_cache(maxsize=4)
def region_names(lang: str) -> dict[str, str]:
    """Names of provinces (two digits) and, in Chinese, of the districts (six) that the reference tables list."""
    found: dict[str, str] = {}
    for file in sorted(NAMES.glob("admin_codes_*.csv")):
        with file.open(encoding="utf-8", newline="") as rows:
            found |= {row["code"]: row["name"] for row in csv.DictReader(rows)}
    with (NAMES / "provinces.csv").open(encoding="utf-8", newline="") as rows:
        return found | {row["code"]: row["name" if lang == "zh-Hans" else "name_en"] for row in csv.DictReader(rows)}


def last_pair(view: View) -> pd.DataFrame:
    """The rows of the last pair of periods, both directions, the largest first; empty without the product."""
    if not view.products.has(PRODUCT):
        return pd.DataFrame(columns=["direction", "region_code", "persons", "lon", "lat"])
    rows = view.products.frame(PRODUCT)
    rows = rows[(rows["period_to"] == rows["period_to"].max()) & rows["lon"].notna() & (rows["persons"] > 0)]
    found: pd.DataFrame = rows.sort_values(["persons", "region_code"], ascending=[False, True], ignore_index=True)
    return found


def gates(regions: pd.DataFrame, bounds: tuple[float, float, float, float]) -> dict[str, tuple[float, float]]:
    """Where each region's arcs begin or end.

    Parameters
    ----------
    regions : ``region_code``, ``lon``, ``lat`` (degrees), each once, the most important first: it keeps its bearing
    bounds : west, south, east, north of the city
    """
    west, south, east, north = bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    shrink = math.cos(math.radians(lat))
    ring = RING * math.hypot((east - west) * shrink, north - south) / 2
    taken: list[float] = []
    found = {}
    for code, east_of, north_of in zip(regions["region_code"], regions["lon"], regions["lat"], strict=True):
        x, y = (float(east_of) - lon) * shrink, float(north_of) - lat
        angle = _free(math.degrees(math.atan2(y, x)), taken)
        taken.append(angle)
        away = math.radians(angle)
        found[str(code)] = (lon + ring * math.cos(away) / shrink, lat + ring * math.sin(away))
    return found


def _free(angle: float, taken: list[float]) -> float:
    """The bearing nearest to one's own that keeps its distance from those taken; its own where none is left."""
    for step in range(int(180 / 2)):
        for sign in (1, -1):
            tried = angle + sign * 2 * step
            if all(abs((tried - other + 180) % 360 - 180) >= APART_DEG for other in taken):
                return tried
    return angle


def arcs_of(
    view: View, bounds: tuple[float, float, float, float], centre: tuple[float, float]
) -> tuple[list[dict[str, object]], list[dict[str, object]], float, tuple[float, ...]]:
    """Arcs, labels of their gates, the share of the moves told by region that they are, and the bounds of widths."""
    rows = last_pair(view)
    shown = rows.head(view.spec.most_flows)
    if shown.empty:
        return [], [], 0.0, ()
    ends = gates(shown.drop_duplicates("region_code"), bounds)
    values = shown["persons"].to_numpy(np.float64)
    cuts = breaks(values, "natural", WIDTHS)
    widths = classify(values, np.zeros(len(values), np.int64), cuts)
    names, arcs = region_names(view.lang), []
    for row, width in zip(shown.to_dict("records"), widths, strict=True):
        code, persons = str(row["region_code"]), round(float(row["persons"]))
        far, here = list(ends[code]), list(centre)
        arcs.append({
            "from": far if row["direction"] == "in" else here, "to": here if row["direction"] == "in" else far,
            "persons": persons, "text": view.number(persons), "sign": row["direction"], "width": int(width),
            "name": names.get(code, code),
        })  # fmt: skip
    return arcs, _labels(view, shown, ends), float(values.sum() / rows["persons"].sum()), cuts


def _labels(view: View, shown: pd.DataFrame, ends: dict[str, tuple[float, float]]) -> list[dict[str, object]]:
    """One label a gate: the name, and what comes and goes there."""
    names = region_names(view.lang)
    found: list[dict[str, object]] = []
    for rank, (code, (lon, lat)) in enumerate(ends.items()):
        own = shown[shown["region_code"] == code].set_index("direction")["persons"]
        said = [view.say(f"migration.gate_{d}", n=view.number(round(float(own[d])))) for d in ("in", "out") if d in own]
        place = {"lon": round(lon, 5), "lat": round(lat, 5), "rank": rank, "nodot": True}
        found.append({"text": names.get(code, code), "sub": " · ".join(said), **place})
    return found
