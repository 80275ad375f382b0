"""Turns the examples of a warning rule into the frames a detector reads."""

from __future__ import annotations

import datetime as dt
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from models import contracts
from models.analysis.warnings.candidates import Inputs
from models.analysis.warnings.detectors import look
from models.build.warnings import CLUSTERS, RECORDS
from models.rules.warning_rules import Example

DEFAULTS: dict[str, dict[str, Any]] = {
    "subjects": {
        "name": "示例企业",
        "located": True,
        "outside": False,
        "source_id": "example",
        "source_file": "example",
        "source_row": 2,
        "lon": 106.65,
        "lat": 29.02,
    },
}
FILE = {"source_id": "example", "source_file": "example", "source_row": 2}


def expand(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Repeat rows, step their dates and fill ``{n}`` into their texts."""
    out = []
    for row in rows:
        own = {k: v for k, v in row.items() if k not in ("repeat", "every_days")}
        for i in range(int(row.get("repeat", 1))):
            step = dt.timedelta(days=int(row.get("every_days", 0)) * i)
            out.append(
                {
                    k: v.replace("{n}", str(i + 1)) if isinstance(v, str) else v + step if isinstance(v, dt.date) else v
                    for k, v in own.items()
                }
            )
    return out


def table(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return rows on the contract of a table, with what an example need not say."""
    promised = contracts.contract(name)
    filled = []
    for i, row in enumerate(expand(rows)):
        keys = {k: f"{name}-{i}" for k in promised.key if promised.column(k).kind == "str"}
        if name == "subjects":
            keys = {"uscc": f"9150022{i:011d}"}
        file = FILE if name not in ("scan_clusters", "area_alarms") else {}
        filled.append({**file, **DEFAULTS.get(name, {}), **keys, **row})
    frame = pd.DataFrame(filled)
    for column in promised.columns:
        if column.kind == "date" and column.name in frame:
            frame[column.name] = pd.to_datetime(frame[column.name])
    if promised.spatial and "geometry" not in frame:
        square = shapely.box(106.6, 29.0, 106.7, 29.1)
        frame = gpd.GeoDataFrame(frame, geometry=[square] * len(frame), crs="EPSG:4326")
    return contracts.conform(name, frame[[c for c in frame if c in promised.names()]])


def inputs_of(example: Example) -> Inputs:
    """Return what a detector looks at in an example."""
    tables = {name: table(name, rows) for name, rows in example.tables.items()}
    records = {name: tables.get(name, contracts.empty(name)) for name in (*RECORDS, *CLUSTERS)}
    subjects = tables.get("subjects", contracts.empty("subjects"))
    return look(subjects, records, pd.Timestamp(example.as_of), disclosure_k=10)
