"""Displays with a token read the wall and nothing else; presenters move one wall and not the other."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from layers.server import make_server
from layers.wall import kiosk
from models.settings import Settings


def token(settings: Settings, wall: str = "hall") -> str:
    return kiosk.sign("demo", wall, settings.wall_key())


@pytest.fixture(scope="module")
def guarded(settings: Settings) -> Flask:
    """The server behind a reverse proxy, where nobody is anybody without a header or a token."""
    return make_server("demo", replace(settings, access="proxy"))


def test_a_display_reads_the_wall_and_the_data_its_scenes_draw(guarded: Flask, settings: Settings) -> None:
    client = guarded.test_client()
    client.set_cookie(kiosk.COOKIE, token(settings))
    for path in ("playlist?lang=en", "scene/risk?lang=en", "status", "status?wall=hall"):
        assert client.get(f"/api/wall/{path}").status_code == 200, path
    for path in ("/data/basemap", "/data/risk-share/geometry/8", "/data/present-population/values/8/workday-10"):
        assert client.get(path).status_code == 200, path
    assert client.get("/assets/00-tokens.css").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/", "/supervise", "/manage", "/data", "/queue", "/wall/presenter", "/api/layers", "/api/build",
        "/api/layers/risk-share/rows", "/data/subjects/geometry/-", "/data/subject-levels/geometry/-",
        "/data/warnings/geometry/-", "/data/registered-capital/values/8/-", "/readyz", "/_dash-layout",
        "/api/wall/status?wall=lobby", "/api/wall/playlist?wall=lobby", "/api/wall/../layers",
    ],
)  # fmt: skip
def test_a_display_opens_nothing_else(guarded: Flask, settings: Settings, path: str) -> None:
    client = guarded.test_client()
    client.set_cookie(kiosk.COOKIE, token(settings))
    assert client.get(path).status_code == 403


def test_a_display_writes_nothing(guarded: Flask, settings: Settings) -> None:
    client = guarded.test_client()
    client.set_cookie(kiosk.COOKIE, token(settings))
    for path in ("/api/wall/presenter", "/api/field/pack", "/_dash-update-component", "/api/wall/status"):
        assert client.post(path, json={"scene": "risk"}).status_code == 403
    assert client.delete("/api/wall/status").status_code == 403


def test_without_a_token_or_a_person_the_wall_is_shut(guarded: Flask, settings: Settings) -> None:
    client = guarded.test_client()
    for path in ("playlist", "scene/risk", "status"):
        assert client.get(f"/api/wall/{path}").status_code == 403
    for bad in ("hall.0.0000", kiosk.sign("chongqing", "hall", settings.wall_key()), kiosk.sign("demo", "hall", b"x")):
        answer = client.get(f"/api/wall/playlist?token={bad}")
        assert answer.status_code == 403
        assert "cityhex wall-token" in answer.json["error"]
    assert client.get(f"/api/wall/playlist?token={token(settings)}").status_code == 200
    client.set_cookie(kiosk.COOKIE, "hall.0.0000")
    assert client.get("/api/wall/playlist").status_code == 403
    assert client.get("/api/build").status_code == 200


def test_the_document_keeps_the_token_where_no_script_reads_it_and_forgets_it_when_told(
    guarded: Flask, settings: Settings
) -> None:
    client = guarded.test_client()
    assert client.get("/wall").status_code == 403
    answer = client.get(f"/wall?token={token(settings)}&lang=en")
    assert answer.status_code == 200
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "SameSite=Strict" in answer.headers["Set-Cookie"]
    assert "<script>" not in answer.text
    assert client.get("/api/wall/status").status_code == 200
    assert client.get("/wall/presenter").status_code == 403
    client.get("/wall?token=")
    assert client.get("/api/wall/status").status_code == 403
    assert client.get("/wall/presenter", headers={"X-Remote-User": "zhao"}).status_code == 200


def test_a_person_the_proxy_names_stays_that_person_whatever_token_there_is(guarded: Flask, settings: Settings) -> None:
    client = guarded.test_client()
    client.set_cookie(kiosk.COOKIE, token(settings))
    assert client.get("/api/layers", headers={"X-Remote-User": "zhao"}).status_code == 200
    assert client.get("/api/wall/playlist", headers={"X-Remote-User": "zhang"}).status_code == 403
    assert client.get("/api/wall/playlist", headers={"X-Remote-User": "zhao"}).status_code == 200


def test_a_presenter_moves_one_wall_and_not_the_other(guarded: Flask, settings: Settings) -> None:
    hall, lobby, phone = (guarded.test_client() for _ in range(3))
    hall.set_cookie(kiosk.COOKIE, token(settings, "hall"))
    lobby.set_cookie(kiosk.COOKIE, token(settings, "lobby"))
    who = {"X-Remote-User": "zhao"}
    place = {"name": "古南", "lon": 106.65, "lat": 29.02, "zoom": 12}
    said = phone.post("/api/wall/presenter?wall=hall", json={"scene": "risk", "place": place}, headers=who)
    assert said.status_code == 200
    assert hall.get("/api/wall/status").json["presenter"]["scene"] == "risk"
    assert hall.get("/api/wall/status").json["presenter"]["place"] == place
    assert lobby.get("/api/wall/status").json["presenter"] is None
    second = make_server("demo", replace(settings, access="proxy")).test_client()
    second.set_cookie(kiosk.COOKIE, token(settings, "hall"))
    assert second.get("/api/wall/status").json["presenter"]["scene"] == "risk"
    assert phone.post("/api/wall/presenter?wall=hall", json={"scene": "x"}, headers=who).status_code == 400
    assert phone.post("/api/wall/presenter?wall=hall", data="?", headers=who).status_code == 400
    supervisor = {"X-Remote-User": "zhang"}
    assert phone.post("/api/wall/presenter?wall=hall", json={"scene": None}, headers=supervisor).status_code == 403
    evil = {**who, "Origin": "http://evil.example"}
    assert phone.post("/api/wall/presenter?wall=hall", json={"scene": None}, headers=evil).status_code == 403


def test_at_one_machine_the_wall_opens_without_a_token(client: FlaskClient) -> None:
    assert client.get("/api/wall/status?wall=main").json["presenter"] is None
    assert client.post("/api/wall/presenter", json={"paused": True}).status_code == 200
    assert client.get("/api/wall/status").json["presenter"]["paused"] is True
