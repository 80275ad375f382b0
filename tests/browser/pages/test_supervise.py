"""My grid in a real browser: one selection for map, list and warnings; counts that agree; states that speak."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser
OWN = "500110001"
ROW = "#supervise-list .ag-center-cols-container .ag-row .ag-cell"
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
    page.wait_for_selector(ROW)
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
        chip = page.locator(f".level-chip[id*='\"{level}\"'] b").inner_text().replace(",", "")
        assert int(chip) == int(counts.get(level, 0))
    assert f"{len(own):,}" in page.locator("#supervise-total").inner_text()
    first = page.locator(ROW).first.inner_text()
    assert first == "D"


def test_row_warning_cell_and_point_select_one_thing_and_the_second_press_lets_go(
    watched: Callable[..., Any], served: Any
) -> None:
    page = opened(watched(served["address"]))
    row = page.locator("#supervise-list .ag-row").nth(2)
    code = row.locator('[col-id="uscc"]').inner_text()
    row.locator('[col-id="name"]').click()
    assert code in chosen(page).inner_text()
    page.wait_for_function("(id) => window.__map.selection === 'subject:' + id", arg=code)
    assert page.locator(f'a[href*="/subject?id={code}"]').count() == 1
    for _ in range(2):  # close, open, close; the address says that the press before was taken in whole
        page.wait_for_function("() => location.search.includes('sel=')")
        row.locator('[col-id="name"]').click()
        page.wait_for_function("() => document.getElementById('supervise-card').hidden")
        page.wait_for_function("() => !location.search.includes('sel=')")
        row.locator('[col-id="name"]').click()
        chosen(page)
    page.locator(".wrow").first.click()
    page.wait_for_function("() => (window.__map.selection || '').startsWith('warning:')")
    assert page.locator(".wrow.on").count() == 1
    assert "sel=warning:" in page.url
    page.keyboard.press("Escape")
    page.wait_for_function("() => window.__map.selection === null")
    assert page.locator(".wrow.on").count() == 0


def test_a_place_on_the_map_narrows_the_list(watched: Callable[..., Any], served: Any) -> None:
    seen = watched(served["address"])
    page = opened(seen)
    before = page.locator("#supervise-total").inner_text()
    firms = served["store"].product("subjects").to_pandas()
    own = firms[(firms["grid_code"] == OWN) & firms["located"]]
    firm = own.iloc[(own["lon"] - own["lon"].median()).abs().argmin()]
    seen.rest()
    seen.still()
    x, y = page.evaluate("(p) => window.__map.project(p)", [firm["lon"], firm["lat"]])
    box = page.locator("#map").bounding_box()
    page.mouse.click(box["x"] + x, box["y"] + y)
    chosen(page)
    kind = page.evaluate("() => window.__map.selection").split(":")[0]
    assert kind in ("subject", "cell")
    if kind == "cell":
        page.wait_for_function("(t) => document.getElementById('supervise-total').innerText !== t", arg=before)
    page.mouse.click(box["x"] + x, box["y"] + y)
    page.wait_for_function("() => window.__map.selection === null")


def test_filters_say_what_they_do_and_nothing_found_is_said(watched: Callable[..., Any], served: Any) -> None:
    page = opened(watched(served["address"]))
    page.locator(".level-chip").first.click()
    page.wait_for_function("() => document.querySelector('.level-chip').getAttribute('aria-pressed') === 'true'")
    page.wait_for_function("() => document.getElementById('supervise-total').innerText.includes('D ')")
    marks = page.locator("#supervise-list .lv").all_inner_texts()
    assert set(marks) == {"D"}
    page.locator("#supervise-text").fill("没有这样的企业")
    page.wait_for_function("() => document.getElementById('supervise-total').innerText.startsWith('0 ')")
    page.locator("#supervise-clear").click()
    page.wait_for_function("() => document.getElementById('supervise-clear').hidden")


def test_the_list_works_where_the_map_fails(chromium: Any, served: Any) -> None:
    context = chromium.new_context(viewport={"width": 1400, "height": 900}, locale="zh-CN")
    page = context.new_page()
    page.route("**/data/**", lambda route: route.abort())
    page.goto(f"{served['address']}/supervise?lang=zh-Hans&area={OWN}")
    page.wait_for_selector(ROW)
    page.wait_for_load_state("networkidle")  # the list is asked for again once the page knows its filters
    page.locator("#supervise-list .ag-row").first.locator('[col-id="name"]').click()
    chosen(page)
    context.close()


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
    page = opened(watched(served["address"], (1600, 1000)), f"/supervise?lang={lang}&theme={theme}&area={OWN}")
    page.locator("#supervise-list .ag-row").first.locator('[col-id="name"]').click()
    chosen(page)
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
