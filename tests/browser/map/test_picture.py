"""What is on the canvas is what the data say: pixel -> cell -> value -> colour."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import h3
import numpy as np
import pytest
import shapely

pytestmark = pytest.mark.browser


def rgb(colour: str) -> np.ndarray:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], float)


def expected(city: ModuleType, spec: dict[str, Any], value: float, flag: int) -> np.ndarray | None:
    """Colour of a cell over the background, None where it is hatched."""
    layer, ground = spec["layers"][0], rgb(spec["style"]["outside"])
    if flag == 2:
        return None
    if flag == 3:
        return ground
    share = layer["opacity"] * (spec["style"]["states"]["estimated"]["opacity"] if flag == 4 else 1)
    return rgb(layer["colours"][int(np.searchsorted(city.BREAKS, value, side="right"))]) * share + ground * (1 - share)


def agreement(city: ModuleType, opened: Any, spec: dict[str, Any], period: int) -> tuple[int, int]:
    """Points whose pixel has the colour of the cell they lie in, and points looked at."""
    res = opened.state()["drawn"][0]["res"]
    ids, lon, lat = city.cells(res)
    values, flags = city.measured(lon, lat, period)
    at = {int(c): i for i, c in enumerate(ids)}
    picture = np.asarray(opened.picture(), float)
    rng = np.random.default_rng(7)
    xy = rng.uniform((20, 20), (700, 500), (900, 2)).round()
    offsets = [(0, 0), (3, 0), (-3, 0), (0, 3), (0, -3)]
    all_xy = [[float(x + dx), float(y + dy)] for x, y in xy for dx, dy in offsets]
    degrees = opened.page.evaluate("(list) => list.map((p) => window.__map.unproject(p))", all_xy)
    good = seen = 0
    for i, (x, y) in enumerate(xy.astype(int)):
        around = {h3.latlng_to_cell(q[1], q[0], res) for q in degrees[5 * i : 5 * i + 5]}
        cell = h3.str_to_int(around.pop())
        if around or cell not in at:
            continue  # nearer than 3 px to a border, or outside the city
        colour = expected(city, spec, values[at[cell]], flags[at[cell]])
        if colour is None:
            continue
        seen += 1
        good += bool(np.abs(picture[y, x] - colour).max() <= 3)
        if seen == 300:
            break
    return good, seen


@pytest.mark.parametrize(("theme", "zoom"), [("light", 10.4), ("light", 12.6), ("dark", 11.7)])
def test_pixels_have_the_colour_of_their_cell(
    open_map: Callable[..., Any], city: ModuleType, theme: str, zoom: float
) -> None:
    spec = city.spec(theme) | {"basemap": None, "view": {"lon": city.LON + 0.02, "lat": city.LAT, "zoom": zoom, "t": 1}}
    opened = open_map(spec)
    good, seen = agreement(city, opened, spec, 2)
    assert seen >= 200
    assert good >= 0.97 * seen


def test_another_period_moves_values_only_and_shows_them(open_map: Callable[..., Any], city: ModuleType) -> None:
    spec = city.spec() | {"basemap": None, "view": {"lon": city.LON, "lat": city.LAT, "zoom": 11.6, "t": 1}}
    opened = open_map(spec)
    res = opened.state()["drawn"][0]["res"]
    before = list(opened.server.asked)
    opened.do("period('2015-04')")
    opened.rest(0.3)
    assert opened.server.asked[len(before) :] == [f"/data/density/values/{res}/2015-04"]
    assert opened.state()["drawn"][0]["period"] == "2015-04"
    good, seen = agreement(city, opened, spec, 0)
    assert good >= 0.97 * seen and seen > 150
    opened.do("period('2015-05')")  # was fetched ahead
    assert len(opened.server.asked) == len(before) + 1
    good, seen = agreement(city, opened, spec, 1)
    assert good >= 0.97 * seen


def test_suppressed_cells_are_hatched(open_map: Callable[..., Any], city: ModuleType) -> None:
    spec = city.spec() | {
        "basemap": None,
        "view": {"lon": city.LON - 0.18, "lat": city.LAT - 0.1, "zoom": 11.5, "t": 1},
    }
    opened = open_map(spec)
    ids, lon, lat = city.cells(9)
    _, flags = city.measured(lon, lat, 2)
    hatched = {int(c) for c in ids[flags == 2]}
    picture = np.asarray(opened.picture(), float)
    states, alpha, ground = spec["style"]["states"]["suppressed"], 0.88, rgb(spec["style"]["outside"])
    fill, line = (rgb(states[k]) * alpha + ground * (1 - alpha) for k in ("fill", "hatch"))
    lines = fills = 0
    for y in range(100, 460, 2):
        row = opened.page.evaluate(
            "(ps) => ps.map((p) => window.__map.unproject(p))", [[x, y] for x in range(100, 600, 2)]
        )
        for x, (east, north) in zip(range(100, 600, 2), row, strict=True):
            if h3.str_to_int(h3.latlng_to_cell(north, east, 9)) in hatched:
                lines += np.abs(picture[y, x] - line).max() <= 6
                fills += np.abs(picture[y, x] - fill).max() <= 6
    # 1.2 px in every 6: a fifth lies on a line, about half of those fully
    assert 0.06 < lines / (lines + fills) < 0.35


def test_areas_and_points_are_drawn_where_they_are(open_map: Callable[..., Any], city: ModuleType) -> None:
    wire = city.wire
    areas = [
        shapely.box(106.5, 28.8, 106.6, 29.0).difference(shapely.box(106.53, 28.85, 106.57, 28.95)),
        shapely.box(106.7, 28.8, 106.8, 29.0),
    ]
    spec = city.spec() | {"basemap": None, "view": {"lon": 106.65, "lat": 28.9, "zoom": 10.6, "t": 1}}
    colours = spec["layers"][0]["colours"]
    area = {"id": "area", "kind": "polygon", "geometry": "/data/a/geometry/-", "values": "/data/a/values/-/{period}",
            "periods": None,
            "breaks": [10, 20, 30, 40], "colours": colours, "visible": True, "opacity": 1, "pick": True}  # fmt: skip
    dots = {"id": "dots", "kind": "point", "geometry": "/data/p/geometry/-", "values": None, "periods": None,
            "colours": ["#ff0000", "#0000ff"],
            "shapes": ["circle", "diamond"], "size": 24, "visible": True, "opacity": 1, "pick": True}  # fmt: skip
    more = {
        "/data/a/geometry/-": wire.encode_polygons(areas),
        "/data/a/values/-/-": wire.encode_values(np.array([5.0, 35.0]), np.zeros(2, np.uint8), breaks=(10, 20, 30, 40)),
        "/data/p/geometry/-": wire.encode_points(
            np.array([106.65, 106.55]), np.array([28.9, 28.9]), np.array([0, 1], np.uint8)
        ),
    }
    opened = open_map(spec | {"layers": [area, dots]}, more)
    picture = np.asarray(opened.picture(), float)

    def at(lon: float, lat: float) -> np.ndarray:
        x, y = opened.page.evaluate("(p) => window.__map.project(p)", [lon, lat])
        colour: np.ndarray = picture[round(y), round(x)]
        return colour

    ground = spec["style"]["outside"]  # seen through the hole
    for lon, lat, colour in ((106.515, 28.9, colours[0]), (106.75, 28.9, colours[3]), (106.55, 28.87, ground),
                             (106.65, 28.9, "#ff0000"), (106.55, 28.9, "#0000ff")):  # fmt: skip
        assert np.abs(at(lon, lat) - rgb(colour)).max() <= 3, (lon, lat, colour)


def test_a_new_theme_fetches_nothing_and_changes_every_colour(open_map: Callable[..., Any], city: ModuleType) -> None:
    view = {"lon": city.LON, "lat": city.LAT, "zoom": 11, "t": 1}
    light, dark = (city.spec(theme) | {"basemap": None, "view": view} for theme in ("light", "dark"))
    opened = open_map(light)
    asked = len(opened.server.asked)
    opened.page.evaluate("(spec) => { window.darkSpec = spec; }", dark)
    opened.do("render(window.darkSpec)")
    assert len(opened.server.asked) == asked
    good, seen = agreement(city, opened, dark, 2)
    assert good >= 0.97 * seen
