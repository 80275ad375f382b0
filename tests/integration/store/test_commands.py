"""Backup, restore and export from the terminal, and what they leave in the access log."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from app import cli
from models.errors import StoreError
from models.store import Store


@pytest.fixture
def run(settings, monkeypatch):
    """Run a command on the demo city of an empty home."""
    monkeypatch.setenv("CITYHEX_HOME", str(settings.home))
    monkeypatch.delenv("CITYHEX_DB", raising=False)

    def command(*arguments):
        result = CliRunner().invoke(cli, [str(a) for a in arguments])
        if result.exception is not None:
            raise result.exception
        return " ".join(result.output.split())

    return command


@pytest.fixture
def demo(settings, tables, product):
    with Store.open("demo", settings) as store:
        store.publish("b1", {"sources": []}, tables(60, unlocated=5), {"cells": product(1)})
        yield store


def test_a_city_is_saved_and_taken_back(run, demo, tmp_path):
    file = tmp_path / "demo.zip"
    said = run("backup", "demo", "--out", file)
    assert "Saved build b1, 0 decisions and 0 lines of the access log" in said
    assert "Not in it: the key of person names" in said
    demo.publish("b2", {}, {}, {})
    assert "the live build is b1" in run("restore", "demo", file)
    assert demo.live_build().build_id == "b1"


def test_an_export_is_entered_in_the_log_and_a_restore_does_not_forget_it(run, demo, tmp_path):
    file = tmp_path / "demo.zip"
    run("backup", "demo", "--out", file)
    assert "Wrote 10 rows" in run("export", "demo", "cells", "--out", tmp_path / "cells.csv")
    (line,) = demo.frame("access_log").to_dict("records")
    assert (line["actor"], line["action"], line["object"], line["row_count"]) == ("local", "export", "cells .csv", 10)
    assert demo.verify_access_log().entries == 1
    with pytest.raises(StoreError, match=r"1 lines of the access log.*--force"):
        run("restore", "demo", file)
    run("restore", "demo", file, "--force")
    assert len(list(demo.home.glob("before-restore-*.gpkg"))) == 1
