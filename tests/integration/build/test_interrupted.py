"""A build killed, doubled or out of disk: readers see one whole build, and the next build finishes the work."""

from __future__ import annotations

import multiprocessing
import os
import random
import runpy
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from models.checks import check_city
from models.errors import BuildBusyError, StoreError
from models.store import Store

KILLS = 10
FIRST, SECOND = 6, 7
Start = Callable[..., tuple[Any, Connection]]


@pytest.fixture(scope="module")
def spawner() -> Any:
    """Starts processes quickly: they are forked from one that has done the imports."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["models.build"])
    return context


@pytest.fixture
def start(spawner: Any, small_city: Any) -> Iterator[Start]:
    """Start a process that builds the small city; gives it and a pipe of (step, state)."""
    running = []

    def begin(limit: int | None = None) -> tuple[Any, Connection]:
        small_city.settings.home.mkdir(exist_ok=True)
        hearing, telling = spawner.Pipe(duplex=False)
        arguments = (small_city.folder, small_city.settings.home, limit, telling)
        program = str(Path(__file__).with_name("builder.py"))
        process = spawner.Process(target=runpy.run_path, args=(program, {"ARGUMENTS": arguments}, "__main__"))
        process.start()
        telling.close()
        running.append(process)
        return process, hearing

    yield begin
    for process in running:
        end(process)


def hear(hearing: Connection, times: int) -> None:
    """Wait until a build has told of so many steps, or has ended."""
    try:
        for _ in range(times):
            hearing.recv()
    except EOFError:
        pass


def end(process: Any) -> None:
    process.kill()
    process.join(timeout=20)


def firms(city: Any) -> int:
    """Rows of the live build, after checking that everything of it belongs together; 0 before the first."""
    with Store.open("smallville", city.settings) as store:
        build = store.live_build()
        if build is None:
            return 0
        with store._reading() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        rows = store.count("legal_persons")
        assert rows == build.manifest["conservation"]["subjects"] == store.product("subjects").num_rows
        areas = store.product("subjects_by_area").to_pandas()
        placed = areas.loc[areas["area_level"] == "district", "subjects"].sum()
        assert rows == placed + store.product("unlocated").num_rows
    assert check_city(city.folder, city.settings).ok
    return int(rows)


def content(city: Any) -> dict[str, pd.DataFrame]:
    """Products and tables of the live build, without what names the moment."""
    with Store.open("smallville", city.settings, read_only=True) as store:
        frames = {name: store.product(name).to_pandas() for name in store.products()}
        tables = {name: store.frame(name) for name in ("legal_persons", "grids")}
    frames |= {f"table {name}": table.drop(columns="geometry", errors="ignore") for name, table in tables.items()}
    return frames


def add_firm(city: Any, number: int = 0) -> None:
    """One more file with one more firm."""
    row = [
        city.codes[9 + number],
        f"新{number}商贸有限公司",
        "2015-06-01",
        "10(万)",
        "零售",
        "綦江区",
        "重庆市綦江区石角镇9号",
    ]
    city.write_register([row], name=f"register-{number + 2}.csv")


def test_kill_9_at_any_moment_leaves_the_old_or_the_new_build_whole(
    small_city: Any, start: Start, tmp_path: Path
) -> None:
    rng = random.Random(13)
    small_city.build()
    add_firm(small_city)
    steps: list[Any] = []
    began = time.monotonic()
    small_city.build(on_progress=steps.append)
    a_step = (time.monotonic() - began) / len(steps)
    live, wanted, killed = SECOND, SECOND, 0
    for _ in range(KILLS):
        if live == wanted:
            add_firm(small_city, wanted - FIRST)
            wanted += 1
        process, hearing = start()
        hear(hearing, rng.randint(1, len(steps) - 1))
        time.sleep(rng.uniform(0, a_step))
        end(process)
        killed += process.exitcode == -signal.SIGKILL
        found = firms(small_city)
        assert found in (live, wanted), "neither the old nor the new build"
        live = found
    assert killed >= KILLS // 2, "most builds ended before they were killed"
    assert small_city.build().conservation["subjects"] == wanted
    steps = small_city.settings.city_home("smallville") / "steps"
    assert not list(steps.glob("*/*.tmp")), "what killed builds left half written is still there"
    other = small_city.at(home=tmp_path / "undisturbed")
    other.build()
    ours, theirs = content(small_city), content(other)
    assert ours.keys() == theirs.keys()
    for name, frame in ours.items():
        pd.testing.assert_frame_equal(frame, theirs[name], obj=name)


@pytest.mark.parametrize("step", ["read towns", "locate", "publish"])
def test_killed_in_the_first_build_there_is_none_and_the_next_goes_on(small_city: Any, start: Start, step: str) -> None:
    process, hearing = start()
    while hearing.recv() != (step, "run"):
        pass
    end(process)
    assert process.exitcode == -signal.SIGKILL
    assert firms(small_city) == 0
    report = small_city.build()
    assert report.conservation["subjects"] == FIRST
    assert report.skipped > 0, "whole results of the killed build were not taken up"


def test_a_second_build_is_told_which_process_is_building(small_city: Any, start: Start) -> None:
    small_city.build()
    add_firm(small_city)
    process, hearing = start()
    hearing.recv()
    os.kill(process.pid, signal.SIGSTOP)
    try:
        with pytest.raises(BuildBusyError, match=rf"process {process.pid} on .+ since 20\d\d-"):
            small_city.build()
        assert firms(small_city) == FIRST, "readers were locked out by a build"
    finally:
        os.kill(process.pid, signal.SIGCONT)
    process.join(timeout=60)
    assert process.exitcode == 0
    assert firms(small_city) == SECOND


@pytest.mark.parametrize("limit", [2_000, 40_000])
def test_a_full_disk_is_told_and_the_old_build_stays(small_city: Any, start: Start, limit: int) -> None:
    small_city.build()
    before = content(small_city)
    add_firm(small_city)
    process, hearing = start(limit)
    said = []
    while process.is_alive() or hearing.poll():
        try:
            said.append(hearing.recv())
        except EOFError:
            break
    process.join(timeout=60)
    assert process.exitcode == 1, said
    kind, text = said[-1]
    assert kind == StoreError.__name__, said[-1]
    assert "disk" in text and "CITYHEX_HOME" in text and "\n" not in text
    assert firms(small_city) == FIRST
    for name, frame in content(small_city).items():
        pd.testing.assert_frame_equal(frame, before[name], obj=name)
    assert small_city.build().conservation["subjects"] == SECOND
