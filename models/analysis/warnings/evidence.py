"""The evidence of raised warnings: places, members and a snapshot of every fact, as JSON."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from models.analysis.warnings.candidates import Candidates, Fact, Inputs

MEMBERS_LISTED = 200
TEXTS_LISTED = 50
CELLS_LISTED = 500
_PLACES = ("lon", "lat", "grid_code", "district_code", "h3_r8")


def evidence_of(found: Candidates, rows: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """Return places, members and evidence of the raised candidates of one rule.

    Parameters
    ----------
    rows : raised candidates, with ``position`` in ``found.frame``

    Returns
    -------
    index of ``rows``: lon, lat, grid_code, district_code, h3_r8, area_code, area_level (of the first located member),
    members, member_ids and evidence. A snapshot: it does not change when the records it came from do.
    """
    positions = rows["position"].to_numpy(np.int64)
    members = _of(found.members, positions).sort_values(["candidate", "day", "subject_id"])
    texts = _of(found.texts, positions)
    cells = _of(found.cells, positions)
    once = members.drop_duplicates(["candidate", "subject_id"])
    listed = once.groupby("candidate")["subject_id"].agg(list) if len(members) else pd.Series(dtype=object)
    counts = listed.map(len).reindex(positions, fill_value=0).to_numpy(np.int64)
    ids = [json.dumps(listed.get(p, [])[:MEMBERS_LISTED]) for p in positions.tolist()]
    series = _series(members)
    matched = {
        k: g.drop(columns="candidate").head(TEXTS_LISTED).to_dict("records") for k, g in texts.groupby("candidate")
    }
    hexes = {k: [f"{int(h):x}" for h in g["h3"].head(CELLS_LISTED)] for k, g in cells.groupby("candidate")}
    documents = [
        json.dumps(
            {
                "facts": [_fact(f, p) for f in found.facts if np.isfinite(f.values[p])],
                "series": series.get(p, []),
                "cells": hexes.get(p, []),
                "texts": matched.get(p, []),
            },
            ensure_ascii=False,
        )
        for p in positions.tolist()
    ]
    described = _places(members, positions, inputs).set_axis(rows.index)
    return described.assign(
        members=counts,
        member_ids=pd.Series(ids, index=rows.index, dtype="str"),
        evidence=pd.Series(documents, index=rows.index, dtype="str"),
    )


def _of(frame: pd.DataFrame, positions: Any) -> pd.DataFrame:
    if frame.empty:
        return pd.DataFrame({"candidate": [], "subject_id": [], "day": pd.Series([], dtype="datetime64[s]"), "h3": []})
    kept: pd.DataFrame = frame[frame["candidate"].isin(positions)]
    return kept


def _fact(fact: Fact, position: int) -> dict[str, Any]:
    day = (
        None if fact.days is None or np.isnat(fact.days[position]) else str(fact.days[position].astype("datetime64[D]"))
    )
    value = float(fact.values[position])
    return {
        "key": fact.key,
        "value": round(value, 4) if abs(value) >= 0.001 else value,
        "threshold": fact.threshold,
        "unit": fact.unit,
        "source": fact.source,
        "date": day,
    }


def _series(members: pd.DataFrame) -> dict[int, list[dict[str, Any]]]:
    """Members per day of each candidate, for the time line of the warning page."""
    dated = members[members["day"].notna()] if len(members) else members
    if dated.empty:
        return {}
    days = dated["day"].dt.strftime("%Y-%m-%d")
    counts = dated.assign(t=days).groupby(["candidate", "t"]).size().reset_index(name="n")
    return {
        int(str(k)): [{"t": t, "n": int(n), "expected": None} for t, n in zip(g["t"], g["n"], strict=True)]
        for k, g in counts.groupby("candidate")
    }


def _places(members: pd.DataFrame, positions: Any, inputs: Inputs) -> pd.DataFrame:
    """Place of the first located member of each candidate; else only the district its first member names."""
    subjects = inputs.subjects
    at = (
        pd.Index(subjects["uscc"]).get_indexer(pd.Index(members["subject_id"]))
        if len(members)
        else np.zeros(0, np.int64)
    )
    known = at >= 0
    own = members[known].assign(row=at[known])
    located = subjects["located"].to_numpy(bool)[own["row"].to_numpy(np.int64)] if len(own) else np.zeros(0, bool)
    first = own[located].drop_duplicates("candidate").set_index("candidate")["row"].reindex(positions)
    named = own.drop_duplicates("candidate").set_index("candidate")["row"].reindex(positions)
    rows = first.to_numpy(np.float64)
    some = np.isfinite(rows)
    place = subjects[list(_PLACES)].reindex(np.where(some, rows, -1).astype(np.int64)).reset_index(drop=True)
    stated = subjects["district_code"].reindex(named.fillna(-1).astype("int64").to_numpy()).reset_index(drop=True)
    place["district_code"] = place["district_code"].where(place["district_code"].notna(), stated)
    grid, district = place["grid_code"], place["district_code"]
    code = grid.where(grid.notna(), district)
    level = pd.Series("district", index=place.index, dtype="str").where(district.notna()).mask(grid.notna(), "grid")
    return place.assign(area_code=code.astype("str"), area_level=level)
