"""The layers over a real store: same answers as from memory, and a new build replaces the old one at once."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from flask import Flask

from layers import export, inspect, registry, search, spec, wire
from layers.access import LOCAL
from layers.api import errors, map_data, security
from layers.requests import Request
from layers.serve import serve
from models.store import SubjectFilter

_spec = importlib.util.spec_from_file_location("real_city_of_layers", Path(__file__).with_name("conftest.py"))
_module = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = _module
_spec.loader.exec_module(_module)
LAYERS = tuple(registry.layers().values())


def test_every_layer_is_served_from_a_real_store_as_from_memory(real_store, city_frames, city):
    memory = _module._module.FakeStore(city_frames)
    for layer in LAYERS:
        for resolution in layer.support.resolutions:
            found, wanted = (serve(layer, Request(resolution), LOCAL, store=s, city=city) for s in (real_store, memory))
            assert found.frame["id"].tolist() == wanted.frame["id"].tolist(), layer.id
            assert np.allclose(found.frame["value"], wanted.frame["value"], equal_nan=True)
            assert found.frame["flag"].tolist() == wanted.frame["flag"].tolist()
            assert found.breaks == wanted.breaks


def test_a_new_build_is_shown_at_once_and_the_old_one_stays_whole(real_store, city_frames, city, tmp_path):
    server = Flask("swap", static_folder=None)
    server.register_blueprint(map_data.blueprint(store=real_store, city=city, actor_of=lambda: LOCAL))
    errors.register(server)
    security.protect(server, script_hashes=[])
    client = server.test_client()

    def total(address):
        answer = client.get(address, headers={"Accept-Encoding": "identity"})
        assert answer.status_code == 200
        return float(np.nansum(wire.decode(answer.data).values)), answer.headers["Cache-Control"]

    before, kept = total("/data/subject-density/values/8/-?v=b-1")
    assert "immutable" in kept
    doubled = city_frames["subjects_by_cell"].assign(subjects=city_frames["subjects_by_cell"]["subjects"] * 2)
    _module.publish(real_store, tmp_path / "again", {**city_frames, "subjects_by_cell": doubled}, "b-2")
    assert total("/data/subject-density/values/8/-?v=b-1")[0] == before
    after, kept = total("/data/subject-density/values/8/-?v=b-2")
    assert after == pytest.approx(2 * before, rel=1e-3)
    assert "immutable" in kept
    assert total("/data/subject-density/values/8/-")[0] == after
    drawn = spec.map_spec(
        real_store, city, LOCAL, lang="en", theme="light", view={"lon": 106.6, "lat": 29, "zoom": 10, "t": 1},
        chosen=[spec.LayerState("subject-density")],
    )  # fmt: skip
    assert drawn["version"] == "b-2"


def test_search_panel_and_list_agree_about_one_firm(real_store, city_frames, city):
    firm = city_frames["subjects"].query("located").iloc[11]
    hit = search.find(real_store, city, LOCAL, firm["uscc"], "en")[0]
    assert (hit.kind, hit.id) == ("subject", firm["uscc"])
    target = inspect.at(real_store, city, LOCAL, hit.lon, hit.lat, 16, ["subject-density"], "en", 9)
    panel = inspect.panel(real_store, city, LOCAL, target, "en")
    rows, listed = real_store.subjects_page(SubjectFilter(**panel.where), "uscc", False, 0, 500)
    assert listed == panel.subjects == len(rows)
    assert firm["uscc"] in set(rows["uscc"])
    for kind, code in (("grid", firm["grid_code"]), ("district", firm["district_code"])):
        panel = inspect.panel(real_store, city, LOCAL, inspect.target(real_store, city, LOCAL, kind, code, "en"), "en")
        assert real_store.subjects_page(SubjectFilter(**panel.where), "uscc", False, 0, 1)[1] == panel.subjects


def test_the_list_of_a_selection_is_exported_without_persons(real_store, city, city_frames):
    where = SubjectFilter(grid_code="500110001")
    body, _, _ = export.subjects(real_store, city, LOCAL, where, lang="zh-Hans", fmt="csv", filters="古南")
    lines = body.decode("utf-8-sig").splitlines()
    assert len(lines) - 1 == int((city_frames["subjects"]["grid_code"] == "500110001").sum())
    assert "representative" not in lines[0]
    assert "0123456789abcdef" not in body.decode("utf-8-sig")


@pytest.mark.parametrize("product", ["subjects", "cells", "districts", "residents_by_area"])
def test_products_are_exported_from_the_live_build(product, real_store, city, city_frames, tmp_path):
    path = tmp_path / f"{product}.csv"
    assert export.write_product(real_store, city, product, path) == len(city_frames[product])
    assert path.stat().st_size > 100
