"""Frames become columns of a table: converted, checked, hashed."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely

from models.errors import StoreError
from models.storage.prepare import prepare
from models.tables import Base

T = Base.metadata.tables


def towns(**change):
    frame = pd.DataFrame(
        {"town_code": ["a", "b", "c"], "name": ["古南", "三江", "东溪"], "population": [5, None, 7], "source_id": "s"}
    )
    shapes = change.pop("geometry", shapely.points([[106.6, 29.0], [106.7, 28.9], [106.5, 28.7]]))
    return gpd.GeoDataFrame(frame.assign(**change), geometry=shapes, crs=4326)


def hash_of(frame, table="towns"):
    return prepare(T[table], frame).content_hash


def test_equal_content_has_one_hash_whatever_holds_it():
    plain = hash_of(towns())
    assert hash_of(towns().set_index(pd.Index([7, 8, 9]))) == plain
    assert hash_of(towns(population=pd.array([5, None, 7], dtype="Int64"))) == plain
    assert hash_of(towns(name=pd.array(["古南", "三江", "东溪"], dtype="string[pyarrow]"))) == plain
    assert hash_of(towns(name=pd.Series(["古南", "三江", "东溪"], dtype=object))) == plain
    assert hash_of(towns()[["geometry", "source_id", "name", "population", "town_code"]]) == plain
    assert hash_of(towns(name_en=None)) == plain


@pytest.mark.parametrize(
    "change",
    [
        {"name": ["古南", "三江", "东溪镇"]},
        {"population": [5, 0, 7]},
        {"population": [5, 6, 7]},
        {"name_en": ["", None, None]},
        {"geometry": shapely.points([[106.6, 29.0], [106.7, 28.9], [106.5, 28.70000000000001]])},
    ],
)
def test_any_change_of_content_changes_the_hash(change):
    assert hash_of(towns(**change)) != hash_of(towns())


def test_missing_and_empty_text_are_two_things():
    assert hash_of(towns(name_en=["", "x", "y"])) != hash_of(towns(name_en=[None, "x", "y"]))


def test_neighbours_come_together_and_rows_stay_whole():
    rng = np.random.default_rng(0)
    points = rng.uniform(0, 1, (500, 2))
    frame = gpd.GeoDataFrame(
        {"town_code": [repr(float(x)) for x in points[:, 0]], "name": "n", "source_id": "s"},
        geometry=shapely.points(points),
        crs=4326,
    )
    made = prepare(T["towns"], frame)
    coordinates = shapely.get_coordinates(made.shapes)
    assert [float(v) for v in made.columns["town_code"].to_pylist()] == coordinates[:, 0].tolist()
    steps = np.hypot(*np.diff(coordinates, axis=0).T).sum()
    assert steps < 0.2 * np.hypot(*np.diff(points, axis=0).T).sum()


def test_types_are_those_of_the_table_and_dates_have_no_time():
    columns = prepare(T["towns"], towns()).columns
    assert columns["population"].type == pa.int64()
    assert sorted(columns["population"].to_pylist(), key=str) == [5, 7, None]
    values = pd.DataFrame(
        {
            "area_code": "1",
            "area_name": "x",
            "area_level": "city",
            "area_definition": "all",
            "indicator": "i",
            "value": 1.0,
            "unit": "u",
            "reference_date": ["2020-11-01"],
            "vintage": "v",
            "source_id": "s",
        }
    )
    for dates in (values["reference_date"], pd.to_datetime(values["reference_date"])):
        made = prepare(T["census_values"], values.assign(reference_date=dates))
        assert made.columns["reference_date"].type == pa.date32()
        assert str(made.columns["reference_date"][0]) == "2020-11-01"


def test_single_polygons_become_multi_and_a_wrong_kind_is_named():
    districts = gpd.GeoDataFrame(
        {"district_code": ["500110"], "name": ["綦江"], "source_id": "s"}, geometry=[shapely.box(0, 0, 1, 1)], crs=4326
    )
    assert prepare(T["districts"], districts).shapes[0].geom_type == "MultiPolygon"
    with pytest.raises(StoreError, match="not of type MULTIPOLYGON, first a Point"):
        prepare(T["districts"], districts.set_geometry([shapely.Point(1, 1)], crs=4326))


def test_the_third_dimension_is_left_out():
    made = prepare(T["towns"], towns(geometry=shapely.points([[1, 2, 3], [4, 5, 6], [7, 8, 9]])))
    assert not shapely.has_z(made.shapes).any()


def test_points_come_from_lon_and_lat_of_the_located_rows_only():
    frame = pd.DataFrame(
        {
            "uscc": ["a", "b", "c"],
            "name": "n",
            "located": [True, False, True],
            "outside": False,
            "lon": [106.5, 106.6, 106.7],
            "lat": [29.0, 29.1, 29.2],
            "source_id": "s",
            "source_file": "f",
            "source_row": [2, 3, 4],
        }
    )
    made = prepare(T["legal_persons"], frame)
    places = dict(zip(made.columns["uscc"].to_pylist(), made.shapes, strict=True))
    assert places == {"a": shapely.Point(106.5, 29.0), "b": None, "c": shapely.Point(106.7, 29.2)}
    assert made.columns["uscc"].to_pylist()[-1] == "b"


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (towns(colour="red"), "no place for column colour"),
        (towns().drop(columns="name"), "lacks the required column name"),
        (towns(name=["x", None, "y"]), "name: 1 rows have no value, first the row with index 1"),
        (towns(population=["many", "few", "7"]), "population: values of dtype"),
        (towns(population=[1.5, 2, 3]), "population: values of dtype"),
        (towns().to_crs(3857), "needed: EPSG:4326"),
        (towns().set_crs(None, allow_override=True), "no CRS"),
        (towns(geometry=[shapely.Point(1, 2), None, shapely.Point()]), "2 rows have no geometry"),
        (pd.DataFrame(towns().drop(columns="geometry")), "neither a geometry nor lon and lat"),
    ],
)
def test_what_does_not_fit_is_named_with_table_and_column(frame, message):
    with pytest.raises(StoreError, match=message) as caught:
        prepare(T["towns"], frame)
    assert str(caught.value).startswith("table towns")


def test_an_infinite_number_is_refused():
    frame = pd.DataFrame(
        {
            "area_code": "1",
            "area_name": "x",
            "area_level": "city",
            "area_definition": "all",
            "indicator": "i",
            "value": [np.inf],
            "unit": "u",
            "reference_date": ["2020-11-01"],
            "vintage": "v",
            "source_id": "s",
        }
    )
    with pytest.raises(StoreError, match="value: an infinite number"):
        prepare(T["census_values"], frame)
