"""S12: numbers of documents have no gap and no double, whoever issues at once; attachments are what they say."""

from __future__ import annotations

import datetime as dt
import io
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from itertools import cycle

import pytest
import sqlalchemy as sa
from PIL import Image

from models.casework import documents
from models.errors import RequestError, StoreError, UnknownNameError
from models.storage.engine import writing
from models.store import Store

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
DAY = dt.date(2015, 6, 30)
ACT = {"actor": "李", "at": NOON}
CONCURRENT = 1_000


def issue(store, kind="核查", organ="渝市监", **more):
    return store.issue_document(kind, "现场核查通知书", organ=organ, as_of=DAY, **ACT, **more)


def picture(kind="PNG"):
    sink = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(sink, kind)
    return sink.getvalue()


def test_numbers_count_per_organ_type_and_year(store):
    assert [issue(store)["number"] for _ in range(2)] == ["渝市监核查〔2015〕1号", "渝市监核查〔2015〕2号"]
    assert issue(store, "约谈")["serial"] == 1
    assert issue(store, organ="綦市监")["serial"] == 1
    later = store.issue_document("核查", "通知书", organ="渝市监", as_of=dt.date(2016, 1, 4), **ACT)
    assert later["number"] == "渝市监核查〔2016〕1号"
    assert len(store.documents()) == 5
    assert store.document(1)["title"] == "现场核查通知书"


@pytest.mark.parametrize("in_turn", [True, False], ids=["in turn", "database alone"])
def test_a_thousand_at_once_leave_no_gap_and_no_double(store, place, city_id, in_turn, monkeypatch):
    """Through two stores on one city; without the threads' own turns, as processes of a server meet."""
    if not in_turn:
        monkeypatch.setattr(documents, "_in_turn", nullcontext())
    kinds = ("核查", "约谈")
    with Store.open(city_id, place) as other, ThreadPoolExecutor(32) as pool:
        jobs = zip(range(CONCURRENT), cycle((store, other)), strict=False)
        issued = list(pool.map(lambda job: issue(job[1], kinds[job[0] // 2 % 2]), jobs))
    for kind in kinds:
        serials = sorted(d["serial"] for d in issued if d["kind"] == kind)
        assert serials == list(range(1, CONCURRENT // 2 + 1))
    assert len({d["number"] for d in issued}) == CONCURRENT
    assert store.verify_access_log().entries == CONCURRENT


def test_a_document_that_fails_takes_no_number(store):
    issue(store)
    with pytest.raises(StoreError, match="refused"):
        issue(store, content=object())
    assert issue(store)["serial"] == 2


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE documents SET title = 'x'", "neither changed"),
        ("DELETE FROM documents", "nor deleted"),
        ("UPDATE document_serials SET last = last + 2", "count up by one"),
        ("DELETE FROM document_serials", "never given out again"),
    ],
)
def test_the_database_keeps_documents_and_serials(store, statement, words):
    issue(store)
    with pytest.raises(sa.exc.DBAPIError, match=words), writing(store._engine) as connection:
        connection.execute(sa.text(statement))


def test_an_incomplete_document_is_refused(store):
    with pytest.raises(RequestError, match="organ"):
        issue(store, organ=" ")
    with pytest.raises(UnknownNameError, match="no document 9"):
        store.document(9)


@pytest.fixture
def task(store, tables):
    store.publish("b1", {}, tables(3, unlocated=0), {})
    row = {"kind": "routine", "subject_id": f"9150{0:014d}", "due_on": DAY}
    return store.add_tasks([row], as_of=DAY, **ACT)[0]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "PDF"])
def test_an_attachment_comes_back_byte_by_byte_and_its_reading_is_logged(store, task, kind):
    content = picture(kind)
    number = store.add_attachment(content, r"C:\现场\门头.exe", task_id=task, **ACT)
    row = store.attachment(number)
    assert row["file_name"] == "门头" + {"PNG": ".png", "JPEG": ".jpg", "PDF": ".pdf"}[kind]
    before = store.verify_access_log().entries
    assert store.read_attachment(number, **ACT) == content
    assert store.verify_access_log().entries == before + 1
    assert store.attachments(task_id=task)["size_bytes"].tolist() == [len(content)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"MZ\x90\x00" * 100, "neither a JPEG"),
        (b"<svg onload=alert(1)>", "neither a JPEG"),
        (b"\xff\xd8\xff" + b"0" * 5000, "not whole"),
        (b"%PDF-" + b"0" * (5 * 1024 * 1024), "5.0 MB; allowed are 5 MB"),
    ],
)
def test_a_file_that_is_not_what_it_says_or_too_large_is_refused(store, task, content, message):
    with pytest.raises(RequestError, match=message):
        store.add_attachment(content, "photo.jpg", task_id=task, **ACT)
    assert store.attachments().empty
    with pytest.raises(UnknownNameError, match="no warning"):
        store.add_attachment(picture(), "photo.png", warning_key="f" * 16, **ACT)


def test_a_file_changed_on_the_disk_is_found(file_store, tables):
    file_store.publish("b1", {}, tables(3, unlocated=0), {})
    row = {"kind": "routine", "subject_id": f"9150{0:014d}", "due_on": DAY}
    (task,) = file_store.add_tasks([row], as_of=DAY, **ACT)
    number = file_store.add_attachment(picture(), "a.png", task_id=task, **ACT)
    (path,) = (file_store.home / "attachments").iterdir()
    path.write_bytes(picture("JPEG"))
    with pytest.raises(StoreError, match="was changed"):
        file_store.read_attachment(number, **ACT)
    path.unlink()
    with pytest.raises(StoreError, match="missing"):
        file_store.read_attachment(number, **ACT)


def test_attachments_are_part_of_a_backup(file_store, settings, city_id, tables, tmp_path):
    file_store.publish("b1", {}, tables(3, unlocated=0), {})
    row = {"kind": "routine", "subject_id": f"9150{0:014d}", "due_on": DAY}
    (task,) = file_store.add_tasks([row], as_of=DAY, **ACT)
    number = file_store.add_attachment(picture(), "a.png", task_id=task, **ACT)
    file_store.backup(tmp_path / "city.zip", NOON)
    with Store.open(city_id, replace(settings, home=tmp_path / "elsewhere")) as other:
        other.restore(tmp_path / "city.zip", NOON)
        assert other.read_attachment(number, **ACT) == picture()
