"""The manager's page in a real browser, on the demo city: every part, and a rule from edited number to levels."""

from __future__ import annotations

import logging
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from werkzeug.serving import make_server

from layers import server
from layers.actors import COOKIE
from models.build import build_city
from models.store import Store

pytestmark = pytest.mark.browser
TABS = ("coverage", "compare", "validation", "workbench", "record")


@pytest.fixture(scope="module")
def office(built_demo: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The demo city of the suite in a home of its own, served: its address and settings."""
    home = tmp_path_factory.mktemp("office") / "home"
    shutil.copytree(built_demo.home, home)
    settings = replace(built_demo.settings, home=home)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    running = make_server("127.0.0.1", 0, server.make_server("demo", settings), threaded=True)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}", settings
    running.shutdown()
    thread.join()


def open_tab(seen: Any, name: str, lang: str = "zh-Hans", theme: str = "light") -> Any:
    page = seen.page
    page.goto(f"{seen.address}/manage?lang={lang}&theme={theme}")
    page.wait_for_selector("#manage-body > *")
    if name != TABS[0]:
        page.locator("#manage-tab label").nth(TABS.index(name)).click()
        page.wait_for_selector(f"#manage-body[data-tab={name}] > *")
    return page


@pytest.mark.parametrize(("lang", "theme"), [("zh-Hans", "light"), ("en", "dark")])
def test_every_part_opens_without_a_fault_and_is_accessible(
    watched: Callable[..., Any], office: Any, lang: str, theme: str
) -> None:
    seen = watched(office[0])
    for name in TABS:
        page = open_tab(seen, name, lang, theme)
        page.wait_for_selector("#manage-body .card, #manage-body .blank")
        seen.calm()
        assert not page.locator("#manage-body [role=alert]").count(), name
        found = Axe().run(page).response["violations"]
        assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == [], name


def test_an_edited_number_is_previewed_handed_in_approved_by_another_and_used_as_previewed(
    watched: Callable[..., Any], office: Any
) -> None:
    address, settings = office
    seen = watched(address)
    page = open_tab(seen, "workbench", "en")
    page.wait_for_selector("#manage-bins .ag-row")
    seen.cell("manage-bins", 0, "points").click()
    page.wait_for_selector("#manage-bins .ag-cell-inline-editing input:focus")
    page.keyboard.press("Control+a")
    page.keyboard.type("13")
    page.keyboard.press("Enter")
    expect(page.locator("#manage-bins .ag-row[row-index='0'] [col-id=points]")).to_have_text("13")
    page.locator("#manage-cut-b").fill("5")
    page.get_by_role("button", name="Preview").first.click()
    page.wait_for_selector("#manage-preview table")
    seen.rest()
    changed = int(page.locator("#manage-preview [data-changed]").get_attribute("data-changed"))
    assert changed > 0
    page.get_by_role("button", name="Hand in").click()
    page.wait_for_selector("#manage-drafts .draft")
    seen.rest()
    assert not page.locator("#manage-drafts").get_by_role("button", name="Approve").count(), "nobody approves their own"

    page.context.add_cookies([{"name": COOKIE, "value": "chen", "url": address}])
    page = open_tab(seen, "workbench", "en")
    page.locator("#manage-drafts").get_by_role("button", name="Approve").click()
    page.wait_for_selector("#manage-drafts >> text=decided by chen")
    page = open_tab(seen, "workbench", "en")
    page.wait_for_selector("text=waits for the next build")

    with Store.open("demo", settings, read_only=True) as store:
        before = store.product("subject_levels").to_pandas().set_index("subject_id")["level"]
    build_city("demo", settings)
    with Store.open("demo", settings, read_only=True) as store:
        after = store.product("subject_levels").to_pandas().set_index("subject_id")
    assert set(after["rule_version"].str.split().str[1]) == {"2026.2"}
    assert (after["level"].reindex(before.index) != before).sum() == changed
    page = open_tab(seen, "record", "en")
    row = page.locator("#manage-body tr", has_text=re.compile("General risk scorecard")).first
    for said in ("2026.2", "published in the workbench"):
        expect(row).to_contain_text(said)


def test_an_auditor_sees_the_drafts_and_cannot_decide(watched: Callable[..., Any], office: Any) -> None:
    seen = watched(office[0])
    seen.page.context.add_cookies([{"name": COOKIE, "value": "sun", "url": office[0]}])
    page = open_tab(seen, "workbench", "en")
    page.wait_for_selector("#manage-bins .ag-row")
    seen.rest()
    assert not page.locator("#manage-drafts").get_by_role("button", name="Approve").count()
