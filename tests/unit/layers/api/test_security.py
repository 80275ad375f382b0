"""Every answer carries the headers, every path needs a rule, no other site can write."""

from __future__ import annotations

import pytest
from flask import Flask

from layers.api import security


@pytest.fixture
def client():
    server = Flask("guarded", static_folder=None)

    @server.get("/")
    @server.get("/secret")
    @server.get("/data/x")
    def page():
        return "page"

    @server.post("/_dash-update-component")
    def callback():
        return "done"

    security.allow(server, "/", "/data/", "/_dash-")
    security.protect(server, script_hashes=["sha256-one=", "'sha256-two='"])
    return server.test_client()


def test_where_nobody_opens_a_path_all_are_shut():
    server = Flask("shut", static_folder=None)
    server.add_url_rule("/", "page", lambda: "page")
    security.protect(server, script_hashes=[])
    assert server.test_client().get("/").status_code == 404


def test_a_path_without_a_rule_is_shut_even_where_a_route_exists(client):
    assert client.get("/").status_code == 200
    assert client.get("/data/x").status_code == 200
    assert client.get("/secret").status_code == 404


@pytest.mark.parametrize("path", ["/", "/secret", "/data/x"])
def test_every_answer_has_the_headers(client, path):
    answer = client.get(path)
    for name, value in security.HEADERS.items():
        assert answer.headers[name] == value


def test_the_policy_allows_this_site_and_the_named_scripts_only(client):
    policy = dict(part.split(" ", 1) for part in client.get("/").headers["Content-Security-Policy"].split("; "))
    assert policy["script-src"] == "'self' 'sha256-one=' 'sha256-two='"
    assert policy["default-src"] == policy["connect-src"] == "'self'"
    assert policy["object-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "http" not in str(policy)
    assert "unsafe-eval" not in str(policy)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_a_write_from_another_site_is_refused(client, headers, status):
    assert client.post("/_dash-update-component", headers=headers).status_code == status


def test_answers_of_callbacks_are_not_stored(client):
    assert client.post("/_dash-update-component").headers["Cache-Control"] == "no-store"
