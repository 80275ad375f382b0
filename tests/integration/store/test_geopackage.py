"""The file is a GeoPackage that GDAL and QGIS open as it is: the seven traps, each shown closed."""

from __future__ import annotations

import sqlite3
import struct
import threading

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.storage.engine import geopackage_engine, reading, writing
from models.tables import Base, LegalPerson, Road, layers

LISTED = {name for name, table in Base.metadata.tables.items() if table.info["listed"]}


@pytest.fixture
def filled(file_store, tables):
    file_store.publish("b1", {"text": "初版"}, tables(200), {})
    return file_store


@pytest.fixture
def path(filled):
    return filled.home / "city.gpkg"


@pytest.fixture
def read(shelf_of_stores):
    """The same content, for tests that change nothing."""
    return shelf_of_stores("geopackage", 200)


@pytest.fixture
def read_path(read):
    return read.home / "city.gpkg"


def tree_matches(store, table):
    with reading(store._engine) as connection:
        run = connection.exec_driver_sql
        ids = run(f"SELECT fid FROM {table} WHERE geometry NOTNULL ORDER BY fid").all()
        assert run(f"SELECT id FROM rtree_{table}_geometry ORDER BY id").all() == ids
        assert run(f"SELECT rtreecheck('rtree_{table}_geometry')").scalar() == "ok"
    return len(ids)


def test_gdal_lists_every_layer_and_every_plain_table(read_path):
    assert set(pyogrio.list_layers(read_path)[:, 0]) == LISTED


@pytest.mark.parametrize("table", sorted(LISTED))
def test_gdal_reads_what_the_store_reads(read, read_path, table, recwarn):
    ours = read.frame(table)
    meta, theirs = pyogrio.raw.read_arrow(read_path, layer=table)
    assert [str(w.message) for w in recwarn if "GPKG" in str(w.message)] == []
    key = Base.metadata.tables[table].info["key"]
    plain = [name for name in ours.columns if name not in ("geometry", "alias_id")]
    assert set(meta["fields"]) == set(plain)
    columns = [name for name in plain if ours[name].dtype.kind != "M"]
    assert rows_of(ours[columns]) == sorted(
        map(tuple, zip(*(theirs[n].to_pylist() for n in columns), strict=True)), key=repr
    )
    if isinstance(ours, gpd.GeoDataFrame):
        shapes = dict(
            zip(theirs[key].to_pylist(), theirs[meta["geometry_name"] or "wkb_geometry"].to_pylist(), strict=True)
        )
        for name, shape in zip(ours[key], ours.geometry, strict=True):
            assert shape is None or shapely.equals_exact(shapely.from_wkb(shapes[name]), shape)


def rows_of(frame):
    values = frame.astype(object).where(frame.notna(), None)
    return sorted(values.itertuples(index=False, name=None), key=repr)


def test_chinese_names_and_dates_arrive_in_gdal(read_path):
    frame = pyogrio.read_dataframe(read_path, layer="legal_persons")
    assert frame["name"].str.match(r"^重庆\d+号.+有限公司$").all()
    assert frame["established_on"].dtype.kind == "M"
    assert pyogrio.read_info(read_path, layer="districts")["crs"] == "EPSG:4326"


def test_gdal_finds_by_box_what_lies_there(read_path, tables):
    box = (106.5, 28.8, 106.8, 29.1)
    persons = tables(200)["legal_persons"]
    inside = persons["lon"].between(box[0], box[2]) & persons["lat"].between(box[1], box[3])
    assert set(pyogrio.read_dataframe(read_path, layer="legal_persons", bbox=box)["uscc"]) == set(
        persons.loc[inside, "uscc"]
    )


def test_trap_1_text_columns_are_declared_text(read_path):
    with sqlite3.connect(read_path) as connection:
        for table in LISTED:
            kinds = {row[2] for row in connection.execute(f"PRAGMA table_info({table})")}
            assert kinds <= {"TEXT", "INTEGER", "DOUBLE", "BOOLEAN", "DATE", "DATETIME", *layers_kinds()}, table
    connection.close()


def layers_kinds():
    return {"POINT", "LINESTRING", "MULTIPOLYGON", "GEOMETRY"}


def test_trap_2_the_raw_header_names_a_geopackage(path):
    head = path.read_bytes()[:100]
    assert head[68:72] == b"GPKG"
    assert struct.unpack(">I", head[60:64])[0] == 10300


def test_trap_3_the_geometry_column_is_declared_by_its_geometry(read_path):
    with sqlite3.connect(read_path) as connection:
        listed = dict(connection.execute("SELECT table_name, geometry_type_name FROM gpkg_geometry_columns"))
        for table, kind in listed.items():
            declared = {row[1]: row[2] for row in connection.execute(f"PRAGMA table_info({table})")}
            assert declared["geometry"] == kind
    connection.close()
    assert listed == {
        "districts": "MULTIPOLYGON",
        "grids": "MULTIPOLYGON",
        "towns": "POINT",
        "base_stations": "POINT",
        "facilities": "POINT",
        "housing_projects": "POINT",
        "places": "POINT",
        "roads": "LINESTRING",
        "waters": "GEOMETRY",
        "legal_persons": "POINT",
        "premises": "POINT",
    }


def test_trap_4_a_foreign_blob_is_missing_and_not_a_crash(filled, tables):
    with writing(filled._engine) as connection:
        layers.drop_triggers(connection, "roads")
        connection.exec_driver_sql("UPDATE roads SET geometry = x'0001E61000000000' WHERE road_id = 'r1'")
    frame = filled.frame("roads")
    assert frame.geometry.isna().tolist() == [True, False]
    assert filled.within("roads", shapely.box(100, 20, 110, 40)).tolist() == ["r2"]


def test_trap_5_boxes_are_rounded_outwards_and_answers_are_exact(filled, tables):
    persons = tables(200)["legal_persons"]
    lon, lat = (float(persons[name].iloc[0]) for name in ("lon", "lat"))
    beside = np.nextafter(lon, 200)
    assert np.float32(beside) == np.float32(lon)
    assert filled.within("legal_persons", shapely.box(lon - 1e-9, lat - 1e-9, lon, lat)).size == 1
    assert filled.within("legal_persons", shapely.box(beside, lat - 1e-9, beside + 1e-9, lat)).size == 0


def test_trap_6_reflection_works_and_knows_the_geometry(filled):
    with reading(filled._engine) as connection:
        columns = {c["name"]: c["type"] for c in sa.inspect(connection).get_columns("districts")}
        assert columns["geometry"].kind == "MULTIPOLYGON"
        metadata = sa.MetaData()
        metadata.reflect(connection, only=["roads", "legal_persons"])
    assert "geometry" in metadata.tables["roads"].columns


def test_trap_7_publishing_leaves_all_six_triggers_and_a_true_tree(filled, tables):
    filled.publish("b2", {}, tables(150, seed=3), {})
    with reading(filled._engine) as connection:
        for table in (name for name in Base.metadata.tables if "geometry" in Base.metadata.tables[name].columns):
            query = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?"
            assert connection.exec_driver_sql(query, (table,)).scalar() == 6, table
            tree_matches(filled, table)
    assert tree_matches(filled, "legal_persons") == 145


def test_other_programs_edits_move_the_tree_through_the_triggers(filled, path):
    new = gpd.GeoDataFrame(
        {
            "road_id": ["gdal"],
            "name": ["新路"],
            "road_class": ["other"],
            "oneway": [False],
            "length_m": [1.0],
            "source_id": ["x"],
        },
        geometry=[shapely.LineString([(106.9, 28.9), (106.95, 28.95)])],
        crs="EPSG:4326",
    )
    pyogrio.write_dataframe(new, path, layer="roads", driver="GPKG", append=True)
    assert tree_matches(filled, "roads") == 3
    assert filled.within("roads", shapely.box(106.94, 28.94, 106.96, 28.96)).tolist() == ["gdal"]
    with Session(filled._engine) as session, session.begin():
        road = session.scalars(sa.select(Road).where(Road.road_id == "gdal")).one()
        assert road.name == "新路"
        road.geometry = shapely.LineString([(107.3, 29.3), (107.4, 29.4)])
    assert filled.within("roads", shapely.box(107.2, 29.2, 107.5, 29.5)).tolist() == ["gdal"]
    with Session(filled._engine) as session, session.begin():
        for person in session.scalars(sa.select(LegalPerson).limit(50)):
            session.delete(person)
    assert tree_matches(filled, "legal_persons") == 145


def test_the_bounds_gdal_shows_are_those_of_the_rows(read, read_path, tables):
    persons = tables(200)["legal_persons"]
    assert pyogrio.read_bounds(read_path, layer="legal_persons")[0].size == 200
    with sqlite3.connect(read_path) as connection:
        bounds = connection.execute(
            "SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = 'legal_persons'"
        )
        low_x, low_y, high_x, high_y = bounds.fetchone()
    connection.close()
    assert (low_x, high_x) == (persons["lon"].min(), persons["lon"].max())
    assert (low_y, high_y) == (persons["lat"].min(), persons["lat"].max())


def test_threads_share_a_store_and_a_forked_reader_opens_its_own(filled):
    counts = []
    threads = [threading.Thread(target=lambda: counts.append(filled.subjects_page(limit=5)[1])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert counts == [200] * 8
    before = filled._engine.pool
    import os

    child = os.fork()
    if child == 0:
        good = filled._engine.pool is not before and filled.count("roads") == 2
        os._exit(0 if good else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert filled.count("roads") == 2


def test_a_reader_connection_cannot_write(filled, path):
    engine = geopackage_engine(path, read_only=True)
    with pytest.raises(sa.exc.OperationalError, match="readonly"), writing(engine) as connection:
        connection.exec_driver_sql("DELETE FROM roads")
    engine.dispose()
    assert filled.count("roads") == 2


def test_the_wal_is_empty_enough_that_a_copy_of_the_file_alone_is_readable(filled, path, tmp_path):
    filled.close()
    copy = tmp_path / "copy.gpkg"
    copy.write_bytes(path.read_bytes())
    assert len(pyogrio.read_dataframe(copy, layer="legal_persons")) == 200
    assert isinstance(pyogrio.read_dataframe(copy, layer="quarantine"), pd.DataFrame)
