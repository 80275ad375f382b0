"""What was planted in the demo city and what its build warns of: recall per kind at the city's alerts a week."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from models.profile import load_city
from models.store import Store

FULL = 10_000
BAR = 0.8
"""Recall that section 3.7 of the reference asks for at 20 alerts a week."""


@pytest.fixture(scope="module")
def city(built_demo):
    """The demo city's warnings and what was planted in it."""
    with Store.open("demo", built_demo.settings) as store:
        warnings = store.product("warnings").to_pandas()
    truth = pd.read_parquet(built_demo.home / "demo-files" / "truth" / "supervision.parquet")
    profile = load_city("demo", built_demo.settings)
    since = pd.Timestamp("2015-06-30") - pd.Timedelta(weeks=profile.supervision.lookback_weeks)
    ids = truth["subject_ids"].map(lambda v: set(json.loads(v) if isinstance(v, str) else v))
    truth = truth.assign(ids=ids, seen=pd.to_datetime(truth["visible_from"]) >= since)
    return warnings.assign(ids=warnings["member_ids"].map(json.loads).map(set)), truth, profile


def found(warnings: pd.DataFrame, episode: pd.Series) -> pd.DataFrame:
    """Warnings that name half of the planted firms, or the town and the members of a sector that fell silent."""
    if episode["kind"] == "sector_collapse":
        return warnings[(warnings["rule_id"] == "sector-collapse") & (warnings["area_code"] == episode["town_code"])]
    share = warnings["ids"].map(lambda own: len(own & episode["ids"]) / max(1, min(len(own), len(episode["ids"]))))
    return warnings[share >= 0.5]


def test_planted_episodes_are_recalled_within_the_budget(city) -> None:
    warnings, truth, _ = city
    wanted = truth[(truth["expected"] == "warning") & truth["seen"]]
    hits = wanted.apply(lambda e: len(found(warnings, e)) > 0, axis=1)
    recall = hits.groupby(wanted["kind"]).mean()
    assert len(recall) >= 10
    assert hits.mean() >= BAR, recall.to_string()
    assert (recall >= BAR).all(), recall[recall < BAR].to_string()


def test_unit_errors_are_data_faults_and_nothing_else(city) -> None:
    warnings, truth, _ = city
    for _, episode in truth[truth["kind"] == "unit_error"].iterrows():
        raised = found(warnings, episode)
        about = raised[raised["theme"] == "investment"]
        assert len(about) == 1
        assert about["data_fault"].all()


def test_lawful_clusters_raise_nothing_while_their_permission_holds(city) -> None:
    warnings, truth, _ = city
    for _, episode in truth[truth["kind"] == "lawful_cluster"].iterrows():
        raised = found(warnings, episode)
        early = raised[raised["raised_on"] <= pd.Timestamp("2015-03-31")]
        assert early[early["theme"] == "concentration"].empty


def test_no_week_has_more_alerts_than_the_city_can_work_off(city) -> None:
    warnings, _, profile = city
    budgeted = warnings[~warnings["data_fault"] & (warnings["theme"] != "licence")]
    assert budgeted.groupby("week").size().max() <= profile.supervision.alerts_per_week
    assert warnings["warning_key"].is_unique
    assert not warnings.duplicated(["week", "rank"]).any()
