"""The real register of Chongqing: what the readers of `models.sources.legal_persons` must find in it."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from models import settings
from models.sources.legal_persons import capital, normalise, uscc

COLUMNS = {
    "企业名称": "name",
    "统一社会信用代码": "uscc",
    "注册日期": "established_on",
    "企业类型": "entity_type",
    "法人代表": "representative",
    "注册资金": "capital",
    "经营范围": "scope",
    "地区": "district",
    "注册地址": "address",
}

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def register() -> pd.DataFrame:
    folder = settings.load().shared / "realdata" / "enterprise_chongqing"
    files = sorted(folder.glob("*.csv.gz"))
    if not files:
        pytest.skip(f"the register is not in {folder.name} under CITYHEX_SHARED")
    parts = []
    for path in files:
        part = pd.read_csv(path, dtype="str", keep_default_na=False).rename(columns=COLUMNS)
        part["source_id"], part["source_file"] = "register", path.name
        part["source_row"] = range(2, len(part) + 2)
        parts.append(part[[*COLUMNS.values(), "source_id", "source_file", "source_row"]])
    return pd.concat(parts, ignore_index=True)


def test_nine_codes_are_malformed_and_no_row_is_lost(register):
    assert (~uscc.valid(register["uscc"])).sum() == 9
    frame, rejects = normalise(register, person_key=b"k" * 16, as_of=date(2019, 4, 30))
    assert len(frame) + rejects["source_row"].size == len(register) == 68_439
    assert frame["representative_key"].isna().mean() == pytest.approx(0.147, abs=0.002)


def test_all_but_two_capital_texts_are_read(register):
    flags = capital.parse(register["capital"])["capital_flag"].value_counts()
    assert flags["unreadable"] == 2
    assert flags["ok"] > 52_000
    assert capital.parse(register["capital"])["capital_cny"].max() == 1e12
