"""My grid in a real browser: one selection for map, list and warnings; counts that agree; states that speak."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
OWN = "500110001"
READY = "() => window.__map && window.__map.ready && window.__map.seq > 0"
ALLOWED = {"EN", "km", "CC", "BY", "Cityhex", "XLSX"}
CODED = re.compile(r"[A-Za-z0-9]*\d[A-Za-z0-9]*")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, supervised: Callable[..., Any]) -> Iterator[Any]:
    with supervised(tmp_path_factory.mktemp("supervise")) as made:
        yield made


def opened(seen: Any, path: str = f"/supervise?lang=zh-Hans&area={OWN}") -> Any:
    page = seen.page
    page.goto(seen.address + path)
    page.wait_for_function(READY)
    seen.cell("supervise-list", 0, "name")
    return page


def chosen(page: Any) -> Any:
    page.wait_for_selector(".chosen")
    return page.locator(".chosen")


def test_counts_list_and_levels_agree_with_the_product(watched: Callable[..., Any], served: Any) -> None:
    page = opened(watched(served["address"]))
    firms = served["store"].product("subjects").to_pandas()
    own = firms[(firms["grid_code"] == OWN) & firms["located"]]
    levels = served["store"].product("subject_levels").to_pandas().set_index("subject_id")["level"]
    counts = levels.reindex(own["uscc"]).value_counts()
    for level in "DCBA":
        chip = page.locator(f".level-chip[id*='\"{level}\"'] b")
        expect(chip).to_have_text(f"{int(counts.get(level, 0)):,}")
    expect(page.locator("#supervise-total")).to_contain_text(f"{len(own):,}")
    expect(page.locator("#supervise-list .ag-row[row-index='0'] [col-id=level]")).to_have_text("D")


def test_row_warning_cell_and_point_select_one_thing_and_the_second_press_lets_go(
    watched: Callable[..., Any], served: Any
) -> None:
    seen = watched(served["address"])
    page = opened(seen)
    code = seen.cell("supervise-list", 2, "uscc").inner_text()
    name = seen.cell("supervise-list", 2, "name")
    name.click()
    expect(chosen(page)).to_contain_text(code)
    page.wait_for_function("(id) => window.__map.selection === 'subject:' + id", arg=code)
    expect(page.locator(f'a[href*="/subject?id={code}"]')).to_have_count(1)
    for _ in range(2):  # close, open, close; the address says that the press before was taken in whole
        page.wait_for_function("() => location.search.includes('sel=')")
        name.click()
        page.wait_for_function("() => document.getElementById('supervise-card').hidden")
        page.wait_for_function("() => !location.search.includes('sel=')")
        name.click()
        chosen(page)
    page.locator(".wrow").first.click()
    page.wait_for_function("() => (window.__map.selection || '').startsWith('warning:')")
    expect(page.locator(".wrow.on")).to_have_count(1)
    page.wait_for_function("() => location.search.includes('sel=warning:')")
    page.keyboard.press("Escape")
    page.wait_for_function("() => window.__map.selection === null")
    expect(page.locator(".wrow.on")).to_have_count(0)


def test_a_place_on_the_map_narrows_the_list(watched: Callable[..., Any], served: Any) -> None:
    seen = watched(served["address"])
    page = opened(seen)
    before = page.locator("#supervise-total").text_content()
    firms = served["store"].product("subjects").to_pandas()
    own = firms[(firms["grid_code"] == OWN) & firms["located"]]
    firm = own.iloc[(own["lon"] - own["lon"].median()).abs().argmin()]
    seen.click_map(firm["lon"], firm["lat"])
    chosen(page)
    page.wait_for_function("() => /^(subject|cell):/.test(window.__map.selection || '')")
    if page.evaluate("() => window.__map.selection").startswith("cell:"):
        expect(page.locator("#supervise-total")).not_to_have_text(before)
    seen.click_map(firm["lon"], firm["lat"])
    page.wait_for_function("() => window.__map.selection === null")


def test_filters_say_what_they_do_and_nothing_found_is_said(watched: Callable[..., Any], served: Any) -> None:
    seen = watched(served["address"])
    page = opened(seen)
    page.locator(".level-chip").first.click()
    page.wait_for_function("() => document.querySelector('.level-chip').getAttribute('aria-pressed') === 'true'")
    page.wait_for_function("() => document.getElementById('supervise-total').innerText.includes('D ')")
    seen.cell("supervise-list", 0, "level")
    assert set(page.locator("#supervise-list .lv").all_inner_texts()) == {"D"}
    page.locator("#supervise-text").fill("没有这样的企业")
    page.wait_for_function("() => document.getElementById('supervise-total').innerText.startsWith('0 ')")
    page.locator("#supervise-clear").click()
    page.wait_for_function("() => document.getElementById('supervise-clear').hidden")


def test_the_list_works_where_the_map_fails(watched: Callable[..., Any], served: Any) -> None:
    seen = watched(served["address"])
    seen.page.route("**/data/**", lambda route: route.abort())
    seen.page.goto(f"{served['address']}/supervise?lang=zh-Hans&area={OWN}")
    seen.cell("supervise-list", 0, "name").click()
    chosen(seen.page)
    seen.rest()
    seen.faults[:] = [fault for fault in seen.faults if "ERR_FAILED" not in fault]


def test_the_number_of_statements_does_not_grow_with_the_area(served: Any) -> None:
    import sqlalchemy as sa

    from layers.access import LOCAL
    from layers.pages import supervise, supervise_card, supervise_list
    from layers.pages.context import Context

    context = Context(served["store"], served["profile"], lambda: LOCAL, served["settings"])
    engine, seen = served["store"]._engine, []
    sa.event.listen(engine, "before_cursor_execute", lambda *call: seen.append(call[2]))

    def taken(act: Callable[[], Any]) -> int:
        act()
        seen.clear()
        act()
        return len(seen)

    firm = served["store"].product("subjects").to_pandas().query("located").iloc[0]["uscc"]
    for area in (OWN, "500110", None):
        rows = supervise_list.filtered(context, area, {}).head(50)
        name = {"area": area or "all"}
        assert taken(lambda name=name: supervise.layout_for(context, "en", "light", name)) <= 30
        assert taken(lambda rows=rows: supervise_list.shown(context, rows, "en")) <= 10
    assert taken(lambda: supervise_card.chosen(context, None, f"subject:{firm}", "en")) <= 10


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_no_serious_finding_and_no_foreign_word(
    watched: Callable[..., Any], served: Any, lang: str, theme: str
) -> None:
    seen = watched(served["address"], (1600, 1000))
    page = opened(seen, f"/supervise?lang={lang}&theme={theme}&area={OWN}")
    seen.cell("supervise-list", 0, "name").click()
    chosen(page)
    seen.calm()
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    serious = [
        f"{v['id']}: {n['html'][:160]}" for v in found if v["impact"] in ("serious", "critical") for n in v["nodes"]
    ]
    assert serious == []
    if lang == "zh-Hans":
        shown = page.evaluate("() => document.querySelector('.screen').innerText")
        assert set(re.findall(r"[A-Za-z]{2,}", CODED.sub("", shown))) - ALLOWED == set()
    assert page.evaluate("() => document.documentElement.scrollHeight <= innerHeight")
    assert page.locator("[data-asof][data-source]").count() >= 3
