"""The small city on a loopback port, a browser, and pages that fail their test on any error or foreign request."""

from __future__ import annotations

import importlib.util
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from layers import access, actors, pages
from layers.api import errors, map_data, security
from models import settings as settings_module
from models.settings import Settings
from tests.browser.pages.watched import Watched
from tests.browser.patience import PATIENCE_MS


def load(name: str) -> ModuleType:
    """A module that stands beside the tests."""
    spec = importlib.util.spec_from_file_location(f"pages_{name}", Path(__file__).parent / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def publish(home: Path, more: Any = None) -> dict[str, Any]:
    """Publish the small city below a home folder, with further products: its open store, profile and settings."""
    base = settings_module.load({})
    settings = Settings(home=home, shared=base.shared, profiles=base.profiles)
    store, profile = load("small_city").publish(settings, home, more)
    return {"store": store, "profile": profile, "settings": settings}


@contextmanager
def serving(city: dict[str, Any], actor_of: Any = lambda: access.LOCAL) -> Iterator[str]:
    """Serve pages and data routes with the headers of production; gives the address."""
    server = Flask("cityhex", static_folder=None)
    store, profile = city["store"], city["profile"]
    server.register_blueprint(map_data.blueprint(store=store, city=profile, actor_of=actor_of))
    errors.register(server)
    dashboard = pages.mount(server, store=store, city=profile, actor_of=actor_of, settings=city["settings"])
    security.protect(server, script_hashes=dashboard.csp_hashes())
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    running = make_server("127.0.0.1", 0, server, threaded=True)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    thread.join()


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The small city that the tests share."""
    made = publish(tmp_path_factory.mktemp("pages"))
    yield made
    made["store"].close()


@pytest.fixture(scope="session")
def address(city: Any) -> Iterator[str]:
    """Where the shared small city is served."""
    with serving(city) as where:
        yield where


@pytest.fixture
def own_city(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A small city whose files a test may take away: its address and its product folder."""
    made = publish(tmp_path)
    with serving(made) as where:
        yield where, made["store"].home / "products"
    made["store"].close()


@pytest.fixture(scope="session")
def with_products() -> Callable[..., Any]:
    """Publishes and serves the small city with further products: address, store, profile, settings."""

    @contextmanager
    def run(home: Path, more: Callable[[dict[str, Any]], dict[str, Any]]) -> Iterator[dict[str, Any]]:
        made = publish(home, more)
        with serving(made) as where:
            yield made | {"address": where}
        made["store"].close()

    return run


@pytest.fixture(scope="session")
def supervised() -> Callable[..., Any]:
    """Publishes and serves the small city with supervision: address, store, profile, settings; roles by cookie."""

    @contextmanager
    def run(home: Path, **changes: Any) -> Iterator[dict[str, Any]]:
        base = settings_module.load({})
        settings = replace(Settings(home=home, shared=base.shared, profiles=base.profiles), **changes)
        store, profile = load("supervised_city").publish(settings, home)
        made = {"store": store, "profile": profile, "settings": settings}
        with serving(made, actors.actor_of(profile, settings)) as where:
            yield made | {"address": where}
        store.close()

    return run


@pytest.fixture
def watched(chromium: Any, address: str) -> Iterator[Callable[..., Watched]]:
    """Opens pages in a fresh profile; the test fails where any of them had a fault."""
    opened: list[tuple[Any, Watched]] = []

    def make(at: str = address, size: tuple[int, int] = (1400, 900), **options: Any) -> Watched:
        viewport = {"width": size[0], "height": size[1]}
        context = chromium.new_context(viewport=viewport, locale="zh-CN", **options)
        context.set_default_timeout(PATIENCE_MS)
        page = Watched(context.new_page(), at)
        opened.append((context, page))
        return page

    yield make
    faults = [fault for _, page in opened for fault in page.faults]
    for context, _ in opened:
        context.close()
    assert faults == []
