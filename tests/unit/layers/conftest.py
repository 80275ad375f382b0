"""A small city with every product, made by hand: two districts, four grid cells, 400 firms, 24 months."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from shapely.geometry import Point, Polygon, box

from models import contracts
from models.contracts import warnings as warning_contracts
from models.contracts.population import ORIGIN_CLASSES
from models.profile import City
from tests.unit.layers import signaling_city

WEST, SOUTH = 106.60, 29.00
MIDDLE, EAST, NORTH = 106.66, 106.72, 29.08
SIGNALING = """
home_province = "50"
[[periods]]
name = "2015"
first = 2015-06-01
last = 2015-06-21
events = "home:events"
network = "home:network.csv"
"""
SECTIONS = np.array(["A", "C", "F", "H", "L"])


@dataclass
class FakeBuild:
    build_id: str
    manifest: dict[str, Any] = field(default_factory=dict)


class FakeStore:
    """Products and tables in memory, with the signatures of `models.store.Store`."""

    def __init__(self, frames: dict[str, pd.DataFrame], build_id: str = "b-1") -> None:
        self.frames, self.build = frames, FakeBuild(build_id)
        self.reads: list[str] = []

    def live_build(self) -> FakeBuild | None:
        return self.build

    def builds(self) -> list[FakeBuild]:
        return [self.build]

    def products(self, build_id: str | None = None) -> dict[str, Any]:
        shapes = signaling_city.SHAPES
        return {n: None for n, f in self.frames.items() if n in shapes or not isinstance(f, gpd.GeoDataFrame)}

    def product(self, name: str, build_id: str | None = None, columns: Any = None, filters: Any = None) -> pa.Table:
        self.reads.append(name)
        frame = self.frames[name]
        if isinstance(frame, gpd.GeoDataFrame):
            held = io.BytesIO()
            frame.to_parquet(held)
            return pq.read_table(held)
        return pa.Table.from_pandas(frame[list(columns)] if columns else frame, preserve_index=False)

    def count(self, table: str) -> int:
        return len(self.frames.get(table, ()))

    def frame(self, table: str, columns: Any = None) -> pd.DataFrame:
        return self.frames[table][list(columns)] if columns else self.frames[table]

    def search(self, text: str, limit: int = 20) -> pd.DataFrame:
        rows = self.frames["subjects"]
        hit = rows["name"].str.contains(text, regex=False) | rows["uscc"].str.contains(text, regex=False)
        return rows[hit.astype(bool)].head(limit)

    def subjects_page(self, where: Any, sort: str, descending: bool, offset: int, limit: int) -> Any:
        rows = self.frames["subjects"]
        return rows.iloc[offset : offset + limit], len(rows)


def _district(code: str, name: str, name_en: str, shape: Polygon) -> dict[str, Any]:
    return {"district_code": code, "name": name, "name_en": name_en, "source_id": "borders", "geometry": shape}


def _grid(code: str, name: str, shape: Polygon) -> dict[str, Any]:
    """A cell (9 digits, derived) below its town (7 digits, official)."""
    town = len(code) == 7
    return {"grid_code": code, "name": name, "level": "town" if town else "grid", "derived": not town,
            "parent_code": None if town else f"{code[:6]}0", "source_id": "grids", "geometry": shape}  # fmt: skip


def _areas() -> dict[str, gpd.GeoDataFrame]:
    districts = [
        _district("500110", "綦江区", "Qijiang", box(WEST, SOUTH, MIDDLE, NORTH)),
        _district("500111", "大足区", None, box(MIDDLE, SOUTH, EAST, NORTH)),
    ]
    half = (SOUTH + NORTH) / 2
    grids = [
        _grid("500110001", "古南", box(WEST, SOUTH, MIDDLE, half)),
        _grid("500110002", "三江", box(WEST, half, MIDDLE, NORTH)),
        _grid("500111001", "龙岗", box(MIDDLE, SOUTH, EAST, half)),
        _grid("500111002", "棠香", box(MIDDLE, half, EAST, NORTH)),
        _grid("5001100", "綦江各街镇", box(WEST, SOUTH, MIDDLE, NORTH)),
        _grid("5001110", "大足各街镇", box(MIDDLE, SOUTH, EAST, NORTH)),
    ]  # fmt: skip
    towns = [{"town_code": "500110001", "name": "古南街道", "name_en": "Gunan", "district_code": "500110",
              "source_id": "towns", "geometry": Point(106.65, 29.03)}]  # fmt: skip
    return {
        name: contracts.conform(name, gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4326"))
        for name, rows in (("districts", districts), ("grids", grids), ("towns", towns))
    }


def _cells() -> pd.DataFrame:
    outline = h3.LatLngPoly([(SOUTH, WEST), (SOUTH, EAST), (NORTH, EAST), (NORTH, WEST)])
    rows: list[tuple[Any, ...]] = []
    finer: set[str] = set()
    for resolution in (9, 8, 7):
        finer = {h3.cell_to_parent(cell, resolution) for cell in finer} | set(h3.h3shape_to_cells(outline, resolution))
        for cell in sorted(finer):
            lat, lon = h3.cell_to_latlng(cell)
            district = "500110" if lon < MIDDLE else "500111"
            grid = f"{district}00{1 if lat < (SOUTH + NORTH) / 2 else 2}"
            rows.append((int(cell, 16), resolution, district, grid, h3.cell_area(cell, unit="km^2"), lon, lat))
    names = ("h3", "resolution", "district_code", "grid_code", "area_km2", "lon", "lat")
    frame = pd.DataFrame(rows, columns=names).sample(frac=1, random_state=1)
    return contracts.conform("cells", frame.astype({"h3": "uint64"}))


def _subjects(cells: pd.DataFrame, n: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    fine = cells[cells["resolution"] == 9].sort_values("h3").iloc[::17]
    at = rng.choice(len(fine), n, p=np.linspace(3, 0.1, len(fine)) / np.linspace(3, 0.1, len(fine)).sum())
    home = fine.iloc[at]
    located = rng.random(n) > 0.1
    months = pd.period_range("2013-07", "2015-06", freq="M")
    frame = pd.DataFrame({
        "uscc": [f"91500110MA{i:08d}" for i in range(n)], "name": [f"重庆第{i}商行" for i in range(n)],
        "established_on": [months[i % 24].to_timestamp() for i in range(n)], "representative_key": "0123456789abcdef",
        "capital_cny": np.where(rng.random(n) < 0.8, rng.lognormal(12, 2, n), np.nan),
        "industry_section": np.where(rng.random(n) < 0.9, SECTIONS[rng.integers(0, 5, n)], None), "address": "=cmd()",
        "source_id": "register", "source_file": "a.csv", "source_row": range(2, n + 2),
        "outside": False, "located": located,
        "lon": np.where(located, home["lon"], np.nan), "lat": np.where(located, home["lat"], np.nan),
        "match_level": np.where(located, rng.integers(1, 6, n), 6), "error_radius_m": rng.uniform(20, 3000, n),
        "district_code": home["district_code"].to_numpy(), "grid_code": home["grid_code"].to_numpy(),
    })  # fmt: skip
    for resolution in (7, 8, 9):
        parents = [int(h3.cell_to_parent(f"{c:x}", resolution), 16) for c in home["h3"]]
        frame[f"h3_r{resolution}"] = pd.array(parents, dtype="UInt64")
        frame.loc[~located, f"h3_r{resolution}"] = pd.NA
    frame.loc[~located, "grid_code"] = None
    frame["match_level"] = frame["match_level"].astype("Int64")
    return contracts.conform("subjects", frame)


def _measures(rows: pd.DataFrame, by: str, area: pd.Series, everyone: pd.DataFrame) -> pd.DataFrame:
    groups = rows.groupby(by)
    shares = rows[rows["industry_section"].notna()].groupby(by)["industry_section"].value_counts(normalize=True)
    found = pd.DataFrame({
        "subjects": groups.size(), "capital_cny_sum": groups["capital_cny"].sum(min_count=1),
        "capital_cny_median": groups["capital_cny"].median(),
        "dominant_section": groups["industry_section"].agg(lambda s: s.mode().iloc[0] if s.notna().any() else None),
        "section_entropy": -(shares * np.log2(shares)).groupby(level=0).sum(),
        "capital_known": groups["capital_cny"].count(), "section_known": groups["industry_section"].count(),
        "mean_error_radius_m": groups["error_radius_m"].mean(),
    })  # fmt: skip
    found["located_share"] = found["subjects"] / everyone.groupby(by).size().reindex(found.index)
    found["area_km2"] = area.reindex(found.index)
    return found.rename_axis("key").reset_index()


def _by_cell(subjects: pd.DataFrame, cells: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    located = subjects[subjects["located"]]
    measures, months = [], []
    area = cells.set_index("h3")["area_km2"]
    for resolution in (7, 8, 9):
        column = f"h3_r{resolution}"
        known = located.astype({column: "uint64"})
        measures.append(
            _measures(known, column, area, known).rename(columns={"key": "h3"}).assign(resolution=resolution)
        )
        month = known["established_on"].dt.strftime("%Y-%m").rename("month")
        counts = known.groupby([column, month]).size().rename("subjects").reset_index().rename(columns={column: "h3"})
        months.append(counts.assign(resolution=resolution))
    return (
        contracts.conform("subjects_by_cell", pd.concat(measures, ignore_index=True)),
        contracts.conform("registrations_by_cell_month", pd.concat(months, ignore_index=True)),
    )


def _by_area(subjects: pd.DataFrame, areas: dict[str, gpd.GeoDataFrame]) -> pd.DataFrame:
    located = subjects[subjects["located"]]
    parts = []
    located = located.assign(town_code=located["grid_code"].str.slice(0, 6) + "0")
    kinds = (("district", "districts", "district_code"), ("town", "grids", "town_code"), ("grid", "grids", "grid_code"))
    for level, table, column in kinds:
        code = areas[table]["district_code" if level == "district" else "grid_code"]
        size = pd.Series(areas[table].to_crs(32648).area.to_numpy() / 1e6, index=code)
        part = _measures(located, column, size, subjects if level == "district" else located)
        parts.append(part.rename(columns={"key": "area_code"}).assign(area_level=level))
    return contracts.conform("subjects_by_area", pd.concat(parts, ignore_index=True))


def _census() -> dict[str, pd.DataFrame]:
    rows = [
        ("500110", 2010, 800_000), ("500110", 2020, 1_011_334), ("500111", 2010, 671_298), ("500111", 2020, 834_536),
        ("5001100", 2020, 1_011_334), ("5001110", 2020, 834_536),
    ]  # fmt: skip
    residents = pd.DataFrame({
        "area_code": [r[0] for r in rows], "area_level": ["town" if len(r[0]) == 7 else "district" for r in rows],
        "residents": [float(r[2]) for r in rows],
        "reference_date": pd.to_datetime([f"{r[1]}-11-01" for r in rows]), "area_definition": "as of the day",
    })  # fmt: skip
    change = pd.DataFrame({
        "area_code": ["500110", "500111"], "residents_from": [800_000.0, 671_298.0],
        "residents_to": [1_011_334.0, 834_536.0],
        "change": [211_334.0, 163_238.0], "change_rate": [0.264, 0.243], "comparable": [False, True],
        "note": ["code_reused;500110 万盛区", None],
    })  # fmt: skip
    return {
        "residents_by_area": contracts.conform("residents_by_area", residents),
        "residents_change": contracts.conform("residents_change", change),
    }


def _levels(subjects: pd.DataFrame) -> pd.DataFrame:
    """Levels of all subjects but the first ten, which are not classified; D the first to look at."""
    rows = subjects.iloc[10:]
    rank = np.arange(1, len(rows) + 1)
    level = np.array(list("DCBA"))[np.searchsorted([8, 40, 130], rank, side="right")]
    frame = pd.DataFrame({
        "subject_id": rows["uscc"].to_numpy(), "level": level, "rule_score": 100.0 - rank / 5, "veto": None,
        "level_before": None, "level_since": pd.Timestamp("2015-05-31"), "rank": rank, "rule_version": "general 1 ab",
        "as_of": pd.Timestamp("2015-06-30"), "model_probability": 0.1, "model_level": "B", "model_version": "m 1",
        "disagrees": level != "B", "would_change": "[]",
    })  # fmt: skip
    return contracts.conform("subject_levels", frame)


def _levels_by_place(subjects: pd.DataFrame, levels: pd.DataFrame) -> dict[str, pd.DataFrame]:
    known = levels.set_index("subject_id")["level"]
    rows = subjects[subjects["located"]].assign(level=lambda f: known.reindex(f["uscc"]).to_numpy())
    rows = rows[rows["level"].notna()].assign(town_code=lambda f: f["grid_code"].str.slice(0, 6) + "0")

    def mix(key: str) -> pd.DataFrame:
        table = rows.groupby([key, "level"]).size().unstack(fill_value=0).reindex(columns=list("ABCD"), fill_value=0)
        table.columns = [f"level_{c.lower()}" for c in table.columns]
        total = table.sum(axis=1)
        return table.assign(subjects=total, risk_share=(table["level_c"] + table["level_d"]) / total).reset_index()

    cells = [mix(f"h3_r{r}").rename(columns={f"h3_r{r}": "h3"}).assign(resolution=r) for r in (7, 8, 9)]
    kinds = {"district": "district_code", "town": "town_code", "grid": "grid_code"}
    by_area = [mix(key).rename(columns={key: "area_code"}).assign(area_level=level) for level, key in kinds.items()]
    return {
        "levels_by_cell": contracts.conform("levels_by_cell", pd.concat(cells, ignore_index=True)),
        "levels_by_area": contracts.conform("levels_by_area", pd.concat(by_area, ignore_index=True)),
    }


def _compared(by_area: pd.DataFrame) -> pd.DataFrame:
    """Every area inspected a little, more towards the end of the list."""
    rows = by_area[["area_code", "area_level", "subjects"]].reset_index(drop=True)
    seen = (rows["subjects"] // 4 + rows.index % 3).clip(upper=rows["subjects"])
    return contracts.conform("area_comparison", rows.assign(
        inspections=seen, positives=seen // 3, raw_rate=0.33, eb_rate=0.3, eb_low=0.2, eb_high=0.4,
        inspected_12m=seen, coverage=seen / rows["subjects"],
    ))  # fmt: skip


def _premises(subjects: pd.DataFrame) -> pd.DataFrame:
    """A place of business for every tenth subject, each fifth without coordinates, each third without a check."""
    rows = subjects[subjects["located"]].iloc[::10].reset_index(drop=True)
    n = np.arange(len(rows))
    worst = np.where(n % 3 == 0, None, np.array(["none", "low", "moderate", "high"], dtype=object)[n % 4])
    frame = pd.DataFrame({
        "premises_id": [f"p{i}" for i in n], "lon": rows["lon"].where(n % 5 > 0), "lat": rows["lat"].where(n % 5 > 0),
        "inspections": n % 4, "last_on": pd.Timestamp("2015-05-01"), "worst": worst,
        "district_code": rows["district_code"], "grid_code": rows["grid_code"],
    })  # fmt: skip
    return contracts.conform("premises_checks", frame.astype({"worst": "str"}))


def _warnings(subjects: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """A warning for every seventh subject, some over, some data faults; hexagons with many, few and no devices."""
    rows = subjects[subjects["located"]].iloc[::7].reset_index(drop=True)
    n = np.arange(len(rows))
    themes = np.array(warning_contracts.THEMES, dtype=object)
    warnings = pd.DataFrame({
        "warning_key": [f"{i:016x}" for i in n], "rule_id": "address-burst", "rule_version": "1",
        "theme": themes[n % len(themes)], "severity": 1 + n % 3, "data_fault": n % 11 == 0,
        "subject_id": rows["uscc"], "grid_code": rows["grid_code"], "district_code": rows["district_code"],
        "h3_r8": rows["h3_r8"], "lon": rows["lon"], "lat": rows["lat"], "raised_on": pd.Timestamp("2015-05-04"),
        "window_from": pd.Timestamp("2015-05-04"), "window_to": pd.Timestamp("2015-05-09"),
        "ended_on": pd.Series(pd.Timestamp("2015-06-01"), index=rows.index).where(n % 5 == 0),
        "observed": 7.0, "score": 2.0, "week": "2015-W19", "rank": n + 1, "members": 1, "member_ids": "[]",
        "evidence": "{}",
    })  # fmt: skip
    cells = np.unique(rows["h3_r8"].dropna().to_numpy(dtype=np.uint64))
    at = np.arange(cells.size)
    hidden = at % 4 == 1
    present = np.where(hidden | (at % 4 == 2), np.nan, 20.0 + at)
    firms = pd.DataFrame({
        "h3": cells, "firms": 12, "claimed_staff": 60.0, "staff_known": 12, "expected_persons": 60.0,
        "present_day": present, "devices": pd.array(np.where(hidden, 3, np.where(at % 4 == 2, -1, 40)), dtype="Int64"),
        "suppressed": hidden, "present_per_expected": present / 60, "reference_month": pd.Timestamp("2015-06-01"),
    })  # fmt: skip
    firms["devices"] = firms["devices"].where(firms["devices"] >= 0)
    warnings["theme"] = warnings["theme"].astype("str")
    return {
        "warnings": contracts.conform("warnings", warnings),
        "registered_present": contracts.conform("registered_present", firms),
    }


def _rates(keys: pd.DataFrame) -> pd.DataFrame:
    """Every third place hot, every third cold, the others not tested."""
    n = np.arange(len(keys))
    kind = pd.Series(np.array(["hot", "cold", None], dtype=object)[n % 3], dtype="str")
    return keys.assign(
        existing=10, new=n % 7, rate=(n % 7) / 10, neighbours=3, gi_star=np.where(n % 3 == 1, -2.5, 2.5),
        p_value=0.01, q_value=0.02, kind=kind.to_numpy(), window_from=pd.Timestamp("2014-07-01"),
        window_to=pd.Timestamp("2015-06-30"),
    )  # fmt: skip


def _clusters(cells: pd.DataFrame, areas: dict[str, gpd.GeoDataFrame]) -> dict[str, pd.DataFrame]:
    own = cells.loc[cells["resolution"] == 8].head(3)
    scan = pd.DataFrame({
        "cluster_id": ["0123456789abcdef"] * 2, "analysed_on": pd.to_datetime(["2015-06-23", "2015-06-30"]),
        "start": pd.Timestamp("2015-06-20"), "end": pd.to_datetime(["2015-06-23", "2015-06-30"]), "observed": [9, 12],
        "expected": 1.5, "llr": 8.0, "p_value": 0.01, "recurrence_days": [40.0, 400.0], "resolution": 8,
        "cells": json.dumps([f"{cell:x}" for cell in own["h3"]]), "centre_h3": own["h3"].iloc[0],
        "lon": own["lon"].iloc[0], "lat": own["lat"].iloc[0], "radius_cells": 1, "rank": 1,
    })  # fmt: skip
    alarms = pd.DataFrame({
        "area_code": ["5001100", "500110001", "500111", "5001100"], "area_level": ["town", "grid", "district", "town"],
        "section": ["F", None, None, None], "week": pd.to_datetime(["2015-06-17"] * 3 + ["2015-06-24"]),
        "observed": [12, 20, 30, 11], "counted": [12.0, 20.0, 30.0, 11.0], "expected": 5.0, "upper": 10.0,
        "score": [1.4, 3.0, 5.0, 1.2], "p_value": 1e-4, "q_value": 1e-3, "method": "farrington",
    })  # fmt: skip
    places = areas["grids"].loc[areas["grids"]["level"] == "grid", ["grid_code"]].reset_index(drop=True)
    by_area = _rates(places.rename(columns={"grid_code": "area_code"}).assign(area_level="grid"))
    return {
        "scan_clusters": contracts.conform("scan_clusters", scan),
        "area_alarms": contracts.conform("area_alarms", alarms),
        "hot_spots": contracts.conform("hot_spots", _rates(cells[["h3", "resolution"]].reset_index(drop=True))),
        "hot_spots_by_area": contracts.conform("hot_spots_by_area", by_area),
    }


def _moved() -> dict[str, pd.DataFrame]:
    """Moves of both towns between three periods; abroad always hidden, the second town in the later pair too."""
    balances, flows = [], []
    for k, (a, b) in enumerate((("2013", "2014"), ("2014", "2015"))):
        for n, code in enumerate(("5001100", "5001110")):
            hidden = k == 1 and n == 1
            named = {"period_from": a, "period_to": b, "area_code": code, "area_level": "town"}
            known = {
                "residents_from": 50_000.0, "residents_to": 51_000.0, "moved_in": 1_500.0 + 100 * n,
                "moved_out": 900.0, "unexplained": 400.0, "net_rate": 0.012 - 0.03 * n, "effectiveness": 0.25,
            }  # fmt: skip
            balances.append(named | {c: np.nan if hidden else v for c, v in known.items()} | {"suppressed": hidden})
            for at in range(8):
                kind, direction = ORIGIN_CLASSES[at % 4], ("in", "out")[at // 4]
                few = hidden or kind == "international"
                persons = np.nan if few else 100.0 * (at + 1)
                flows.append(named | {
                    "direction": direction, "origin_class": kind, "other_code": None, "persons": persons,
                    "low": persons * 0.8, "high": persons * 1.2, "devices": None if few else 25 + at, "suppressed": few,
                })  # fmt: skip
    return {
        "migration_balance": contracts.conform(
            "migration_balance", pd.DataFrame(balances).assign(births=np.nan, deaths=np.nan)
        ),
        "migration_flows": contracts.conform("migration_flows", pd.DataFrame(flows).astype({"devices": "Int64"})),
    }


@pytest.fixture(scope="session")
def city_frames() -> dict[str, pd.DataFrame]:
    """Every product of the small city, each on its contract."""
    areas, cells = _areas(), _cells()
    subjects = _subjects(cells)
    by_cell, by_month = _by_cell(subjects, cells)
    found = {
        **areas, "cells": cells, "subjects": subjects, "subjects_by_cell": by_cell,
        "registrations_by_cell_month": by_month, "subjects_by_area": _by_area(subjects, areas), **_census(),
    }  # fmt: skip
    found["subject_levels"] = _levels(subjects)
    found |= _levels_by_place(subjects, found["subject_levels"])
    found["area_comparison"] = _compared(found["levels_by_area"])
    found["premises_checks"] = _premises(subjects)
    found |= _clusters(cells, areas)
    found |= _warnings(subjects)
    found |= signaling_city.products(cells)
    found |= _moved()
    for name, frame in found.items():
        contracts.check(name, frame)
    return found


@pytest.fixture(scope="session")
def shared_store(city_frames: dict[str, pd.DataFrame]) -> FakeStore:
    """One store for tests that only read."""
    return FakeStore(city_frames)


@pytest.fixture
def store(city_frames: dict[str, pd.DataFrame]) -> FakeStore:
    """A store of its own for a test that changes frames."""
    return FakeStore(dict(city_frames))


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """A profile with one source per table, and signaling."""
    folder = tmp_path_factory.mktemp("small")
    (folder / "signaling.toml").write_text(SIGNALING, "utf-8")
    titles = {
        "legal_persons": "企业登记",
        "districts": "行政区划",
        "grids": "网格",
        "towns": "乡镇",
        "census_values": "人口普查",
        "premises": "经营场所",
    }
    needed = {
        "legal_persons": {"uscc": "a", "name": "b", "established_on": "c", "address": "d"},
        "census_values": {"area_code": "a", "area_name": "b", "area_level": "c", "indicator": "d", "value": "e",
                          "unit": "f", "reference_date": "g", "vintage": "h", "area_definition": "i"},
        "districts": {"district_code": "a", "name": "b"}, "grids": {"grid_code": "a", "name": "b", "level": "c"},
        "towns": {"town_code": "a", "name": "b"}, "premises": {"premises_id": "a", "name": "b"},
    }  # fmt: skip
    areas = ("districts", "grids", "towns")
    sources = [
        {
            "id": f"s_{table}", "table": table, "files": ["x"], "format": "vector" if table in areas else "csv",
            "title": {"zh-Hans": title, "en": table}, "licence": "CC BY 4.0",
            "attribution": f"© {title}", "vintage": "2015-06-30", "cadence": "yearly",
            "origin": "made up", "datum": "WGS84", "columns": needed[table],
        }
        for table, title in titles.items()
    ]  # fmt: skip
    return City.model_validate({
        "id": "small", "name": {"zh-Hans": "小城", "en": "Small"}, "crs": 32648, "timezone": "Asia/Shanghai",
        "disclosure_k": 5, "grid": {"kind": "file"}, "view": {"lon": 106.66, "lat": 29.04, "zoom": 10.5},
        "folder": folder, "sources": sources, "demo": True,
    })  # fmt: skip
