"""The offline work pack: one file, nothing from outside, no restricted column, no way out of its data."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from layers.field.paper import Stamp
from layers.field.sheets import Sheet
from layers.field.work_pack import words, work_pack
from layers.text import languages
from models.contracts import CONTRACTS


def data_of(html: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="pack">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    made: dict[str, object] = json.loads(found[1])
    return made


def test_the_file_holds_everything_and_asks_for_nothing(sheets: list[Sheet], stamp: Callable[..., Stamp]) -> None:
    html = work_pack(sheets, "0123456789ab", stamp())
    assert not re.search(r"""(?:src|href|action)\s*=\s*["']?(?!data:)[\w/]""", html.split("<body>")[0])
    assert "http://" not in html
    assert "https://" not in html
    assert "default-src 'none'" in html
    assert "unsafe-inline" not in html
    assert html.count("<script") == 2
    data = data_of(html)
    assert [t["task_id"] for t in data["tasks"]] == [3, 1, 2]  # type: ignore[index, attr-defined]
    assert set(data["words"]) == set(languages())  # type: ignore[call-overload]


def test_a_name_cannot_break_out_of_the_data(sheets: list[Sheet], stamp: Callable[..., Stamp]) -> None:
    html = work_pack(sheets, "0123456789ab", stamp())
    assert "alert(1)</script>" not in html
    names = {t["name"] for t in data_of(html)["tasks"]}  # type: ignore[index, attr-defined]
    assert "</script><script>alert(1)</script>&某店" in names


def test_no_restricted_column_goes_into_the_file(sheets: list[Sheet], stamp: Callable[..., Stamp]) -> None:
    html = work_pack(sheets, "0123456789ab", stamp())
    restricted = {name for contract in CONTRACTS.values() for name in contract.restricted()}
    assert restricted
    assert not {key for task in data_of(html)["tasks"] for key in task} & restricted  # type: ignore[attr-defined]


def test_every_language_has_every_word_the_script_asks_for() -> None:
    assert set(words("zh-Hans")) == set(words("en"))
