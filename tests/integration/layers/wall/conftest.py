"""The demo city on a wall: its server, its store, and every scene in every language."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from layers.server import make_server
from models.settings import Settings
from models.store import Store

SCENES = ("overview", "migration", "pulse", "roads", "risk", "warnings", "housing")
LANGUAGES = ("zh-Hans", "en")


@pytest.fixture(scope="module")
def settings(built_demo: Any, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a copy of the built demo city."""
    home = tmp_path_factory.mktemp("wall")
    shutil.copytree(built_demo.home, home, dirs_exist_ok=True)
    return replace(built_demo.settings, home=home)


@pytest.fixture(scope="module")
def store(settings: Settings) -> Iterator[Store]:
    with Store.open("demo", settings) as opened:
        yield opened


@pytest.fixture(scope="module")
def server(settings: Settings) -> Flask:
    return make_server("demo", settings)


@pytest.fixture
def client(server: Flask) -> FlaskClient:
    return server.test_client()


@pytest.fixture(scope="module")
def scenes(server: Flask) -> dict[tuple[str, str], dict[str, Any]]:
    """Every scene in every language."""
    client, found = server.test_client(), {}
    for lang in LANGUAGES:
        for name in SCENES:
            answer = client.get(f"/api/wall/scene/{name}?lang={lang}")
            assert answer.status_code == 200, answer.json
            found[name, lang] = answer.json
    return found
