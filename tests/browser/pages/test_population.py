"""People present by hour in a browser: the hour moves values only, classes stay, hidden is a state, words are hours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import h3
import numpy as np
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from layers.text import text
from models import contracts
from tests.unit.layers import signaling_city

pytestmark = pytest.mark.browser
LAYER = "/?layers=present-population&lang={lang}&theme={theme}"
COUNTS = "() => [...document.querySelectorAll('.legend .lrow[data-class] .num')].map((e) => e.textContent)"
RANGES = "() => [...document.querySelectorAll('.legend .lrow[data-class] .rng')].map((e) => e.textContent)"


@pytest.fixture(scope="module")
def peopled(tmp_path_factory: pytest.TempPathFactory, with_products: Callable[..., Any]) -> Iterator[dict[str, Any]]:
    """The small city with the products of signaling."""

    def more(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        made = signaling_city.products(frames["cells"])
        return {name: contracts.conform(name, made[name]) for name in ("present_by_hour", "residents_by_hex")}

    with with_products(tmp_path_factory.mktemp("peopled"), more) as found:
        yield found


def opened(watched: Callable[..., Any], city: dict[str, Any], lang: str = "zh-Hans", theme: str = "light") -> Any:
    seen = watched(at=city["address"])
    page = seen.open(LAYER.format(lang=lang, theme=theme))
    page.wait_for_selector("#timebar:not([hidden])")
    page.wait_for_function("() => window.__map.period === 'workday-10' && window.__map.drawn.length === 1")
    seen.rest()
    return seen, page


def test_an_hour_moves_values_and_nothing_else(watched: Callable[..., Any], peopled: dict[str, Any]) -> None:
    seen, page = opened(watched, peopled)
    expect(page.locator("#time-text")).to_have_text("10:00–11:00，工作日")
    counts, ranges, number = page.evaluate(COUNTS), page.evaluate(RANGES), page.evaluate("() => __map.drawn[0].n")
    seen.posts.clear()
    seen.fetched.clear()
    page.locator("#timebar [role=slider]").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("() => window.__map.period === 'workday-09'")
    page.keyboard.press("Home")
    page.wait_for_function("() => window.__map.period === 'workday-00' && __map.drawn[0].period === 'workday-00'")
    seen.rest()
    assert seen.posts == []
    assert seen.fetched
    assert all("/values/" in url for url in seen.fetched)
    assert page.evaluate("() => __map.drawn[0].n") == number
    assert page.evaluate(RANGES) == ranges
    assert page.evaluate(COUNTS) != counts
    expect(page.locator("#time-text")).to_have_text("00:00–01:00，工作日")
    seen.addressed(period="workday-00")
    page.keyboard.press("End")
    page.wait_for_selector("#timebar [role=slider][aria-valuetext='23:00–00:00，休息日']")
    page.wait_for_function("() => window.__map.period === 'weekend-23'")


def test_playing_goes_on_and_a_step_stops_it(watched: Callable[..., Any], peopled: dict[str, Any]) -> None:
    _, page = opened(watched, peopled, "en")
    page.locator("#time-play").click()
    page.wait_for_function("() => window.__map.period >= 'workday-12'")
    page.locator("#time-back").click()
    expect(page.locator("#time-play")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#time-text")).to_have_text(re.compile(", workday$"))


def test_an_address_opens_its_hour(watched: Callable[..., Any], peopled: dict[str, Any]) -> None:
    seen = watched(at=peopled["address"])
    page = seen.open(LAYER.format(lang="en", theme="dark") + "&period=weekend-20")
    page.wait_for_function("() => window.__map.period === 'weekend-20'")
    page.wait_for_selector("#timebar:not([hidden])")
    expect(page.locator("#time-text")).to_have_text("20:00–21:00, weekend")
    seen.rest()
    assert "suppressed" in page.locator(".legend").inner_text().lower() or page.locator("[data-state]").count() > 0


def test_the_panel_shows_the_day_of_a_hexagon_and_says_what_is_hidden(
    watched: Callable[..., Any], peopled: dict[str, Any]
) -> None:
    cells = peopled["store"].product("cells").to_pandas()
    ids = np.sort(cells.loc[cells["resolution"] == 8, "h3"].to_numpy(np.uint64))
    states = signaling_city.STATES
    for state, words in (("shown", "90 % interval"), ("hidden", "too few devices")):
        cell = f"{int(ids[states.index(state)]):x}"
        assert h3.is_valid_cell(cell)
        seen = watched(at=peopled["address"])
        page = seen.open(LAYER.format(lang="en", theme="light") + f"&sel=cell:{cell}")
        page.wait_for_selector("#panel :text('People (signaling)')")
        seen.rest()
        said = page.locator("#panel").inner_text()
        assert words in said
        assert ("People present by hour, workday" in said) == (state == "shown")


@pytest.mark.parametrize(("lang", "theme"), [("zh-Hans", "light"), ("en", "dark")])
def test_the_page_has_no_accessibility_faults(
    watched: Callable[..., Any], peopled: dict[str, Any], lang: str, theme: str
) -> None:
    seen, page = opened(watched, peopled, lang, theme)
    seen.calm()
    overview = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    page.locator("#map").click(position={"x": 560, "y": 420})
    page.wait_for_selector("#panel section:has-text('" + text("inspect.people", lang) + "')")
    seen.calm()
    found = overview + Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []
