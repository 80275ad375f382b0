"""Clusters in space and time (时空聚集) of the scan statistic, as warnings of an area."""

from __future__ import annotations

import json

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.analysis.warnings import episodes as spells
from models.analysis.warnings.candidates import Candidates, Fact, Inputs, frame_of, nothing, surprise
from models.rules.warning_rules import WarningRule

SCANS_OF_A_DAY = 21.0
"""Hypotheses of one day: a scan of each of the 20 sections and one of all; each is adjusted for its zones already."""


def scan_cluster(inputs: Inputs, rule: WarningRule) -> Candidates:
    """Clusters with ``min_observed`` cases that chance makes less often than every ``min_recurrence_days``.

    A cluster keeps its id from week to week; it begins on the first day it was seen so strong, and is over when it was
    not seen for ``quiet_days``. Clusters that are mostly lawful (whitelist) are left out. The p-value is that of the
    Gumbel fit where there is one.
    """
    seen = inputs.record("scan_clusters", "analysed_on")
    strong = (seen["recurrence_days"] >= rule.number("min_recurrence_days")) & (
        seen["observed"] >= rule.days("min_observed")
    )
    seen = seen[strong.fillna(False).to_numpy(bool)].reset_index(drop=True)
    if seen.empty:
        return nothing(rule)
    group, ids = pd.factorize(seen["cluster_id"])
    days = spells.days_of(seen["analysed_on"].to_numpy())
    found = spells.episodes(
        group.astype(np.int64), days, minimum=1, window_days=1, quiet_days=rule.days("quiet_days"), today=inputs.today
    )
    first = seen.iloc[found.order[found.start]].reset_index(drop=True)
    p = first["p_gumbel"].where(first["p_gumbel"].notna(), first["p_value"]).to_numpy(np.float64, na_value=1.0)
    frame = {
        "target": pd.Series("cluster:" + ids[found.group].astype(str), dtype="str"),
        "began_on": spells.dates_of(found.began),
        "ended_on": spells.dates_of(found.ended, found.ended),
        "end_reason": pd.Series(["time_passed" if e >= 0 else None for e in found.ended.tolist()], dtype="str"),
        "window_from": first["start"].to_numpy(),
        "window_to": first["end"].to_numpy(),
        "observed": first["observed"].astype("float64"),
        "expected": first["expected"],
        "p_value": p,
        "tests": np.full(len(first), SCANS_OF_A_DAY),
        "strength": surprise(p, 0.05),
        "lon": first["lon"],
        "lat": first["lat"],
        "area_code": first["grid_code"].where(first["grid_code"].notna(), first["district_code"]),
        "area_level": pd.Series("grid", index=first.index).where(first["grid_code"].notna(), "district"),
        "recurrence_days": first["recurrence_days"],
    }
    facts = (
        Fact("cases_in_cluster", first["observed"].to_numpy(np.float64), None, "firm", "scan_clusters"),
        Fact("cases_expected", first["expected"].to_numpy(np.float64), None, "firm", "scan_clusters"),
        Fact("log_likelihood_ratio", first["llr"].to_numpy(np.float64), None, "", "scan_clusters"),
        Fact("cluster_radius_cells", first["radius_cells"].to_numpy(np.float64), None, "", "scan_clusters"),
    )
    found_all = Candidates(rule, frame_of(frame), facts, _members(first, inputs), cells=_cells(first))
    return found_all.only(~_lawful(found_all, inputs))


def _lawful(found: Candidates, inputs: Inputs) -> npt.NDArray[np.bool_]:
    """Whether most members of each candidate were registered in a lawful cluster while its permission held."""
    lawful = set(inputs.subjects["uscc"][inputs.lawful()])
    share = found.members["subject_id"].isin(lawful).groupby(found.members["candidate"]).mean()
    return share.reindex(range(len(found)), fill_value=0.0).to_numpy(np.float64) > 0.5


def _members(first: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """Member firms of each cluster with the day of their registration."""
    listed = [json.loads(text) if isinstance(text, str) else [] for text in first["subject_ids"].tolist()]
    frame = pd.DataFrame(
        {
            "candidate": np.repeat(np.arange(len(listed)), [len(ids) for ids in listed]),
            "subject_id": pd.Series([i for ids in listed for i in ids], dtype="str"),
        }
    )
    born = inputs.subjects.set_index("uscc")["established_on"]
    return frame.assign(day=born.reindex(frame["subject_id"]).to_numpy().astype("datetime64[s]"))


def _cells(first: pd.DataFrame) -> pd.DataFrame:
    listed = [json.loads(text) for text in first["cells"].tolist()]
    cells = [int(c, 16) if isinstance(c, str) else int(c) for own in listed for c in own]
    return pd.DataFrame(
        {"candidate": np.repeat(np.arange(len(listed)), [len(c) for c in listed]), "h3": np.array(cells, np.uint64)}
    )
