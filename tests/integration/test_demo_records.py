"""Records of supervision of the demo city: every event of a firm once, no person outside of the files."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest

from models import contracts
from models.contracts.records import RECORDS
from models.profile import City, load_city
from models.profile.targets import PERSONS
from models.sources import find_files
from models.sources.legal_persons.persons import keyed_hash
from models.storage import history
from models.store import Store
from tests.conftest import BuiltDemo

RESTRICTED = [(r.name, c.name) for r in RECORDS for c in r.columns if c.name in PERSONS.values()]


@pytest.fixture(scope="module")
def store(built_demo: BuiltDemo) -> Iterator[Store]:
    with Store.open("demo", built_demo.settings, read_only=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def city(built_demo: BuiltDemo) -> City:
    return load_city("demo", built_demo.settings)


def test_every_event_of_seeded_firms_stands_once_in_order_with_its_source(store: Store) -> None:
    tables = {name: store.frame(name) for name in history.RECORDS}
    firms = store.frame("legal_persons", ["uscc", "established_on"])
    busy = pd.concat([frame["subject_id"] for frame in tables.values()]).value_counts()
    for uscc in [*firms["uscc"].sample(15, random_state=11), *busy.index[:5]]:
        told = store.timeline(uscc)
        expected = sum(
            int(frame.loc[frame["subject_id"] == uscc, day].notna().sum())
            for name, frame in tables.items()
            for day in history.RECORDS[name].days
        )
        founded = firms.loc[firms["uscc"] == uscc, "established_on"].notna().sum()
        assert len(told) == expected + founded
        assert not told.duplicated(["table", "event", "record_id", "kind"]).any()
        assert told["happened_on"].is_monotonic_increasing
        assert told[["source_id", "source_file", "source_row", "build_id"]].notna().all(axis=None)


@pytest.mark.parametrize("table", sorted(history.RECORDS))
def test_every_record_is_about_a_firm_of_the_register(store: Store, table: str) -> None:
    subjects = set(store.frame("legal_persons", ["uscc"])["uscc"])
    frame = store.frame(table)
    assert len(frame) and set(frame["subject_id"]) <= subjects
    contracts.check(table, contracts.conform(table, frame))


def test_persons_of_the_files_are_keys_in_the_tables_and_nowhere_in_the_quarantine(
    store: Store, city: City, built_demo: BuiltDemo
) -> None:
    key, quarantine = built_demo.settings.person_key(), store.frame("quarantine")
    seen = set()
    for source in city.sources:
        for raw, kept in PERSONS.items():
            if raw not in source.columns or source.format != "csv":
                continue
            files = [file.path for file in find_files(city, source, built_demo.settings)]
            delivered = pd.concat(
                [pd.read_csv(f, dtype=str, encoding=source.encoding, encoding_errors="replace") for f in files]
            )
            persons = delivered[source.columns[raw]].dropna().drop_duplicates().astype("str")
            own = quarantine[quarantine["source_id"] == source.id]
            text = "\n".join(own[["found", "raw", "reason"]].fillna("").agg(" ".join, axis=1))
            assert not [person for person in persons if len(person) > 1 and person in text], (source.id, raw)
            keys = store.frame(source.table, [kept], source_id=source.id)[kept].dropna()
            assert len(keys) and set(keys) <= set(keyed_hash(persons, key)), (source.id, raw)
            seen.add(kept)
    assert {"officer_key", "representative_key"} <= seen


def test_the_person_of_a_change_has_the_key_that_the_register_gives(store: Store) -> None:
    representatives = set(store.frame("legal_persons", ["representative_key"])["representative_key"].dropna())
    changed = store.frame("changes", ["kind", "before_key", "after_key"])
    persons = changed.loc[changed["kind"] == "representative", ["before_key", "after_key"]]
    assert persons.notna().any(axis=None)
    assert set(persons.stack().dropna()) & representatives
