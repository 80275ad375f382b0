"""The one short phrase that says why a firm has no place."""

from __future__ import annotations

import pytest

from layers import unplaced

ROWS = [
    ("district_from_field", None, "地址为空"),
    ("address_missing", "", "地址为空"),
    ("district_from_text", "重庆市綦江区", "只写到区县"),
    ("district_from_text;crosswalk:綦江县", "重庆市 綦江县", "只写到区县"),
    ("zone:桥河工业园C区;district_from_text", "重庆市綦江区文龙镇桥河工业园C区4号", "只写到开发区"),
    ("zone:九龙园区;district_from_text", "重庆市九龙坡区九龙园区火炬大道8号", "道路不在地名库"),
    ("district_from_text", "重庆市北碚区新茂路1号(自贸区)", "道路不在地名库"),
    ("district_from_text;town_unknown:龙溪街道", "重庆市渝北区龙溪街道红锦大道57号", "乡镇不在地名库"),
    ("district_from_text;town_from_text;ambiguous_town", "重庆市荣昌区铜鼓镇桂花街6号", "同名乡镇"),
    ("district_from_text", "重庆市九龙坡区中梁山田坝新村84栋", "村社不在地名库"),
    ("district_from_text", "重庆市忠县公安局大门西侧", "地点不在地名库"),
    ("other_city;district_from_uscc", "上海市闸北区秣陵路203号", "地址在外市"),
    ("district_from_text", "重庆市綦江区锦绣小区", "地点不在地名库"),
]


@pytest.mark.parametrize(("codes", "address", "said"), ROWS)
def test_the_phrase_names_what_was_lacking(codes: str, address: str | None, said: str) -> None:
    assert unplaced.why(codes, address, "zh-Hans") == said
    assert unplaced.why(codes, address, "en").isascii()
