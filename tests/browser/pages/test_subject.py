"""The panorama in a real browser: reasons that add up, each event once, relations without keys, objections on file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
OWN = "500110001"
ALLOWED = {"EN", "km", "CC", "BY", "Cityhex", "general", "MA", "PDF"}
CODED = re.compile(r"[A-Za-z0-9]*\d[A-Za-z0-9]*")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, supervised: Callable[..., Any]) -> Iterator[Any]:
    with supervised(tmp_path_factory.mktemp("subject")) as made:
        yield made


@pytest.fixture(scope="module")
def worst(served: Any) -> str:
    """The located firm of the own town that is to be looked at first."""
    levels = served["store"].product("subject_levels").to_pandas()
    firms = served["store"].product("subjects").to_pandas()
    own = firms[(firms["grid_code"] == OWN) & firms["located"]]
    return str(levels[levels["subject_id"].isin(own["uscc"])].sort_values("rank")["subject_id"].iloc[0])


def opened(seen: Any, ident: str, lang: str = "zh-Hans", theme: str = "light") -> Any:
    page = seen.page
    page.goto(f"{seen.address}/subject?id={ident}&lang={lang}&theme={theme}")
    page.wait_for_selector(".phead")
    page.wait_for_selector(".js-plotly-plot .main-svg")
    seen.rest()
    return page


def test_shown_points_add_up_to_the_score_of_the_product(watched: Callable[..., Any], served: Any, worst: str) -> None:
    page = opened(watched(served["address"], (1600, 1000)), worst)
    points = [float(row.get_attribute("data-points")) for row in page.locator(".frow[data-points]").all()]
    levels = served["store"].product("subject_levels").to_pandas().set_index("subject_id")
    assert points
    assert sum(points) == levels.loc[worst, "rule_score"]
    expect(page.locator(".phead .lv")).to_have_text(levels.loc[worst, "level"])
    expect(page.locator(".preasons")).to_contain_text(levels.loc[worst, "rule_version"])
    assert page.evaluate(
        "() => document.querySelector('.page').scrollHeight <= document.querySelector('.page').clientHeight + 1"
    )


def test_every_event_stands_once_with_source_and_batch(watched: Callable[..., Any], served: Any, worst: str) -> None:
    page = opened(watched(served["address"], (1600, 1000)), worst)
    rows = page.locator(".tl[data-event]").all()
    names = [row.get_attribute("data-event") for row in rows]
    assert len(set(names)) == len(names)
    told = served["store"].timeline(worst)
    wanted = {f"{r.table}:{r.record_id}:{r.happened_on.date()}" for r in told.itertuples()}
    assert wanted <= set(names)
    assert all(row.get_attribute("data-build") for row in rows)
    days = [name.rsplit(":", 1)[1] for name in names]
    assert days == sorted(days, reverse=True)


def test_relations_show_names_and_never_a_key(watched: Callable[..., Any], served: Any) -> None:
    firms = served["store"].product("subjects").to_pandas()
    tied = firms[firms["representative_key"] == "f" * 16].iloc[0]["uscc"]
    seen = watched(served["address"], (1600, 1000))
    page = opened(seen, tied)
    expect(page.get_by_text("同一法定代表人 3")).to_have_count(1)
    content = page.content()
    assert "f" * 16 not in content
    keys = set(firms["representative_key"])
    assert not keys & set(re.findall(r"[0-9a-f]{16}", content))


def test_an_objection_is_kept_and_said(watched: Callable[..., Any], served: Any, worst: str) -> None:
    page = opened(watched(served["address"], (1600, 1000)), worst)
    page.locator("#subject-contest").click()
    page.wait_for_selector("#subject-contest-dialog[open]")
    page.locator("#subject-contest-send").click()
    page.wait_for_selector("#subject-contest-said .strip")
    page.locator("#subject-contest-grounds").fill("检查对象不是本企业")
    page.locator("#subject-contest-send").click()
    page.wait_for_selector("#subject-contest-said .tag.ok")
    filed = served["store"].contests(worst, "pending")
    assert list(filed["grounds"]) == ["检查对象不是本企业"]
    page = opened(watched(served["address"], (1600, 1000)), worst)
    expect(page.locator(".phead .tag.info")).to_have_count(1)


def test_an_unknown_code_is_said_with_a_way_back(watched: Callable[..., Any], served: Any) -> None:
    page = watched(served["address"]).page
    page.goto(f"{served['address']}/subject?id=nobody&lang=zh-Hans")
    page.wait_for_selector(".blank .btn")
    expect(page.locator(".blank")).to_contain_text("nobody")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_no_serious_finding_and_no_foreign_word(
    watched: Callable[..., Any], served: Any, worst: str, lang: str, theme: str
) -> None:
    seen = watched(served["address"], (1600, 1000))
    page = opened(seen, worst, lang, theme)
    seen.calm()
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    bad = [v for v in found if v["impact"] in ("serious", "critical")]
    assert [f"{v['id']}: {n['html'][:160]}" for v in bad for n in v["nodes"]] == []
    if lang == "zh-Hans":
        shown = page.evaluate("() => document.querySelector('.screen').innerText")
        assert set(re.findall(r"[A-Za-z]{2,}", CODED.sub("", shown))) - ALLOWED == set()
    assert page.locator("[data-asof][data-source]").count() >= 7
