"""Tasks and field work in a real browser: draw, publish, draw again; a day's route; papers; a pack out and back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.patience import PATIENCE_MS

pytestmark = pytest.mark.browser
CHOSEN = "(n) => document.querySelector('#tasks-form-tasks').value.split(',').filter(Boolean).length === n"


@pytest.fixture(scope="module")
def field(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A small city of its own with levels and officers, served: its address and store."""
    conftest = request.config.pluginmanager.getplugin(str(Path(__file__).parent / "conftest.py"))
    folder = tmp_path_factory.mktemp("field")
    made = conftest.publish(folder)
    conftest.load("field_city").add(made["store"], folder)
    with conftest.serving(made) as where:
        yield where, made["store"]
    made["store"].close()


def open_page(seen: Any, lang: str = "zh-Hans", theme: str = "light") -> Any:
    page = seen.page
    page.goto(f"{seen.address}/tasks?lang={lang}&theme={theme}")
    page.wait_for_function("() => window.__map && window.__map.ready && window.__map.seq > 0")
    page.wait_for_selector("#tasks-scope")
    return page


def tab(page: Any, label: str) -> None:
    page.locator("#tasks-tab").get_by_text(label, exact=True).click()


def draw(page: Any, seed: str) -> None:
    """Look at a draw of 20 % of the year and publish it."""
    tab(page, "双随机抽查")
    page.locator("#tasks-draw-seed").fill(seed)
    page.locator("#tasks-draw-part").fill("20")
    page.locator("#tasks-draw-look").click()
    page.wait_for_selector("#tasks-draw-shown tr[data-level]")
    page.get_by_role("button", name="发布并生成任务").click()
    page.wait_for_selector("#tasks-draw-shown [role=status] .tag.ok")


def choose(seen: Any, n: int) -> None:
    """Choose the first tasks of the list; the day is planned anew at each."""
    tab(seen.page, "任务")
    seen.cell("tasks-list", 0, "due")
    for i in range(n):
        seen.page.locator(f"#tasks-list .ag-row[row-index='{i}'] .ag-checkbox-input").first.check()
    seen.page.wait_for_function(CHOSEN, arg=n)
    seen.page.wait_for_selector("#tasks-stops li")
    seen.rest()


def test_a_draw_is_looked_at_published_and_drawn_again(watched: Callable[..., Any], field: Any) -> None:
    address, store = field
    seen = watched(address)
    page = open_page(seen)
    tab(page, "双随机抽查")
    page.locator("#tasks-draw-seed").fill("2015-06-30/first")
    page.locator("#tasks-draw-look").click()
    page.wait_for_selector("#tasks-draw-shown tr[data-level]")
    counts = {
        row.get_attribute("data-level"): [cell.replace(",", "") for cell in row.locator("td.end").all_inner_texts()]
        for row in page.locator("#tasks-draw-shown tr[data-level]").all()
    }
    shares = {"A": 0.05, "B": 0.15, "C": 0.30, "D": 0.50}
    for level, (eligible, _, _, _, drawn, *_) in counts.items():
        assert abs(int(drawn) - shares[level] * int(eligible)) <= 1
    assert int(counts["A"][4]) > 0
    assert store.draws(2015).empty
    page.get_by_role("button", name="发布并生成任务").click()
    page.wait_for_selector("#tasks-draw-shown [role=status] .tag.ok")
    name = store.draws(2015)["draw_id"].iloc[0]
    page.locator("#tasks-draws").get_by_role("button", name="重新抽取").first.click()
    page.wait_for_selector("#tasks-verified .tag.ok")
    tasks = store.tasks(["*"], page_day(), kind="draw")
    assert set(tasks["draw_id"]) == {name}
    tab(page, "任务")
    seen.cell("tasks-list", 0, "due")
    expect(page.locator("#tasks-total")).to_contain_text(f"{len(tasks)}")
    tab(page, "计划与完成")
    page.wait_for_selector("#tasks-plan-sums tfoot")
    seen.rest()
    sums = [int(t.replace(",", "")) for t in page.locator("#tasks-plan-sums tfoot td.end").all_inner_texts()]
    assert sums[1] == sums[2] + sums[3] + sums[5] == len(tasks)


def page_day() -> Any:
    import datetime as dt

    return dt.date(2015, 6, 30)


def test_the_plan_is_written_and_stands_beside_what_was_done(watched: Callable[..., Any], field: Any) -> None:
    address, store = field
    page = open_page(watched(address))
    tab(page, "计划与完成")
    for level, number in zip("ABCD", ("40", "30", "20", "10"), strict=True):
        page.locator(f"#tasks-plan-{level}").fill(number)
    page.locator("#tasks-plan-save").click()
    page.get_by_text("已保存").wait_for()
    found = store.plan_progress(2015, "*", page_day()).set_index(["item_code", "level"])["planned"]
    assert found["A01"].to_dict() == {"A": 40, "B": 30, "C": 20, "D": 10}


def test_a_day_is_planned_on_the_map_and_goes_out_as_papers_and_pack_and_comes_back(
    watched: Callable[..., Any], field: Any, tmp_path: Path, chromium: Any
) -> None:
    address, store = field
    seen = watched(address, accept_downloads=True)
    page = open_page(seen)
    if store.draws(2015).empty:
        draw(page, "2015-06-30/second")
    choose(seen, 5)
    assert page.locator("#tasks-stops li").count() >= 4
    orders = page.locator("#tasks-stops .no").all_inner_texts()
    assert orders == [str(n + 1) for n in range(len(orders))]
    times = [re.match(r"(\d\d:\d\d)", t)[1] for t in page.locator("#tasks-stops .num").all_inner_texts()]
    assert times == sorted(times)
    page.wait_for_function("(n) => window.__map.route === n", arg=len(orders))
    with page.expect_download() as form:
        page.locator("#tasks-form-send").click()
    form.value.save_as(tmp_path / "form.pdf")
    assert (tmp_path / "form.pdf").read_bytes().startswith(b"%PDF-")
    with page.expect_download() as pack:
        page.locator("#tasks-pack-send").click()
    file = tmp_path / "pack.html"
    pack.value.save_as(file)
    first, second = (
        entered(chromium, file, tmp_path / name, note) for name, note in (("a.json", "甲"), ("b.json", "乙"))
    )
    tab(page, "离线结果")
    page.locator("#tasks-pack-file input[type=file]").set_input_files(str(first))
    page.get_by_text("合并 1").wait_for()
    page.locator("#tasks-pack-file input[type=file]").set_input_files(str(second))
    page.get_by_text("有分歧 1").wait_for()
    expect(page.locator(".clash .two > div")).to_contain_text(["甲", "乙"])
    page.get_by_role("button", name="保留现有").click()
    page.get_by_text("没有待决定的分歧").wait_for()
    assert store.pack_entries("kept")["task_id"].tolist() == [
        json.loads(first.read_text("utf-8"))["results"][0]["task_id"]
    ]


def test_a_result_is_recorded_once_and_taken_back(watched: Callable[..., Any], field: Any) -> None:
    address, store = field
    seen = watched(address)
    page = open_page(seen)
    if store.draws(2015).empty:
        draw(page, "2015-06-30/third")
    choose(seen, 1)
    page.wait_for_selector("#tasks-save")
    number = page.evaluate("() => document.querySelector('#tasks-form-tasks').value")
    page.locator("#tasks-save").click()
    page.wait_for_selector("#tasks-said [role=alert]")
    seen.rest()
    for box in page.locator(".entry [role=radiogroup]").all():
        box.get_by_label("符合", exact=True).check()
    page.locator("#tasks-result").click()
    page.get_by_role("option", name="未发现问题").click()
    page.locator("#tasks-note").fill("现场核实")
    page.locator("#tasks-save").click()
    page.wait_for_selector("#tasks-said .tag.ok")
    assert store.task(int(number))["state"] == "closed"
    page.locator("#tasks-said").get_by_role("button", name="撤销").click()
    page.wait_for_selector("#tasks-said .tag.info")
    assert store.task(int(number))["state"] == "open"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_no_serious_finding(watched: Callable[..., Any], field: Any, lang: str, theme: str) -> None:
    address, _ = field
    seen = watched(address)
    page = open_page(seen, lang, theme)
    for n in range(4):
        page.locator("#tasks-tab label").nth(n).click()
        seen.calm()
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        bad = [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found if v["impact"] in ("serious", "critical")]
        assert bad == []


def entered(chromium: Any, file: Path, out: Path, note: str) -> Path:
    """Enter one result in the pack, offline, and save it."""
    context = chromium.new_context(offline=True, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(file.as_uri())
    task = page.locator(".task").first
    for fieldset in task.locator("fieldset").all():
        answer = fieldset.locator("input[value=ok]")
        if answer.count():
            answer.check(force=True)
    task.locator("input[name^='r-'][value=none_found]").check(force=True)
    task.locator("input[name^='f-'][value=none]").check(force=True)
    task.locator("textarea").fill(note)
    with page.expect_download() as saved:
        page.locator("#save").click()
    saved.value.save_as(out)
    context.close()
    return out


@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_every_sheet_of_the_page_opens_in_both_languages(watched: Callable[..., Any], field: Any, lang: str) -> None:
    address, _ = field
    seen = watched(address)
    page = open_page(seen, lang)
    for n, key in enumerate(("list", "draw", "plan", "packs")):
        page.locator("#tasks-tab label").nth(n).click()
        page.wait_for_selector(f"#tasks-sheet-{key}:not([hidden])")
        seen.rest()
        assert page.locator(f"#tasks-sheet-{key} [role=alert]").count() == 0
