"""Building-level address keys, on made addresses and on the real register of Chongqing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models import settings
from models.analysis.warnings.address_keys import address_keys, cut_rule, lawful_on, load_whitelist, names_building
from models.errors import ConfigError

CLUSTER = """
[[cluster]]
address = "重庆市綦江区古南街道滨河路1号孵化园3-1"
name = "孵化园"
kind = "incubator"
valid_from = 2012-01-01
valid_to = 2015-03-31
decision = "綦市监集〔2012〕1号"
"""


def keys(*texts: str | None) -> list[str | None]:
    found = address_keys(pd.Series(list(texts), dtype="str"))
    return [None if pd.isna(k) else k for k in found.tolist()]


def test_rooms_of_one_building_share_a_key() -> None:
    rooms = (
        "綦江区滨河路1号2幢3-1",
        "綦江区滨河路1号2幢10-4号",
        "綦江区 滨河路１号2幢第6层",
        "綦江区滨河路1号2幢1单元5-2",
    )
    assert set(keys(*rooms)) == {"綦江区滨河路1号2幢"}


def test_a_house_number_before_the_room_is_kept() -> None:
    assert keys("沙坪坝区小龙坎正街139-10-8号", "沙坪坝区小龙坎正街141-2号") == [
        "沙坪坝区小龙坎正街139",
        "沙坪坝区小龙坎正街141",
    ]
    assert keys("九龙坡区奥体路1号附6-9-18号", "九龙坡区奥体路1号附42号") == ["九龙坡区奥体路1号"] * 2


def test_what_is_no_address_has_no_key_and_a_village_is_no_building() -> None:
    assert keys(None, "-", "N/A", "") == [None] * 4
    named = names_building(pd.Series(["綦江区安稳镇大堰村", "綦江区滨河路", "綦江区滨河路1号", None], dtype="str"))
    assert named.tolist() == [False, False, True, False]


def test_an_unknown_cut_lists_those_that_exist() -> None:
    with pytest.raises(ConfigError, match="room-1, room-2"):
        cut_rule("room-9")


def test_a_cluster_is_lawful_to_its_last_day_and_not_after(tmp_path: Path) -> None:
    (tmp_path / "whitelist.toml").write_text(CLUSTER, encoding="utf-8")
    whitelist = load_whitelist(tmp_path / "whitelist.toml")
    own = pd.Series(keys("重庆市綦江区古南街道滨河路1号孵化园9-9") * 3, dtype="str")
    days = np.array(["2011-12-31", "2015-03-31", "2015-04-01"], "datetime64[s]")
    assert lawful_on(own, days, whitelist).tolist() == [False, True, False]
    assert whitelist[0].valid_to == dt.date(2015, 3, 31)


def test_a_permission_without_an_end_is_refused(tmp_path: Path) -> None:
    text = "\n".join(line for line in CLUSTER.splitlines() if "valid_to" not in line)
    (tmp_path / "whitelist.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="valid_to"):
        load_whitelist(tmp_path / "whitelist.toml")


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("version", "addresses", "crowded", "firms"), [("room-1", 23_675, 275, 2_509), ("room-2", 22_740, 332, 3_000)]
)
def test_the_real_register_has_many_crowded_buildings_and_few_crowded_strings(
    version: str, addresses: int, crowded: int, firms: int
) -> None:
    folder = settings.load().shared / "realdata" / "enterprise_chongqing"
    files = [folder / f"重庆_{year}.csv.gz" for year in (2008, 2009, 2010, 2019)]
    if not all(f.exists() for f in files):
        pytest.skip("the register is not under CITYHEX_SHARED")
    parts = [pd.read_csv(f, dtype="str", keep_default_na=False, usecols=["注册地址"]) for f in files]
    raw = pd.concat(parts, ignore_index=True)["注册地址"]
    given = raw[~raw.isin(["", "-", "N/A"])].value_counts()
    assert (len(raw), len(given), int((given >= 5).sum())) == (28_235, 26_943, 38)
    counts = address_keys(raw, cut_rule(version)).value_counts()
    large = counts[counts >= 5]
    assert (len(counts), len(large), int(large.sum()), int(large.max())) == (addresses, crowded, firms, 59)
