"""Clusters and hot spots of a register: on contract, in the past as it was known then, named from week to week."""

from __future__ import annotations

import json

import h3
import numpy as np
import pandas as pd
import pytest

from models import contracts
from models.analysis.clusters.rates import hot_spots_by_cell
from models.analysis.clusters.study import LEAST_CASES, MEMBERS, scan_clusters

AS_OF = pd.Timestamp("2015-06-30")


def register(planted: int = 0, *, seed: int = 0, per_day: float = 6.0, days: int = 400) -> pd.DataFrame:
    """A register of random firms around one centre, and ``planted`` of section J in two cells in the last week."""
    rng = np.random.default_rng(seed)
    n = rng.poisson(per_day * days)
    lat, lon = 29.5 + rng.normal(0, 0.04, n + planted), 106.5 + rng.normal(0, 0.04, n + planted)
    age = rng.integers(0, days, n + planted)
    section = rng.choice(list("FCHJ"), n + planted, p=[0.5, 0.2, 0.2, 0.1])
    if planted:
        lat[n:], lon[n:], section[n:] = 29.53 + rng.normal(0, 0.001, planted), 106.47, "J"
        age[n:] = rng.integers(0, 7, planted)
    frame = pd.DataFrame({"uscc": [f"F{i:06d}" for i in range(n + planted)], "lat": lat, "lon": lon})
    for r in (7, 8, 9):
        cells = [h3.str_to_int(h3.latlng_to_cell(a, o, r)) for a, o in zip(lat, lon, strict=True)]
        frame[f"h3_r{r}"] = pd.array(np.array(cells, np.uint64), dtype="UInt64")
    dates = AS_OF - pd.to_timedelta(age, unit="D")
    return frame.assign(
        established_on=pd.Series(dates).astype("datetime64[s]"),
        industry_section=section,
        district_code="500110",
        grid_code="g1",
        located=True,
    )


def _scan(subjects, **kwargs):
    return scan_clusters(subjects, AS_OF, crs=4544, **kwargs)


def test_a_planted_burst_is_found_with_its_section_place_and_members():
    found = _scan(register(12))
    contracts.check("scan_clusters", found)
    best = found[found["section"] == "J"].iloc[0]
    assert best["rank"] <= 2
    planted = h3.latlng_to_cell(29.53, 106.47, 8)
    assert planted in json.loads(best["cells"])
    assert h3.grid_distance(f"{int(best['centre_h3']):x}", planted) <= 1
    assert best["recurrence_days"] > 1e3
    members = json.loads(best["subject_ids"])
    assert len(members) == best["observed"] <= MEMBERS
    assert best["observed"] >= 10 > best["expected"]


def test_an_analysis_of_the_past_does_not_know_what_came_later():
    subjects = register(12, seed=1)
    last_week = AS_OF - pd.Timedelta(days=7)
    now = _scan(subjects, weeks=2)
    then = scan_clusters(subjects[subjects["established_on"] <= last_week], last_week, crs=4544)
    earlier = now[now["analysed_on"] == last_week].reset_index(drop=True)
    columns = ["section", "start", "observed", "expected", "llr", "p_value", "cells"]
    pd.testing.assert_frame_equal(earlier[columns], then[columns])


def test_a_cluster_keeps_its_name_from_week_to_week():
    subjects = register(30, seed=2)
    late = subjects.index >= len(subjects) - 30
    age = np.where(late, np.arange(len(subjects)) % 20, (AS_OF - subjects["established_on"]).dt.days)
    subjects["established_on"] = pd.Series(AS_OF - pd.to_timedelta(age, unit="D")).astype("datetime64[s]")
    found = _scan(subjects, weeks=3)
    own = found[found["section"] == "J"].sort_values("recurrence_days").groupby("analysed_on").tail(1)
    assert own["analysed_on"].nunique() >= 2
    assert own["cluster_id"].nunique() == 1


def test_clusters_of_one_analysis_share_no_cell_and_are_ranked_strictly():
    found = _scan(register(12, seed=3), weeks=4)
    for _, day in found.groupby("analysed_on"):
        assert sorted(day["rank"]) == list(range(1, len(day) + 1))
        for _, same in day.groupby("section", dropna=False):
            cells = [c for zone in same["cells"].map(json.loads) for c in zone]
            assert len(cells) == len(set(cells))
    assert (found["observed"] >= LEAST_CASES).all()


def test_the_same_register_gives_the_same_clusters():
    subjects = register(12, seed=4)
    pd.testing.assert_frame_equal(_scan(subjects), _scan(subjects))


@pytest.mark.parametrize("seed", range(3))
def test_a_register_without_bursts_has_hardly_any_cluster(seed):
    found = _scan(register(0, seed=10 + seed), weeks=13)
    assert (found["recurrence_days"] > 1000).sum() <= 1


def test_a_register_without_dates_or_subjects_gives_an_empty_frame():
    subjects = register(0, days=5)
    subjects["established_on"] = pd.Series(pd.NaT, index=subjects.index, dtype="datetime64[s]")
    for frame in (subjects, subjects.iloc[:0]):
        contracts.check("scan_clusters", _scan(frame))
        assert _scan(frame).empty


def test_hot_spots_count_every_located_subject_once():
    subjects = register(12, seed=5)
    found = contracts.conform("hot_spots", hot_spots_by_cell(subjects, AS_OF, (7, 8)))
    contracts.check("hot_spots", found)
    for _, rows in found.groupby("resolution"):
        assert rows["existing"].sum() + rows["new"].sum() == len(subjects)
        recent = subjects["established_on"] > AS_OF - pd.Timedelta(days=180)
        assert rows["new"].sum() == recent.sum()
