"""A backup taken while the city is written to is one whole moment, and a restore brings back every row."""

from __future__ import annotations

import datetime as dt
import hashlib
import importlib.util
import json
import threading
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from models.errors import BuildBusyError, StoreError
from models.store import Store
from models.tables import Base

PATIENCE_S = 120
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def filled(file_store, tables, product):
    file_store.publish("b1", {"n": 1}, tables(80, unlocated=6), {"cells": product(1)}, at=NOON)
    code = file_store.queue_page()[0]["uscc"].iloc[0]
    file_store.decide(code, 106.6, 29.0, 3, actor="李", at=NOON)
    file_store.log_access("李", "export", "cells", 10, at=NOON)
    return file_store


def row_hashes(store):
    """One hash over every row of every table, by name."""
    hashes = {}
    with store._reading() as connection:
        for table in Base.metadata.sorted_tables:
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            key = ", ".join(f'"{column.name}"' for column in table.primary_key)
            rows = connection.execute(sa.text(f"SELECT {names} FROM {table.name} ORDER BY {key}")).all()
            hashes[table.name] = hashlib.sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()
    return hashes


def elsewhere(settings, tmp_path):
    return replace(settings, home=tmp_path / "elsewhere")


def publisher_frames(number, rows):
    spec = importlib.util.spec_from_file_location("publisher", Path(__file__).with_name("publisher.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.frames(number, rows)


def test_every_row_and_product_comes_back_in_another_home(filled, settings, city_id, tmp_path):
    wanted, head = row_hashes(filled), filled.verify_access_log()
    account = filled.backup(tmp_path / "city.zip", NOON)
    assert (account.live_build, account.decisions, account.log) == ("b1", 1, (1, head.entry_hash))
    with Store.open(city_id, elsewhere(settings, tmp_path)) as store:
        assert store.restore(tmp_path / "city.zip", NOON).build_id == "b1"
        assert row_hashes(store) == wanted
        assert store.product("cells").equals(filled.product("cells"))
        assert store.verify_access_log() == head
        assert store.search("重庆7号")["uscc"].tolist() == filled.search("重庆7号")["uscc"].tolist()
        with store._reading() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert [p.name for p in (store.home / "builds").iterdir()] == ["b1.json"]
        assert len(list((store.home / "search").iterdir())) == 1


def test_a_backup_under_write_load_is_one_moment_and_its_restore_too(file_store, settings, city_id, tmp_path, product):
    store, stop, faults = file_store, threading.Event(), []
    store.publish("b0", {"number": 0}, publisher_frames(0, 400), {"cells": product(0)})

    def write():
        number = 1
        try:
            with Store.open(city_id, settings) as mine:
                while not stop.is_set():
                    mine.publish(
                        f"b{number}", {"number": number}, publisher_frames(number, 400), {"cells": made[number % 3]}
                    )
                    mine.log_access("王", "export", "cells", number, at=NOON)
                    number += 1
        except Exception as error:
            faults.append(error)

    made = [product(number) for number in range(3)]
    writer = threading.Thread(target=write)
    writer.start()
    files, accounts, until = [], [], time.monotonic() + PATIENCE_S
    while len(files) < 4 or (len({account.live_build for account in accounts}) == 1 and time.monotonic() < until):
        files.append(tmp_path / f"{len(files)}.zip")
        accounts.append(store.backup(files[-1], NOON))
    stop.set()
    writer.join(timeout=PATIENCE_S)
    assert faults == []
    assert len({account.live_build for account in accounts}) > 1, "nothing was written meanwhile"
    with Store.open(city_id, elsewhere(settings, tmp_path)) as copy:
        for file, account in zip(files, accounts, strict=True):
            live = copy.restore(file, NOON)
            number = live.manifest["number"]
            rows = copy.frame("legal_persons", ["uscc", "name", "capital_cny"])
            wanted = publisher_frames(number, 400)["legal_persons"][["uscc", "name", "capital_cny"]]
            assert (live.build_id, rows.to_dict("list")) == (account.live_build, wanted.to_dict("list"))
            assert live.manifest["tables"]["legal_persons"]["rows"] == len(rows)
            assert copy.verify_access_log().entries == account.log[0]
            with copy._reading() as connection:
                assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            with zipfile.ZipFile(file) as archive:
                (tmp_path / "saved.gpkg").write_bytes(archive.read("city.gpkg"))
            saved = sa.create_engine(f"sqlite:///{tmp_path / 'saved.gpkg'}")
            with saved.connect() as connection:
                query = sa.text("SELECT * FROM legal_persons ORDER BY fid")
                there = connection.execute(query).all()
                with copy._reading() as here:
                    assert here.execute(query).all() == there
            saved.dispose()


def test_newer_decisions_are_not_overwritten_unless_forced_and_then_kept(filled, tmp_path, city_id):
    file = tmp_path / "city.zip"
    filled.backup(file, NOON)
    filled.restore(file, NOON)
    code = filled.queue_page()[0]["uscc"].iloc[0]
    filled.decide(code, 106.7, 29.1, 2, actor="王", at=NOON)
    filled.log_access("王", "export", "cells", 1, at=NOON)
    before = row_hashes(filled)
    with pytest.raises(StoreError, match=r"1 decisions .* and 1 lines of the access log.*--force"):
        filled.restore(file, NOON)
    assert row_hashes(filled) == before
    filled.restore(file, NOON, force=True)
    assert filled.aliases()["decided_by"].tolist() == ["李"]
    kept = sa.create_engine(f"sqlite:///{filled.home / 'before-restore-20260301T120000Z.gpkg'}")
    with kept.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM address_aliases")).scalar() == 2
    kept.dispose()


def test_an_undo_since_the_backup_counts_as_newer(filled, tmp_path):
    filled.backup(tmp_path / "city.zip", NOON)
    filled.undo(int(filled.aliases()["alias_id"].iloc[0]), "王", NOON)
    with pytest.raises(StoreError, match="1 decisions or undone decisions"):
        filled.restore(tmp_path / "city.zip", NOON)


def test_who_reads_meanwhile_sees_the_restored_state_next(filled, settings, city_id, tmp_path, tables, product):
    filled.backup(tmp_path / "city.zip", NOON)
    filled.publish(
        "b2",
        {},
        {"legal_persons": tables(90)["legal_persons"].iloc[:70], "unlocated": tables()["unlocated"].iloc[:0]},
        {"cells": product(2)},
    )
    with Store.open(city_id, settings, read_only=True) as reader:
        assert reader.count("legal_persons") == 70
        filled.restore(tmp_path / "city.zip", NOON)
        assert reader.count("legal_persons") == 80
        assert reader.live_build().build_id == "b1"
        assert set(reader.product("cells")["build"].to_pylist()) == {1}


def damage(body):
    def change(file, new):
        with zipfile.ZipFile(file) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        body(members)
        with zipfile.ZipFile(new, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)

    return change


def edited(**changes):
    def body(members):
        members["backup.json"] = json.dumps(json.loads(members["backup.json"]) | changes).encode()

    return body


def flip(members):
    members["city.gpkg"] = (
        members["city.gpkg"][:9000] + bytes([members["city.gpkg"][9000] ^ 1]) + members["city.gpkg"][9001:]
    )


def climb(members):
    account = json.loads(members["backup.json"])
    account["files"]["../../evil"] = "0" * 64
    members["backup.json"], members["../../evil"] = json.dumps(account).encode(), b"x"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (flip, "city.gpkg is not what was saved"),
        (edited(city="chongqing"), "a backup of the city chongqing"),
        (edited(format=2), "newer version"),
        (edited(files=3), "backup.json cannot be read"),
        (edited(files={}), "backup.json cannot be read"),
        (climb, "does not belong into a backup"),
        (lambda members: members.pop("city.gpkg"), "damaged or not a backup"),
        (lambda members: members.pop("backup.json"), "not a backup of Cityhex"),
    ],
)
def test_a_file_that_is_no_whole_backup_changes_nothing(filled, tmp_path, change, message):
    filled.backup(tmp_path / "city.zip", NOON)
    damage(change)(tmp_path / "city.zip", tmp_path / "bad.zip")
    before = row_hashes(filled)
    with pytest.raises(StoreError, match=message):
        filled.restore(tmp_path / "bad.zip", NOON)
    assert row_hashes(filled) == before
    assert not (tmp_path / "evil").exists()
    assert not list(filled.home.glob("restore-*"))


def test_other_files_are_named(filled, tmp_path):
    (tmp_path / "text").write_text("no archive")
    for name, message in (("text", "damaged or not a backup"), ("absent", "does not exist")):
        with pytest.raises(StoreError, match=message):
            filled.restore(tmp_path / name, NOON)


def test_a_city_being_built_is_not_restored(filled, settings, city_id, tmp_path):
    filled.backup(tmp_path / "city.zip", NOON)
    with Store.open(city_id, settings) as other, other.build_lock(), pytest.raises(BuildBusyError):
        filled.restore(tmp_path / "city.zip", NOON)


def made_since(revision, tmp_path):
    """Tables that later migrations than this one made, those that point at others first."""
    from models.storage import migrate
    from models.storage.engine import geopackage_engine, writing

    engine = geopackage_engine(tmp_path / "then.gpkg")
    with writing(engine) as connection:
        migrate.upgrade(connection, revision)
        known = set(sa.inspect(connection).get_table_names())
    engine.dispose()
    return [table.name for table in reversed(Base.metadata.sorted_tables) if table.name not in known]


def test_an_older_backup_is_brought_to_the_present_schema(filled, tmp_path):
    from models.storage import migrate

    filled.backup(tmp_path / "city.zip", NOON)
    newer = made_since("0004", tmp_path)

    def older(members):
        path = tmp_path / "older.gpkg"
        engine = sa.create_engine(f"sqlite:///{path}")
        path.write_bytes(members["city.gpkg"])
        with engine.begin() as connection:
            for table in newer:
                for book in ("contents", "geometry_columns", "extensions"):
                    connection.execute(sa.text(f"DELETE FROM gpkg_{book} WHERE table_name = '{table}'"))
                connection.execute(sa.text(f"DROP TABLE IF EXISTS rtree_{table}_geometry"))
                connection.execute(sa.text(f"DROP TABLE {table}"))
            connection.execute(sa.text("DROP INDEX ix_legal_persons_name"))
            connection.execute(sa.text("CREATE TABLE subject_texts (fid INTEGER PRIMARY KEY, text TEXT)"))
            connection.execute(sa.text("UPDATE alembic_version SET version_num = '0003'"))
        engine.dispose()
        members["city.gpkg"] = path.read_bytes()
        files = json.loads(members["backup.json"])["files"]
        edited(files=files | {"city.gpkg": hashlib.sha256(members["city.gpkg"]).hexdigest()})(members)

    damage(older)(tmp_path / "city.zip", tmp_path / "old.zip")
    filled.restore(tmp_path / "old.zip", NOON, force=True)
    with filled._reading() as connection:
        assert migrate.current(connection) == migrate.revisions()[-1]
        assert migrate.differences(connection) == []
    assert filled.count("legal_persons") == 80


@pytest.mark.postgis
def test_on_a_server_the_way_to_back_up_is_said(settings, city_id, postgis_url, tmp_path):
    with Store.open(city_id, replace(settings, database_url=postgis_url)) as store:
        with pytest.raises(StoreError, match=f"pg_dump --format=custom --schema=city_{city_id}"):
            store.backup(tmp_path / "city.zip", NOON)
        with pytest.raises(StoreError, match="pg_restore"):
            store.restore(tmp_path / "city.zip", NOON)
