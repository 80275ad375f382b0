"""The history of one subject: each dated event once, in order, with its source; what the database refuses."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from models import contracts
from models.contracts.records import RECORDS
from models.errors import StoreError
from models.storage import history
from models.store import Store

KEY = "0123456789abcdef"


def some_records(subjects: list[str], seed: int = 3) -> dict[str, pd.DataFrame]:
    """Ten rows of each table about subjects, in no order; every date is known for about half of the rows."""
    rng = np.random.default_rng(seed)
    return {name: _some(name, subjects, rng) for name in history.RECORDS}


def _some(name: str, subjects: list[str], rng: np.random.Generator, rows: int = 10) -> pd.DataFrame:
    data: dict[str, object] = {}
    days = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, rows), "D")
    for column in contracts.contract(name).columns:
        if column.name == "subject_id":
            data[column.name] = rng.choice(subjects, rows)
        elif column.kind == "date":
            later = days + pd.to_timedelta(rng.integers(0, 300, rows), "D")
            known = rng.random(rows) < 0.5
            first = not any(contracts.contract(name).column(c).kind == "date" for c in data)
            data[column.name] = days if first else pd.Series(later).where(known)
        elif column.pattern == "[0-9a-f]{16}":
            data[column.name] = KEY
        elif column.allowed and not column.nullable:
            data[column.name] = rng.choice(column.allowed, rows)
        elif column.name in ("source_row", "report_year"):
            data[column.name] = np.arange(rows) + (2000 if column.name == "report_year" else 2)
        elif column.kind == "str" and not column.nullable:
            data[column.name] = [f"{name}-{i}" for i in range(rows)]
    frame = pd.DataFrame(data)
    if name == "listings":
        frame = frame.assign(list="abnormal", ground="false_disclosure")
    if name == "changes":
        frame["kind"] = rng.choice(["capital", "address"], rows)
    if name == "complaints":
        frame["outcome"] = "confirmed"
    if name == "credit_repairs":
        frame["result"] = np.where(frame["decided_on"].isna(), "pending", "accepted")
    dates = {c.name: "datetime64[s]" for c in contracts.contract(name).columns if c.kind == "date" and c.name in frame}
    made = contracts.conform(name, frame.astype(dates))
    contracts.check(name, made)
    return made


@pytest.fixture(scope="module")
def filled(backend: str, shelf_of_stores) -> Iterator[tuple[Store, dict[str, pd.DataFrame], str]]:
    store: Store = shelf_of_stores(backend, 40)
    uscc = store.frame("legal_persons", ["uscc"])["uscc"].iloc[0]
    records = some_records([uscc, "S2", "S3"])
    store.publish("b2", {}, records, {})
    return store, records, uscc


def test_every_dated_event_of_a_subject_stands_once_in_order_with_its_source(filled) -> None:
    store, records, uscc = filled
    told = store.timeline(uscc)
    expected = {
        (name, event, row[contracts.contract(name).key[0]] if name != "annual_reports" else uscc, row[event])
        for name, frame in records.items()
        for event in history.RECORDS[name].days
        for _, row in frame[(frame["subject_id"] == uscc) & frame[event].notna()].iterrows()
    }
    expected.add(("legal_persons", "established_on", uscc, store.subject(uscc)["established_on"]))
    found = list(zip(told["table"], told["event"], told["record_id"], told["happened_on"].dt.date, strict=True))
    days = {(t, e, i, pd.Timestamp(d).date()) for t, e, i, d in expected}
    assert set(found) == days
    assert len(found) == len(days)
    assert told["happened_on"].is_monotonic_increasing
    assert told[["source_id", "source_file", "source_row", "build_id"]].notna().all(axis=None)
    assert set(told["build_id"]) == {"b1", "b2"}
    assert tuple(told.columns) == history.EVENT_COLUMNS


def test_the_records_of_subjects_add_up_to_the_tables(filled) -> None:
    store, records, uscc = filled
    of_all = [store.records_of(subject) for subject in (uscc, "S2", "S3")]
    for name, frame in records.items():
        assert sum(len(of[name]) for of in of_all) == len(frame)
        first = history.RECORDS[name].days[0]
        assert all(of[name][first].is_monotonic_increasing for of in of_all)


def test_no_key_of_a_person_leaves_the_store(filled) -> None:
    store, _, uscc = filled
    restricted = {c.name for record in RECORDS for c in record.columns if c.sensitivity == "restricted"}
    for name, frame in store.records_of(uscc).items():
        assert not restricted & set(frame.columns), name
        assert KEY not in frame.to_csv()
    assert KEY not in store.timeline(uscc).to_csv()


def test_an_unknown_subject_has_an_empty_history(filled) -> None:
    store, _, _ = filled
    assert store.timeline("nobody").empty
    assert all(frame.empty for frame in store.records_of("nobody").values())


def test_a_timeline_takes_the_same_statements_for_one_event_and_for_many(filled) -> None:
    store, _, uscc = filled
    counts = []
    for subject in (uscc, "nobody"):
        said: list[str] = []

        def note(_c, _cur, statement, *_rest, said=said) -> None:
            if statement.lstrip().upper().startswith("SELECT"):
                said.append(statement)

        sa.event.listen(store._engine, "before_cursor_execute", note)
        try:
            store.timeline(subject)
        finally:
            sa.event.remove(store._engine, "before_cursor_execute", note)
        counts.append(len(said))
    assert counts == [history.STATEMENTS] * 2


def test_every_table_of_subjects_has_an_index_by_subject_and_a_place_in_the_timeline() -> None:
    of_subject = {record.name for record in RECORDS if "subject_id" in record.names()}
    assert set(history.RECORDS) == of_subject
    for name in of_subject:
        indexes = history.Base.metadata.tables[name].indexes
        assert any(next(iter(index.columns)).name == "subject_id" for index in indexes), name


def broken(name: str, **values: object) -> pd.DataFrame:
    return _some(name, ["S1"], np.random.default_rng(1), rows=2).assign(**values)


IMPOSSIBLE = [
    ("licences", {"expires_on": pd.Timestamp("1999-01-01")}),
    ("listings", {"removed_on": pd.Timestamp("1999-01-01")}),
    ("listings", {"removed_on": pd.NaT, "removal": "normal"}),
    ("listings", {"ground": "unreachable", "removed_on": pd.NaT}),
    ("listings", {"ground": "annual_report", "report_year": 2020}),
    ("listings", {"ground": "three_years"}),
    ("inspections", {"officer_key": "a name"}),
    ("changes", {"kind": "representative", "before": "a name"}),
    ("findings", {"inspection_id": "nowhere"}),
]


@pytest.mark.parametrize(("name", "values"), IMPOSSIBLE, ids=[f"{n}-{'-'.join(v)}" for n, v in IMPOSSIBLE])
def test_the_database_refuses_what_can_never_be(store: Store, name: str, values: dict[str, object]) -> None:
    with pytest.raises(StoreError):
        store.publish("b1", {}, {name: broken(name, **values)}, {})
    assert store.live_build() is None
