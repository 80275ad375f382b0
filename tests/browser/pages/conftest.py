"""The small city on a loopback port, a browser, and pages that fail their test on any error or foreign request."""

from __future__ import annotations

import importlib.util
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import TimeoutError as TooLate
from werkzeug.serving import make_server

from layers import access, actors, pages
from layers.api import errors, map_data, security
from models import settings as settings_module
from models.settings import Settings

PATIENCE_MS = 60_000
"""How long anything is waited for: a busy machine is slow, and what never comes is a fault all the same."""
READY = "() => window.__map && window.__map.ready && window.__map.seq > 0 && document.querySelector('#rail .layer')"
CALM = """() => document.getAnimations().every(
  (a) => a.playState !== 'running' || a.effect.getComputedTiming().endTime === Infinity)"""

STATE = """() => ({map: window.__map && [window.__map.ready, window.__map.seq, window.__map.drawn.length],
  rail: document.querySelectorAll('#rail .layer').length, said: document.body.innerText.slice(0, 300)})"""


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


class Watched:
    """A page and everything on it that must not happen."""

    def __init__(self, page: Any, address: str) -> None:
        self.page, self.address = page, address
        self.faults: list[str] = []
        self.posts: list[str] = []
        self.fetched: list[str] = []
        self.pending = 0
        self.heard = time.monotonic()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))
        page.on("request", self._request)
        page.on("response", self._response)
        page.on("requestfinished", lambda _: self._count(-1))
        page.on("requestfailed", lambda _: self._count(-1))

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"console: {message.text[:300]}")

    def _count(self, by: int) -> None:
        self.pending += by
        self.heard = time.monotonic()

    def _request(self, request: Any) -> None:
        self._count(1)
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"foreign request: {request.url}")
        if request.method == "POST":
            self.posts.append(request.post_data or "")
        elif "/data/" in request.url:
            self.fetched.append(request.url)

    def _response(self, response: Any) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")

    def rest(self, quiet_s: float = 0.6, limit_s: float = 20.0) -> None:
        """Wait until no answer is awaited and nothing was asked for a while."""
        end = time.monotonic() + limit_s
        while self.pending > 0 or time.monotonic() - self.heard < quiet_s:
            assert time.monotonic() < end, f"never at rest: {self.pending} answers awaited"
            self.page.wait_for_timeout(50)

    def calm(self) -> None:
        """Wait until the page is at rest and nothing fades any more: half way, a colour has the contrast of neither."""
        self.rest(0.3)
        self.page.wait_for_function(CALM)

    def still(self, quiet_s: float = 0.4, limit_s: float = 20.0) -> None:
        """Wait until the camera of the map has not moved for a while."""
        end, seen, since = time.monotonic() + limit_s, None, time.monotonic()
        while time.monotonic() - since < quiet_s:
            assert time.monotonic() < end, f"the camera never stood still: {seen}"
            now = self.page.evaluate("() => [[0, 0], [100, 100]].map((p) => window.__map.unproject(p))")
            if now != seen:
                seen, since = now, time.monotonic()
            self.page.wait_for_timeout(50)

    def open(self, path: str) -> Any:
        """Go to a path and wait until map and panel stand."""
        self.page.goto(self.address + path)
        try:
            self.page.wait_for_function(READY)
        except TooLate as error:
            state = self.page.evaluate(STATE)
            raise AssertionError(f"never ready: {state}, {self.pending} answers awaited, {self.faults}") from error
        self.page.wait_for_selector("#panel-head .ptitle", state="attached")
        return self.page


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
