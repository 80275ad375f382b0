"""The small city with a year of supervision: indicators, levels, warnings, inspections, and people with areas."""

from __future__ import annotations

import datetime as dt
import importlib.util
from pathlib import Path
from types import ModuleType

import geopandas as gpd
import numpy as np
import pandas as pd

from models import contracts
from models.contracts.levels import INDICATOR_NAMES, LEVELS
from models.profile.city import City, Supervision
from models.rules.scorecard import load_scorecard
from models.rules.scoring import level_codes, scores, vetoes
from models.settings import Settings
from models.store import Store

AS_OF = pd.Timestamp("2015-06-30")
AT = dt.datetime(2015, 7, 1, 2, tzinfo=dt.UTC)
OWN, OTHER = "500110001", "500110002"
STAFF = f"""
[[person]]
id = "zhang"
name = {{ zh-Hans = "张监管", en = "Zhang" }}
roles = ["supervisor"]
areas = ["{OWN}"]

[[person]]
id = "li"
name = {{ zh-Hans = "李监管", en = "Li" }}
roles = ["supervisor"]
areas = ["{OTHER}"]

[[person]]
id = "chen"
name = {{ zh-Hans = "陈所长", en = "Chen" }}
roles = ["manager"]
areas = ["500110"]

[[person]]
id = "wang"
name = {{ zh-Hans = "王规划", en = "Wang" }}
roles = ["planner"]
areas = ["*"]
"""


def small() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "pages_small_city_of_supervised", Path(__file__).parent / "small_city.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def firms_of(city: ModuleType, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Every fifth firm is an individual business; thirty share one building, four one representative."""
    firms = city.subjects(areas)
    alone = np.arange(len(firms)) % 5 == 0
    firms["entity_type"] = np.where(alone, "个体工商户", firms["entity_type"])
    firms["name"] = np.where(alone, [f"綦江赵{i}小吃店" for i in range(len(firms))], firms["name"])
    here = firms.index[(firms["grid_code"] == OWN) & firms["located"].astype(bool)]
    firms.loc[here[:30], "address"] = [f"重庆市綦江区古南街道中山路18号{n}-1" for n in range(1, 31)]
    firms["representative_key"] = [f"{i:016x}" for i in range(len(firms))]
    firms.loc[here[[2, 5, 8, 11]], "representative_key"] = "f" * 16
    return firms


def indicators_of(firms: pd.DataFrame) -> pd.DataFrame:
    """Indicators with a few bad firms in every town."""
    rng = np.random.default_rng(3)
    n = len(firms)
    frame = pd.DataFrame(np.nan, index=range(n), columns=list(INDICATOR_NAMES))
    bad = rng.random(n)
    frame["age_years"] = (AS_OF - firms["established_on"]).dt.days.to_numpy() / 365.25
    frame["reports_missing"] = np.select([bad > 0.97, bad > 0.9], [2.0, 1.0], 0.0)
    frame["abnormal_now"] = (bad > 0.95).astype(float)
    frame["penalties"] = np.where(bad > 0.96, 2.2, 0.0)
    frame["complaints"] = np.where(bad > 0.93, 4.5, 0.0)
    frame["changes_12m"] = rng.integers(0, 5, n).astype(float)
    frame["same_address"] = 1.0
    frame["repairs"] = np.where(bad > 0.985, 1.0, 0.0)
    frame["months_since_inspection"] = np.where(rng.random(n) < 0.5, np.nan, rng.uniform(1, 40, n))
    frame.insert(0, "subject_id", firms["uscc"].to_numpy())
    return contracts.conform("subject_indicators", frame)


def levels_of(indicators: pd.DataFrame) -> pd.DataFrame:
    """Levels by the project's own scorecard."""
    card = load_scorecard("general")
    score = scores(card, indicators, AS_OF.date())
    codes = level_codes(card, score, vetoes(card, indicators))
    order = np.lexsort([indicators["subject_id"], -score, -codes])
    rank = np.empty(len(score), np.int64)
    rank[order] = np.arange(1, len(score) + 1)
    change = '[{"indicator": "reports", "from": 2.0, "to": 1.0, "points": -18, "level": "B"}]'
    frame = pd.DataFrame({
        "subject_id": indicators["subject_id"], "level": np.array(LEVELS)[codes], "rule_score": score, "veto": None,
        "level_before": None, "level_since": AS_OF, "rank": rank, "rule_version": card.rule_version, "as_of": AS_OF,
        "model_probability": 0.21, "model_level": "B", "model_version": "m 1", "disagrees": codes != 1,
        "would_change": np.where(codes > 0, change, "[]"),
    })  # fmt: skip
    return contracts.conform("subject_levels", frame)


def history_of(levels: pd.DataFrame) -> pd.DataFrame:
    first = levels.assign(as_of=pd.Timestamp("2014-12-31"), level="A", rule_score=levels["rule_score"] / 3)
    changed = levels[levels["level"] != "A"].assign(as_of=pd.Timestamp("2015-05-31"))
    columns = ["subject_id", "as_of", "level", "rule_score", "rule_version"]
    rows = pd.concat([first, changed])[columns].sort_values(["subject_id", "as_of"], ignore_index=True)
    return contracts.conform("level_history", rows)


def by_place(firms: pd.DataFrame, levels: pd.DataFrame) -> dict[str, pd.DataFrame]:
    known = levels.set_index("subject_id")["level"]
    rows = firms[firms["located"].astype(bool)]
    rows = rows.assign(level=known.reindex(rows["uscc"]).to_numpy())

    def mix(key: str) -> pd.DataFrame:
        table = rows.groupby([key, "level"]).size().unstack(fill_value=0).reindex(columns=list(LEVELS), fill_value=0)
        table.columns = [f"level_{c.lower()}" for c in table.columns]
        total = table.sum(axis=1)
        return table.assign(subjects=total, risk_share=(table["level_c"] + table["level_d"]) / total).reset_index()

    cells = [mix(f"h3_r{r}").rename(columns={f"h3_r{r}": "h3"}).assign(resolution=r) for r in (7, 8, 9)]
    kinds = {"district": "district_code", "town": "grid_code"}
    areas = [mix(key).rename(columns={key: "area_code"}).assign(area_level=level) for level, key in kinds.items()]
    return {
        "levels_by_cell": contracts.conform("levels_by_cell", pd.concat(cells, ignore_index=True)),
        "levels_by_area": contracts.conform("levels_by_area", pd.concat(areas, ignore_index=True)),
    }


def warnings_of(firms: pd.DataFrame) -> pd.DataFrame:
    """Two warnings about firms and one about a building in each of two towns."""
    rows = []
    for town in (OWN, OTHER):
        mine = firms[(firms["grid_code"] == town) & firms["located"].astype(bool)]
        for n, rule in enumerate(("capital-outlier", "address-burst", "person-burst")):
            firm = mine.iloc[n * 5]
            members = [firm["uscc"]] if n != 1 else list(mine["uscc"].head(9))
            day = AS_OF - pd.Timedelta(days=3 * n + 1)
            rows.append({
                "warning_key": f"{town[-2:]}{n:014x}", "rule_id": rule, "rule_version": "1",
                "theme": ("investment", "concentration", "false_registration")[n], "severity": 3 - n,
                "data_fault": False, "subject_id": None if n == 1 else firm["uscc"], "area_code": town,
                "area_level": "grid", "grid_code": town, "district_code": "500110", "h3_r8": firm["h3_r8"],
                "lon": firm["lon"], "lat": firm["lat"], "raised_on": day, "window_from": day - pd.Timedelta(days=30),
                "window_to": day, "ended_on": pd.NaT, "end_reason": None, "observed": 12.0 - n, "expected": 1.5,
                "p_value": 0.001, "score": 3.0 - n, "recurrence_days": 900.0, "week": "2015-W26", "rank": n + 1,
                "members": len(members), "member_ids": str(members).replace("'", '"'),
                "evidence": '{"facts": [{"key": "window_days", "value": 30, "threshold": null, "unit": null,'
                            ' "source": "legal_persons", "date": null}], "series": [], "cells": [], "texts": []}',
            })  # fmt: skip
    return contracts.conform("warnings", pd.DataFrame(rows))


def inspections_of(firms: pd.DataFrame, levels: pd.DataFrame) -> pd.DataFrame:
    """Two inspections of each of the hundred firms to look at first."""
    first = levels.sort_values("rank").head(100)["subject_id"]
    rows = [
        {
            "inspection_id": f"i{n}-{k}", "subject_id": subject,
            "inspected_on": pd.Timestamp("2015-01-14") + k * pd.Timedelta(days=90),
            "kind": "routine", "result": "rectify", "source_id": "register", "source_file": "inspections.csv",
            "source_row": 2 * n + k + 2, "closed_on": pd.NaT, "follow_up_due": pd.NaT,
        }
        for n, subject in enumerate(first)
        for k in (0, 1)
    ]  # fmt: skip
    return contracts.conform("inspections", pd.DataFrame(rows))


def publish(settings: Settings, folder: Path) -> tuple[Store, City]:
    """Write the city's files, open its store and bring its warnings into the casework."""
    city = small()
    outlines, areas = city.districts(), city.grids()
    firms = firms_of(city, areas)
    indicators = indicators_of(firms)
    levels = levels_of(indicators)
    warnings = warnings_of(firms)
    made = {
        **city.products(firms, areas, outlines, city.cells(areas)), "subject_indicators": indicators,
        "subject_levels": levels, "level_history": history_of(levels), "warnings": warnings, **by_place(firms, levels),
    }  # fmt: skip
    paths = {}
    for name, frame in made.items():
        paths[name] = folder / f"{name}.parquet"
        frame.to_parquet(paths[name])
    store = Store.open("small", settings)
    tables = {
        "legal_persons": firms, "unlocated": made["unlocated"], "districts": outlines,
        "grids": areas.drop(columns="name_en"), "inspections": inspections_of(firms, levels),
    }  # fmt: skip
    manifest = city.manifest() | {"as_of": AS_OF.date().isoformat()}
    store.publish(city.BUILD, manifest, tables, paths, AT)
    store.sync_warnings(warnings, AS_OF.date(), AT)
    (folder / "staff.toml").write_text(STAFF, encoding="utf-8")
    profile = city.profile(folder).model_copy(
        update={"supervision": Supervision(scorecard="general", as_of=AS_OF.date())}
    )
    return store, profile
