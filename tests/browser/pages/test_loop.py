"""The whole loop on the demo city: a planted burst is a warning, is worked off on the page, and changes levels."""

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
from werkzeug.serving import make_server

from layers import server
from models.build import build_city
from models.settings import Settings
from models.store import Store

pytestmark = pytest.mark.browser


class Loop(NamedTuple):
    """A demo city of its own: where it is served, its settings, the planted burst's members and its warning."""

    address: str
    settings: Settings
    members: list[str]
    key: str


@pytest.fixture
def loop(built_demo: Any, tmp_path: Path) -> Iterator[Loop]:
    """A copy of the demo city of the suite, served."""
    home = tmp_path / "home"
    shutil.copytree(built_demo.home, home)
    settings = replace(built_demo.settings, home=home)
    planted = pd.read_parquet(home / "demo-files" / "truth" / "supervision.parquet")
    burst = planted[(planted["kind"] == "address_burst") & (planted["expected"] == "warning")].iloc[0]
    members = json.loads(burst["subject_ids"])
    with Store.open("demo", settings) as store:
        found = store.frame("casework_warnings", ["warning_key", "rule_id", "member_ids", "state"])
    own = found[
        (found["rule_id"] == "address-burst") & found["member_ids"].map(lambda m: set(members) <= set(json.loads(m)))
    ]
    assert own["state"].tolist() == ["open"], "the planted burst is one open warning"
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    running = make_server("127.0.0.1", 0, server.make_server("demo", settings), threaded=True)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield Loop(f"http://127.0.0.1:{running.server_port}", settings, members, own["warning_key"].iloc[0])
    running.shutdown()
    thread.join()


def levels(settings: Settings) -> pd.DataFrame:
    with Store.open("demo", settings, read_only=True) as store:
        return store.product("subject_levels").to_pandas().set_index("subject_id")[["level", "rule_score"]]


def test_a_planted_burst_is_worked_off_and_changes_levels_in_the_next_build(
    loop: Loop, watched: Callable[..., Any]
) -> None:
    before = levels(loop.settings)
    page = watched(loop.address).page
    page.set_default_timeout(60_000)
    page.goto(f"{loop.address}/warning?lang=zh-Hans&theme=light&id={loop.key}")
    page.wait_for_selector(f".whead[data-key='{loop.key}'][data-state=open]")
    assert page.locator(".wmembers tbody tr").count() >= len(loop.members)
    assert "窗口期内同一栋楼新登记企业数" in page.locator("#warning-evidence").inner_text()
    for action, state in (("take", "taken"), ("visit", "on_site")):
        page.locator(f'#warning-steps button[id*=\'"action":"{action}"\']').click()
        page.wait_for_selector(f".whead[data-state={state}]")
    page.locator("#warning-questions .wquestion").nth(1).get_by_text("严重问题").click()
    for field, choice in (("warning-result", "立案处罚"), ("warning-closes", "办结：属实")):
        page.locator(f"#{field}").click()
        page.get_by_role("option", name=choice, exact=True).click()
    page.locator("#warning-note").fill("十二户均无人经营")
    page.locator("#warning-save").click()
    page.wait_for_selector(".whead[data-state=closed]")
    report = build_city("demo", loop.settings)
    assert report.ran < 12, "only what depends on the decision runs again"
    after = levels(loop.settings)
    worse = after.loc[loop.members, "rule_score"] > before.loc[loop.members, "rule_score"]
    assert worse.all()
    assert (after.loc[loop.members, "level"] > before.loc[loop.members, "level"]).any()
    others = before.index.difference(loop.members)
    assert (after.loc[others, "level"] == before.loc[others, "level"]).all()
    with Store.open("demo", loop.settings, read_only=True) as store:
        assert store.warning(loop.key)["outcome"] == "confirmed"
        judged = store.rule_precision().set_index("rule_id").loc["address-burst"]
        assert (judged["confirmed"], judged["precision"]) == (1, 1.0)
