"""Who sees what: areas and roles by address, data route and callback; names; the log. With real requests."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
OWN, OTHER = "500110001", "500110002"
ROW = "#supervise-list .ag-center-cols-container .ag-row .ag-cell"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, supervised: Callable[..., Any]) -> Iterator[Any]:
    with supervised(tmp_path_factory.mktemp("roles")) as made:
        yield made


def asked(served: Any, path: str, who: str = "", body: Any = None, header: str = "") -> tuple[int, str]:
    """Status and text of one request as somebody."""
    headers = {"Content-Type": "application/json"}
    if who:
        headers["Cookie"] = f"cityhex_as={who}"
    if header:
        headers["X-Remote-User"] = header
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(served["address"] + path, data, headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8", "replace")


def rows_of(area: str, page: str = "/supervise") -> dict[str, Any]:
    """The callback that fills the list of an area, as a browser posts it."""
    outputs = ["supervise-list.getRowsResponse", "supervise-total.children", "supervise-clear.hidden"]
    ask = {"startRow": 0, "endRow": 50, "sortModel": []}
    return {
        "output": f"..{'...'.join(outputs)}..",
        "outputs": [{"id": o.split(".")[0], "property": o.split(".")[1]} for o in outputs],
        "inputs": [{"id": "supervise-list", "property": "getRowsRequest", "value": ask}],
        "changedPropIds": ["supervise-list.getRowsRequest"],
        "state": [
            {"id": "supervise-filter", "property": "data", "value": None},
            {"id": "url", "property": "search", "value": f"?area={area}&lang=zh-Hans"},
        ],
    }


def firm_of(served: Any, area: str, kind: str) -> Any:
    firms = served["store"].product("subjects").to_pandas()
    return firms[(firms["grid_code"] == area) & firms["located"] & (firms["entity_type"] == kind)].iloc[0]


def test_an_area_of_somebody_else_is_403_by_address_data_route_and_callback(served: Any) -> None:
    assert asked(served, f"/supervise?area={OWN}", "zhang")[0] == 200
    assert asked(served, f"/supervise?area={OTHER}", "zhang")[0] == 403
    assert asked(served, "/supervise?area=all", "zhang")[0] == 403
    assert asked(served, f"/data/subject-levels/geometry/-?area={OWN}", "zhang")[0] == 200
    assert asked(served, f"/data/subject-levels/geometry/-?area={OTHER}", "zhang")[0] == 403
    assert asked(served, "/data/subject-levels/geometry/-", "zhang")[0] == 403
    assert asked(served, f"/api/layers/subject-levels/rows?area={OTHER}", "zhang")[0] == 403
    assert asked(served, "/_dash-update-component", "zhang", rows_of(OWN))[0] == 200
    status, text = asked(served, "/_dash-update-component", "zhang", rows_of(OTHER))
    assert status == 403
    assert "91500110" not in text
    other, own = firm_of(served, OTHER, "个体工商户"), firm_of(served, OWN, "个体工商户")
    assert asked(served, f"/subject?id={own['uscc']}", "zhang")[0] == 200
    status, text = asked(served, f"/subject?id={other['uscc']}", "zhang")
    assert status == 403
    assert other["name"] not in text


def test_the_first_answer_is_not_given_to_the_next_who_may_not_have_it(served: Any) -> None:
    path = f"/data/subject-levels/geometry/-?area={OTHER}"
    assert asked(served, path, "li")[0] == 200
    assert asked(served, path, "zhang")[0] == 403
    whole = asked(served, "/data/subject-levels/geometry/-")
    assert whole[0] == 200
    assert asked(served, "/data/subject-levels/geometry/-", "chen")[0] == 403


def test_pages_and_their_callbacks_are_for_their_roles_only(served: Any) -> None:
    for path in ("/supervise", "/queue"):
        assert asked(served, path, "wang")[0] == 403, path
    assert asked(served, "/", "wang")[0] == 200
    assert asked(served, "/_dash-update-component", "wang", rows_of("all"))[0] == 403


def test_a_planner_sees_a_masked_name_and_the_supervisor_of_the_area_the_full_one(served: Any) -> None:
    firm = firm_of(served, OWN, "个体工商户")
    callback = {
        "output": "..search-hits.children...search-found.data..",
        "outputs": [{"id": "search-hits", "property": "children"}, {"id": "search-found", "property": "data"}],
        "inputs": [{"id": "search-words", "property": "data", "value": firm["uscc"]}],
        "changedPropIds": ["search-words.data"],
        "state": [{"id": "url", "property": "search", "value": "?lang=zh-Hans"}],
    }
    name = json.dumps(firm["name"])[1:-1]
    said = {who: asked(served, "/_dash-update-component", who, callback)[1] for who in ("zhang", "li", "wang", "")}
    assert firm["name"] in said["zhang"] or name in said["zhang"]
    assert firm["name"] in said[""] or name in said[""]
    masked = said["wang"].encode().decode("unicode_escape", "ignore") if "\\u" in said["wang"] else said["wang"]
    assert "某小吃店" in masked
    assert firm["name"] not in masked
    assert json.loads(said["li"])["response"]["search-found"]["data"] == []


def test_a_look_into_a_personal_name_leaves_one_line_in_the_log(watched: Callable[..., Any], served: Any) -> None:
    firm = firm_of(served, OWN, "个体工商户")
    before = served["store"].verify_access_log().entries
    seen = watched(served["address"])
    seen.page.goto(f"{served['address']}/subject?id={firm['uscc']}&lang=zh-Hans")
    seen.page.wait_for_selector(".phead")
    seen.rest()  # nothing that follows looks again
    assert served["store"].verify_access_log().entries == before + 1


def test_the_header_changes_as_whom_one_looks(watched: Callable[..., Any], served: Any) -> None:
    seen = watched(served["address"], (1600, 1000))
    page = seen.page
    page.goto(f"{served['address']}/supervise?lang=zh-Hans&area={OTHER}")
    page.wait_for_selector(ROW)
    page.locator("#whom").click()
    page.locator(".whom-menu .item", has_text="张监管").click()
    page.wait_for_selector(".whom-name:has-text('张监管')")
    page.wait_for_selector(ROW)
    expect(page.locator("#main")).to_have_attribute("data-area", OWN)
    cookie = next(c for c in page.context.cookies() if c["name"] == "cityhex_as")
    assert (cookie["value"], cookie["sameSite"], cookie["httpOnly"]) == ("zhang", "Lax", True)
    expect(page.locator(".nav a", has_text="监管").first).to_be_visible()
    page.locator("#whom").click()
    page.locator(".whom-menu .item", has_text="王规划").click()
    page.wait_for_selector("h1:has-text('无权查看')")
    seen.rest()
    seen.faults[:] = [f for f in seen.faults if "403" not in f]


def test_a_stranger_behind_a_proxy_sees_open_layers_only(tmp_path: Any, supervised: Callable[..., Any]) -> None:
    with supervised(tmp_path, access="proxy") as proxied:
        assert asked(proxied, "/supervise", "zhang")[0] == 403
        assert asked(proxied, f"/data/subject-levels/geometry/-?area={OWN}", header="stranger")[0] == 403
        assert asked(proxied, f"/data/subject-levels/geometry/-?area={OWN}", header="zhang")[0] == 200
        assert asked(proxied, "/data/subject-density/geometry/8")[0] == 200
        layers = json.loads(asked(proxied, "/api/layers")[1])["layers"]
        assert {layer["sensitivity"] for layer in layers} == {"open"}
