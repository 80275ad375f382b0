"""The demo city as it is built and served: what is on the canvas is what the register says."""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import h3
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import expect
from werkzeug.serving import make_server

from layers import server

pytestmark = pytest.mark.browser
RES = 9
VIEW = "lon=106.66&lat=29.02&z=11.9"
LAYER = "/?lang=zh-Hans&theme={theme}&layers={layer}&" + VIEW
SETTLED = "(n) => window.__map && window.__map.ready && window.__map.drawn.length === n && window.__map.seq > 0"


class Served(NamedTuple):
    """The built demo city behind an address."""

    address: str
    subjects: pd.DataFrame


@pytest.fixture(scope="session")
def served_demo(built_demo: Any) -> Iterator[Served]:
    """The demo city of the suite, served on a loopback port."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    running = make_server("127.0.0.1", 0, server.make_server("demo", built_demo.settings), threaded=True)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    files = sorted((built_demo.home / "demo" / "products" / "subjects").glob("*.parquet"))
    yield Served(f"http://127.0.0.1:{running.server_port}", pd.read_parquet(files[-1]))
    running.shutdown()
    thread.join()


def rgb(colour: str) -> np.ndarray:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], float)


def open_layer(seen: Any, path: str, layers: int = 1) -> tuple[Any, dict[str, Any]]:
    """The page at rest, and the spec the server sent for it."""
    specs: list[dict[str, Any]] = []

    def keep(response: Any) -> None:
        if "_dash-update-component" in response.url and response.request.post_data_json["output"].startswith(
            "..map-spec.data"
        ):
            specs.append(response.json()["response"]["map-spec"]["data"])

    seen.page.on("response", keep)
    seen.page.goto(seen.address + path)
    seen.page.wait_for_function(SETTLED, arg=layers)
    seen.page.wait_for_function("() => window.__map.labels.length > 0")
    seen.rest()
    return seen.page, specs[-1]


def densities(subjects: pd.DataFrame) -> dict[str, float]:
    """Subjects per km2 of every cell that has any, from the register's rows alone."""
    counted = subjects.loc[subjects["h3_r9"].notna(), "h3_r9"].value_counts()
    cells = {f"{int(cell):x}": int(n) for cell, n in counted.items()}
    return {cell: n / h3.cell_area(cell, "km^2") for cell, n in cells.items()}


def agreement(page: Any, spec: dict[str, Any], values: dict[str, float], shift: float = 0.0) -> tuple[int, int]:
    """Points whose pixel has the colour of the cell they lie in, and points looked at; cells with subjects only."""
    layer, ground = spec["layers"][0], rgb(spec["style"]["outside"])
    alpha, faint = layer["opacity"], layer["opacity"] * spec["style"]["states"]["estimated"]["opacity"]
    box = page.locator("#map").bounding_box()
    picture = np.asarray(Image.open(io.BytesIO(page.locator("#map").screenshot())).convert("RGB"), float)
    rng = np.random.default_rng(11)
    xy = rng.uniform((290, 60), (box["width"] - 60, box["height"] - 60), (3000, 2)).round()
    around = [[float(x + dx), float(y + dy)] for x, y in xy for dx, dy in ((0, 0), (3, 0), (-3, 0), (0, 3), (0, -3))]
    degrees = page.evaluate("(list) => list.map((p) => window.__map.unproject(p))", around)
    good = seen = 0
    for i, (x, y) in enumerate(xy.astype(int)):
        cells = {h3.latlng_to_cell(lat, lon + shift, RES) for lon, lat in degrees[5 * i : 5 * i + 5]}
        value = values.get(cells.pop())
        if cells or value is None:
            continue
        colour = rgb(layer["colours"][int(np.searchsorted(layer["breaks"], value, side="right"))])
        seen += 1
        good += any(np.abs(picture[y, x] - (colour * a + ground * (1 - a))).max() <= 4 for a in (alpha, faint))
    return good, seen


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pixels_have_the_colour_of_the_register(watched: Callable[..., Any], served_demo: Served, theme: str) -> None:
    seen = watched(at=served_demo.address)
    page, spec = open_layer(seen, LAYER.format(theme=theme, layer="subject-density"))
    assert page.evaluate("() => window.__map.drawn[0].res") == RES
    bare = spec | {"basemap": None}  # roads, rivers and names would lie over the cells
    before = page.evaluate("() => window.__map.seq")
    page.evaluate("(spec) => dash_clientside.set_props('map-spec', {data: spec})", bare)
    page.wait_for_function("(seq) => window.__map.seq > seq && window.__map.labels.length === 0", arg=before)
    values = densities(served_demo.subjects)
    good, looked = agreement(page, bare, values)
    assert looked > 100
    assert good > 0.95 * looked
    astray, beside = agreement(page, spec, values, shift=0.03)
    assert astray / beside < good / looked - 0.3


def test_another_month_asks_for_one_set_of_values_and_nothing_else(
    watched: Callable[..., Any], served_demo: Served
) -> None:
    seen = watched(at=served_demo.address)
    page, _ = open_layer(seen, LAYER.format(theme="light", layer="registrations"))
    page.wait_for_selector("#timebar:not([hidden])")
    periods = page.evaluate("() => window.__map.period")
    seen.posts.clear()
    seen.fetched.clear()
    page.locator("#timebar [role=slider]").focus()
    page.keyboard.press("Home")  # far from what was fetched ahead
    page.wait_for_function("(before) => window.__map.period < before", arg=periods)
    seen.rest()
    assert seen.posts == []
    shown = page.evaluate("() => window.__map.period")
    assert sum(f"/values/{RES}/{shown}" in url for url in set(seen.fetched)) == 1
    assert all("/values/" in url for url in seen.fetched)


def test_an_address_gives_the_same_view_again(watched: Callable[..., Any], served_demo: Served) -> None:
    seen = watched(at=served_demo.address)
    path = LAYER.format(theme="dark", layer="subject-density~o60,grid-outlines") + "&table=1"
    page, _ = open_layer(seen, path, layers=2)
    crowded = max(densities(served_demo.subjects).items(), key=lambda item: item[1])[0]
    lat, lon = h3.cell_to_latlng(crowded)
    page.evaluate(
        "(command) => dash_clientside.set_props('map-command', {data: command})",
        {"kind": "fly", "lon": lon, "lat": lat, "t": 1},
    )
    page.wait_for_function(
        "(lat) => Math.abs(Number(new URLSearchParams(location.search).get('lat')) - lat) < 1e-3", arg=lat
    )
    page.evaluate("(cell) => dash_clientside.set_props('sel', {data: 'cell:' + cell})", crowded)
    page.wait_for_selector("#panel-close")
    seen.still()
    seen.rest()
    url = page.url
    again = watched(at=served_demo.address)
    other, _ = open_layer(again, url.removeprefix(served_demo.address), layers=2)
    other.wait_for_selector("#panel-close")
    again.rest()
    assert parse_qs(urlsplit(other.url).query) == parse_qs(urlsplit(url).query)
    expect(other.locator("#panel .kv")).to_have_text(page.locator("#panel .kv").inner_text())
    same = "() => window.__map.drawn.map((d) => [d.id, d.res, d.n]).join()"
    assert other.evaluate(same) == page.evaluate(same)
