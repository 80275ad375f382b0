"""What the routes answer: bytes once made, kept and asked for again cheaply; errors as sentences with a status."""

from __future__ import annotations

import csv
import gzip
import io
import logging

import brotli
import pytest
from flask import Flask

from layers import registry, wire
from layers.access import LOCAL, Actor
from layers.api import errors, map_data, security
from layers.provenance import SIGNALING
from models import errors as kinds

LAYERS = tuple(registry.layers().values())
PUBLIC = Actor("p", frozenset({"public"}))


def make(store, city, actor=LOCAL) -> Flask:
    server = Flask("test", static_folder=None)
    server.register_blueprint(map_data.blueprint(store=store, city=city, actor_of=lambda: actor))
    errors.register(server)
    security.protect(server, script_hashes=["sha256-abc="])
    return server


@pytest.fixture(scope="module")
def client(shared_store, city):
    return make(shared_store, city).test_client()


def plain(response):
    encoding = response.headers.get("Content-Encoding")
    data = response.data
    return brotli.decompress(data) if encoding == "br" else gzip.decompress(data) if encoding == "gzip" else data


@pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
def test_every_encoding_holds_the_same_bytes(client, encoding):
    answer = client.get("/data/subject-density/geometry/8?v=b-1", headers={"Accept-Encoding": encoding})
    assert answer.status_code == 200
    assert answer.headers.get("Content-Encoding", "identity") == encoding
    assert len(wire.decode(plain(answer)).lon) > 100
    assert answer.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.id)
def test_every_layer_can_be_fetched_at_every_resolution(client, layer):
    for resolution in layer.support.resolutions:
        answer = client.get(f"/data/{layer.id}/geometry/{resolution}?v=b-1")
        assert answer.status_code == 200
        if layer.kind in ("hex", "polygon"):
            values = client.get(f"/data/{layer.id}/values/{resolution}/-?v=b-1")
            geometry = wire.decode(plain(answer))
            count = geometry.features if isinstance(geometry, wire.Polygons) else len(geometry.lon)
            assert len(wire.decode(plain(values)).values) == count


def test_an_answer_of_the_build_is_kept_for_ever_and_any_other_is_asked_for_again(client):
    fresh = client.get("/data/subject-density/values/8/-?v=b-1")
    assert fresh.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    for address in ("/data/subject-density/values/8/-", "/data/subject-density/values/8/-?v=older"):
        assert client.get(address).headers["Cache-Control"] == "private, no-cache"


def test_what_the_browser_has_is_not_sent_again(client):
    for encoding in ("br", "gzip"):
        first = client.get("/data/registrations/values/8/2014-06?v=b-1", headers={"Accept-Encoding": encoding})
        tag = first.headers["ETag"]
        again = client.get(
            "/data/registrations/values/8/2014-06?v=b-1", headers={"Accept-Encoding": encoding, "If-None-Match": tag}
        )
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == tag


def test_an_answer_is_made_once(store, city, monkeypatch):
    made = []
    client = make(store, city).test_client()
    real = map_data.serve
    monkeypatch.setattr(map_data, "serve", lambda *a, **k: made.append(a[1]) or real(*a, **k))
    for _ in range(3):
        client.get("/data/subject-density/values/8/-?v=b-1")
    assert len(made) == 1
    client.get("/data/subject-density/values/8/-?v=b-1&classes=3")
    assert len(made) == 2


def test_answers_beyond_the_limit_are_dropped_oldest_first():
    bodies = map_data.Bodies(limit=3000)
    import os

    for key in range(4):
        bodies.get((key,), lambda: os.urandom(400))
    calls = []
    bodies.get((3,), lambda: calls.append(3) or b"")
    bodies.get((0,), lambda: calls.append(0) or b"")
    assert calls == [0]


def test_an_actor_never_gets_what_was_kept_for_another(shared_store, city):
    actors = [LOCAL]
    server = Flask("two", static_folder=None)
    server.register_blueprint(map_data.blueprint(store=shared_store, city=city, actor_of=lambda: actors[0]))
    errors.register(server)
    client = server.test_client()
    assert client.get("/data/subjects/geometry/-?v=b-1").status_code == 200
    actors[0] = PUBLIC
    answer = client.get("/data/subjects/geometry/-?v=b-1")
    assert answer.status_code == 403
    assert "is for" in answer.json["error"]


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/data/no-such/values/8/-", 404, "No layer is called"),
        ("/data/subject-density/values/4/-", 404, "no resolution"),
        ("/data/registrations/values/8/1900-01", 404, "no period"),
        ("/data/subjects/values/-/-", 404, "geometry alone"),
        ("/data/subject-density/values/8/-?classes=99", 400, "2 to 7"),
        ("/data/subject-density/values/8/-?classes=x", 400, "whole number"),
        ("/data/subject-density/values/8/-?scheme=jenks", 400, "quantile"),
        ("/api/layers/subject-density/rows?bbox=1,2,nan,4", 400, "bounds"),
        ("/api/layers/subject-density/rows?bbox=1,2", 400, "west,south,east,north"),
        ("/api/layers/subject-density/rows?limit=0", 400, "1 to"),
        ("/api/layers/subject-density/rows?limit=-5", 400, "allowed"),
        ("/api/layers/subject-density/rows?format=xml", 400, "json, csv"),
        ("/api/layers?lang=xx", 400, "allowed"),
        ("/nowhere", 404, "Not Found"),
    ],
)
def test_a_wrong_question_is_answered_with_a_sentence(client, address, status, said):
    answer = client.get(address)
    assert answer.status_code == status
    assert said in answer.json["error"]
    assert answer.json["id"] == answer.headers["X-Request-Id"]
    assert "Traceback" not in answer.text


def test_a_missing_product_is_unavailable_and_not_a_fault(store, city):
    del store.frames["subjects_by_cell"]
    answer = make(store, city).test_client().get("/data/subject-density/values/8/-")
    assert answer.status_code == 503
    assert "cityhex build" in answer.json["error"]


def test_a_fault_of_ours_has_an_id_that_the_log_explains_and_tells_nothing_else(store, city, caplog, monkeypatch):
    monkeypatch.setattr(map_data, "serve", lambda *a, **k: 1 / 0)
    with caplog.at_level(logging.ERROR):
        answer = make(store, city).test_client().get("/data/subject-density/values/8/-")
    assert answer.status_code == 500
    assert "division" not in answer.text
    assert answer.json["id"] in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_a_users_fault_is_not_logged_as_ours(client, caplog):
    with caplog.at_level(logging.ERROR):
        client.get("/data/no-such/values/8/-")
    assert not caplog.records


def test_every_class_of_error_has_a_status():
    for kind in vars(kinds).values():
        if isinstance(kind, type) and issubclass(kind, kinds.CityhexError):
            assert 400 <= kind.status < 600


def test_the_base_map_is_json_of_the_city(client):
    answer = client.get("/data/basemap?v=b-1")
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert "綦江".encode() in plain(answer) or b"\\u7da6" in plain(answer)


def test_the_catalogue_lists_what_the_actor_may_see(client, shared_store, city):
    listed = client.get("/api/layers?lang=en").json["layers"]
    assert [entry["id"] for entry in listed] == [layer.id for layer in LAYERS]
    assert all(entry["missing"] is None and entry["method"] for entry in listed)
    public = make(shared_store, city, PUBLIC).test_client().get("/api/layers").json["layers"]
    hidden = {layer.id for layer in LAYERS if "public" not in layer.audience or layer.sensitivity != "open"}
    assert {entry["id"] for entry in listed} - {entry["id"] for entry in public} == hidden >= {"subjects"}


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.id)
def test_rows_come_as_json_and_csv_and_in_pages(client, layer):
    first = client.get(f"/api/layers/{layer.id}/rows?limit=3&lang=zh-Hans").json
    assert len(first["rows"]) == min(3, first["total"])
    own = "只发布保护后的汇总" if SIGNALING & set(layer.reads) else "CC BY 4.0"
    assert own in first["source"][0]["licence"]
    answer = client.get(f"/api/layers/{layer.id}/rows?limit=3&format=csv")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == [row["id"] for row in first["rows"]]
    assert answer.headers["X-Total-Count"] == str(first["total"])
    assert (
        client.get(f"/api/layers/{layer.id}/rows?limit=1&offset=1").json["rows"] == first["rows"][1:2] or layer.measure
    )


def test_a_box_holds_only_what_lies_in_it(client):
    rows = client.get("/api/layers/subject-density/rows?res=9&bbox=106.62,29.01,106.64,29.03&limit=5000").json["rows"]
    assert rows
    assert all(106.62 <= row["lon"] <= 106.64 and 29.01 <= row["lat"] <= 29.03 for row in rows)


def test_health_and_readiness(client, store, city):
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").json["build"] == "b-1"
    store.build = None
    assert make(store, city).test_client().get("/readyz").status_code == 503


def test_readiness_names_the_layers_that_wait_for_products(store, city):
    del store.frames["residents_change"]
    found = make(store, city).test_client().get("/readyz").json
    assert found["layers_without_products"] == {"residents-change": ["residents_change"]}


def test_the_build_that_is_shown_is_asked_anew_every_time(client):
    answer = client.get("/api/build")
    assert answer.get_json() == {"city": "small", "build": "b-1"}
    assert answer.headers["Cache-Control"] == "no-store"
