"""The small city with levels, officers and a business date: what draws, routes and packs need."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.store import Store

AS_OF = dt.date(2015, 6, 30)


def officers() -> pd.DataFrame:
    n = 8
    return pd.DataFrame(
        {
            "officer_id": [f"O{i}" for i in range(n)],
            "name": [f"{c}执法" for c in "赵钱孙李周吴郑王"],
            "duty": "supervisor",
            "area_codes": ["*"] * 4 + ["500110"] * 4,
            "expertise": "commerce;food;quality;other",
            "certificate_no": [f"渝{i:04d}" for i in range(n)],
            "certificate_until": pd.Timestamp("2017-12-31"),
            "conflicts": None,
            "source_id": "staff",
            "source_file": "staff.csv",
            "source_row": np.arange(n) + 2,
        }
    )


def levels(ids: pd.Series) -> pd.DataFrame:
    rng = np.random.default_rng(11)
    score = np.round(rng.gamma(2, 12, len(ids)).clip(0, 99), 1)
    level = pd.cut(score, [-1, 25, 45, 65, 101], labels=list("ABCD")).astype(str)
    order = np.lexsort((ids, -score))
    rank = np.empty(len(ids), dtype="int64")
    rank[order] = np.arange(1, len(ids) + 1)
    return pd.DataFrame({"subject_id": ids, "level": level, "rule_score": score, "rank": rank})


def add(store: Store, folder: Path) -> None:
    """Publish the city again with what field work needs; everything else stays."""
    live = store.require_live_build()
    paths: dict[str, Any] = {name: store.home / "products" / p.file for name, p in live.products.items()}
    paths["subject_levels"] = folder / "levels.parquet"
    ids = store.frame("legal_persons", ["uscc"])["uscc"]
    levels(ids).to_parquet(paths["subject_levels"])
    manifest = dict(live.manifest) | {"as_of": AS_OF.isoformat()}
    at = dt.datetime(2015, 7, 2, 2, tzinfo=dt.UTC)
    store.publish("b-20150702-field", manifest, {"officers": officers()}, paths, at)
