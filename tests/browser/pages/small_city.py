"""A small made-up city in a real store, for the tests of the pages: one district, nine grids, 1,500 firms, a queue."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from models.fusion import hexes
from models.profile.city import City, GridScheme, View
from models.profile.manifest import Source
from models.settings import Settings
from models.store import Store

LON, LAT, N = 106.68, 28.95, 1500
BUILD = "b-20150701-test"
SEATS = {
    "古南街道": ("Gunan", 0.0, 0.06, 9),
    "万盛街道": ("Wansheng", 0.16, 0.02, 7),
    "三江街道": ("Sanjiang", 0.03, -0.02, 3),
    "石角镇": ("Shijiao", 0.08, -0.04, 2),
    "永新镇": ("Yongxin", -0.12, 0.03, 2),
    "东溪镇": ("Dongxi", -0.01, -0.13, 3),
    "赶水镇": ("Ganshui", 0.03, -0.16, 3),
    "打通镇": ("Datong", 0.01, -0.24, 2),
    "篆塘镇": ("Zhuantang", 0.01, -0.06, 1),
}
REASONS = (
    "district_from_text;ambiguous_road",
    "nothing_found",
    "address_missing",
    "town_unknown:石佛镇;low_confidence",
)


def outline() -> shapely.Polygon:
    a = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    r = 1 + 0.16 * np.sin(3 * a + 0.6) + 0.09 * np.sin(7 * a)
    return shapely.Polygon(np.column_stack([LON + 0.22 * r * np.cos(a), LAT - 0.05 + 0.26 * r * np.sin(a)]))


def districts() -> gpd.GeoDataFrame:
    own = outline()
    window = shapely.box(LON - 0.8, LAT - 0.7, LON + 0.8, LAT + 0.6)
    columns = {
        "district_code": ["500110", "500116"],
        "name": ["綦江区", "江津区"],
        "name_en": ["Qijiang", "Jiangjin"],
        "source_id": "outlines",
    }
    shapes = [shapely.MultiPolygon([own]), shapely.MultiPolygon([shapely.difference(window, own)])]
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=shapes, crs=4326)


def grids() -> gpd.GeoDataFrame:
    own = outline()
    seats = shapely.MultiPoint([(LON + dx, LAT + dy) for _, dx, dy, _ in SEATS.values()])
    cells = list(shapely.voronoi_polygons(seats, extend_to=own).geoms)
    rows = []
    for n, ((name, (english, *_)), seat) in enumerate(zip(SEATS.items(), seats.geoms, strict=True)):
        cell = next(c for c in cells if c.contains(seat)).intersection(own)
        shape = cell if cell.geom_type == "MultiPolygon" else shapely.MultiPolygon([cell])
        rows.append((f"500110{n + 1:03d}", name, english, shape))
    frame = pd.DataFrame(
        {"grid_code": [r[0] for r in rows], "name": [r[1] for r in rows], "name_en": [r[2] for r in rows]}
    )
    frame = frame.assign(level="town", parent_code="500110", derived=True, source_id="outlines")
    return gpd.GeoDataFrame(frame, geometry=[r[3] for r in rows], crs=4326)


def subjects(areas: gpd.GeoDataFrame) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    weight = np.array([v[3] for v in SEATS.values()], float)
    town = rng.choice(len(SEATS), N, p=weight / weight.sum())
    dx, dy = (np.array([v[k] for v in SEATS.values()])[town] for k in (1, 2))
    lon, lat = LON + dx + rng.normal(0, 0.025, N), LAT + dy + rng.normal(0, 0.022, N)
    located = rng.random(N) > 0.08
    names, words = list(SEATS), np.array(["商贸", "科技", "建筑", "餐饮", "物流"])
    pick = rng.integers(0, 5, N)
    frame = pd.DataFrame(
        {
            "uscc": [f"91500110{i:08d}XA" for i in range(N)],
            "name": [
                f"綦江{names[t][:2]}第{i}{words[k]}有限公司" for i, (t, k) in enumerate(zip(town, pick, strict=True))
            ],
            "address": [f"重庆市綦江区{names[t]}中山路{i % 90 + 1}号" for i, t in enumerate(town)],
            "established_on": pd.Timestamp("2010-01-01") + pd.to_timedelta(rng.integers(0, 1990, N), "D"),
            "entity_type": "有限责任公司",
            "status": "存续",
            "district_given": "綦江区",
            "capital_cny": np.where(rng.random(N) < 0.1, np.nan, np.round(rng.lognormal(13, 1.2, N), -3)),
            "capital_flag": "ok",
            "industry_section": np.array(list("FICHG"))[pick],
            "industry_confidence": 0.9,
            "scope_text": "日用百货销售；货物运输。",
            "lon": lon,
            "lat": lat,
            "located": located,
            "match_level": rng.choice([1, 2, 3, 5], N),
            "error_radius_m": rng.choice([30.0, 120.0, 600.0, 2500.0], N),
            "match_confidence": 0.9,
            "match_reasons": np.where(located, "district_from_text;number_exact", rng.choice(REASONS, N)),
            "matched_text": "綦江区 中山路",
            "district_code": "500110",
            "town": [names[t] for t in town],
            "grid_code": areas["grid_code"].to_numpy()[town],
            "outside": False,
            "source_id": "register",
            "source_file": "register.csv",
            "source_row": np.arange(N) + 2,
        }
    )
    for res in (7, 8, 9):
        frame[f"h3_r{res}"] = pd.array(hexes.cells_of(lon, lat, res), dtype="UInt64")
    frame.loc[
        ~located,
        ["lon", "lat", "district_code", "grid_code", "h3_r7", "h3_r8", "h3_r9", "match_level", "error_radius_m"],
    ] = None
    return frame


def queue(firms: pd.DataFrame) -> pd.DataFrame:
    waiting = firms[~firms["located"]]
    made = [
        {
            "place_id": f"p{n}",
            "name": name,
            "kind": "town",
            "lon": LON + dx,
            "lat": LAT + dy,
            "match_level": 5,
            "error_radius_m": 2500.0,
            "score": round(0.7 - 0.2 * n, 2),
            "why": "ambiguous_town",
        }
        for n, (name, (_, dx, dy, _)) in enumerate(list(SEATS.items())[:3])
    ]
    frame = waiting[["uscc", "name", "address", "district_given"]].assign(reasons=waiting["match_reasons"])
    return frame.assign(candidates=json.dumps(made, ensure_ascii=False)).reset_index(drop=True)


def cells(areas: gpd.GeoDataFrame) -> pd.DataFrame:
    parts = []
    for res in (7, 8, 9):
        ids = np.sort(hexes.polyfill(outline(), res))
        lon, lat = hexes.centres(ids)
        parts.append(
            pd.DataFrame({"h3": ids, "resolution": res, "lon": lon, "lat": lat, "area_km2": hexes.areas_km2(ids)})
        )
    frame = pd.concat(parts, ignore_index=True)
    points = gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs=4326)
    joined = gpd.sjoin(points, areas[["grid_code", "geometry"]], how="left").drop_duplicates("h3").sort_index()
    return frame.assign(district_code="500110", grid_code=joined["grid_code"].to_numpy())


def measures(groups: Any, size: pd.Series) -> pd.DataFrame:
    share = groups["industry_section"].agg(lambda s: s.value_counts(normalize=True).to_numpy())
    frame = pd.DataFrame(
        {
            "subjects": groups.size(),
            "capital_cny_sum": groups["capital_cny"].sum(),
            "capital_cny_median": groups["capital_cny"].median(),
            "dominant_section": groups["industry_section"].agg(lambda s: s.mode().iloc[0]),
            "section_entropy": share.map(lambda p: float(-(p * np.log2(p)).sum())),
            "located_share": 0.92,
            "capital_known": groups["capital_cny"].count(),
            "section_known": groups["industry_section"].count(),
            "mean_error_radius_m": groups["error_radius_m"].mean(),
        }
    )
    return frame.join(size.rename("area_km2"))


def products(
    firms: pd.DataFrame, areas: gpd.GeoDataFrame, outlines: gpd.GeoDataFrame, hexagons: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    here = firms[firms["located"]].copy()
    here["month"] = here["established_on"].dt.strftime("%Y-%m")
    by_cell, months = [], []
    for res in (7, 8, 9):
        key = here[f"h3_r{res}"].astype("uint64").rename("h3")
        size = pd.Series(hexes.areas_km2(key.unique()), index=key.unique())
        by_cell.append(measures(here.groupby(key), size).rename_axis("h3").reset_index().assign(resolution=res))
        counted = here.groupby([key, "month"]).size().rename("subjects").reset_index()
        months.append(counted.assign(resolution=res))
    km2 = areas.to_crs(4547).area / 1e6
    grid_size = pd.Series(km2.to_numpy(), index=areas["grid_code"])
    by_grid = (
        measures(here.groupby("grid_code"), grid_size).rename_axis("area_code").reset_index().assign(area_level="town")
    )
    whole = measures(here.groupby("district_code"), pd.Series({"500110": float(km2.sum())}))
    by_district = whole.rename_axis("area_code").reset_index().assign(area_level="district")
    area_month = here.groupby(["grid_code", "month"]).size().rename("subjects").reset_index()
    area_month = area_month.rename(columns={"grid_code": "area_code"}).assign(area_level="town")
    census = {
        "area_code": ["500110", "500116"],
        "area_level": "district",
        "residents": [1_011_334.0, 1_359_611.0],
        "reference_date": pd.Timestamp("2020-11-01"),
        "area_definition": "现行范围",
    }
    change = {
        "area_code": ["500110", "500116"],
        "residents_from": [1_056_817.0, None],
        "residents_to": [1_011_334.0, 1_359_611.0],
        "change": [-45_483.0, None],
        "change_rate": [-0.043, None],
        "comparable": [True, False],
        "note": None,
    }
    return {
        "subjects": firms,
        "cells": hexagons,
        "districts": outlines,
        "grids": areas,
        "subjects_by_cell": pd.concat(by_cell, ignore_index=True),
        "subjects_by_area": pd.concat([by_grid, by_district], ignore_index=True),
        "registrations_by_cell_month": pd.concat(months, ignore_index=True),
        "registrations_by_area_month": area_month,
        "residents_by_area": pd.DataFrame(census),
        "residents_change": pd.DataFrame(change),
        "unlocated": queue(firms),
    }


def manifest() -> dict[str, Any]:
    return {
        "build_id": BUILD,
        "created_at": "2015-07-01T02:00:00+00:00",
        "city": "small",
        "sources": [
            {
                "source_id": "register",
                "table": "legal_persons",
                "title": {"zh-Hans": "市场主体登记（测试）", "en": "Register of legal persons (test)"},
                "licence": {"zh-Hans": "测试数据", "en": "test data"},
                "attribution": {"zh-Hans": "Cityhex", "en": "Cityhex"},
                "vintage": "2015-06-30",
                "cadence": "once",
                "files": [{"path_label": "register.csv", "sha256": "0" * 64, "bytes": 1, "rows": N}],
                "read": N + 3,
                "loaded": N,
                "quarantined": 3,
            },
        ],
        "steps": [
            {"name": "read register", "skipped": False, "seconds": 1.25},
            {"name": "cells", "skipped": True, "seconds": 0.4},
        ],
    }


def profile(folder: Path) -> City:
    source = Source(
        id="register",
        table="legal_persons",
        files=("register.csv",),
        format="csv",
        title={"zh-Hans": "市场主体登记（测试）", "en": "Register of legal persons (test)"},
        licence={"zh-Hans": "测试数据", "en": "test data"},
        attribution="Cityhex",
        vintage="2015-06-30",
        cadence="once",
        origin="made by the tests",
        columns={
            "uscc": "uscc",
            "name": "name",
            "address": "address",
            "established_on": "date",
            "capital_text": "capital",
            "scope_text": "scope",
        },
    )
    return City(
        id="small",
        name={"zh-Hans": "綦江区", "en": "Qijiang"},
        crs=4547,
        timezone="Asia/Shanghai",
        disclosure_k=15,
        grid=GridScheme(kind="file"),
        view=View(lon=LON + 0.02, lat=LAT - 0.05, zoom=9.6),
        demo=True,
        folder=folder,
        sources=(source,),
    )


def publish(settings: Settings, folder: Path, more: Any = None) -> tuple[Store, City]:
    """Write the city's files and open its store; ``more`` makes further products from those there are."""
    outlines, areas = districts(), grids()
    firms = subjects(areas)
    made = products(firms, areas, outlines, cells(areas))
    made |= more(made) if more else {}
    paths = {}
    for name, frame in made.items():
        paths[name] = folder / f"{name}.parquet"
        frame.to_parquet(paths[name])
    rejected = pd.DataFrame(
        {
            "source_id": "register",
            "source_file": "register.csv",
            "source_row": [17, 40, 99],
            "column": ["uscc", "established_on", "uscc"],
            "found": ["9150011", "2015-13-40", ""],
            "reason": ["the code has not 18 characters", "no such day in the calendar", "a legal person needs a name"],
            "raw": "…",
        }
    )
    store = Store.open("small", settings)
    tables = {
        "legal_persons": firms,
        "unlocated": made["unlocated"],
        "districts": outlines,
        "grids": areas.drop(columns="name_en"),
        "quarantine": rejected,
    }
    store.publish(BUILD, manifest(), tables, paths, dt.datetime(2015, 7, 1, 2, tzinfo=dt.UTC))
    return store, profile(folder)
