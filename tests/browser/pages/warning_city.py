"""The small city with warnings: a burst with evidence of every kind, a data fault, an overdue one, a withdrawn one."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import h3
import pandas as pd

from models.settings import Settings

AS_OF = dt.date(2015, 6, 30)
NOON = dt.datetime(2015, 7, 1, 4, tzinfo=dt.UTC)
BURST, FAULT, LATE, GONE = (f"{n:016x}" for n in (0xB1, 0xB2, 0xB3, 0xB4))


def warnings(firms: pd.DataFrame) -> pd.DataFrame:
    """Warnings of a build about the firms of the small city."""
    members = firms[firms["located"]].sort_values("uscc").head(6)
    first = members.iloc[0]
    day = pd.Timestamp("2015-06-20")
    days = [f"2015-06-{n:02d}" for n in range(14, 21)]
    evidence = {
        "facts": [
            {"key": "firms_at_address", "value": 12, "threshold": 5, "unit": "firm", "source": "legal_persons",
             "date": "2015-06-20"},
            {"key": "window_days", "value": 7, "threshold": 30, "unit": "day", "source": None, "date": None},
        ],
        "series": [{"t": t, "n": n, "expected": 0.4} for t, n in zip(days, (1, 2, 0, 3, 4, 1, 1), strict=True)],
        "cells": [h3.latlng_to_cell(first["lat"], first["lon"], 9)],
        "texts": [{"subject_id": first["uscc"], "field": "scope_text", "matched": "货物运输", "weight": 2.0}],
    }  # fmt: skip
    base = {
        "warning_key": BURST, "rule_id": "address-burst", "rule_version": "2026-11", "theme": "concentration",
        "severity": 3, "data_fault": False, "subject_id": None, "area_code": first["grid_code"], "area_level": "town",
        "grid_code": first["grid_code"], "district_code": "500110", "h3_r8": int(first["h3_r8"]),
        "lon": first["lon"], "lat": first["lat"], "raised_on": day, "window_from": pd.Timestamp("2015-06-14"),
        "window_to": day, "ended_on": pd.NaT, "end_reason": None, "observed": 12.0, "expected": 1.4,
        "p_value": 0.001, "score": 9.0, "recurrence_days": 1000.0, "members": len(members),
        "member_ids": json.dumps(members["uscc"].tolist()), "evidence": json.dumps(evidence, ensure_ascii=False),
    }  # fmt: skip
    lone = {"members": 1, "member_ids": json.dumps([first["uscc"]]), "subject_id": first["uscc"], "evidence": "{}"}
    none = {"expected": None, "p_value": None, "recurrence_days": None}
    fault = base | lone | none | {"warning_key": FAULT, "rule_id": "capital-data-fault", "theme": "investment",
                                  "severity": 1, "data_fault": True, "observed": 1e12}  # fmt: skip
    late = base | lone | none | {"warning_key": LATE, "rule_id": "person-burst", "severity": 2}
    gone = base | none | {"warning_key": GONE, "ended_on": pd.Timestamp("2015-06-28"), "end_reason": "burst_over"}
    return pd.DataFrame([base, fault, late, gone])


def publish(small_city: Any, settings: Settings, folder: Path) -> tuple[Any, Any]:
    """The small city, built on its business date, with these warnings; the overdue one was first seen in May."""
    store, profile = small_city.publish(settings, folder)
    firms = store.product("subjects").to_pandas()
    found = warnings(firms)
    early = found[found["warning_key"] == LATE].assign(raised_on=pd.Timestamp("2015-05-20"))
    store.sync_warnings(early, dt.date(2015, 5, 20), NOON)
    store.sync_warnings(found[found["warning_key"] != LATE], AS_OF, NOON, since=dt.date(2015, 6, 1))
    return store, profile
