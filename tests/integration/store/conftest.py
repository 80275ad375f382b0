"""A small generated city, and a store on either back end."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from models.settings import Settings
from models.store import Store

BOX = (106.2, 28.5, 107.2, 29.5)
_numbers = count()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for ``backend`` runs on the embedded file and on PostGIS."""
    if "backend" in metafunc.fixturenames:
        postgis = pytest.param("postgis", marks=pytest.mark.postgis)
        metafunc.parametrize("backend", ["geopackage", postgis], scope="module")


@pytest.fixture
def city_id() -> str:
    """A city no other test of this run uses."""
    return f"city{next(_numbers)}"


@pytest.fixture
def place(backend: str, settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """Settings that point at the back end under test."""
    if backend == "geopackage":
        return settings
    return replace(settings, database_url=request.getfixturevalue("postgis_url"))


@pytest.fixture(scope="session")
def new_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty GeoPackage at the present schema; copying it is quicker than migrating again."""
    home = tmp_path_factory.mktemp("template")
    with Store.open("template", Settings(home=home, shared=home, profiles=home)) as store:
        return store.home / "city.gpkg"


def lay(new_file: Path, place: Settings, city_id: str) -> None:
    """Put the empty file where the city's will be, unless its tables are on a server."""
    if place.database_url is None:
        place.city_home(city_id).mkdir(parents=True)
        shutil.copy(new_file, place.city_home(city_id))


@pytest.fixture
def store(place: Settings, city_id: str, new_file: Path) -> Iterator[Store]:
    """An empty, open store on the back end under test."""
    lay(new_file, place, city_id)
    with Store.open(city_id, place) as opened:
        yield opened


@pytest.fixture
def file_store(settings: Settings, city_id: str, new_file: Path) -> Iterator[Store]:
    """An empty, open store on a GeoPackage."""
    lay(new_file, settings, city_id)
    with Store.open(city_id, settings) as opened:
        yield opened


@pytest.fixture(scope="module")
def shelf_of_stores(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, new_file: Path
) -> Iterator[Callable[..., Store]]:
    """Factory of stores that the tests of a module only read, one per back end and size."""
    home, made = tmp_path_factory.mktemp("shelf"), {}

    def get(backend: str, rows: int, unlocated: int = 5) -> Store:
        if (backend, rows, unlocated) not in made:
            url = request.getfixturevalue("postgis_url") if backend == "postgis" else None
            place, city = Settings(home=home, shared=home, profiles=home, database_url=url), f"shelf{next(_numbers)}"
            lay(new_file, place, city)
            store = made[backend, rows, unlocated] = Store.open(city, place)
            store.publish("b1", {"text": "初版"}, make_tables(rows, unlocated=unlocated), {})
        return made[backend, rows, unlocated]

    yield get
    for store in made.values():
        store.close()


def make_persons(n: int, seed: int = 0, *, unlocated: int = 0) -> pd.DataFrame:
    """Legal persons at random places, the last ``unlocated`` of them without one."""
    rng = np.random.default_rng(seed)
    names = np.array(["商贸", "Tech科技", "建筑", "餐饮", "物流"])
    frame = pd.DataFrame(
        {
            "uscc": [f"9150{i:014d}" for i in range(n)],
            "name": [f"重庆{i}号{names[k]}有限公司" for i, k in enumerate(rng.integers(0, 5, n))],
            "address": [f"重庆市綦江区{i % 7}路{i}号" for i in range(n)],
            "established_on": pd.Timestamp("2015-01-01") + pd.to_timedelta(rng.integers(0, 3000, n), "D"),
            "capital_cny": np.where(rng.random(n) < 0.2, np.nan, rng.lognormal(12, 1.5, n)),
            "industry_section": rng.choice(["C", "F", "H", None], n),
            "lon": rng.uniform(BOX[0], BOX[2], n),
            "lat": rng.uniform(BOX[1], BOX[3], n),
            "located": np.arange(n) < n - unlocated,
            "district_code": rng.choice(["500110", "500112"], n),
            "match_level": rng.integers(1, 6, n),
            "source_id": "register",
            "source_file": "register.csv",
            "source_row": np.arange(n) + 2,
        }
    )
    frame["grid_code"] = np.where(frame["district_code"] == "500110", "500110-1", None)
    frame["outside"] = frame["located"] & frame["grid_code"].isna()
    for resolution, cells in ((7, 20), (8, 100), (9, 500)):
        base = (0x80 + resolution) << 52
        frame[f"h3_r{resolution}"] = pd.array(base + rng.integers(0, cells, n), dtype="UInt64")
    gone = ["lon", "lat", "district_code", "grid_code", "match_level", "h3_r7", "h3_r8", "h3_r9"]
    frame.loc[~frame["located"], gone] = None
    return frame


def make_tables(n: int = 60, seed: int = 0, *, unlocated: int = 5) -> dict[str, pd.DataFrame]:
    """All tables of a small city."""
    persons = make_persons(n, seed, unlocated=unlocated)
    left, right = shapely.box(106, 28, 106.7, 30), shapely.box(106.7, 28, 108, 30)
    crs = "EPSG:4326"
    districts = gpd.GeoDataFrame(
        {"district_code": ["500110", "500112"], "name": ["綦江区", "渝北区"], "source_id": "areas"},
        geometry=[left, right],
        crs=crs,
    )
    grids = gpd.GeoDataFrame(
        {
            "grid_code": ["500110-1"],
            "name": ["古南街道第一网格"],
            "level": ["grid"],
            "derived": [True],
            "source_id": "areas",
        },
        geometry=[left],
        crs=crs,
    )
    roads = gpd.GeoDataFrame(
        {
            "road_id": ["r1", "r2"],
            "name": ["滨河大道", None],
            "road_class": ["primary", "other"],
            "oneway": [True, False],
            "lanes": pd.array([2, None], dtype="Int64"),
            "length_m": [10.5, 99.0],
            "source_id": "roads",
        },
        geometry=[
            shapely.LineString([(106.3, 28.6), (106.5, 28.9)]),
            shapely.LineString([(107, 29), (107.1, 29.2)]),
        ],
        crs=crs,
    )
    waters = gpd.GeoDataFrame(
        {
            "water_id": ["w1", "w2"],
            "name": ["綦河", "水库"],
            "kind": ["river", "reservoir"],
            "source_id": "waters",
        },
        geometry=[shapely.LineString([(106.2, 28.6), (106.9, 29.3)]), shapely.Point(106.6, 29).buffer(0.05)],
        crs=crs,
    )
    quarantine = pd.DataFrame(
        {
            "source_id": "register",
            "source_file": "register.csv",
            "source_row": [900, 900, 901],
            "column": ["uscc", "address", None],
            "found": ["91X", None, None],
            "reason": ["bad code", "empty", "short row"],
            "raw": ["91X|坏行", "91X|坏行", "91"],
        }
    )
    files = pd.DataFrame(
        {
            "source_id": ["register"],
            "label": ["register.csv"],
            "sha256": ["ab" * 32],
            "rows_read": [n + 2],
            "rows_loaded": [n],
            "rows_quarantined": [2],
            "title": ["市场主体登记"],
        }
    )
    queue = persons.loc[~persons["located"], ["uscc", "name", "address"]].assign(
        reasons="no_match", candidates='[{"place_id": "p1", "name": "古南", "lon": 106.6, "lat": 29.0}]'
    )
    return {
        "legal_persons": persons,
        "districts": districts,
        "grids": grids,
        "roads": roads,
        "waters": waters,
        "quarantine": quarantine,
        "source_files": files,
        "unlocated": queue,
    }


@pytest.fixture
def tables() -> Callable[..., dict[str, pd.DataFrame]]:
    """Factory of the small city's tables."""
    return make_tables


@pytest.fixture
def persons() -> Callable[..., pd.DataFrame]:
    """Factory of legal persons."""
    return make_persons


@pytest.fixture
def product(tmp_path: Path) -> Callable[..., Path]:
    """Factory of a small Parquet file whose content depends on a number."""

    def make(number: int, rows: int = 10) -> Path:
        path = tmp_path / f"product-{number}.parquet"
        frame = pd.DataFrame(
            {"h3": np.arange(rows, dtype="uint64"), "resolution": np.arange(rows) % 3 + 7, "build": number}
        )
        frame.to_parquet(path, compression="zstd", index=False)
        return path

    return make
