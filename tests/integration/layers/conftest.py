"""The small city of the unit tests in a real store."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import geopandas as gpd
import pytest

from models import contracts
from models.settings import load
from models.storage.publish import loaded_tables
from models.store import Store

SMALL = Path(__file__).resolve().parents[2] / "unit" / "layers" / "conftest.py"
_spec = importlib.util.spec_from_file_location("small_city_of_layers", SMALL)
_module = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = _module
_spec.loader.exec_module(_module)
city_frames, city = _module.city_frames, _module.city


def publish(store, folder, frames, build_id):
    """Publish frames: tables and products as a build does."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    for name, frame in frames.items():
        path = folder / f"{build_id}-{name}.parquet"
        frame.to_parquet(path, index=False)
        paths[name] = path
    shaped = {name: frame for name, frame in frames.items() if isinstance(frame, gpd.GeoDataFrame)}
    tables = {name: frame for name, frame in shaped.items() if name in loaded_tables()}
    tables["legal_persons"] = frames["subjects"]
    waiting = frames["subjects"][~frames["subjects"]["located"]]
    queue = waiting[["uscc", "name", "address", "district_given"]].reset_index(drop=True)
    tables["unlocated"] = contracts.conform("unlocated", queue)
    store.publish(build_id, {"city": "small", "sources": []}, tables, paths)


@pytest.fixture
def real_store(tmp_path, city_frames):
    """A store with one build, b-1."""
    settings = load({"CITYHEX_HOME": str(tmp_path / "home")})
    with Store.open("small", settings) as store:
        publish(store, tmp_path / "files", city_frames, "b-1")
        yield store
