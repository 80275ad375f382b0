"""The work pack in a real browser, opened from a file: no request, entry of results, saving, keeping over a reload."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from layers.field.paper import Stamp
from layers.field.sheets import Question, Sheet
from layers.field.work_pack import work_pack
from tests.browser.patience import PATIENCE_MS

pytestmark = pytest.mark.browser


def sheet(task_id: int, subject: str) -> Sheet:
    return Sheet(
        task_id=task_id, revision=1, kind="draw", subject_id=subject, name="綦江古南餐饮", address="中山路 7 号",
        item_code="A01", item={"zh-Hans": "公示信息检查", "en": "Published information"},
        legal_basis={"zh-Hans": "条例第十四条", "en": "art. 14"},
        questions=(Question("A01-1", {"zh-Hans": "按时公示", "en": "in time"}),
                   Question("A01-2", {"zh-Hans": "出资真实", "en": "true"})),
        results=("none_found", "rectify", "unreachable"), due_on="2015-07-31", officers=("李执法",), order=1,
        begin="09:20",
    )  # fmt: skip


@pytest.fixture
def opened(chromium: Any, tmp_path: Path) -> Any:
    at = dt.datetime(2026, 3, 1, 2, 30, tzinfo=dt.UTC)
    stamp = Stamp("zhang", at, "Asia/Shanghai", "2026.1", "2015-06-30", "zh-Hans")
    file = tmp_path / "pack.html"
    file.write_text(
        work_pack([sheet(7, "91500110MA00000011"), sheet(8, "91500110MA00000022")], "0123456789ab", stamp), "utf-8"
    )
    context = chromium.new_context(viewport={"width": 420, "height": 860}, locale="zh-CN", offline=True, has_touch=True)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    asked: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.goto(file.as_uri())
    page.wait_for_selector(".task")
    yield page
    foreign = [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]
    context.close()
    assert foreign == []
    assert faults == []


def fill(page: Any, task: int) -> None:
    box = page.locator(f'[data-task="{task}"]')
    box.get_by_text("符合", exact=True).first.click()
    box.locator(f'input[name="q-{task}-A01-2"][value="fault"]').check(force=True)
    box.get_by_text("严重", exact=True).last.click()
    box.get_by_text("责令改正", exact=True).click()
    box.get_by_text("整改", exact=True).click()
    box.locator(f'input[name="due-{task}"]').fill("2015-07-15")
    box.locator("textarea").fill("出资未到位")


def test_results_are_entered_without_network_and_saved_as_one_file(opened: Any, tmp_path: Path) -> None:
    page = opened
    assert page.locator("#save").is_disabled()
    fill(page, 7)
    assert "已填完" in page.locator('[data-task="7"] .state').inner_text()
    assert page.locator("#count").inner_text() == "已完成 1 / 2，未填完 0"
    with page.expect_download() as download:
        page.locator("#save").click()
    file = tmp_path / "results.json"
    download.value.save_as(file)
    saved = json.loads(file.read_text("utf-8"))
    assert (saved["format"], saved["pack_id"]) == ("cityhex-pack-results/1", "0123456789ab")
    assert saved["results"] == [
        {
            "task_id": 7, "revision": 1, "done_on": "2015-06-30", "result": "rectify", "follow_up": "rectify",
            "follow_up_due": "2015-07-15", "note": "出资未到位",
            "answers": [{"code": "A01-1", "answer": "ok", "severity": None},
                        {"code": "A01-2", "answer": "fault", "severity": "high"}],
        }
    ]  # fmt: skip


def test_what_was_entered_survives_closing_and_the_other_language(opened: Any) -> None:
    page = opened
    fill(page, 8)
    page.reload()
    page.wait_for_selector(".task")
    assert "已填完" in page.locator('[data-task="8"] .state').inner_text()
    page.locator("#lang").click()
    assert page.locator("#count").inner_text() == "1 of 2 done, 0 unfinished"
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.locator('[data-task="8"] textarea').input_value() == "出资未到位"


def test_targets_are_large_and_an_unfinished_task_says_what_is_missing(opened: Any) -> None:
    page = opened
    sizes = page.evaluate(
        "() => [...document.querySelectorAll('button, .choice span, input[type=date], textarea')]"
        ".filter(e => e.offsetParent).map(e => e.getBoundingClientRect().height)"
    )
    assert min(sizes) >= 44
    page.locator('[data-task="7"]').get_by_text("未发现问题", exact=True).click()
    assert page.locator('[data-task="7"] .state').inner_text() == "还缺：检查内容"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_no_serious_finding(opened: Any) -> None:
    fill(opened, 7)
    found = Axe().run(opened, options={"resultTypes": ["violations"]}).response["violations"]
    bad = [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found if v["impact"] in ("serious", "critical")]
    assert bad == []
