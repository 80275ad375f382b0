"""The readers against the generated city: every planted fault is found where it was planted, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from models import settings as settings_module
from models.demo import write_city
from models.profile import City, load_city
from models.settings import Settings
from models.sources import read_source
from models.sources.legal_persons import deduplicate
from models.sources.result import SourceResult

LATER = ("no legal person", "no inspection has this id", "listed already")
"""Reasons that need other tables: they are given when the records are linked, not when a file is read."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    base = settings_module.load({})
    folder = tmp_path_factory.mktemp("home")
    write_city(folder / "demo-files", firms=4_000)
    return Settings(home=folder, shared=base.shared, profiles=base.profiles)


@pytest.fixture(scope="module")
def city(home: Settings) -> City:
    return load_city("demo", home)


@pytest.fixture(scope="module")
def registers(home: Settings, city: City) -> dict[str, SourceResult]:
    return {s.id: read_source(city, s, home) for s in city.sources_of("legal_persons")}


@pytest.fixture(scope="module")
def others(home: Settings, city: City) -> dict[str, SourceResult]:
    return {s.id: read_source(city, s, home) for s in city.sources if s.table != "legal_persons"}


def _found(results: dict[str, SourceResult]) -> pd.DataFrame:
    rejects = pd.concat([r.rejects for r in results.values()], ignore_index=True)
    rejects["file"] = rejects["source_file"].str.split("demo-files/").str[-1]
    return rejects


def _planted(home: Settings) -> pd.DataFrame:
    return pd.read_parquet(Path(home.home) / "demo-files/truth/dirt.parquet")


def test_every_source_of_the_demo_is_read_whole(city, registers, others):
    assert {*registers, *others} == {s.id for s in city.sources}
    for result in (*registers.values(), *others.values()):
        assert result.read == len(result.frame) + result.rejects["source_row"].nunique()
        assert len(result.frame) > 0


def test_planted_faults_are_quarantined_for_the_planted_reason_and_nothing_else_is(home, registers, others):
    planted = _planted(home)
    alone = planted[(planted["kind"] != "delivered in two files") & ~planted["reason"].str.startswith(LATER)]
    both = alone.merge(
        _found(registers | others),
        how="outer",
        left_on=["file", "row"],
        right_on=["file", "source_row"],
        suffixes=("", "_found"),
    )
    wanted = both[both["expected"] == "quarantined"]
    missed = wanted[[w not in str(f) for w, f in zip(wanted["reason"], wanted["reason_found"], strict=True)]]
    assert missed.empty, missed.to_string()
    loaded = both[both["expected"] != "quarantined"]
    assert loaded["reason_found"].isna().all(), loaded.dropna(subset="reason_found").to_string()


def test_flags_are_set_where_capital_was_spoilt(home, registers):
    planted = _planted(home)
    planted = planted[planted["expected"] == "flagged"]
    rows = pd.concat([r.frame for r in registers.values()], ignore_index=True)
    rows["file"] = rows["source_file"].str.split("demo-files/").str[-1]
    seen = planted.merge(rows, left_on=["file", "row"], right_on=["file", "source_row"])
    assert len(seen) == len(planted) > 5
    assert (seen["capital_flag"] == seen["reason"]).all()


def test_a_code_delivered_in_two_files_is_kept_once(home, registers):
    rows = pd.concat([r.frame for r in registers.values()], ignore_index=True)
    kept, rejects = deduplicate(rows)
    assert kept["uscc"].is_unique
    assert len(kept) + len(rejects) == len(rows)
    assert len(rejects) == (_planted(home)["kind"] == "delivered in two files").sum()


def test_surveyed_points_lie_on_their_truth_except_the_batch_in_another_datum(home, registers):
    planted = _planted(home)
    batch = planted.loc[planted["kind"] == "batch in another datum", "row"]
    truth = pd.read_parquet(Path(home.home) / "demo-files/truth/firms.parquet").set_index("uscc")
    rows = registers["surveyed"].frame.set_index("uscc").join(truth[["lon", "lat"]].add_suffix("_true"))
    off = ((rows["lon"] - rows["lon_true"]).abs() > 1e-4) | ((rows["lat"] - rows["lat_true"]).abs() > 1e-4)
    assert sorted(rows.loc[off, "source_row"]) == sorted(batch)
    assert len(batch) == 110
