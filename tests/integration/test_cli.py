"""Every command as a user meets it: what it prints, what it leaves behind, what it says when it cannot."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
from typer.testing import CliRunner

import app
from models import contracts
from models.errors import StoreError
from models.settings import PROJECT_ROOT
from models.store import Store

COMMANDS = (
    "demo", "build", "check", "serve", "export", "quarantine", "backup", "restore", "evaluate", "audit-disclosure",
    "signaling", "wall-token",
)  # fmt: skip
SPATIAL = {"districts", "towns", "grids", "roads", "waters", "facilities", "housing_projects", "base_stations",
           "road_sections"}  # fmt: skip
PATIENCE_S = 180
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(built_demo: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of the built demo city; read it only."""
    monkeypatch.setenv("CITYHEX_HOME", str(built_demo.home))
    for name in ("CITYHEX_DB", "CITYHEX_PROFILES", "CITYHEX_CITY"):
        monkeypatch.delenv(name, raising=False)
    return Path(built_demo.home)


@pytest.fixture
def own_home(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the built demo city that a test may spoil."""
    copy = tmp_path / "copy"
    shutil.copytree(home / "demo", copy / "demo", ignore=shutil.ignore_patterns("steps"))
    monkeypatch.setenv("CITYHEX_HOME", str(copy))
    return copy


@pytest.fixture
def cityhex(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """Run ``cityhex ...`` through the front door; gives exit code, stdout, stderr."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["cityhex", *map(str, arguments)])
        capfd.readouterr()
        try:
            app.main()
            code = 0
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        said = capfd.readouterr()
        return code, said.out, said.err

    return run


def refused(result: tuple[int, str, str], *words: str) -> None:
    """The command ended with one clear paragraph on stderr that holds the words."""
    code, out, err = result
    assert code != 0
    assert "Traceback" not in err + out
    assert len([line for line in err.splitlines() if line.strip()]) == 1, err
    for word in words:
        assert word in err, err


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command: str) -> None:
    said = CliRunner().invoke(app.cli, [command, "--help"], env={"COLUMNS": "200"})
    assert said.exit_code == 0
    assert f"cityhex {command}" in said.output.split("Example:")[1]


def test_no_command_is_forgotten_by_these_tests() -> None:
    named = [command.callback.__name__ for command in app.cli.registered_commands if command.callback]
    assert {name.replace("_", "-") for name in named} == set(COMMANDS)


def test_the_operators_files_are_read_and_every_row_accounted_for(cityhex: Command, home: Path) -> None:
    code, said, _ = cityhex("signaling", "demo")
    assert code == 0
    for period in ("2013", "2014", "2015"):
        assert period in said
    code, _, err = cityhex("signaling", "shenzhen")
    assert code != 0
    assert "signaling" in err


def test_a_display_gets_a_token_of_its_own(cityhex: Command, own_home: Path) -> None:
    token = cityhex("wall-token", "demo", "hall")[1].strip()
    assert len(token.split()) == 1
    assert token != cityhex("wall-token", "demo", "lobby")[1].strip()
    refused(cityhex("wall-token", "demo", "The Hall!"), "The Hall!")


def test_a_copy_for_the_public_carries_noise(cityhex: Command, own_home: Path, tmp_path: Path) -> None:
    plain, noisy = tmp_path / "plain.csv", tmp_path / "open.csv"
    assert cityhex("export", "demo", "residents_by_hex", "--out", plain)[0] == 0
    assert cityhex("export", "demo", "residents_by_hex", "--out", noisy, "--open")[0] == 0
    before, after = (pd.read_csv(path)["persons"].fillna(0) for path in (plain, noisy))
    assert len(before) == len(after)
    assert (before != after).mean() > 0.1
    wrong = cityhex("export", "demo", "subjects", "--out", tmp_path / "s.csv", "--open")
    refused(wrong, "noise is for counts of people")


def digests(folder: Path) -> dict[str, str]:
    """Sha256 of every file below a folder, by relative path."""
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_demo_writes_the_same_bytes_again_and_keep_does_nothing(
    cityhex: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYHEX_HOME", str(tmp_path))
    code, out, _ = cityhex("demo", "--firms", 1000, "--seed", 5, "--people", 200)
    folder = tmp_path / "demo-files"
    first = digests(folder)
    assert code == 0 and f"Wrote {len(first)} files" in out
    marker = folder / "marker"
    marker.touch()
    code, out, _ = cityhex("demo", "--firms", 1000, "--seed", 5, "--people", 200, "--keep")
    assert code == 0 and "already" in out and marker.exists()
    assert cityhex("demo", "--firms", 1000, "--seed", 5, "--people", 200)[0] == 0
    assert not marker.exists()
    assert digests(folder) == first, "another run wrote other bytes, or left files of the run before"


def test_build_prints_the_account_and_runs_nothing_twice(cityhex: Command, home: Path, built_demo: Any) -> None:
    with Store.open("demo", built_demo.settings, read_only=True) as store:
        before = {name: file.file for name, file in store.products().items()}
    code, out, _ = cityhex("build", "demo")
    assert code == 0
    assert "0 steps run" in out and "unchanged" in out
    for account in built_demo.report.sources:
        row = next(line for line in out.splitlines() if line.startswith(f"{account.source_id} "))
        assert row.split()[1:] == [f"{n:,}" for n in (account.read, account.loaded, account.quarantined)]
    c = built_demo.report.conservation
    assert f"{c['subjects']:,} subjects = {c['in_grid']:,} in a grid cell" in out
    with Store.open("demo", built_demo.settings, read_only=True) as store:
        assert {name: file.file for name, file in store.products().items()} == before


def test_evaluate_prints_sums_with_their_bars_and_refuses_a_city_without_truth(cityhex: Command, home: Path) -> None:
    code, out, _ = cityhex("evaluate", "demo")
    assert code == 0
    assert "town of the home right" in out and "at least 0.92" in out and "miss their bar" in out
    refused(cityhex("evaluate", "shanghai"), "shanghai", "known truth")


def test_check_balances_every_source(cityhex: Command, home: Path) -> None:
    code, out, _ = cityhex("check", "demo", "--json")
    answer = json.loads(out)
    assert code == 0 and answer["ok"] is True
    assert all(s["read"] == s["loaded"] + s["quarantined"] for s in answer["sources"])
    code, out, _ = cityhex("check", "demo")
    assert code == 0 and "WRONG" not in out
    assert all(s["source_id"] in out for s in answer["sources"])


@pytest.mark.parametrize("table", ["legal_persons", "quarantine", "roads"])
def test_check_notices_a_row_deleted_behind_its_back(cityhex: Command, own_home: Path, table: str) -> None:
    with closing(sqlite3.connect(own_home / "demo" / "city.gpkg")) as database, database:
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name=?", (table,))
        for (name,) in triggers.fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        row = "SELECT min(fid), source_file, source_row FROM quarantine" if table == "quarantine" else None
        if row:
            _, file, line = database.execute(row).fetchone()
            database.execute("DELETE FROM quarantine WHERE source_file = ? AND source_row = ?", (file, line))
        else:
            database.execute(f"DELETE FROM {table} WHERE fid = (SELECT min(fid) FROM {table})")
    code, out, _ = cityhex("check", "demo", "--json")
    assert code == 1
    answer = json.loads(out)
    assert answer["ok"] is False
    assert [s["read"] - s["loaded"] - s["quarantined"] for s in answer["sources"] if not s["ok"]] == [1]
    code, out, _ = cityhex("check", "demo")
    assert code == 1 and "WRONG" in out


def read_back(path: Path, product: str) -> tuple[int, list[str]]:
    """Rows and columns of an exported file, through the library a user would take."""
    if path.suffix == ".csv":
        frame = pd.read_csv(path, encoding="utf-8-sig", dtype="str")
        return len(frame), list(frame.columns)
    if path.suffix == ".parquet":
        frame = pd.read_parquet(path)
        return len(frame), list(frame.columns)
    if path.suffix == ".gpkg":
        info = pyogrio.read_info(path, layer=product)
        return info["features"], list(info["fields"])
    with closing(openpyxl.load_workbook(path, read_only=True)) as book:
        rows = book.worksheets[1].iter_rows(values_only=True)
        header = [str(name) for name in next(rows)]
        return sum(1 for _ in rows), header


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet", "gpkg"])
def test_every_product_is_exported_whole_and_without_persons(
    cityhex: Command, home: Path, tmp_path: Path, built_demo: Any, ending: str
) -> None:
    with Store.open("demo", built_demo.settings, read_only=True) as store:
        products = {name: store.product(name) for name in store.products()}
    assert len(products) > 12
    written = 0
    for name, table in products.items():
        path = tmp_path / f"{name}.{ending}"
        if ending == "xlsx" and table.num_rows > 5_000:
            continue  # the writer is the same for every product; the largest would take the time of all others
        result = cityhex("export", "demo", name, "--out", path)
        if ending == "gpkg" and not (name in SPATIAL or {"lon", "lat"} <= set(table.column_names)):
            refused(result, "no geometry", ".csv, .xlsx, .parquet")
            continue
        assert result[0] == 0, result
        rows, columns = read_back(path, name)
        assert rows == table.num_rows
        hidden = {*contracts.contract(name).restricted(), "representative_key"}
        assert not hidden & set(columns)
        expected = set(table.column_names) - hidden - ({"geometry"} if ending == "gpkg" else set())
        assert set(columns) == expected
        written += 1
    assert written > 7


def test_an_exported_map_file_keeps_names_and_places(cityhex: Command, home: Path, tmp_path: Path) -> None:
    assert cityhex("export", "demo", "towns", "--out", tmp_path / "t.gpkg")[0] == 0
    towns = gpd.read_file(tmp_path / "t.gpkg")
    assert "古南街道" in set(towns["name"])
    assert towns.crs.to_epsg() == 4326 and towns.geometry.notna().all()


def test_an_export_that_cannot_be_written_says_so(cityhex: Command, home: Path, tmp_path: Path) -> None:
    for ending in ("csv", "xlsx", "parquet", "gpkg"):
        refused(cityhex("export", "demo", "towns", "--out", tmp_path / "nowhere" / f"t.{ending}"), "cannot be written")
    refused(cityhex("export", "demo", "towns", "--out", tmp_path / "t.shp"), "t.shp", ".gpkg")
    refused(cityhex("quarantine", "demo", "--out", tmp_path / "nowhere" / "q.csv"), "cannot be written")
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_cannot_be_logged_leaves_no_file(
    cityhex: Command, own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreError("the access log cannot be written: the disk is full")

    monkeypatch.setattr(Store, "log_access", full)
    refused(cityhex("export", "demo", "towns", "--out", tmp_path / "t.csv"), "access log", "disk is full")
    assert not (tmp_path / "t.csv").exists()


def test_quarantine_prints_and_writes_every_rejected_row(cityhex: Command, home: Path, tmp_path: Path) -> None:
    code, out, _ = cityhex("quarantine", "demo", "--limit", 3)
    assert code == 0 and "3 of " in out and "annual_reports.csv.gz" in out
    path = tmp_path / "rejected.csv"
    code, out, _ = cityhex("quarantine", "demo", "--out", path)
    rows = pd.read_csv(path, encoding="utf-8-sig")
    assert code == 0 and f"Wrote {len(rows):,} rejected rows" in out
    assert rows[["source_file", "source_row", "reason"]].notna().all(axis=None)
    code, out, _ = cityhex("quarantine", "demo", "--source", "surveyed")
    assert code == 0 and "register_" not in out and "surveyed_2015.csv" in out


def test_a_backup_brings_back_a_city_that_was_lost(cityhex: Command, own_home: Path, tmp_path: Path) -> None:
    saved = tmp_path / "demo.zip"
    code, out, _ = cityhex("backup", "demo", "--out", saved)
    assert code == 0 and "Saved build" in out
    shutil.rmtree(own_home / "demo")
    assert cityhex("restore", "demo", saved)[0] == 0
    assert cityhex("check", "demo")[0] == 0
    refused(cityhex("restore", "demo", tmp_path / "nothing.zip"), "nothing.zip")
    refused(cityhex("backup", "demo", "--out", tmp_path / "nowhere" / "demo.zip"), "nowhere")


def test_unknown_names_are_one_paragraph(cityhex: Command, home: Path, tmp_path: Path) -> None:
    for command in (("build",), ("check",), ("serve",), ("quarantine",)):
        refused(cityhex(*command, "atlantis"), "atlantis", "demo", "chongqing")
    refused(cityhex("export", "demo", "treasure", "--out", tmp_path / "x.csv"), "treasure", "subjects_by_cell")
    refused(cityhex("quarantine", "demo", "--source", "treasure"), "treasure", "surveyed")


def test_a_city_that_is_not_built_says_how_to_build_it(
    cityhex: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYHEX_HOME", str(tmp_path / "fresh"))
    for arguments in (("check",), ("serve",), ("quarantine",)):
        refused(cityhex(*arguments, "demo"), "cityhex build demo")
    refused(cityhex("export", "demo", "subjects", "--out", tmp_path / "x.csv"), "cityhex build demo")
    refused(cityhex("build", "demo"), "cityhex demo")


def test_a_taken_port_is_named(cityhex: Command, home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused(cityhex("serve", "demo", "--port", port), str(port), "in use")


def test_settings_that_are_not_allowed_are_named(cityhex: Command, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYHEX_DB", "mysql://root:secret@host/db")
    code, _, err = cityhex("check", "demo")
    refused((code, "", err), "CITYHEX_DB", "postgresql+psycopg://")
    assert "secret" not in err


def test_a_profile_is_found_by_its_path_from_another_folder(
    cityhex: Command, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(PROJECT_ROOT / "data" / "cities" / "demo", tmp_path / "work" / "demo")
    monkeypatch.chdir(tmp_path / "work")
    assert cityhex("check", "./demo")[0] == 0
    code, out, err = cityhex("build", tmp_path / "work" / "demo")
    assert code == 0, err
    assert "0 steps run" in out


@pytest.fixture
def started(home: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """``python app.py`` with nothing behind it, from another folder, and its port."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", 8050)) == 0:
            pytest.skip("port 8050 is in use on this machine")
    command = [sys.executable, str(PROJECT_ROOT / "app.py")]
    environment = {**os.environ, "CITYHEX_HOME": str(home)}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True)
    yield process, 8050
    process.terminate()
    process.wait(timeout=PATIENCE_S)
    if process.stdout:
        process.stdout.close()


def test_app_py_alone_serves_the_demo(started: tuple[subprocess.Popen[str], int]) -> None:
    process, port = started
    assert process.stdout is not None
    assert f"http://127.0.0.1:{port}/" in process.stdout.readline()
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=PATIENCE_S) as answer:
                page = answer.read().decode()
            break
        except OSError:
            assert process.poll() is None and time.monotonic() < until, "nothing answers"
            time.sleep(0.2)
    assert answer.status == 200
    assert "DashRenderer" in page
