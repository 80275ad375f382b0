"""The access log only grows, and a line tampered with is found, on both back ends."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading

import pytest
import sqlalchemy as sa

from models.casework.access_log import FIRST
from models.errors import RequestError, StoreError
from models.storage.engine import writing
from models.store import LogHead, Store

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
TEXTS = ("actor", "at", "action", "object", "purpose", "previous_hash", "entry_hash")


@pytest.fixture
def logged(store):
    for number in range(4):
        store.log_access("李", "export", f"subjects-{number}", number, at=NOON, purpose="巡查" if number else None)
    return store


def without_triggers(store, statement, **values):
    """What somebody with the file and the will can do."""
    with writing(store._engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("ALTER TABLE access_log DISABLE TRIGGER USER"))
        else:
            for change in ("update", "delete"):
                connection.execute(sa.text(f"DROP TRIGGER IF EXISTS access_log_{change}"))
        connection.execute(sa.text(statement), values)


def test_lines_are_chained_and_verified(store):
    assert store.verify_access_log() == LogHead(0, FIRST)
    first = store.log_access("李", "export", "subjects", 12, at=NOON)
    second = store.log_access("王", "export", "cells", 0, at=NOON + dt.timedelta(microseconds=1), purpose="月报")
    assert (first.entries, second.entries) == (1, 2)
    assert store.verify_access_log() == second


def test_the_hash_of_a_line_is_what_the_description_says(store):
    store.log_access("李", "export", "subjects", 12, at=NOON)
    # printf '<64 zeros>["2026-03-01T12:00:00.000000Z", 1, "李", "export", "subjects", 12, null]' | sha256sum
    wanted = "5d0cf5d8c9007e52b89d77fe855aa1ead720da517608c728bb32863f1dfcf667"
    assert store.verify_access_log().entry_hash == wanted


@pytest.mark.parametrize("statement", ["UPDATE access_log SET row_count = 0", "DELETE FROM access_log"])
def test_the_database_refuses_to_change_or_delete_a_line(logged, statement):
    head = logged.verify_access_log()
    with pytest.raises(sa.exc.DBAPIError, match="the access log only grows"), writing(logged._engine) as connection:
        connection.execute(sa.text(statement))
    assert logged.verify_access_log() == head


@pytest.mark.postgis
def test_truncate_is_refused_too(postgis_url, settings, city_id):
    there = type(settings)(settings.home, settings.shared, settings.profiles, postgis_url)
    with Store.open(city_id, there) as store:
        store.log_access("李", "export", "subjects", 1, at=NOON)
        with pytest.raises(sa.exc.DBAPIError, match="only grows"), writing(store._engine) as connection:
            connection.execute(sa.text("TRUNCATE access_log"))
        assert store.verify_access_log().entries == 1


def test_one_flipped_byte_of_any_column_is_found(logged):
    with logged._reading() as connection:
        row = connection.execute(sa.text("SELECT * FROM access_log WHERE entry_id = 3")).mappings().one()
    for name in TEXTS:
        old = row[name]
        new = old + dt.timedelta(microseconds=1) if isinstance(old, dt.datetime) else flipped(old)
        without_triggers(logged, f"UPDATE access_log SET {name} = :v WHERE entry_id = 3", v=new)
        with pytest.raises(StoreError, match=r"line 3 .* does not fit the 2 lines before"):
            logged.verify_access_log()
        without_triggers(logged, f"UPDATE access_log SET {name} = :v WHERE entry_id = 3", v=old)
        assert logged.verify_access_log().entries == 4
    without_triggers(logged, "UPDATE access_log SET row_count = row_count + 1 WHERE entry_id = 3")
    with pytest.raises(StoreError, match="line 3"):
        logged.verify_access_log()


def flipped(text):
    place = text.rfind("Z") - 1 if text.endswith("Z") else 0
    return text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]


def test_a_line_taken_out_of_the_middle_or_put_there_is_found(logged):
    without_triggers(logged, "DELETE FROM access_log WHERE entry_id = 2")
    with pytest.raises(StoreError, match=r"line 3 .* does not fit the 1 lines before"):
        logged.verify_access_log()


def test_a_byte_flipped_in_the_file_itself_is_found(file_store):
    file_store.log_access("李", "export", "subjects-of-the-district", 7, at=NOON)
    file_store.close()
    path = file_store.home / "city.gpkg"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    body = path.read_bytes()
    assert body.count(b"subjects-of-the-district") == 1
    path.write_bytes(body.replace(b"subjects-of-the-district", b"subjects-of-the-distribt"))
    with pytest.raises(StoreError, match="line 1"):
        file_store.verify_access_log()


def test_a_moment_that_is_none_any_more_is_found(file_store):
    file_store.log_access("李", "export", "cells", 7, at=NOON)
    without_triggers(file_store, "UPDATE access_log SET at = '2026-0x-01T12:00:00.000000Z'")
    with pytest.raises(StoreError, match="a line after line 0"):
        file_store.verify_access_log()


def test_two_writers_at_once_make_one_chain(store, place, city_id):
    def write():
        with Store.open(city_id, place) as mine:
            for _ in range(8):
                mine.log_access("王", "export", "cells", 1, at=NOON)

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert store.verify_access_log().entries == 24


@pytest.mark.parametrize(
    ("change", "message"),
    [({"actor": ""}, "who"), ({"rows": -1}, "rows -1"), ({"at": NOON.replace(tzinfo=None)}, "time zone")],
)
def test_an_incomplete_line_is_refused(store, change, message):
    given = {"actor": "李", "action": "export", "object_": "cells", "rows": 1, "at": NOON} | change
    with pytest.raises(RequestError, match=message):
        store.log_access(**given)
    assert store.verify_access_log().entries == 0
