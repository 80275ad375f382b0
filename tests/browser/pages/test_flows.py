"""Commuters as arcs in a browser: the largest only, from a threshold on, of a chosen town only, and how much of all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import expect

from models import contracts
from tests.unit.layers import signaling_city

pytestmark = pytest.mark.browser
DRAWN = "() => (window.__map.drawn.find((d) => d.id === 'commute-flows') || {}).flows"
NOTE = "() => (document.querySelector('.lnote') || {}).textContent"


@pytest.fixture(scope="module")
def commuting(tmp_path_factory: pytest.TempPathFactory, with_products: Callable[..., Any]) -> Iterator[dict[str, Any]]:
    """The small city with the commuters of its first two towns."""

    def more(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        made = signaling_city.products(frames["cells"])
        own = dict(zip(("5001100", "5001110"), sorted(frames["grids"]["grid_code"])[:2], strict=True))
        codes = ["from_code", "to_code", "area_code"]
        named = {
            name: made[name].assign(**{c: made[name][c].replace(own) for c in codes if c in made[name]})
            for name in ("commute_flows", "jobs_housing")
        }
        return {name: contracts.conform(name, frame) for name, frame in named.items()}

    with with_products(tmp_path_factory.mktemp("commuting"), more) as found:
        yield found


def test_arcs_are_chosen_by_number_size_and_place_and_say_their_share(
    watched: Callable[..., Any], commuting: dict[str, Any]
) -> None:
    page = watched(at=commuting["address"]).open("/?layers=commute-flows&lang=en")
    page.wait_for_function(f"() => ({DRAWN})() === 2")
    page.wait_for_function(f"() => ({NOTE})() === '2 of 2 published pairs drawn = 64 % of all'")  # 900 of 1,400
    page.get_by_label("Commuters between towns: open settings").click()
    least = page.get_by_label("Fewest persons of a flow of Commuters between towns that is drawn")
    least.fill("400")
    page.wait_for_function(f"() => ({DRAWN})() === 1")
    page.wait_for_function(f"() => ({NOTE})() === '1 of 2 published pairs drawn = 43 % of all'")
    page.wait_for_function("() => location.search.includes('commute-flows~m400')")
    second = sorted(commuting["store"].product("grids").to_pandas()["grid_code"])[1]
    again = watched(at=commuting["address"]).open(f"/?layers=commute-flows~n10&sel=grid:{second}&lang=zh-Hans")
    again.wait_for_function(f"() => ({DRAWN})() === 1")
    again.wait_for_function(f"() => ({NOTE})() === '已画 2 对中的 1 对，占全部的 21%'")
    expect(again.locator(".legend")).to_contain_text("已抑制")  # a hidden pair is counted, never drawn


def test_the_table_names_both_ends_and_a_row_chooses_where_it_begins(
    watched: Callable[..., Any], commuting: dict[str, Any]
) -> None:
    seen = watched(at=commuting["address"])
    page = seen.open("/?layers=commute-flows&table=1&lang=zh-Hans")
    second_row = seen.cell("twin-list", 1, "name")
    rows = page.locator("#twin-list .ag-row [col-id=name]")
    expect(rows).to_have_text([re.compile(" → ")] * 3)
    second_row.click()
    second = sorted(commuting["store"].product("grids").to_pandas()["grid_code"])[1]
    page.wait_for_function(f"() => new URLSearchParams(location.search).get('sel') === 'grid:{second}'")
    page.wait_for_function(f"() => ({DRAWN})() === 1")
