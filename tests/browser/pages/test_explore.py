"""The explore page in a real browser."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
CELL = "8840198a97fffff"


def test_a_click_selects_a_hexagon_on_map_panel_address_and_table_and_escape_lets_it_go(
    watched: Callable[..., Any], city: Any
) -> None:
    seen = watched()
    page = seen.open("/?layers=subject-density,district-outlines&table=1&lang=zh-Hans")
    seen.cell("twin-list", 0, "name")
    firms = city["store"].product("subjects").to_pandas()
    crowded = firms["h3_r8"].value_counts().index[0]
    row = firms[firms["h3_r8"] == crowded].iloc[0]
    seen.click_map(row["lon"], row["lat"])
    page.wait_for_selector("#panel-close")
    sel = f"cell:{int(crowded):x}"
    seen.addressed(sel=sel)
    count = int((firms["h3_r8"] == crowded).sum())
    expect(page.locator("#panel .kv")).to_have_text(f"{count:,}")
    expect(page.locator("#twin-list .ag-center-cols-container .ag-row-selected")).to_have_attribute("row-id", sel)
    page.keyboard.press("Escape")
    page.wait_for_selector("#panel-close", state="detached")
    seen.addressed(sel=None)
    page.go_back()
    page.wait_for_selector("#panel-close")
    seen.addressed(sel=sel)


def test_the_same_hexagon_clicked_twice_closes_the_panel_and_a_third_time_opens_it(watched: Callable[..., Any]) -> None:
    seen = watched()
    page = seen.open("/?layers=subject-density&lang=zh-Hans")
    for _ in range(2):
        seen.click_map(106.68, 29.01)
        page.wait_for_selector("#panel-close")
        seen.click_map(106.68, 29.01)
        page.wait_for_selector("#panel-close", state="detached")


def test_the_list_of_firms_is_paged_and_a_row_opens_the_firm(watched: Callable[..., Any]) -> None:
    seen = watched()
    page = seen.open("/?layers=subject-density&sel=district:500110&lang=zh-Hans")
    page.get_by_text("名单").click()
    seen.cell("firms-list", 0, "name").click()
    page.wait_for_function("() => location.search.includes('sel=subject:')")
    page.wait_for_selector("#panel .facts")
    expect(page.locator("#panel")).to_contain_text("登记地址")


def test_a_period_moves_values_only(watched: Callable[..., Any]) -> None:
    seen = watched()
    page = seen.open("/?layers=registrations&lang=zh-Hans")
    page.wait_for_selector("#timebar:not([hidden])")
    page.wait_for_function("() => window.__map.period === '2015-06'")
    seen.rest()
    seen.posts.clear()
    seen.fetched.clear()
    geometry = "() => window.__map.drawn[0].n"
    before, label = page.evaluate(geometry), page.locator("#time-text").inner_text()
    page.locator("#timebar [role=slider]").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("() => window.__map.period === '2015-05'")
    page.get_by_label("上一期").click()
    page.wait_for_function("() => window.__map.period === '2015-04'")
    seen.rest()
    assert seen.posts == []
    assert seen.fetched
    assert all("/values/" in url for url in seen.fetched)
    assert page.evaluate(geometry) == before
    expect(page.locator("#time-text")).not_to_have_text(label)
    seen.addressed(period="2015-04")


def test_legend_counts_are_those_of_what_is_drawn(watched: Callable[..., Any], city: Any) -> None:
    seen = watched()
    page = seen.open("/?layers=subject-density&lang=zh-Hans")
    page.wait_for_function("() => window.__map.drawn[0].res === 8")
    seen.rest()
    shown = page.locator(".legend .lrow[data-class] .num").all_inner_texts()
    total = sum(int(re.sub(r"\D", "", text)) for text in shown)
    cells = city["store"].product("cells").to_pandas()
    assert total == int((cells["resolution"] == 8).sum())


def test_layers_are_ordered_and_hidden_by_keyboard_and_the_address_restores_them(
    watched: Callable[..., Any],
) -> None:
    page = watched().open("/?layers=industry-mix,subject-density~o40,district-outlines&lang=zh-Hans")
    page.get_by_label("市场主体密度：展开设置").focus()
    page.keyboard.press("Enter")
    page.get_by_label("上移市场主体密度").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => location.search.includes('layers=subject-density~o40,industry-mix')")
    page.wait_for_selector("#rail .layer:first-child[data-layer=subject-density]")  # rows change places: aim afterwards
    page.get_by_label("隐藏主导行业").click()
    page.wait_for_function("() => location.search.includes('industry-mix~h')")
    page.get_by_label("显示主导行业").wait_for()  # the panel was drawn anew
    page.get_by_role("slider", name="市场主体密度的不透明度").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => location.search.includes('subject-density~o41')")
    url = page.url
    again = watched()
    other = again.open(url.removeprefix(again.address))
    again.rest()
    first_lines = [re.compile(rf"^{name}(\n|$)") for name in ("市场主体密度", "主导行业", "区县界")]
    expect(other.locator("#rail .layer .name")).to_have_text(first_lines, use_inner_text=True)
    drawn = {d["id"] for d in other.evaluate("() => window.__map.drawn")}
    assert "subject-density" in drawn
    assert "industry-mix" not in drawn
    expect(other.locator("[data-legend]")).to_have_count(1)


def test_the_focus_goes_with_its_row_and_is_never_taken_from_where_the_reader_went(watched: Callable[..., Any]) -> None:
    seen = watched()
    page = seen.open("/?layers=industry-mix,subject-density,district-outlines&lang=zh-Hans")
    page.evaluate(
        """(name) => new MutationObserver((_, self) => {
            const button = document.querySelector(`[aria-label="${name}"]`);
            if (button) { self.disconnect(); button.focus(); }
        }).observe(document.getElementById('rail'), {childList: true, subtree: true, attributes: true})""",
        "上移市场主体密度",
    )
    page.get_by_label("市场主体密度：展开设置").focus()
    page.keyboard.press("Enter")
    page.get_by_label("上移市场主体密度").wait_for()
    seen.calm()
    focused = "() => document.activeElement.getAttribute('aria-label')"
    assert page.evaluate(focused) == "上移市场主体密度"
    page.keyboard.press("Enter")
    page.wait_for_selector("#rail .layer:first-child[data-layer=subject-density]")
    page.get_by_label("隐藏区县界").focus()
    page.get_by_label("下移市场主体密度").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#rail .layer:first-child[data-layer=industry-mix]")
    page.wait_for_function("() => document.activeElement.getAttribute('aria-label') === '下移市场主体密度'")
    page.keyboard.press("Enter")
    page.wait_for_selector("#rail .layer:last-child[data-layer=subject-density]")
    order = "() => [...document.querySelectorAll('#rail .layer')].map((el) => el.dataset.layer).join()"
    page.wait_for_function(f"() => ({order})() === 'industry-mix,district-outlines,subject-density'")


def test_an_opacity_moved_while_the_panel_is_drawn_anew_stands(watched: Callable[..., Any]) -> None:
    seen = watched()
    page = seen.open("/?layers=industry-mix,subject-density~o40&lang=zh-Hans")
    page.get_by_label("市场主体密度：展开设置").click()
    slider = page.get_by_role("slider", name="市场主体密度的不透明度")
    slider.wait_for()
    held: list[Any] = []

    def hold(route: Any) -> None:
        if '"output":"rail.children"' in route.request.post_data:
            held.append(route)
        else:
            route.continue_()

    page.route("**/_dash-update-component**", hold)
    page.get_by_label("隐藏主导行业").click()
    page.wait_for_function("() => location.search.includes('industry-mix~h')")
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => location.search.includes('subject-density~o41')")
    seen.until(lambda: bool(held), "the panel is asked for")
    while held:
        held.pop().continue_()
    page.get_by_label("显示主导行业").wait_for()
    page.wait_for_function("() => document.querySelector('[data-opacity=subject-density]').textContent === '41 %'")
    page.wait_for_selector("#rail [role=slider][aria-valuenow='41']", state="attached")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => location.search.includes('subject-density~o42')")


def test_search_reaches_a_firm_by_keyboard(watched: Callable[..., Any], city: Any) -> None:
    seen = watched()
    page = seen.open("/?lang=zh-Hans")
    firm = city["store"].product("subjects").to_pandas().query("located").iloc[3]
    page.keyboard.press("/")
    page.keyboard.type(firm["uscc"])
    first = (
        "(name) => { const hit = document.querySelector('#search-hits .hit b'); return hit && hit.innerText === name; }"
    )
    page.wait_for_function(first, arg=firm["name"])
    seen.rest()  # what was found for the whole code
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    seen.addressed(sel=f"subject:{firm['uscc']}")
    page.wait_for_function("() => Number(new URLSearchParams(location.search).get('z')) > 14")


def test_the_table_is_exported_with_a_readme_and_the_map_as_a_picture(watched: Callable[..., Any]) -> None:
    seen = watched()
    page = seen.open("/?layers=subject-density&lang=zh-Hans")
    seen.rest()  # the map has told the page which resolution it shows
    page.locator("#export-menu").click()
    with page.expect_download() as got:
        page.locator("#export-xlsx").click()
    book = openpyxl.load_workbook(io.BytesIO(open(got.value.path(), "rb").read()), read_only=True)  # noqa: PTH123, SIM115
    assert book.sheetnames == ["说明", "数据"]
    rows = page.evaluate("() => window.__map.drawn[0].n")
    assert sum(1 for _ in book["数据"].rows) == rows + 1
    page.locator("#export-menu").click()
    with page.expect_download() as picture:
        page.locator("#export-png").click()
    assert open(picture.value.path(), "rb").read(8) == b"\x89PNG\r\n\x1a\n"  # noqa: PTH123, SIM115


def test_theme_and_language_are_switched_and_keep_the_view(watched: Callable[..., Any]) -> None:
    seen = watched()
    page = seen.open(f"/?layers=subject-density~o50&sel=cell:{CELL}&lang=zh-Hans")
    page.locator("#theme-toggle").click()
    page.wait_for_function("() => document.documentElement.dataset.mantineColorScheme === 'dark'")
    page.wait_for_function("() => location.search.includes('theme=dark')")
    page.locator("#language").click()
    page.wait_for_function("() => document.documentElement.lang === 'en' && window.__map && window.__map.ready")
    page.wait_for_selector("#panel-close")
    seen.addressed(layers="subject-density~o50", sel=f"cell:{CELL}", theme="dark")
    expect(page.locator("nav a[aria-current]")).to_have_text(re.compile("^Explore"))
    expect(page.locator("body")).to_have_css("background-color", "rgb(13, 19, 28)")


def test_without_webgl2_a_plain_chart_and_the_table_stand_in(watched: Callable[..., Any]) -> None:
    seen = watched()
    seen.page.add_init_script(
        "const get = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...rest) "
        "{ return kind === 'webgl2' ? null : get.call(this, kind, ...rest); };"
    )
    seen.page.goto(seen.address + "/?layers=subject-density&table=1&lang=zh-Hans")
    page = seen.page
    page.wait_for_selector("#fallback .js-plotly-plot path.js-fill")
    seen.cell("twin-list", 0, "name")
    expect(page.locator("#fallback")).to_contain_text("WebGL2")
