"""A map alone in Chromium: one browser for the folder, one page per test, every request and console message watched."""

from __future__ import annotations

import importlib.util
import io
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browser.patience import PATIENCE_MS, PATIENCE_S

SIZE = {"width": 720, "height": 560}


def _sibling(name: str) -> ModuleType:
    """A module of this folder; tests are not a package."""
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"map_{name}", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def city() -> ModuleType:
    return _sibling("city")


@pytest.fixture(scope="session")
def answers(city: ModuleType) -> dict[str, object]:
    made: dict[str, object] = city.answers()
    return made


class OpenMap:
    """A page with a map, and what it asked for and said."""

    def __init__(self, page: Page, server: Any) -> None:
        self.page, self.server = page, server
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: self.complaints.append(str(e)))
        page.on(
            "request",
            lambda r: None if r.url.startswith((server.url, "blob:", "data:")) else self.foreign.append(r.url),
        )

    def wait(self, condition: str) -> None:
        """Poll (a string evaluated in the page's own loop would need 'unsafe-eval')."""
        self.until(lambda: bool(self.page.evaluate(condition)), condition)

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Poll until something holds that the page cannot tell by itself."""
        end = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < end, f"never: {what}; said {self.said()}; {self.complaints}"
            self.page.wait_for_timeout(25)

    def frames(self, n: int = 2) -> None:
        """Let the page draw some pictures."""
        one = "const one = () => (n-- > 0 ? requestAnimationFrame(one) : done());"
        self.page.evaluate(f"(n) => new Promise((done) => {{ {one} one(); }})", n)

    def rest(self, quiet_s: float = 0.6) -> None:
        """Wait until the page has asked for nothing for a while, by its own clock: it may be slower than ours."""
        end = time.monotonic() + PATIENCE_S
        known = -1
        while len(self.server.asked) != known:
            assert time.monotonic() < end, f"never at rest: {self.server.asked[-3:]}"
            known = len(self.server.asked)
            self.page.evaluate("(ms) => new Promise((done) => setTimeout(done, ms))", 1000 * quiet_s)

    def state(self) -> dict[str, Any]:
        got: dict[str, Any] = self.page.evaluate(
            "(({ready, seq, period, drawn, labels}) => ({ready, seq, period, drawn, labels}))(window.__map)"
        )
        return got

    def said(self, store: str | None = None) -> list[Any]:
        heard = self.page.evaluate("window.cityhexSaid || []")
        return [h["data"] for h in heard if h["store"] == store] if store else heard

    def do(self, call: str) -> None:
        """Call one of the clientside functions and wait for the picture that follows."""
        seq = self.state()["seq"]
        self.page.evaluate(f"void window.dash_clientside.cityhex.{call}")
        self.wait(f"window.__map.seq > {seq}")
        self.frames()

    def picture(self) -> Image.Image:
        return Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")


@pytest.fixture
def open_map(chromium: Browser, answers: dict[str, object]) -> Iterator[Callable[..., OpenMap]]:
    """``open_map(spec, more_answers, period=..., cards=..., script=...)``; ``quiet`` pages must not complain."""
    made: list[tuple[OpenMap, bool]] = []
    server_module = _sibling("server")

    def make(
        spec: Any, more: dict[str, object] | None = None, *, period: str | None = "2015-06", cards: str = "",
        script: str = "", quiet: bool = True, ready: bool = True,
    ) -> OpenMap:  # fmt: skip
        server = server_module.MapServer(spec, answers | (more or {}), period=period, cards=cards)
        page = chromium.new_page(viewport=SIZE, reduced_motion="reduce", accept_downloads=True)
        page.set_default_timeout(PATIENCE_MS)
        if script:
            page.add_init_script(script)
        opened = OpenMap(page, server)
        made.append((opened, quiet))
        page.goto(server.url)
        if ready:
            opened.wait("Boolean(window.__map && window.__map.ready)")
            opened.rest()  # prefetch and the report of the view come a moment after the picture
        return opened

    yield make
    for opened, quiet in made:
        opened.page.close()
        opened.server.close()
        assert opened.foreign == []
        assert not quiet or opened.complaints == []
