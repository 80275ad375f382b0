"""What a page does when the window is narrow, and when what it reads is gone for a while."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
EXPECTED = ("500:", "503:", "console: Failed to load resource")


def test_narrow_windows_open_their_sides_one_at_a_time(watched: Callable[..., Any]) -> None:
    page = watched(size=(1100, 800)).open("/?layers=subject-density&lang=zh-Hans")
    left = "document.querySelector('.rail').getBoundingClientRect().x"
    right = "document.querySelector('#panel-head').getBoundingClientRect().right"
    page.wait_for_function(f"() => {left} < 0 && {right} > innerWidth + 1")
    page.locator("[data-opens=rail]").click()
    page.wait_for_function(f"() => {left} >= 0")
    page.locator("[data-opens=panel]").click()
    page.wait_for_function(f"() => {left} < 0 && {right} <= innerWidth + 1")
    page.keyboard.press("Escape")
    page.wait_for_function(f"() => {left} < 0 && {right} > innerWidth + 1")


def test_lost_files_give_a_number_to_report_and_come_back_without_a_reload(
    watched: Callable[..., Any], own_city: tuple[str, Path]
) -> None:
    address, products = own_city
    seen = watched(at=address)
    page = seen.open("/?layers=subject-density&lang=zh-Hans")
    seen.rest()  # what the page opens with is read before the files are gone
    away = products.with_name("taken")
    products.rename(away)
    seen.click_map(106.68, 29.01)
    page.wait_for_function("() => /编号/.test(document.body.innerText)")
    assert "Traceback" not in page.content()
    away.rename(products)
    seen.click_map(106.66, 28.99)
    page.wait_for_selector("#panel-close")
    page.wait_for_selector("#panel .kv")
    seen.rest()
    seen.faults = [fault for fault in seen.faults if not fault.startswith(EXPECTED)]
