"""Every page in both languages and themes: no serious accessibility finding, no foreign word, no error."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

ALLOWED = {"EN", "km", "CC", "BY", "Cityhex", "CSV", "XLSX", "PNG", "GB", "register", "csv", "test", "CNY"}
CODED = re.compile(r"[A-Za-z0-9]*\d[A-Za-z0-9]*")
PAGES = {
    "explore": "/?layers=registrations,subject-density,district-outlines&sel=district:500110&table=1",
    "queue": "/queue?x=1",
    "data": "/data?x=1",
}


def settle(seen: Any, name: str) -> None:
    page = seen.page
    if name == "data":
        for ident in ("quarantine-list", "sources-list"):
            expect(page.locator(f"#{ident} .ag-row .ag-cell").first).to_have_text(re.compile(r"\S"))
        return
    page.wait_for_function("() => window.__map && window.__map.ready && window.__map.seq > 0")
    if name == "queue":
        seen.cell("queue-list", 0, "name").click()
        page.wait_for_selector("#queue-choices .candidate")
    else:
        page.wait_for_selector("#panel-close")
        seen.cell("twin-list", 0, "name")
        page.locator("[id*='layer-open']").first.click()
        page.wait_for_selector(".laybody")


def serious(page: Any) -> list[str]:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{v['id']}: {node['target']} {node['html'][:160]}"
        for v in found
        if v["impact"] in ("serious", "critical")
        for node in v["nodes"]
    ]


@pytest.mark.parametrize("name", list(PAGES))
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_no_serious_finding_and_no_foreign_word(watched: Callable[..., Any], name: str, lang: str, theme: str) -> None:
    seen = watched()
    page = seen.page
    page.goto(f"{seen.address}{PAGES[name]}&lang={lang}&theme={theme}")
    settle(seen, name)
    seen.calm()
    assert page.evaluate("() => document.documentElement.lang") == ("zh-CN" if lang == "zh-Hans" else lang)
    assert serious(page) == []
    if lang == "zh-Hans":
        shown = page.evaluate("() => document.querySelector('.screen').innerText")
        assert set(re.findall(r"[A-Za-z]{2,}", CODED.sub("", shown))) - ALLOWED == set()
    assert page.evaluate("() => document.documentElement.scrollHeight <= innerHeight")
