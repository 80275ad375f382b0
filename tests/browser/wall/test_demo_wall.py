"""The wall of the generated demo city as it is served: every scene it has, read across the room, and presented."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.serving import make_server

from layers.server import make_server as city_server

if TYPE_CHECKING:
    from tests.conftest import BuiltDemo

pytestmark = pytest.mark.browser

AUDIT = Path(__file__).with_name("audit.js").read_text("utf-8")


class Address:
    """Where the city is served; stopped by the fixture and not by the display."""

    def __init__(self, url: str) -> None:
        self.url = url


@pytest.fixture(scope="module")
def served(built_demo: BuiltDemo) -> Iterator[Address]:
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    running = make_server("127.0.0.1", 0, city_server("demo", built_demo.settings), threaded=True)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield Address(f"http://127.0.0.1:{running.server_port}")
    running.shutdown()
    thread.join()


@pytest.mark.parametrize(("size", "lang"), [((3840, 1080), "zh-Hans"), ((1920, 1080), "en")])
def test_every_scene_of_the_demo_city_can_be_read(
    served: Address, open_wall: Callable[..., Any], size: tuple[int, int], lang: str
) -> None:
    wall = open_wall(f"lang={lang}", size=size, server=served)
    scenes = wall.get("window.__wall.playlist.list.scenes.map((s) => s.id)")
    assert {"overview", "risk", "warnings"} <= set(scenes)
    for scene in scenes:
        wall.show(scene)
        found = wall.get(f"({AUDIT})()")
        assert found["faults"] == [], scene
        assert found["numbers"] <= 7
        assert {"zh-Hans": "审图号", "en": "approval"}[lang] in found["text"]
    assert wall.get("window.__wall.playlist.failed.size") == 0
    assert wall.get("window.__contexts") <= 2


def test_a_presenter_finds_the_places_of_the_city(served: Address, open_wall: Callable[..., Any]) -> None:
    remote = open_wall("lang=zh-Hans&wall=hall", server=served, path="/wall/presenter")
    remote.wait("document.querySelectorAll('[data-place]').length > 5")
    place = remote.page.locator("[data-place]").nth(1)
    name = place.inner_text()
    place.click()
    remote.wait("document.querySelector('.r-said').textContent === '已送到大屏'")
    status = remote.page.request.get(f"{served.url}/api/wall/status?wall=hall").json()
    assert status["presenter"]["place"]["name"] == name
    other = remote.page.request.get(f"{served.url}/api/wall/status?wall=office").json()
    assert other["presenter"] is None
