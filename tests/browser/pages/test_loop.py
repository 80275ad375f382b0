"""The whole loop: a planted burst is a warning, is worked off on the page, and changes levels in the next build.

On the demo city, and on four months of the real register of Chongqing with twelve firms more at one building.
"""

from __future__ import annotations

import json
import logging
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest
from playwright.sync_api import expect
from stdnum.cn import uscc
from werkzeug.serving import make_server

from layers import server
from models import settings as settings_module
from models.build import build_city
from models.settings import Settings
from models.store import Store

pytestmark = pytest.mark.browser


HEADER = "企业名称,统一社会信用代码,注册日期,企业类型,法人代表,注册资金,经营范围,所在省份,地区,注册地址"
REGISTER = 'files = ["shared:enterprise_chongqing/*.csv.gz"]'


class Loop(NamedTuple):
    """A city of its own: where it is served, its profile, its settings, the planted burst's members and its warning."""

    address: str
    profile: str
    city_id: str
    settings: Settings
    members: list[str]
    key: str


def demo(built_demo: Any, folder: Path) -> tuple[str, str, Settings, list[str]]:
    """A copy of the demo city of the suite and the members of a burst planted there."""
    settings = replace(built_demo.settings, home=folder / "home")
    shutil.copytree(built_demo.home, settings.home)
    planted = pd.read_parquet(settings.home / "demo-files" / "truth" / "supervision.parquet")
    burst = planted[(planted["kind"] == "address_burst") & (planted["expected"] == "warning")].iloc[0]
    return "demo", "demo", settings, json.loads(burst["subject_ids"])


def chongqing(folder: Path) -> tuple[str, str, Settings, list[str]]:
    """Chongqing from January to April 2019, and twelve firms more at one building within three days of April."""
    base = settings_module.load()
    settings = Settings(home=folder / "home", shared=base.shared, profiles=base.profiles)
    city = folder / "cities" / "chongqing"
    shutil.copytree(base.profiles / "chongqing", city)
    shutil.copytree(base.profiles.parent / "reference", folder / "reference")
    manifest = city / "sources" / "register.toml"
    text = manifest.read_text("utf-8")
    assert REGISTER in text
    fewer = 'files = ["shared:enterprise_chongqing/*_2019.csv.gz", "planted.csv"]'
    manifest.write_text(text.replace(REGISTER, fewer), "utf-8")
    bodies = [f"91500112MA60PA{k:03d}" for k in range(12)]
    codes = [body + uscc.calc_check_digit(body) for body in bodies]
    rows = [
        f"重庆植测{k}商贸有限公司,{code},2019-04-{10 + k % 3},N/A,P{k:012x},50(万),日用百货销售。,重庆,渝北,"
        f"重庆市渝北区双龙湖街道植测路7号创业楼{k + 1}-1"
        for k, code in enumerate(codes)
    ]
    (city / "planted.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    build_city(city, settings)
    return str(city), "chongqing", settings, codes


@pytest.fixture(params=["demo", pytest.param("chongqing", marks=pytest.mark.realdata)])
def loop(request: Any, tmp_path: Path) -> Iterator[Loop]:
    """The city, served."""
    chosen = demo(request.getfixturevalue("built_demo"), tmp_path) if request.param == "demo" else chongqing(tmp_path)
    profile, city_id, settings, members = chosen
    with Store.open(city_id, settings) as store:
        found = store.frame("casework_warnings", ["warning_key", "rule_id", "member_ids", "state"])
    own = found[
        (found["rule_id"] == "address-burst") & found["member_ids"].map(lambda m: set(members) <= set(json.loads(m)))
    ]
    assert own["state"].tolist() == ["open"], "the planted burst is one open warning"
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    running = make_server("127.0.0.1", 0, server.make_server(profile, settings), threaded=True)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    where = f"http://127.0.0.1:{running.server_port}"
    yield Loop(where, profile, city_id, settings, members, own["warning_key"].iloc[0])
    running.shutdown()
    thread.join()


def levels(loop: Loop) -> pd.DataFrame:
    with Store.open(loop.city_id, loop.settings, read_only=True) as store:
        return store.product("subject_levels").to_pandas().set_index("subject_id")[["level", "rule_score"]]


def test_a_planted_burst_is_worked_off_and_changes_levels_in_the_next_build(
    loop: Loop, watched: Callable[..., Any]
) -> None:
    before = levels(loop)
    page = watched(loop.address).page
    page.goto(f"{loop.address}/warning?lang=zh-Hans&theme=light&id={loop.key}")
    page.wait_for_selector(f".whead[data-key='{loop.key}'][data-state=open]")
    expect(page.locator(".wmembers tbody tr").nth(len(loop.members) - 1)).to_be_attached()
    expect(page.locator("#warning-evidence")).to_contain_text("窗口期内同一栋楼新登记企业数")
    for action, state in (("take", "taken"), ("visit", "on_site")):
        page.locator(f'#warning-steps button[id*=\'"action":"{action}"\']').click()
        page.wait_for_selector(f".whead[data-state={state}]")
    page.locator("#warning-questions .wquestion").nth(1).get_by_text("严重问题").click()
    for field, choice in (("warning-result", "立案处罚"), ("warning-closes", "办结：属实")):
        page.locator(f"#{field}").click()
        page.get_by_role("option", name=choice, exact=True).click()
    page.locator("#warning-note").fill("多户均无人经营")
    page.locator("#warning-save").click()
    page.wait_for_selector(".whead[data-state=closed]")
    report = build_city(loop.profile, loop.settings)
    assert report.ran < 12, "only what depends on the decision runs again"
    after = levels(loop)
    worse = after.loc[loop.members, "rule_score"] > before.loc[loop.members, "rule_score"]
    assert worse.all()
    assert (after.loc[loop.members, "level"] > before.loc[loop.members, "level"]).any()
    others = before.index.difference(loop.members)
    assert (after.loc[others, "level"] == before.loc[others, "level"]).all()
    with Store.open(loop.city_id, loop.settings, read_only=True) as store:
        assert store.warning(loop.key)["outcome"] == "confirmed"
        judged = store.rule_precision().set_index("rule_id").loc["address-burst"]
        assert (judged["confirmed"], judged["precision"]) == (1, 1.0)
