"""The demo city's supervision records after a build: every row accounted for, persons as keys, episodes still there."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from models.contracts.records import RECORDS
from models.sources.legal_persons.persons import keyed_hash
from models.store import Store

TABLES = [r.name for r in RECORDS if r.name != "premises"]


@pytest.fixture(scope="module")
def built(built_demo: Any) -> dict[str, pd.DataFrame]:
    with Store.open("demo", built_demo.settings, read_only=True) as store:
        tables = {name: pd.DataFrame(store.frame(name)) for name in (*TABLES, "legal_persons")}
    truth = built_demo.home / "demo-files" / "truth"
    return {
        **tables,
        "dirt": pd.read_parquet(truth / "dirt.parquet"),
        "episodes": pd.read_parquet(truth / "supervision.parquet"),
        "risk": pd.read_parquet(truth / "risk.parquet"),
    }


def _members(built: dict[str, pd.DataFrame], kind: str) -> list[list[str]]:
    episodes = built["episodes"]
    return [json.loads(ids) for ids in episodes.loc[episodes["kind"] == kind, "subject_ids"]]


@pytest.mark.parametrize("table", TABLES)
def test_every_row_is_loaded_but_the_planted_faults(
    built: dict[str, pd.DataFrame], built_demo: Any, table: str
) -> None:
    files = json.loads((built_demo.home / "demo-files/truth/files.json").read_text("utf-8"))["rows"]
    file = next(name for name in files if name.startswith(f"supervision/{table}."))
    faults = (built["dirt"]["file"] == file).sum()
    assert faults > 0
    assert len(built[table]) == files[file] - faults


def test_officers_are_known_by_the_key_of_their_id(built: dict[str, pd.DataFrame], built_demo: Any) -> None:
    keys = keyed_hash(built["officers"]["officer_id"], built_demo.settings.person_key())
    assert set(built["inspections"]["officer_key"]) <= set(keys)
    assert not built["inspections"]["officer_key"].isin(built["officers"]["officer_id"]).any()


def test_persons_and_telephones_of_planted_bursts_are_one_key(built: dict[str, pd.DataFrame]) -> None:
    firms = built["legal_persons"].set_index("uscc")
    for members in _members(built, "person_burst"):
        key = firms.loc[members, "representative_key"].unique()
        assert len(key) == 1
        assert sorted(firms.index[firms["representative_key"] == key[0]]) == sorted(members)
    reports = built["annual_reports"].set_index("subject_id")
    for members in _members(built, "agent_burst"):
        assert reports.loc[members, "contact_key"].nunique() == 1


def test_the_build_knows_every_firm_the_generator_knows(built: dict[str, pd.DataFrame]) -> None:
    assert set(built["risk"]["uscc"]) == set(built["legal_persons"]["uscc"])
    assert built["risk"]["planted"].sum() == built["legal_persons"]["source_id"].eq("online_filings").sum()


DAYS = {
    "inspections": "inspected_on",
    "penalties": "decided_on",
    "listings": "listed_on",
    "complaints": "received_on",
    "changes": "changed_on",
    "annual_reports": "filed_on",
}


def test_no_record_is_later_than_the_business_date(built: dict[str, pd.DataFrame], built_demo: Any) -> None:
    with Store.open("demo", built_demo.settings, read_only=True) as store:
        assert store.require_live_build().manifest["as_of"] == "2015-06-30"
    for table, column in DAYS.items():
        assert pd.to_datetime(built[table][column]).max() <= pd.Timestamp("2015-06-30"), table
