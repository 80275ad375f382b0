"""The un-located queue in a real browser: choose, click, save, undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def open_queue(seen: Any) -> Any:
    page = seen.page
    page.goto(seen.address + "/queue?lang=zh-Hans&theme=light")
    page.wait_for_function("() => window.__map && window.__map.ready && window.__map.seq > 0")
    seen.cell("queue-list", 0, "name")
    return page


def test_a_candidate_is_chosen_saved_and_undone(watched: Callable[..., Any], city: Any) -> None:
    store = city["store"]
    seen = watched()
    page = open_queue(seen)
    before = store.queue_page(0, 1)[1]
    expect(page.locator("#queue-count")).to_have_text(str(before))
    seen.cell("queue-list", 0, "name").click()
    page.wait_for_selector("#queue-choices .candidate")
    seen.rest()
    expect(page.locator("#queue-save")).to_be_disabled()
    expect(page.locator(".address mark").first).to_be_visible()
    page.locator("#queue-choices .candidate").nth(1).click()
    page.wait_for_selector("#queue-choices .candidate.on")
    page.locator("#queue-note").fill("现场核实")
    page.wait_for_selector("#queue-save:not([disabled])")
    page.locator("#queue-save").click()
    page.wait_for_selector("[role=status] .tag.ok")
    decision = store.aliases(active=True).iloc[-1]
    assert (decision["place_id"], decision["match_level"], decision["note"]) == ("p1", 5, "现场核实")
    expect(page.locator("#queue-count")).to_have_text(str(before - 1))
    page.get_by_role("button", name="撤销").first.click()
    expect(page.locator("#queue-count")).to_have_text(str(before))
    assert store.aliases(active=True).empty


def test_a_position_clicked_on_the_map_is_saved_with_the_level_said(watched: Callable[..., Any], city: Any) -> None:
    store = city["store"]
    seen = watched()
    page = open_queue(seen)
    seen.cell("queue-list", 2, "name").click()
    page.wait_for_selector("#queue-choices .candidate")
    seen.rest()
    seen.still()
    box = page.locator("#map").bounding_box()
    x, y = box["width"] / 2 + 40, box["height"] / 2
    wanted = page.evaluate("(p) => window.__map.unproject(p)", [x, y])
    page.mouse.click(box["x"] + x, box["y"] + y)
    page.wait_for_selector("#queue-level-box:not([hidden])")
    page.wait_for_selector("#queue-save:not([disabled])")
    page.locator("#queue-save").click()
    page.wait_for_selector("[role=status] .tag.ok")
    decision = store.aliases(active=True).iloc[-1]
    assert decision["match_level"] == 2
    assert decision["place_id"] is None or decision.isna()["place_id"]
    assert abs(decision["lon"] - wanted[0]) < 1e-3
    assert abs(decision["lat"] - wanted[1]) < 1e-3
    page.get_by_text("已决定").click()
    seen.cell("decided-list", 0, "name").click()
    page.locator("#decided-undo button").click()
    page.wait_for_selector("#queue-panel .tag.info")
    assert store.aliases(active=True).empty


def test_the_list_is_filtered_on_the_server(watched: Callable[..., Any], city: Any) -> None:
    page = open_queue(watched())
    uscc = city["store"].queue_page(5, 1)[0].iloc[0]["uscc"]
    page.locator("#queue-search").fill(uscc)
    page.wait_for_function("() => document.getElementById('queue-total').innerText.startsWith('1 ')")
    expect(page.locator("#queue-list .ag-row")).to_have_count(1)
    expect(page.locator("#queue-list .ag-row")).to_have_attribute("row-id", uscc)
