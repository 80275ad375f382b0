"""GeoPackage, PostGIS and plain shapely agree, id by id, on random shapes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import Geod

from models.errors import RequestError
from models.store import Store

N = 800


@pytest.fixture(scope="module")
def both(tmp_path_factory, request, postgis_url):
    """The same city on both back ends."""
    from models import settings as settings_module

    home = tmp_path_factory.mktemp("both")
    base = replace(settings_module.load({}), home=home)
    make = request.getfixturevalue("module_tables")
    with Store.open("agree", base) as file, Store.open("agree-pg", replace(base, database_url=postgis_url)) as server:
        for store in (file, server):
            store.publish("b1", {}, make, {})
        yield file, server, make


@pytest.fixture(scope="module")
def module_tables(request):
    """Tables of the small city, some points exactly on round coordinates so that edges are met."""
    import runpy
    from pathlib import Path

    make = runpy.run_path(str(Path(__file__).with_name("conftest.py")))["make_tables"]
    given_tables = make(N)
    persons = given_tables["legal_persons"]
    there = persons["located"]
    persons.loc[there, "lon"] = persons.loc[there, "lon"].where(persons.index[there] % 3 > 0, persons["lon"].round(1))
    persons.loc[there, "lat"] = persons.loc[there, "lat"].where(persons.index[there] % 3 > 0, persons["lat"].round(1))
    return given_tables


tenths = st.integers(1050, 1080).map(lambda v: v / 10)
longitudes = st.one_of(tenths, st.floats(105.5, 108))
latitudes = st.one_of(st.integers(280, 300).map(lambda v: v / 10), st.floats(27.5, 30.5))


@st.composite
def areas(draw):
    """Boxes, among them such without width, and triangles."""
    x, y = sorted([draw(longitudes), draw(longitudes)]), sorted([draw(latitudes), draw(latitudes)])
    if draw(st.booleans()):
        if x[0] == x[1] or y[0] == y[1]:
            return (
                shapely.LineString([(x[0], y[0]), (x[1], y[1])])
                if (x[0], y[0]) != (x[1], y[1])
                else shapely.Point(x[0], y[0])
            )
        return shapely.box(x[0], y[0], x[1], y[1])
    return shapely.Polygon([(x[0], y[0]), (x[1], y[0]), (draw(longitudes), y[1])]).convex_hull


@pytest.mark.postgis
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(area=areas(), table=st.sampled_from(["legal_persons", "districts", "grids", "roads", "waters"]))
def test_both_back_ends_give_the_ids_shapely_gives(both, area, table):
    file, server, given_tables = both
    frame = given_tables[table]
    key = {
        "legal_persons": "uscc",
        "districts": "district_code",
        "grids": "grid_code",
        "roads": "road_id",
        "waters": "water_id",
    }[table]
    if table == "legal_persons":
        frame = frame[frame["located"]]
        shapes = shapely.points(frame["lon"].astype(float), frame["lat"].astype(float))
    else:
        shapes = np.asarray(frame.geometry.array, dtype=object)
    wanted = sorted(np.asarray(frame[key], dtype=object)[shapely.intersects(area, shapes)])
    assert file.within(table, area).tolist() == wanted
    assert server.within(table, area).tolist() == wanted


@pytest.mark.postgis
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lon=st.floats(106, 107.4), lat=st.floats(28.3, 29.7), radius=st.floats(100, 60_000))
def test_the_nearest_are_those_of_the_ellipsoid(both, lon, lat, radius):
    file, server, given_tables = both
    frame = given_tables["legal_persons"]
    frame = frame[frame["located"]]
    x, y = frame["lon"].to_numpy(float), frame["lat"].to_numpy(float)
    metres = Geod(ellps="WGS84").inv(np.full(len(x), lon), np.full(len(x), lat), x, y)[2]
    wanted = sorted((m, code) for m, code in zip(metres, frame["uscc"], strict=True) if m <= radius)[:20]
    for store in (file, server):
        found = store.nearest(lon, lat, radius, 20)
        assert found["uscc"].tolist() == [code for _, code in wanted]
        np.testing.assert_allclose(found["distance_m"], [m for m, _ in wanted], atol=1e-6)


def test_a_table_without_geometry_and_a_senseless_radius_are_refused(file_store, tables):
    with pytest.raises(RequestError, match="no geometry"):
        file_store.within("quarantine", shapely.Point(1, 1))
    with pytest.raises(RequestError, match="radius"):
        file_store.nearest(106, 29, -5)
    assert file_store.within("roads", shapely.Polygon()).tolist() == []
