"""Opening: new, older, newer and foreign files; migrations on both back ends."""

from __future__ import annotations

import sqlite3
import threading

import pyogrio
import pytest
import shapely
import sqlalchemy as sa

from models.errors import NotBuiltError, StoreError
from models.storage import migrate
from models.storage.engine import geopackage_engine, postgis_engine, reading, writing
from models.storage.revision import is_newest, newest
from models.store import Store
from models.tables import Base, Town


def test_the_migrations_make_what_the_classes_declare(store):
    with reading(store._engine) as connection:
        assert migrate.differences(connection) == []
        assert migrate.current(connection) == migrate.revisions()[-1] == newest()
        assert is_newest(connection)


def test_an_older_stamp_is_not_taken_for_the_newest(store):
    with writing(store._engine) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
    with reading(store._engine) as connection:
        assert not is_newest(connection)


def test_a_missing_column_would_be_noticed(store):
    with writing(store._engine) as connection:
        connection.execute(sa.text("ALTER TABLE roads DROP COLUMN name"))
    with reading(store._engine) as connection:
        (change,) = migrate.differences(connection)
    assert change[0] == "add_column"
    assert (change[2], change[3].name) == ("roads", "name")


@pytest.fixture
def old_store(place, city_id):
    """A database at the first revision with one town in it."""
    home = place.city_home(city_id)
    home.mkdir(parents=True)
    if place.database_url:
        with postgis_engine(place.database_url, city_id).begin() as connection:
            connection.execute(sa.text(f"CREATE SCHEMA city_{city_id}"))
        engine = postgis_engine(place.database_url, city_id)
    else:
        engine = geopackage_engine(home / "city.gpkg")
    with writing(engine) as connection:
        migrate.upgrade(connection, migrate.revisions()[0])
        row = {"town_code": "t1", "name": "古南", "source_id": "s", "geometry": shapely.Point(106.6, 29)}
        if place.database_url:
            row["geometry"] = "SRID=4326;POINT(106.6 29)"
        connection.execute(sa.insert(Base.metadata.tables["towns"]).values(**row))
        place_row = {"place_id": "p1", "name": "古南街", "kind": "road", "lon": 106.6, "lat": 29.0, "source_id": "s"}
        place_row["geometry"] = row["geometry"]
        connection.execute(sa.insert(Base.metadata.tables["places"]).values(**place_row))
    engine.dispose()


def test_an_older_file_is_brought_up_and_keeps_its_rows(old_store, place, city_id):
    with pytest.raises(StoreError, match="older version"):
        Store.open(city_id, place, read_only=True)
    with Store.open(city_id, place) as store:
        towns = store.frame("towns")
        assert towns["name"].tolist() == ["古南"]
        assert towns.geometry.iloc[0] == shapely.Point(106.6, 29)
        assert store.within("places", shapely.box(106, 28, 107, 30)).tolist() == ["p1"]
        unknown = {"place_id": "p2", "name": "打通镇", "kind": "town", "source_id": "s"}
        with writing(store._engine) as connection:
            connection.execute(sa.insert(Base.metadata.tables["places"]).values(**unknown))
        assert store.frame("places").set_index("place_id").geometry.isna().to_dict() == {"p1": False, "p2": True}
        with reading(store._engine) as connection:
            assert migrate.differences(connection) == []


def test_a_newer_file_is_refused_and_left_alone(store, place, city_id):
    with writing(store._engine) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer version of Cityhex"):
        Store.open(city_id, place)
    with reading(store._engine) as connection:
        assert migrate.current(connection) == "9999"


def test_nothing_built_yet_is_said_with_the_command(place, city_id, backend):
    with pytest.raises(NotBuiltError, match=f"cityhex build {city_id}"):
        Store.open(city_id, place, read_only=True)
    assert not place.city_home(city_id).exists()


@pytest.mark.parametrize("content", [b"not a database at all", b"PK\x03\x04" + bytes(200)])
def test_a_file_of_another_kind_is_refused_untouched(settings, city_id, content):
    path = settings.city_home(city_id) / "city.gpkg"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(StoreError, match="is not a GeoPackage written by Cityhex"):
        Store.open(city_id, settings)
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_refused(settings, city_id, tables):
    path = settings.city_home(city_id) / "city.gpkg"
    path.parent.mkdir(parents=True)
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE notes (id INTEGER)")
    connection.close()
    with pytest.raises(StoreError, match="tables of another program"):
        Store.open(city_id, settings)
    path.unlink()
    pyogrio.write_dataframe(tables()["districts"], path, layer="somebody", driver="GPKG")
    with pytest.raises(StoreError, match="tables of another program"):
        Store.open(city_id, settings)
    assert pyogrio.list_layers(path).tolist() == [["somebody", "Polygon"]]


def test_a_database_without_postgis_says_what_to_run(postgis_url, settings, city_id):
    url = sa.make_url(postgis_url)
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text("CREATE DATABASE bare"))
    try:
        bare = type(settings)(settings.home, settings.shared, settings.profiles, str(url.set(database="bare")))
        with pytest.raises(StoreError, match="CREATE EXTENSION postgis"):
            Store.open(city_id, bare)
    finally:
        with engine.connect() as connection:
            connection.execute(sa.text("DROP DATABASE bare"))
        engine.dispose()


test_a_database_without_postgis_says_what_to_run = pytest.mark.postgis(test_a_database_without_postgis_says_what_to_run)


@pytest.mark.postgis
def test_two_cities_share_a_database_without_meeting(postgis_url, settings, tables):
    both = type(settings)(settings.home, settings.shared, settings.profiles, postgis_url)
    with Store.open("north", both) as north, Store.open("south", both) as south:
        north.publish("n1", {}, tables(), {})
        assert south.live_build() is None
        assert south.count("roads") == 0


@pytest.mark.postgis
def test_an_unreachable_server_is_named_without_its_password(settings, city_id):
    gone = "postgresql+psycopg://u:secret@127.0.0.1:1/gis"
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        Store.open(city_id, type(settings)(settings.home, settings.shared, settings.profiles, gone))
    assert "secret" not in str(caught.value)


def test_first_openings_at_once_make_one_store(place, city_id):
    faults = []

    def start():
        try:
            Store.open(city_id, place).close()
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert faults == []
    with Store.open(city_id, place) as store:
        assert store.count(Town.__tablename__) == 0
