"""How the map behaves: resolution, names, keyboard, clicks, late and failing answers, lost contexts, the picture."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.browser

CARD = (
    "<div data-map-card style='position:absolute;left:12px;top:12px;width:200px;height:160px;background:#fff'>"
    "<button>x</button></div>"
)


def test_the_resolution_follows_the_zoom_and_never_flickers(open_map: Callable[..., Any], city: ModuleType) -> None:
    opened = open_map(city.spec())

    def walk(zooms: list[float], start: int | None) -> list[int]:
        call = """([zooms, start]) => { let now = start; return zooms.map((zoom) =>
          (now = window.cityhexMap.lod.pickResolution([7, 8, 9], {latitude: 29, zoom}, now, 4))); }"""
        seen: list[int] = opened.page.evaluate(call, [zooms, start])
        return seen

    inward = [6 + 0.05 * i for i in range(160)]
    up, down = walk(inward, None), walk(inward[::-1], 9)[::-1]
    assert up == sorted(up) and down == sorted(down) and set(up) == {7, 8, 9}
    for finer in (8, 9):
        enters, leaves = inward[up.index(finer)], inward[down.index(finer)]
        assert enters - leaves > 0.5
        wobble = [enters + d for d in (0, -0.3, 0.1, -0.2, 0.05, -0.3)]
        assert set(walk(wobble, finer - 1)) == {finer}
    cells_px = [
        3**0.5 * 200.8 / (40075016.686 * np.cos(np.radians(29)) / 512 / 2**z)
        for z, r in zip(inward, down, strict=True)
        if r == 9
    ]
    assert min(cells_px) >= 4


def test_zooming_keeps_a_picture_until_the_finer_one_is_whole(open_map: Callable[..., Any], city: ModuleType) -> None:
    spec = city.spec() | {"view": {"lon": city.LON, "lat": city.LAT, "zoom": 9.6, "t": 1}}
    opened = open_map(spec)
    assert opened.state()["drawn"][0]["res"] == 8
    finer = "/data/density/values/9/2015-06"
    gate = opened.server.gates[finer] = threading.Event()
    opened.page.evaluate("void window.dash_clientside.cityhex.command({kind: 'zoom', by: 2, t: 1})")
    opened.until(lambda: finer in opened.server.held, "the finer values are asked for")
    opened.frames()
    assert opened.state()["drawn"][0]["res"] == 8
    gate.set()
    opened.wait("window.__map.drawn[0].res === 9")
    assert {r["res"].get("density") for r in opened.said("map-view")[-1:]} in ({8}, {9})


def test_new_data_never_move_the_camera(open_map: Callable[..., Any], city: ModuleType) -> None:
    opened = open_map(city.spec())
    opened.do("command({kind: 'zoom', by: 1, t: 1})")
    before = opened.page.evaluate("window.__map.unproject([100, 100])")
    opened.do("render({...window.spec, layers: window.spec.layers.map((l) => ({...l, opacity: .5}))})")
    opened.do("period('2015-07')")
    assert opened.page.evaluate("window.__map.unproject([100, 100])") == before


@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_names_collide_neither_with_each_other_nor_with_cards(
    open_map: Callable[..., Any], city: ModuleType, lang: str
) -> None:
    opened = open_map(city.spec(lang=lang), cards=CARD)
    labels = opened.state()["labels"]
    texts = {label["text"] for label in labels}
    assert {"古南", "万盛"} <= texts if lang == "zh-Hans" else {"Gunan", "Wansheng"} <= texts
    for a, b in itertools.combinations([label["box"] for label in labels] + [[12, 12, 212, 172]], 2):
        assert a[0] >= b[2] or b[0] >= a[2] or a[1] >= b[3] or b[1] >= a[3]
    assert all(x0 >= 0 and y0 >= 0 and x1 <= 720 and y1 <= 560 for x0, y0, x1, y1 in (label["box"] for label in labels))


def test_names_make_room_for_a_card_that_grows_and_take_it_back(open_map: Callable[..., Any], city: ModuleType) -> None:
    opened = open_map(city.spec(), cards=CARD)
    before = opened.state()["labels"]
    resize = "([width, height]) => Object.assign(document.querySelector('[data-map-card]').style, {width, height})"
    opened.page.evaluate(resize, ["700px", "540px"])
    opened.wait("window.__map.labels.length === 0")
    opened.page.evaluate(resize, ["200px", "160px"])
    opened.wait(f"window.__map.labels.length === {len(before)}")
    assert opened.state()["labels"] == before


def test_the_keyboard_pans_zooms_and_chooses_the_middle(open_map: Callable[..., Any], city: ModuleType) -> None:
    opened = open_map(city.spec())
    target = opened.page.get_by_role("application", name="地图：市场主体密度")
    target.focus()
    middle = "window.__map.unproject([360, 280])"
    lon, lat = opened.page.evaluate(middle)
    opened.page.keyboard.press("ArrowRight")
    opened.wait(f"{middle}[0] > {lon}")
    opened.frames()
    east, same = opened.page.evaluate(middle)
    assert east > lon and same == pytest.approx(lat, abs=1e-6)
    seq = opened.state()["seq"]
    opened.page.keyboard.press("+")
    opened.wait(f"window.__map.seq > {seq}")
    opened.page.keyboard.press("Enter")
    opened.until(lambda: opened.said("map-click") != [], "the click is told")
    click = opened.said("map-click")[-1]
    at_lon, at_lat = opened.page.evaluate(middle)
    assert (click["lon"], click["lat"]) == pytest.approx((at_lon, at_lat), abs=1e-6)
    assert click["layers"] == ["density"] and click["res"] in city.RESOLUTIONS


def test_a_click_says_where_and_a_drag_says_nothing(open_map: Callable[..., Any], city: ModuleType) -> None:
    opened = open_map(city.spec())
    there = opened.page.evaluate("window.__map.unproject([400, 300])")
    opened.page.mouse.click(400, 300)
    opened.until(lambda: opened.said("map-click") != [], "the click is told")
    (click,) = opened.said("map-click")
    assert [click["lon"], click["lat"]] == pytest.approx(there, abs=1e-6)
    views = len(opened.said("map-view"))
    opened.page.mouse.move(300, 300)
    opened.page.mouse.down()
    opened.page.mouse.move(360, 330, steps=3)
    opened.page.mouse.up()
    opened.until(lambda: len(opened.said("map-view")) > views, "the drag is told as another view")
    assert len(opened.said("map-click")) == 1
    west, south, east, north = opened.said("map-view")[-1]["bounds"]
    assert west < east and south < north


def test_an_answer_that_comes_too_late_is_dropped(open_map: Callable[..., Any], city: ModuleType) -> None:
    opened = open_map(city.spec())
    res = opened.state()["drawn"][0]["res"]
    late = f"/data/density/values/{res}/2015-04"
    gate = opened.server.gates[late] = threading.Event()
    opened.page.evaluate("void window.dash_clientside.cityhex.period('2015-04')")
    opened.until(lambda: late in opened.server.held, "the values of April are asked for")
    opened.do("period('2015-07')")
    gate.set()
    opened.wait(f"performance.getEntriesByType('resource').some((r) => r.name.endsWith('{late}'))")
    opened.frames(5)
    assert opened.state()["drawn"][0]["period"] == "2015-07"


def test_a_failure_keeps_the_picture_names_itself_and_can_be_retried(
    open_map: Callable[..., Any], city: ModuleType
) -> None:
    opened = open_map(city.spec(), quiet=False)
    res = opened.state()["drawn"][0]["res"]
    path = f"/data/density/values/{res}/2015-04"
    good, opened.server.answers[path] = opened.server.answers[path], 500
    opened.do("period('2015-04')")
    status = opened.said("map-status")[-1]
    assert (status["state"], status["layer"], status["id"]) == ("error", "density", "7F3A")
    assert opened.state()["drawn"][0]["period"] == "2015-06"
    opened.server.answers[path] = good
    opened.do("command({kind: 'retry', t: 1})")
    assert opened.state()["drawn"][0]["period"] == "2015-04"
    assert opened.said("map-status")[-1]["state"] == "ready"


def test_a_lost_graphics_context_comes_back(open_map: Callable[..., Any], city: ModuleType) -> None:
    opened = open_map(city.spec(), quiet=False)
    before = np.asarray(opened.picture(), int)
    seq = opened.state()["seq"]
    opened.page.evaluate(
        "document.querySelector('#map canvas').getContext('webgl2').getExtension('WEBGL_lose_context').loseContext()"
    )
    opened.wait(f"window.__map.seq > {seq}")

    def other() -> float:
        return float((np.abs(np.asarray(opened.picture(), int) - before).max(axis=2) > 8).mean())

    opened.until(lambda: other() < 0.01, "the picture of before")


def test_without_webgl2_the_page_is_told(open_map: Callable[..., Any], city: ModuleType) -> None:
    script = """const get = HTMLCanvasElement.prototype.getContext;
      HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
        return kind === 'webgl2' ? null : get.call(this, kind, ...rest); };"""
    opened = open_map(city.spec(), script=script, ready=False)
    opened.wait("(window.cityhexSaid || []).length > 0")
    assert opened.said("map-support") == [{"webgl2": False}]


def test_the_picture_is_twice_the_size_and_holds_map_and_legend(
    open_map: Callable[..., Any], city: ModuleType, tmp_path: Path
) -> None:
    colours = city.ramp("light")
    legend = {"title": "市场主体密度", "unit": "户/km²",
              "rows": [{"label": "≥ 1,000", "colour": colours[4], "count": 10}],
              "states": [{"kind": "suppressed", "label": "已抑制", "count": 3}], "source": "虚构数据"}  # fmt: skip
    opened = open_map(city.spec() | {"legend": legend})
    with opened.page.expect_download() as download:
        opened.page.evaluate("void window.dash_clientside.cityhex.command({kind: 'png', name: 'qijiang', t: 1})")
    assert download.value.suggested_filename == "qijiang.png"
    download.value.save_as(tmp_path / "map.png")
    picture = np.asarray(Image.open(tmp_path / "map.png").convert("RGB"), int)
    assert picture.shape == (1120, 1440, 3)
    swatch = np.array([int(colours[4][i : i + 2], 16) for i in (1, 3, 5)])
    assert (np.abs(picture[:200, :100] - swatch).max(axis=2) <= 2).sum() > 500
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 200


def test_hover_draws_the_cell_under_the_pointer_without_asking(open_map: Callable[..., Any], city: ModuleType) -> None:
    opened = open_map(city.spec() | {"view": {"lon": city.LON, "lat": city.LAT, "zoom": 12.5, "t": 1}})
    asked = len(opened.server.asked)
    before = np.asarray(opened.picture(), int)
    opened.page.mouse.move(360, 280)

    def changed_at() -> np.ndarray:
        return np.argwhere(np.abs(np.asarray(opened.picture(), int) - before).max(axis=2) > 8)

    opened.until(lambda: len(changed_at()) > 100, "a cell is drawn under the pointer")
    opened.frames()
    changed = changed_at()
    assert len(changed) > 100
    assert np.abs(changed - (280, 360)).max() < 60  # one cell, under the pointer
    assert len(opened.server.asked) == asked
