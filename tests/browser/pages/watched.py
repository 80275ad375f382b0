"""A page in a browser, everything on it that must not happen, and ways to wait until it is at rest."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import TimeoutError as TooLate
from playwright.sync_api import expect

from tests.browser.patience import PATIENCE_MS, PATIENCE_S

READY = "() => window.__map && window.__map.ready && window.__map.seq > 0 && document.querySelector('#rail .layer')"
CALM = """() => document.getAnimations().every(
  (a) => a.playState !== 'running' || a.effect.getComputedTiming().endTime === Infinity)"""

QUIET = """([ms, limit]) => new Promise((done) => {
  let timer, changes = 0;
  const watch = new MutationObserver(again), late = setTimeout(end, limit);
  function end() { watch.disconnect(); clearTimeout(timer); clearTimeout(late); done(); }
  function again() {
    const mine = changes += 1;
    clearTimeout(timer);
    timer = setTimeout(() => requestIdleCallback(() => mine === changes && end(), {timeout: limit}), ms);
  }
  watch.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
  again();
})"""
"""Comes back once the page has been idle and unchanged for a while by its own clock, which a busy machine slows."""
STILL = """(ms) => new Promise((done) => {
  let seen = '', since = 0, frames = 0;
  const look = () => {
    const now = JSON.stringify([[0, 0], [100, 100]].map((p) => window.__map.unproject(p)));
    if (now !== seen) { seen = now; since = performance.now(); frames = 0; }
    frames += 1;
    if (frames > 5 && performance.now() - since >= ms) done(); else requestAnimationFrame(look);
  };
  look();
})"""
ADDRESS = """(wanted) => {
  const query = new URLSearchParams(location.search);
  return Object.entries(wanted).every(([key, value]) => query.get(key) === value);
}"""

STATE = """() => ({map: window.__map && [window.__map.ready, window.__map.seq, window.__map.drawn.length],
  rail: document.querySelectorAll('#rail .layer').length, said: document.body.innerText.slice(0, 300)})"""


class Watched:
    """A page and everything on it that must not happen."""

    def __init__(self, page: Any, address: str) -> None:
        self.page, self.address = page, address
        self.faults: list[str] = []
        self.posts: list[str] = []
        self.fetched: list[str] = []
        self.pending = self.asked = 0
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))
        page.on("request", self._request)
        page.on("response", self._response)
        page.on("requestfinished", self._answered)
        page.on("requestfailed", self._answered)

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"console: {message.text[:300]}")

    def _answered(self, _request: Any) -> None:
        self.pending -= 1

    def _request(self, request: Any) -> None:
        self.pending += 1
        self.asked += 1
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"foreign request: {request.url}")
        if request.method == "POST":
            self.posts.append(request.post_data or "")
        elif "/data/" in request.url:
            self.fetched.append(request.url)

    def _response(self, response: Any) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")

    def rest(self, quiet_s: float = 0.4) -> None:
        """Wait until no answer is awaited, and nothing was asked and nothing changed on the page for a while.

        That is longer than the page itself waits before it asks for the rows of a list or the counts of a legend anew.
        """
        end = time.monotonic() + PATIENCE_S
        while True:
            asked = self.asked
            self.page.evaluate(QUIET, [1000 * quiet_s, PATIENCE_MS])
            if self.pending <= 0 and self.asked == asked:
                return
            assert time.monotonic() < end, f"never at rest: {self.pending} answers awaited"

    def calm(self) -> None:
        """Wait until the page is at rest and nothing fades any more: half way, a colour has the contrast of neither."""
        self.rest()
        self.page.wait_for_function(CALM)

    def still(self, quiet_s: float = 0.4) -> None:
        """Wait until the camera of the map has not moved for a while, and for some pictures."""
        self.page.evaluate(STILL, 1000 * quiet_s)

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something holds that the page cannot tell by itself."""
        end = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < end, f"never: {what}"
            self.page.wait_for_timeout(50)

    def addressed(self, **wanted: str | None) -> None:
        """Wait until the address says so; None: until it does not say it."""
        self.page.wait_for_function(ADDRESS, arg=wanted)

    def click_map(self, lon: float, lat: float) -> None:
        """Click on a place once page and camera are still; two at once would be one double click, which zooms."""
        self.rest()
        self.still()
        x, y = self.page.evaluate("(place) => window.__map.project(place)", [lon, lat])
        box = self.page.locator("#map").bounding_box()
        self.page.mouse.click(box["x"] + x, box["y"] + y)

    def cell(self, ident: str, row: int, column: str) -> Any:
        """A cell of a list once the list is at rest and the cell is filled: a row stands before its cells, and while a
        page opens, a list forgets its rows and asks for them again."""
        self.rest()
        found = self.page.locator(f"#{ident} .ag-row[row-index='{row}'] [col-id='{column}']")
        expect(found).to_have_text(re.compile(r"\S"))
        return found

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
