"""Whatever happens to the process, the disk or a second builder, readers see one whole build."""

from __future__ import annotations

import multiprocessing
import os
import random
import resource
import runpy
import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from models.errors import BuildBusyError, StoreError
from models.store import Store

ROWS = 500
KILLS = 16
PATIENCE_S = 120
POSTGIS_KILLS = 4


@pytest.fixture(scope="module")
def spawner():
    """Starts processes quickly: they are forked from one that has done the imports."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["models.store"])
    return context


@pytest.fixture
def start_publisher(spawner, settings, city_id):
    """Start a process that publishes builds from a number on; gives the process and a pipe of the numbers."""
    running = []

    def start(first, place=settings):
        place.home.mkdir(exist_ok=True)
        started, telling = spawner.Pipe(duplex=False)
        arguments = (place, city_id, first, ROWS, telling)
        program = str(Path(__file__).with_name("publisher.py"))
        process = spawner.Process(target=runpy.run_path, args=(program, {"ARGUMENTS": arguments}, "__main__"))
        process.start()
        telling.close()
        running.append(process)
        return process, started

    yield start
    for process in running:
        end(process)


def end(process):
    process.kill()
    process.join(timeout=20)


def check_whole(store):
    """One whole build: every row, its R-tree entry, its search text, the manifest and the product agree."""
    live = store.live_build()
    with store._reading() as connection:
        run = connection.exec_driver_sql
        assert run("PRAGMA integrity_check").scalar() == "ok"
        assert run("SELECT rtreecheck('rtree_legal_persons_geometry')").scalar() == "ok"
        assert run("PRAGMA foreign_key_check").all() == []
        rows, low, high = run("SELECT count(*), min(capital_cny), max(capital_cny) FROM legal_persons").one()
        ids = run("SELECT fid FROM legal_persons ORDER BY fid").all()
        assert run("SELECT id FROM rtree_legal_persons_geometry ORDER BY id").all() == ids
        texts = store._texts.of(connection)
        assert texts.fids.tolist() == [fid for (fid,) in ids]
        triggers = run("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'legal_persons'")
        assert triggers.scalar() == 6
        indexes = run("SELECT count(*) FROM sqlite_master WHERE type = 'index' AND tbl_name = 'legal_persons'")
        assert indexes.scalar() == 8
    if live is None:
        assert rows == 0
        return 0
    number = live.manifest["number"]
    assert (rows, low, high) == (ROWS + number % 7, number, number)
    assert set(store.product("p")["build"].to_pylist()) == {number}
    return number


def test_kill_9_at_any_moment_leaves_one_whole_build(start_publisher, settings, city_id):
    rng = random.Random(7)
    seen = [0]
    for _ in range(KILLS):
        process, started = start_publisher(seen[-1] + 1)
        assert started.recv() == seen[-1] + 1
        for _ in range(rng.randrange(2)):
            started.recv()
        time.sleep(rng.uniform(0, 0.08))
        end(process)
        assert process.exitcode == -signal.SIGKILL
        with Store.open(city_id, settings) as store:
            seen.append(check_whole(store))
        assert seen[-1] >= seen[-2], "a build that was live is gone"
    assert seen[-1] > 0, "no publisher lived long enough for this test to mean anything"


@pytest.mark.postgis
def test_kill_9_while_publishing_to_postgis_leaves_one_whole_build(start_publisher, settings, city_id, postgis_url):
    place = replace(settings, database_url=postgis_url)
    rng, seen = random.Random(8), [0]
    for _ in range(POSTGIS_KILLS):
        process, started = start_publisher(seen[-1] + 1, place)
        assert started.recv() == seen[-1] + 1
        for _ in range(rng.randrange(2)):
            started.recv()
        time.sleep(rng.uniform(0, 0.15))
        end(process)
        assert process.exitcode == -signal.SIGKILL
        with Store.open(city_id, place) as store:
            with free_lock(store), store._reading() as connection:
                query = sa.text("SELECT count(*), min(capital_cny), max(capital_cny) FROM legal_persons")
                rows, low, high = connection.execute(query).one()
            live = store.live_build()
            number = 0 if live is None else live.manifest["number"]
            assert (rows, low, high) == ((ROWS + number % 7, number, number) if number else (0, None, None))
            if number:
                assert set(store.product("p")["build"].to_pylist()) == {number}
                assert store.search(f"第{number}版7号")["uscc"].tolist()[:1] == [f"9150{7:014d}"]
        seen.append(number)
        assert seen[-1] >= seen[-2], "a build that was live is gone"
    assert seen[-1] > 0, "no publisher lived long enough for this test to mean anything"


@contextmanager
def free_lock(store):
    """The build lock of a city whose builder was killed a moment ago: the server frees it when it sees the end."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            with store.build_lock():
                yield
                return
        except BuildBusyError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)


def test_readers_see_old_then_new_and_never_both(start_publisher, settings, city_id):
    with Store.open(city_id, settings):
        stop, faults, reads = threading.Event(), [], []

        def read():
            last = 0
            with Store.open(city_id, settings, read_only=True) as reader:
                while not stop.is_set():
                    with reader._reading() as connection:
                        query = "SELECT count(*), min(capital_cny), max(capital_cny) FROM legal_persons"
                        rows, low, high = connection.exec_driver_sql(query).one()
                        boxes = connection.exec_driver_sql("SELECT count(*) FROM rtree_legal_persons_geometry").scalar()
                    whole = low == high and rows == boxes == ROWS + int(low) % 7 and low >= last
                    product = reader.product("p")["build"].to_pylist()
                    if not whole or len(set(product)) != 1:
                        faults.append((rows, low, high, boxes, product[:1]))
                    last = low
                    reads.append(low)

        _, started = start_publisher(1)
        for number in (1, 2):
            assert started.recv() == number
        readers = [threading.Thread(target=read) for _ in range(4)]
        for reader in readers:
            reader.start()
        until = time.monotonic() + PATIENCE_S
        while (len(reads) <= 50 or len(set(reads)) <= 2) and not faults and time.monotonic() < until:
            time.sleep(0.05)
        stop.set()
        for reader in readers:
            reader.join(timeout=PATIENCE_S)
        assert faults == []
        assert len(reads) > 50
        assert len(set(reads)) > 2, "no swap happened while reading"


def test_a_full_disk_leaves_the_last_build_and_says_so(file_store, tables, persons, product):
    store = file_store
    store.publish("b1", {}, tables(), {"cells": product(1)})
    before = store.frame("legal_persons")
    used = max(path.stat().st_size for path in store.home.glob("city.gpkg*"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (used + 200_000, hard))
    try:
        with pytest.raises(StoreError, match=r"disk is full.*last build is intact"):
            store.publish("b2", {}, {"legal_persons": persons(20_000)}, {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    pd.testing.assert_frame_equal(store.frame("legal_persons"), before)
    assert store.live_build().build_id == "b1"
    store.publish("b3", {}, {"legal_persons": persons(20_000)}, {})
    assert store.count("legal_persons") == 20_000


def test_a_file_that_may_not_grow_is_reported_in_the_same_words(file_store, tables, persons):
    store = file_store
    store.publish("b1", {}, tables(), {})
    with store._engine.connect() as connection:
        raw = connection.connection.driver_connection
        pages = raw.execute("PRAGMA page_count").fetchone()[0]
        raw.execute(f"PRAGMA max_page_count={pages + 5}")
    with pytest.raises(StoreError, match="disk is full"):
        store.publish("b2", {}, {"legal_persons": persons(5000)}, {})
    assert store.live_build().build_id == "b1"


def test_a_second_build_is_told_who_is_building(backend, place, city_id, tables):
    with Store.open(city_id, place) as first, Store.open(city_id, place) as second, first.build_lock():
        with pytest.raises(BuildBusyError, match=rf"process {os.getpid()} on .+ since 20\d\d-"), second.build_lock():
            pytest.fail("two builders at once")
        with pytest.raises(BuildBusyError):
            second.publish("b2", {}, tables(), {})
        first.publish("b1", {}, tables(), {})
    with Store.open(city_id, place) as second:
        second.publish("b2", {}, {}, {})
        assert [b.build_id for b in second.builds()] == ["b2", "b1"]


@pytest.mark.postgis
def test_two_computers_with_one_database_build_one_at_a_time(settings, city_id, postgis_url, tmp_path, tables):
    here = replace(settings, database_url=postgis_url)
    there = replace(here, home=tmp_path / "other computer")
    with Store.open(city_id, here) as first, Store.open(city_id, there) as second:
        with first.build_lock():
            told = rf"being built by process {os.getpid()} on .+ since 20\d\d-.+\. Wait until it has finished"
            with pytest.raises(BuildBusyError, match=told):
                second.publish("b2", {}, tables(), {})
            with first.build_lock():
                first.publish("b1", {}, tables(), {})
        second.publish("b2", {}, {}, {})
        assert [build.build_id for build in first.builds()] == ["b2", "b1"]


@pytest.mark.postgis
def test_a_builder_whose_lock_was_lost_publishes_nothing(settings, city_id, postgis_url, tables):
    with Store.open(city_id, replace(settings, database_url=postgis_url)) as store, store.build_lock():
        with store._engine.connect() as connection:
            gone = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE :name"
            assert connection.execute(sa.text(gone), {"name": f"build|{os.getpid()}|%"}).scalars().all() == [True]
        with pytest.raises(StoreError, match="connection that kept other builders out was lost"):
            store.publish("b1", {}, tables(), {})
        assert store.live_build() is None


def test_a_killed_builder_frees_the_city(start_publisher, settings, city_id):
    process, started = start_publisher(1)
    started.recv()
    end(process)
    with Store.open(city_id, settings) as store, store.build_lock():
        assert (settings.home / city_id / "build.lock.json").exists()
