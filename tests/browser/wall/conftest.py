"""A running wall in Chromium: its page with everything it asked for and said, and the server behind it."""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.patience import PATIENCE_MS, PATIENCE_S

SMALL = (1280, 720)
COUNT_CONTEXTS = """
window.__contexts = 0;
const own = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
  const known = this.__known;
  const made = own.call(this, kind, ...more);
  if (made && !known && /webgl/.test(kind)) { this.__known = true; window.__contexts += 1; }
  return made;
};
"""
COUNT_TICKS = """(() => {
  const {playlist} = window.__wall, {tick} = Object.getPrototypeOf(playlist);
  playlist.ticked = 0;
  playlist.tick = () => { tick.call(playlist); playlist.ticked += 1; };
})()"""

SHOW = """async ([id, limit]) => {
  const {playlist, stage} = window.__wall, until = Date.now() + limit;
  do {
    while (playlist.busy) await new Promise((done) => setTimeout(done, 20));
    await playlist.go(playlist.list.scenes.findIndex((scene) => scene.id === id));
  } while (stage.scene.id !== id && Date.now() < until);
}"""
"""Shows a scene; again where the wall went on to the next one, as it does where a map is not drawn in 12 seconds."""

AT_EASE = "!document.querySelector('.w-skipped').textContent && !document.querySelector('.w-said-amber, .w-said-red')"
"""Nothing is said to be left out or out of reach, as is said for a moment where the machine is too busy to answer."""


def sibling(name: str) -> ModuleType:
    """A module of this folder; tests are not a package."""
    if f"wall_{name}" in sys.modules:
        return sys.modules[f"wall_{name}"]
    spec = importlib.util.spec_from_file_location(f"wall_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class Display:
    """One wall in a page of its own."""

    def __init__(self, page: Page, server: Any) -> None:
        self.page, self.server = page, server
        self.complaints: list[str] = []
        self.expected: tuple[str, ...] = ()
        self.foreign: list[str] = []
        page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: self.complaints.append(str(e)))
        own = (server.url, "blob:", "data:")
        page.on("request", lambda r: None if r.url.startswith(own) else self.foreign.append(r.url))

    def expect(self, *parts: str) -> None:
        """Complaints with one of these parts in them belong to the test."""
        self.expected += parts

    def unexpected(self) -> list[str]:
        return [said for said in self.complaints if not any(part in said for part in self.expected)]

    def wait(self, condition: str) -> None:
        """Poll until a condition holds; a string evaluated in the page's own loop would need 'unsafe-eval'."""
        self.until(lambda: bool(self.page.evaluate(condition)), condition)

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Poll until something holds."""
        end = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < end, f"never came true: {what}; said {self.unexpected()}"
            self.page.wait_for_timeout(40)

    def ticks(self, n: int) -> None:
        """Wait until the playlist has looked ``n`` times, every quarter of a second, whether to go on."""
        self.get(COUNT_TICKS)
        self.wait(f"window.__wall.playlist.ticked >= {n}")

    def get(self, expression: str) -> Any:
        return self.page.evaluate(expression)

    @property
    def scene(self) -> str:
        """Id of the scene on stage."""
        return str(self.get("window.__wall.stage.scene.id"))

    def show(self, scene: str) -> None:
        """Show a scene by its id and wait until it stands with nothing to complain of."""
        self.page.evaluate(SHOW, [scene, PATIENCE_MS])
        self.wait(f"window.__wall.stage.scene.id === '{scene}' && !window.__wall.playlist.busy && {AT_EASE}")


@pytest.fixture
def open_wall(chromium: Browser) -> Iterator[Callable[..., Display]]:
    """``open_wall(query, size=..., motion=..., server=..., **server_options)``; every page must stay silent and at home
    but for what a test has called `Display.expect` for."""
    made: list[Display] = []
    servers: list[Any] = []

    def make(
        query: str = "", *, size: tuple[int, int] = SMALL, motion: str = "reduce", server: Any = None,
        path: str = "/wall", **options: Any,
    ) -> Display:  # fmt: skip
        if server is None:
            server = sibling("display_server").DisplayServer(**options)
            servers.append(server)
        page = chromium.new_page(viewport={"width": size[0], "height": size[1]}, reduced_motion=motion)
        page.set_default_timeout(PATIENCE_MS)
        page.add_init_script(COUNT_CONTEXTS)
        opened = Display(page, server)
        made.append(opened)
        page.goto(f"{server.url}{path}?{query}")
        if path == "/wall":
            opened.wait("Boolean(window.__wall && window.__wall.playlist.changes > 0)")
        return opened

    yield make
    for opened in made:
        opened.page.close()
    for server in servers:
        server.stop()
    for opened in made:
        assert opened.foreign == []
        assert opened.unexpected() == []
