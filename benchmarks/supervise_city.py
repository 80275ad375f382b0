"""A large made-up city as products only: subjects on streets of a plane, rectangular grid cells, levels, indicators."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from models.contracts.levels import INDICATOR_NAMES, LEVELS
from models.fusion import hexes
from models.profile.city import City, GridScheme, Supervision, View
from models.profile.manifest import Source
from models.rules.scorecard import load_scorecard
from models.rules.scoring import level_codes, scores, vetoes
from models.settings import Settings
from models.store import Store

WEST, SOUTH, EAST, NORTH = 106.1, 28.6, 107.1, 29.4
SIDE = 100
DISTRICTS = 10
BUILD = "b-20150701-large"
AS_OF = dt.date(2015, 6, 30)


def areas() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Ten districts of a hundred by ten cells each; a cell's code begins with that of its district."""
    x, y = np.linspace(WEST, EAST, SIDE + 1), np.linspace(SOUTH, NORTH, SIDE + 1)
    i, j = (a.ravel() for a in np.meshgrid(np.arange(SIDE), np.arange(SIDE), indexing="ij"))
    boxes = shapely.box(x[i], y[j], x[i + 1], y[j + 1])
    district = np.array([f"5001{10 + n}" for n in range(DISTRICTS)], object)[i // (SIDE // DISTRICTS)]
    code = [f"{d}{n % 1000:03d}{n // 1000:03d}" for n, d in enumerate(district)]
    frame = pd.DataFrame({"grid_code": code, "name": code, "level": "grid", "parent_code": district, "derived": False})
    grids = gpd.GeoDataFrame(frame.assign(source_id="plane"), geometry=shapely.multipolygons(boxes[:, None]), crs=4326)
    whole = [shapely.MultiPolygon([shapely.union_all(boxes[district == d])]) for d in sorted(set(district))]
    names = pd.DataFrame({"district_code": sorted(set(district)), "name": sorted(set(district)), "source_id": "plane"})
    return gpd.GeoDataFrame(names, geometry=whole, crs=4326), grids


def subjects(n: int, grids: gpd.GeoDataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """n located subjects, dense in the middle."""
    lon = np.clip(rng.normal((WEST + EAST) / 2, 0.18, n), WEST + 1e-4, EAST - 1e-4)
    lat = np.clip(rng.normal((SOUTH + NORTH) / 2, 0.14, n), SOUTH + 1e-4, NORTH - 1e-4)
    column = ((lon - WEST) / (EAST - WEST) * SIDE).astype(int)
    row = ((lat - SOUTH) / (NORTH - SOUTH) * SIDE).astype(int)
    place = column * SIDE + row
    ids = np.arange(n)
    frame = pd.DataFrame({
        "uscc": pd.Series([f"91500110{i:09d}X" for i in ids], dtype="str"),
        "name": pd.Series([f"重庆第{i}商贸有限公司" for i in ids], dtype="str"),
        "entity_type": pd.Series(np.where(ids % 4, "有限责任公司", "个体工商户"), dtype="str"),
        "industry_section": pd.Series(np.array(list("CFGHIL"))[ids % 6], dtype="str"),
        "address": pd.Series([f"示例路{i % 5000}号" for i in ids], dtype="str"),
        "district_code": grids["parent_code"].to_numpy()[place], "grid_code": grids["grid_code"].to_numpy()[place],
        "representative_key": pd.Series([f"{i // 2:016x}" for i in ids], dtype="str"),
        "located": True, "lon": lon, "lat": lat, "match_level": 1, "outside": False,
    })  # fmt: skip
    for resolution in (7, 8, 9):
        frame[f"h3_r{resolution}"] = hexes.cells_of(lon, lat, resolution)
    return frame.astype({"district_code": "str", "grid_code": "str"})


def indicators(firms: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Indicators of which a few are bad for one subject in ten."""
    n = len(firms)
    frame = pd.DataFrame(np.full((n, len(INDICATOR_NAMES)), np.nan), columns=list(INDICATOR_NAMES))
    bad = rng.random(n)
    frame["age_years"] = rng.uniform(0, 20, n)
    frame["reports_missing"] = np.select([bad > 0.98, bad > 0.9], [2.0, 1.0], 0.0)
    frame["abnormal_now"] = (bad > 0.95).astype(float)
    frame["penalties"] = np.where(bad > 0.97, 2.0, 0.0)
    frame["complaints"] = rng.poisson(0.2, n).astype(float)
    frame["months_since_inspection"] = rng.uniform(0, 60, n)
    frame.insert(0, "subject_id", firms["uscc"])
    return frame


def levels(rows: pd.DataFrame) -> pd.DataFrame:
    """Levels by the reviewed scorecard."""
    card = load_scorecard("general")
    score = scores(card, rows, AS_OF)
    codes = level_codes(card, score, vetoes(card, rows))
    order = np.lexsort([rows["subject_id"].to_numpy(object), -score, -codes])
    rank = np.empty(len(rows), np.int64)
    rank[order] = np.arange(1, len(rows) + 1)
    return pd.DataFrame({
        "subject_id": rows["subject_id"], "level": pd.Series(np.array(LEVELS)[codes], dtype="str"),
        "rule_score": score, "rank": rank, "level_before": None, "level_since": pd.Timestamp(AS_OF),
        "rule_version": card.rule_version, "would_change": "[]",
    })  # fmt: skip


def by_place(firms: pd.DataFrame, found: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Levels by hexagon and by area."""

    def mix(keys: pd.Series) -> pd.DataFrame:
        table = pd.crosstab(keys.to_numpy(), found["level"].to_numpy()).reindex(columns=list(LEVELS), fill_value=0)
        table.columns = [f"level_{c.lower()}" for c in table.columns]
        total = table.sum(axis=1)
        shares = (table["level_c"] + table["level_d"]) / total
        return table.assign(subjects=total, risk_share=shares).rename_axis("key").reset_index()

    cells = [mix(firms[f"h3_r{r}"]).rename(columns={"key": "h3"}).assign(resolution=r) for r in (7, 8, 9)]
    levels_of = {"district": "district_code", "grid": "grid_code"}
    by_area = [mix(firms[c]).rename(columns={"key": "area_code"}).assign(area_level=k) for k, c in levels_of.items()]
    joined = pd.concat(cells, ignore_index=True).astype({"h3": "uint64"})
    return {"levels_by_cell": joined, "levels_by_area": pd.concat(by_area, ignore_index=True)}


def cells(grids: gpd.GeoDataFrame) -> pd.DataFrame:
    """Every hexagon of the plane with the grid cell that holds its centre."""
    parts = []
    for resolution in (7, 8, 9):
        ids = np.sort(hexes.polyfill(shapely.box(WEST, SOUTH, EAST, NORTH), resolution))
        lon, lat = hexes.centres(ids)
        column = np.clip(((lon - WEST) / (EAST - WEST) * SIDE).astype(int), 0, SIDE - 1)
        row = np.clip(((lat - SOUTH) / (NORTH - SOUTH) * SIDE).astype(int), 0, SIDE - 1)
        place = column * SIDE + row
        parts.append(pd.DataFrame({
            "h3": ids, "resolution": resolution, "lon": lon, "lat": lat, "area_km2": hexes.areas_km2(ids),
            "district_code": grids["parent_code"].to_numpy()[place], "grid_code": grids["grid_code"].to_numpy()[place],
        }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def publish(n: int, home: Path) -> tuple[Store, City, Settings]:
    """Write a city of n subjects below a folder."""
    rng = np.random.default_rng(1)
    districts, grids = areas()
    firms = subjects(n, grids, rng)
    rows = indicators(firms, rng)
    found = levels(rows)
    made = {
        "subjects": firms, "subject_indicators": rows, "subject_levels": found, "districts": districts, "grids": grids,
        "cells": cells(grids), **by_place(firms, found),
    }  # fmt: skip
    paths = {}
    for name, frame in made.items():
        paths[name] = home / f"{name}.parquet"
        frame.to_parquet(paths[name], compression="zstd", index=False)
    settings = Settings(home=home, shared=home, profiles=home)
    store = Store.open("large", settings)
    manifest = {"as_of": AS_OF.isoformat(), "created_at": "2015-07-01T00:00:00+00:00", "sources": [], "steps": []}
    store.publish(BUILD, manifest, {}, paths, dt.datetime(2015, 7, 1, tzinfo=dt.UTC))
    return store, _profile(home), settings


def _profile(home: Path) -> City:
    source = Source(
        id="register", table="legal_persons", files=("x.csv",), format="csv", title={"zh-Hans": "测试", "en": "test"},
        licence="CC0-1.0", attribution="Cityhex", vintage="2015-06-30", cadence="once", origin="made by a benchmark",
        columns={"uscc": "a", "name": "b", "established_on": "c", "address": "d"},
    )  # fmt: skip
    return City(
        id="large", name={"zh-Hans": "大城", "en": "Large"}, crs=4544, timezone="Asia/Shanghai", disclosure_k=10,
        grid=GridScheme(kind="none"), view=View(lon=106.6, lat=29.0, zoom=9.5), folder=home, sources=(source,),
        supervision=Supervision(scorecard="general", as_of=AS_OF),
    )  # fmt: skip
