"""The warning page in a real browser: list, evidence, the whole life of a warning, undo, conflict, attachments."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from models import settings as settings_module
from models.settings import Settings

pytestmark = pytest.mark.browser
BESIDE = Path(__file__).parent
NEVER_AFTER_TEN_SECONDS = """(() => {
  const own = window.setTimeout;
  window.setTimeout = (act, ms, ...more) => ms === 10000 ? 0 : own(act, ms, ...more);
})()"""
"""Lets what the page does after ten seconds, which a busy machine may need for a step, never happen."""


def module(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"warning_{name}", BESIDE / f"{name}.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


WARNED = module("warning_city")


@pytest.fixture
def warned(tmp_path: Path) -> Iterator[tuple[str, Any]]:
    """A small city with warnings of its own: where it is served, and its store."""
    base = settings_module.load({})
    settings = Settings(home=tmp_path, shared=base.shared, profiles=base.profiles)
    store, profile = WARNED.publish(module("small_city"), settings, tmp_path)
    with module("conftest").serving({"store": store, "profile": profile, "settings": settings}) as where:
        yield where, store
    store.close()


def open_warning(seen: Any, key: str | None = None, lang: str = "zh-Hans", theme: str = "light") -> Any:
    page = seen.page
    page.goto(f"{seen.address}/warning?lang={lang}&theme={theme}" + (f"&id={key}" if key else ""))
    page.wait_for_function("() => window.__map && window.__map.ready && window.__map.seq > 0")
    page.wait_for_selector("#warning-list .wrow")
    if key:
        page.wait_for_selector(f".whead[data-key='{key}']")
    return page


def press(page: Any, action: str, state: str) -> None:
    """Press a step's button and wait until the page stands anew, in another state."""
    page.locator(f'#warning-steps button[id*=\'"action":"{action}"\']').click()
    page.wait_for_selector("#warning-said .tag.ok")
    page.wait_for_selector(f".whead[data-state={state}]")


def choose(page: Any, ident: str, label: str) -> None:
    page.locator(f"#{ident}").click()
    page.get_by_role("option", name=label, exact=True).click()


def test_the_list_shows_what_is_not_closed_and_filters_it(warned: Any, watched: Callable[..., Any]) -> None:
    where, _ = warned
    page = open_warning(watched(where))
    expect(page.locator("#warning-list .wrow")).to_have_count(3)
    expect(page.locator("#warning-total")).to_have_text("共 3 条")
    expect(page.locator("#warning-list .wrow-due.late")).to_have_count(1)
    page.get_by_text("已办结", exact=True).first.click()
    expect(page.locator("#warning-list .wrow")).to_have_count(1)
    page.get_by_text("未办结", exact=True).click()
    page.locator("#warning-overdue").check()
    expect(page.locator("#warning-total")).to_have_text("共 1 条")
    page.locator("#warning-theme").click()
    page.get_by_role("option", name="异常投资").click()
    page.wait_for_selector("#warning-empty .blank")


def test_the_evidence_stands_as_sentences_timeline_map_and_members(warned: Any, watched: Callable[..., Any]) -> None:
    where, store = warned
    seen = watched(where)
    page = open_warning(seen, WARNED.BURST)
    for said in ("12，预期 1.4", "阈值 5", "货物运输"):
        expect(page.locator("#warning-evidence")).to_contain_text(said)
    expect(page.locator(".wmembers tbody tr")).to_have_count(6)
    page.wait_for_selector("#warning-evidence .js-plotly-plot .bars .point")
    page.wait_for_function("(id) => window.__map.selection === id", arg=f"cell:{WARNED.BURST}")
    expect(page.locator(".wmembers a").first).to_have_attribute("href", re.compile(r"^/subject\?id=91500110"))
    expect(page.locator("#warning-head")).to_contain_text("同一栋楼短期内批量注册")
    expect(page.locator("#warning-life")).to_contain_text("尚无人工办结的预警")
    seen.rest()  # nothing that follows reads it again
    with store._reading() as connection:
        lines = connection.exec_driver_sql("SELECT action, object FROM access_log WHERE action = 'read'").all()
    assert [tuple(line) for line in lines] == [("read", f"warning {WARNED.BURST}")]


def test_a_warning_is_taken_inspected_and_closed_as_confirmed(warned: Any, watched: Callable[..., Any]) -> None:
    where, store = warned
    seen = watched(where)
    seen.page.add_init_script(NEVER_AFTER_TEN_SECONDS)  # the test after this one waits for that
    page = open_warning(seen, WARNED.BURST)
    press(page, "take", "taken")
    press(page, "visit", "on_site")
    page.wait_for_selector("#warning-questions .wquestion")
    page.locator("#warning-questions .wquestion").nth(1).get_by_text("严重问题").click()
    choose(page, "warning-result", "无法联系")
    choose(page, "warning-closes", "办结：属实")
    page.locator("#warning-note").fill("人去楼空")
    page.locator("#warning-save").dblclick()
    page.wait_for_selector(".whead[data-state=closed]")
    seen.rest()  # both presses have been answered
    warning = store.warning(WARNED.BURST)
    assert (warning["outcome"], warning["opinion"]) == ("confirmed", "人去楼空")
    assert len(store.results_of_warning(WARNED.BURST)) == 1
    assert len(store.confirmed_warnings()) == 6
    expect(page.locator("#warning-note")).to_have_value("")
    page.wait_for_selector("#warning-undo:not([hidden])")
    page.locator("#warning-undo").click()
    page.wait_for_selector(".whead[data-state=on_site]")
    assert store.results_of_warning(WARNED.BURST).empty
    assert store.confirmed_warnings().empty


def test_the_way_back_is_offered_for_ten_seconds(warned: Any, watched: Callable[..., Any]) -> None:
    where, store = warned
    seen = watched(where)
    seen.page.clock.install()
    page = open_warning(seen, WARNED.BURST)
    press(page, "take", "taken")
    page.wait_for_selector("#warning-undo:not([hidden])")
    page.clock.fast_forward(10_000)
    page.wait_for_selector("#warning-undo", state="hidden")
    assert store.warning(WARNED.BURST)["state"] == "taken"


def test_two_people_get_a_conflict_that_keeps_what_was_typed(warned: Any, watched: Callable[..., Any]) -> None:
    where, store = warned
    seen = watched(where)
    page = open_warning(seen, WARNED.BURST)
    press(page, "take", "taken")
    page.wait_for_selector("#warning-save:not([hidden])")
    page.locator("#warning-note").fill("我写的意见")
    act = {"actor": "王", "as_of": WARNED.AS_OF, "at": WARNED.NOON}
    store.step_warning(WARNED.BURST, "visit", revision=2, **act)
    page.locator("#warning-steps button[id*='visit']").click()
    page.wait_for_selector("#warning-said .strip")
    for said in ("王", "现场核查"):
        expect(page.locator("#warning-said")).to_contain_text(said)
    page.wait_for_selector(".whead[data-state=on_site]")
    seen.rest()
    expect(page.locator("#warning-note")).to_have_value("我写的意见")
    assert store.warning(WARNED.BURST)["actor"] == "王"


def test_what_is_missing_or_does_not_fit_is_said_and_kept(warned: Any, watched: Callable[..., Any]) -> None:
    where, store = warned
    seen = watched(where)
    page = open_warning(seen, WARNED.BURST)
    press(page, "take", "taken")
    page.wait_for_selector("#warning-save:not([hidden])")
    page.locator("#warning-note").fill("先记下")
    page.locator("#warning-save").click()
    page.wait_for_selector("#warning-said .strip")
    choose(page, "warning-result", "未发现问题")
    choose(page, "warning-closes", "办结：属实")
    page.locator("#warning-save").click()
    expect(page.locator("#warning-said .strip")).to_contain_text("现为已认领")
    seen.rest()
    expect(page.locator("#warning-note")).to_have_value("先记下")
    assert store.count("results") == 0


def test_a_photo_is_attached_and_a_program_refused(warned: Any, watched: Callable[..., Any], tmp_path: Path) -> None:
    from PIL import Image

    where, store = warned
    page = open_warning(watched(where), WARNED.BURST)
    Image.new("RGB", (40, 30), "red").save(tmp_path / "门头.png")
    (tmp_path / "run.png").write_bytes(b"MZ" + bytes(500))
    page.locator("#warning-upload input[type=file]").set_input_files(tmp_path / "run.png")
    said = page.locator("#warning-attached .strip")
    expect(said).to_have_text("按内容判断，文件不是 JPEG、PNG 或 PDF；只接受这三种")
    page.locator("#warning-upload input[type=file]").set_input_files(tmp_path / "门头.png")
    page.wait_for_selector("#warning-files .link")
    assert store.attachments(warning_key=WARNED.BURST)["file_name"].tolist() == ["门头.png"]
    with page.expect_download() as download:
        page.locator("#warning-files .link").click()
    assert Path(download.value.path()).read_bytes() == (tmp_path / "门头.png").read_bytes()


def test_an_assignment_is_saved(warned: Any, watched: Callable[..., Any]) -> None:
    where, store = warned
    page = open_warning(watched(where), WARNED.FAULT)
    expect(page.locator("#warning-life")).to_contain_text("更正登记数据")
    choose(page, "warning-measure", "核查出资")
    page.locator("#warning-assign").click()
    page.wait_for_selector("#warning-said .tag.ok")
    assert store.warning(WARNED.FAULT)["measure"] == "check_paid_in"


def test_a_document_gets_the_next_number(warned: Any, watched: Callable[..., Any]) -> None:
    where, store = warned
    seen = watched(where)
    page = open_warning(seen, WARNED.BURST)
    for number in (1, 2):
        page.locator("#warning-issue").click()
        expect(page.locator("#warning-documents li")).to_have_count(number)
    found = store.documents(warning_key=WARNED.BURST)
    assert found["number"].tolist() == ["市监核查〔2015〕2号", "市监核查〔2015〕1号"]
    with page.expect_download() as download:
        page.locator("#warning-documents li button").first.click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
    seen.rest()
    expect(page.locator("#warning-documents li")).to_have_count(2)


@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_states_are_said_in_both_languages(warned: Any, watched: Callable[..., Any], lang: str) -> None:
    where, _ = warned
    seen = watched(where)
    page = open_warning(seen, WARNED.GONE, lang)
    said = "在规定天数内没有新的登记" if lang == "zh-Hans" else "no further registration"
    expect(page.locator("#warning-life")).to_contain_text(said)
    page.goto(f"{where}/warning?lang={lang}&id=ffffffffffffffff")
    page.wait_for_selector("#warning-head .blank")
    seen.rest()
    expect(page.locator("#warning-save")).to_be_hidden()


@pytest.mark.parametrize(("lang", "theme"), [("zh-Hans", "light"), ("en", "dark")])
def test_no_serious_accessibility_finding(warned: Any, watched: Callable[..., Any], lang: str, theme: str) -> None:
    where, store = warned
    act = {"actor": "local", "as_of": WARNED.AS_OF, "at": WARNED.NOON}
    store.step_warning(WARNED.BURST, "take", revision=1, **act)
    seen = watched(where)
    page = open_warning(seen, WARNED.BURST, lang, theme)
    page.wait_for_selector("#warning-questions .wquestion")
    seen.calm()
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    grave = [
        f"{v['id']}: {node['target']} {node['html'][:160]}"
        for v in found
        if v["impact"] in ("serious", "critical")
        for node in v["nodes"]
    ]
    assert grave == []
    assert page.evaluate("() => document.documentElement.scrollHeight <= innerHeight")
