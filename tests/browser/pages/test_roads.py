"""Road speeds in a browser: lines by hour, hidden and not measured apart, a click opens the day of one direction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import expect

from models import contracts
from tests.unit.layers import signaling_city

pytestmark = pytest.mark.browser
DRAWN = "() => window.__map.drawn.find((d) => d.id === 'road-travel-time-index')"
COUNTS = "() => [...document.querySelectorAll('.legend .lrow[data-class] .num')].map((e) => e.textContent)"


@pytest.fixture(scope="module")
def driven(tmp_path_factory: pytest.TempPathFactory, with_products: Callable[..., Any]) -> Iterator[dict[str, Any]]:
    """The small city with a main road."""

    def more(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        made = signaling_city.products(frames["cells"])
        return {name: contracts.conform(name, made[name]) for name in ("road_sections", "road_speeds")}

    with with_products(tmp_path_factory.mktemp("driven"), more) as found:
        yield found


def opened(watched: Callable[..., Any], city: dict[str, Any], more: str = "", lang: str = "en") -> Any:
    seen = watched(at=city["address"])
    page = seen.open(f"/?layers=road-travel-time-index&lang={lang}{more}")
    page.wait_for_selector("#timebar:not([hidden])")
    page.wait_for_function(f"() => (({DRAWN})() || {{}}).n === 12 && window.__map.ready")
    seen.rest()
    return seen


def test_the_hour_moves_values_of_lines_and_hidden_is_told_from_not_measured(
    watched: Callable[..., Any], driven: dict[str, Any]
) -> None:
    page = opened(watched, driven).page
    page.wait_for_function("() => window.__map.period === 'workday-08'")
    rush = page.evaluate(COUNTS)
    expect(page.locator(".legend")).to_contain_text("No data")
    page.locator("#timebar [role=slider]").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"() => ({DRAWN})().period === 'workday-09'")
    page.wait_for_function("(before) => JSON.stringify((" + COUNTS + ")()) !== JSON.stringify(before)", arg=rush)
    page.locator("#time-day label:has-text('Mon')").click()
    page.wait_for_function(f"() => ({DRAWN})().period === 'monday-09'")
    page.wait_for_selector(".legend :text('Suppressed (< 20)')")
    page.locator("#timebar [role=slider]").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(f"() => ({DRAWN})().period === 'monday-08'")
    page.wait_for_function("() => document.querySelector('#time-first').textContent === 'Monday 00:00'")
    expect(page.locator("#time-text")).to_have_text("08:00–09:00, Monday")
    expect(page.locator("#time-spark > span")).to_have_count(24)
    page.keyboard.press("End")
    page.wait_for_function(f"() => ({DRAWN})().period === 'monday-23'")
    weekend = opened(watched, driven, "&period=weekend-08").page
    expect(weekend.locator("#time-day input:checked")).to_have_value("weekend")
    weekend.wait_for_selector(".legend :text('Suppressed')")


def test_a_click_opens_the_day_of_the_direction_on_the_right(
    watched: Callable[..., Any], driven: dict[str, Any]
) -> None:
    seen = opened(watched, driven, "&lon=106.64&lat=29.027&z=12")
    sections = driven["store"].product("road_sections").to_pandas()
    assert len(sections)
    seen.click_map(106.637, 29.0259)
    seen.page.wait_for_selector("#panel-head :text('渝黔公路 km 1–2 forward')")
    for said in ("Speed in the slowest hour", "Speed by hour, workday", "Speed by hour, weekend"):
        expect(seen.page.locator("#panel")).to_contain_text(said)
    seen.page.wait_for_function("() => location.search.includes('sel=road:R01-002')")


def test_a_section_that_is_not_measured_says_so(watched: Callable[..., Any], driven: dict[str, Any]) -> None:
    seen = opened(watched, driven, "&sel=road:R01-004%2B", "zh-Hans")
    seen.page.wait_for_selector("#panel :text('没有数据')")
    seen.rest()
    assert seen.page.locator("#panel .js-plotly-plot").count() == 0
