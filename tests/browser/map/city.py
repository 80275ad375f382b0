"""A small made-up city for the map's tests: a lobed district with rivers, roads, towns and hexes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import shapely

from layers import basemap, wire

DESIGN = Path(__file__).parents[3] / "layers" / "design"
LON, LAT = 106.68, 28.95
RESOLUTIONS = (7, 8, 9)
PERIODS = ("2015-04", "2015-05", "2015-06", "2015-07")
BREAKS = (100.0, 200.0, 400.0, 1000.0)
TOWNS = {
    "古南街道": ("Gunan", 0.0, 0.06, 90), "万盛街道": ("Wansheng", 0.16, 0.02, 70),
    "三江街道": ("Sanjiang", 0.03, -0.02, 20),
    "石角镇": ("Shijiao", 0.08, -0.04, 15), "永新镇": ("Yongxin", -0.12, 0.03, 12),
    "东溪镇": ("Dongxi", -0.01, -0.13, 18),
    "赶水镇": ("Ganshui", 0.03, -0.16, 22), "打通镇": ("Datong", 0.01, -0.24, 16),
    "篆塘镇": ("Zhuantang", 0.01, -0.06, 8),
}  # fmt: skip


def outline() -> shapely.Polygon:
    """A district of about 40 by 60 km with lobes."""
    a = np.linspace(0, 2 * np.pi, 180, endpoint=False)
    r = 1 + 0.16 * np.sin(3 * a + 0.6) + 0.09 * np.sin(7 * a) + 0.04 * np.sin(17 * a)
    return shapely.Polygon(np.column_stack([LON + 0.22 * r * np.cos(a), LAT - 0.05 + 0.26 * r * np.sin(a)]))


def frame(columns: dict[str, Any], geometry: list[shapely.Geometry]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=geometry, crs=4326)


def districts() -> gpd.GeoDataFrame:
    own = outline()
    window = shapely.box(LON - 0.8, LAT - 0.7, LON + 0.8, LAT + 0.6)
    west = shapely.difference(shapely.intersection(window, shapely.box(LON - 1, LAT - 1, LON, LAT + 1)), own)
    east = shapely.difference(shapely.intersection(window, shapely.box(LON, LAT - 1, LON + 1, LAT + 1)), own)
    columns = {
        "district_code": ["500110", "500116", "500119"], "name": ["綦江区", "江津区", "南川区"],
        "name_en": ["Qijiang", "Jiangjin", "Nanchuan"], "source_id": "synthetic",
    }  # fmt: skip
    return frame(columns, [own, west, east])


def towns() -> gpd.GeoDataFrame:
    names = list(TOWNS)
    columns = {
        "town_code": [f"{i:09d}" for i in range(len(names))], "name": names, "name_en": [TOWNS[n][0] for n in names],
        "population": [1000.0 * TOWNS[n][3] for n in names], "district_code": "500110", "source_id": "synthetic",
    }  # fmt: skip
    return frame(columns, [shapely.Point(LON + TOWNS[n][1], LAT + TOWNS[n][2]) for n in names])


def wander(points: list[tuple[float, float]], seed: int, share: float = 0.08) -> shapely.LineString:
    """A natural-looking line: mid-point displacement, then corner cutting."""
    rng, p = np.random.default_rng(seed), np.array(points, float) + np.array([LON, LAT])
    for _ in range(4):
        d = np.diff(p, axis=0)
        q = np.empty((2 * len(p) - 1, 2))
        q[::2] = p
        q[1::2] = (p[1:] + p[:-1]) / 2 + np.c_[-d[:, 1], d[:, 0]] * rng.normal(0, share, (len(d), 1))
        p = q
    for _ in range(2):
        cut = np.c_[p[:-1] * 0.75 + p[1:] * 0.25, p[:-1] * 0.25 + p[1:] * 0.75].reshape(-1, 2)
        p = np.vstack([p[:1], cut, p[-1:]])
    return shapely.LineString(p)


def waters() -> gpd.GeoDataFrame:
    lines = [wander([(0.04, -0.38), (0.03, -0.17), (-0.01, -0.05), (0.0, 0.07), (-0.1, 0.3)], 3),
             wander([(0.3, 0.05), (0.16, 0.03), (0.07, -0.03), (0.0, -0.01)], 5)]  # fmt: skip
    columns = {"water_id": ["1", "2"], "name": ["綦江", "蒲河"], "kind": ["river", "stream"], "source_id": "synthetic"}
    return frame(columns, lines)


def roads() -> gpd.GeoDataFrame:
    place = {n: (v[1], v[2]) for n, v in TOWNS.items()}
    through = [place[n] for n in ("古南街道", "篆塘镇", "赶水镇", "打通镇")]
    ways = [("motorway", [(-0.02, 0.35), *through, (0.05, -0.4)]),
            ("trunk", [(-0.4, 0.05), place["永新镇"], place["古南街道"], place["万盛街道"], (0.4, 0.03)])]  # fmt: skip
    names = list(TOWNS)
    ways += [("secondary", [place[a], place[b]]) for a, b in zip(names, names[2:], strict=False)]
    columns = {
        "road_id": [str(i) for i in range(len(ways))],
        "road_class": [k for k, _ in ways],
        "source_id": "synthetic",
    }
    return frame(columns, [wander(p, 20 + i, 0.04) for i, (_, p) in enumerate(ways)])


def cells(res: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ids (ascending), lon, lat of the cells whose centre lies in the district."""
    shape = h3.LatLngPoly([(y, x) for x, y in outline().exterior.coords])
    ids = np.sort(np.array([h3.str_to_int(c) for c in h3.polygon_to_cells(shape, res)], np.uint64))
    latlon = np.array([h3.cell_to_latlng(h3.int_to_str(int(c))) for c in ids])
    return ids, latlon[:, 1], latlon[:, 0]


def measured(lon: np.ndarray, lat: np.ndarray, period: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Density with bumps at the towns; flags of all five kinds."""
    value = np.full(len(lon), 30.0)
    for _, dx, dy, size in TOWNS.values():
        d2 = (lon - LON - dx) ** 2 + (1.2 * (lat - LAT - dy)) ** 2
        value += 22.0 * size * (1 + 0.15 * period) * np.exp(-d2 / (0.0006 * (1 + size / 30)))
        value += 3.5 * size * np.exp(-d2 / 0.006)
    rng = np.random.default_rng(seed)
    noise = rng.random(len(lon))
    value *= 0.7 + 0.6 * noise
    flags = np.where(value < 55, 2, np.where(noise > 0.985, 3, np.where((noise < 0.12) & (value < 400), 4, 0)))
    flags[(noise > 0.12) & (noise < 0.14)] = 1
    return np.where(flags == 1, 0.0, value), flags.astype(np.uint8)


def style(theme: str) -> dict[str, Any]:
    tokens = json.loads((DESIGN / "tokens.json").read_text("utf-8"))
    palettes = json.loads((DESIGN / "palettes.json").read_text("utf-8"))
    states = palettes["states"][theme]
    return tokens["map"][theme] | {"marks": tokens["map_style"], "states": states, "font": tokens["font"]["family"]}


def ramp(theme: str) -> list[str]:
    colours: list[str] = json.loads((DESIGN / "palettes.json").read_text("utf-8"))["sequential"]["density"][theme]["5"]
    return colours


def hex_layer(theme: str) -> dict[str, Any]:
    return {
        "id": "density", "kind": "hex", "resolutions": list(RESOLUTIONS), "geometry": "/data/density/geometry/{res}",
        "values": "/data/density/values/{res}/{period}", "periods": list(PERIODS), "breaks": list(BREAKS),
        "colours": ramp(theme), "visible": True, "opacity": 0.88 if theme == "light" else 0.94, "pick": True,
    }  # fmt: skip


def spec(theme: str = "light", lang: str = "zh-Hans") -> dict[str, Any]:
    w, s, e, n = outline().bounds
    return {
        "version": "test", "lang": lang, "theme": theme, "view": {"bounds": [w, s, e, n], "t": 1},
        "basemap": "/data/basemap", "approval": "底图示意，审图号：待填", "style": style(theme),
        "layers": [hex_layer(theme)], "selection": None,
        "texts": {"aria": "地图：市场主体密度", "attribution": ["虚构数据"],
                  "resolution": {"7": "H3 第 7 级", "8": "H3 第 8 级", "9": "H3 第 9 级"}},
    }  # fmt: skip


def answers() -> dict[str, object]:
    """Everything the page may ask for."""
    out: dict[str, object] = {
        "/data/basemap": basemap.basemap(districts(), towns(), roads(), waters(), focus=("500110",))
    }
    for res in RESOLUTIONS:
        ids, lon, lat = cells(res)
        out[f"/data/density/geometry/{res}"] = wire.encode_hexes(ids, lon, lat)
        for i, period in enumerate(PERIODS):
            values, flags = measured(lon, lat, i)
            body = wire.encode_values(values, flags, wire.scale_for(0, 6000), BREAKS)
            out[f"/data/density/values/{res}/{period}"] = body
    return out
