"""The demo city built on the embedded file and on PostGIS is the same city; GDAL reads the embedded one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pytest
import shapely

from models.build import build_city
from models.store import Store, SubjectFilter
from models.tables import Base

QUESTIONS = 25
SPATIAL = {
    "legal_persons": "uscc",
    "grids": "grid_code",
    "towns": "town_code",
    "roads": "road_id",
    "waters": "water_id",
    "facilities": "facility_id",
}
"""Tables with shapes and their natural keys."""


@pytest.fixture(scope="module")
def both(built_demo: Any, postgis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Store]]:
    """The same files built on either back end, each from the beginning."""
    home = tmp_path_factory.mktemp("postgis-home")
    (home / "demo-files").symlink_to(built_demo.home / "demo-files")
    (home / "person.key").write_bytes((built_demo.home / "person.key").read_bytes())
    settings = replace(built_demo.settings, home=home, database_url=postgis_url)
    build_city("demo", settings)
    with (
        Store.open("demo", built_demo.settings, read_only=True) as file,
        Store.open("demo", settings, read_only=True) as server,
    ):
        yield file, server


def same(left: pd.DataFrame, right: pd.DataFrame) -> None:
    """Equal values, whatever inner row numbers the database gave."""
    drop = ["fid", "geometry"]
    pd.testing.assert_frame_equal(
        pd.DataFrame(left.drop(columns=drop, errors="ignore")), pd.DataFrame(right.drop(columns=drop, errors="ignore"))
    )


@pytest.mark.postgis
def test_both_make_the_same_products(both: tuple[Store, Store]) -> None:
    file, server = both
    assert file.products().keys() == server.products().keys()
    for name in file.products():
        assert plain(file.product(name)).equals(plain(server.product(name))), name


def plain(table: pa.Table) -> pa.Table:
    return table.replace_schema_metadata(None)


@pytest.mark.postgis
def test_both_account_for_the_same_rows(both: tuple[Store, Store]) -> None:
    file, server = both
    assert file.rows_by_source() == server.rows_by_source()
    assert file.quarantined_by_source() == server.quarantined_by_source()


@pytest.mark.postgis
def test_both_answer_the_same_pages(both: tuple[Store, Store]) -> None:
    file, server = both
    rng = np.random.default_rng(21)
    subjects = file.product("subjects").to_pandas()
    total_seen = 0
    for _ in range(QUESTIONS):
        one = subjects.iloc[int(rng.integers(len(subjects)))]
        choices: dict[str, Any] = {
            "grid_code": one["grid_code"],
            "section": one["industry_section"],
            "text": str(one["name"])[2:5],
            "located": bool(one["located"]),
        }
        picked = rng.choice(list(choices), int(rng.integers(1, 3)), replace=False)
        where = SubjectFilter(**{key: choices[key] for key in picked if pd.notna(choices[key])})
        sort = str(rng.choice(["uscc", "name", "established_on", "capital_cny"]))
        ask = {"sort": sort, "descending": bool(rng.integers(2)), "offset": int(rng.integers(5)), "limit": 20}
        (left, n), (right, m) = file.subjects_page(where, **ask), server.subjects_page(where, **ask)
        assert n == m, (where, ask)
        same(left, right)
        total_seen += n
        same(file.search(choices["text"], 15), server.search(choices["text"], 15))
    assert total_seen > QUESTIONS
    for offset in (0, 3):
        (left, n), (right, m) = file.queue_page(offset, 5), server.queue_page(offset, 5)
        assert n == m > 5
        same(left, right)
        same(file.quarantine_page(offset, 10)[0], server.quarantine_page(offset, 10)[0])


@pytest.mark.postgis
def test_both_find_the_same_in_a_shape_and_near_a_point(both: tuple[Store, Store]) -> None:
    file, server = both
    rng = np.random.default_rng(22)
    subjects = file.product("subjects").to_pandas().dropna(subset=["lon"])
    found = 0
    for _ in range(QUESTIONS):
        one = subjects.iloc[int(rng.integers(len(subjects)))]
        lon, lat = float(one["lon"]), float(one["lat"])
        shape = shapely.Point(lon, lat).buffer(float(rng.uniform(0.002, 0.1)), quad_segs=3)
        table = str(rng.choice(list(SPATIAL)))
        left, right = file.within(table, shape), server.within(table, shape)
        assert left.tolist() == right.tolist(), table
        found += len(left)
        near = [store.nearest(lon, lat, 2_000.0, 10) for store in both]
        assert near[0]["distance_m"].to_numpy() == pytest.approx(near[1]["distance_m"].to_numpy(), abs=0.01)
        # Firms at one place are equally far: which of them comes first is not said.
        assert set(near[0].query("distance_m < distance_m.max()")["uscc"]) == set(
            near[1].query("distance_m < distance_m.max()")["uscc"]
        )
    assert found > QUESTIONS


def names(frame: pd.DataFrame, key: str) -> dict[str, str]:
    """Names by key, "" where there is none."""
    return dict(zip(frame[key], frame["name"].fillna(""), strict=True))


def test_gdal_reads_every_layer_with_its_names(built_demo: Any) -> None:
    path = built_demo.home / "demo" / "city.gpkg"
    layers = {str(name): kind for name, kind in pyogrio.list_layers(path)}
    assert set(SPATIAL) | {"districts", "quarantine"} <= set(layers)
    read = {name: pyogrio.read_dataframe(path, layer=name) for name in layers}
    with Store.open("demo", built_demo.settings, read_only=True) as store:
        for name in set(layers) & set(Base.metadata.tables):
            assert len(read[name]) == store.count(name), name
        for name, key in SPATIAL.items():
            assert layers[name] is not None
            assert read[name].crs.to_epsg() == 4326
            assert names(read[name], key) == names(store.frame(name, ["name", key]), key), name
    assert "古南街道" in set(read["towns"]["name"])
    assert "綦江区" in set(read["districts"]["name"])
    assert read["legal_persons"]["name"].str.contains("[\u4e00-\u9fff]{4}").all()
