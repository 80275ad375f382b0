"""One spelling for every address."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.fusion.addresses import address_key, normalise
from models.fusion.addresses.normalise import number_of, numeral_of

FORMS = {
    "渝中区中山二路９９号": "渝中区中山二路99号",
    "渝中区 中山2路 99 号": "渝中区中山二路99号",
    "中山二路一百二十号": "中山二路120号",
    "中山二路一二〇号": "中山二路120号",
    "中山二路一百二号": "中山二路120号",
    "中山二路一百零二号": "中山二路102号",
    "中山二路十号": "中山二路10号",
    "中山二路第十五号": "中山二路15号",
    "长江路99号附三号": "长江路99号附3号",
    "长江路99号之3": "长江路99号附3号",
    "长江路99之3号": "长江路99号附3号",
    "长江路99附3号": "长江路99号附3号",
    "长江路99号-附3号": "长江路99号附3号",
    "高庙村三社": "高庙村3社",
    "高庙村第十二村民小组": "高庙村12村民小组",
    "长江路1号二幢三单元四楼": "长江路1号2幢3单元4楼",
    "长江路1号(临时办公)": "长江路1号",
    "长江路1号（甲（乙）丙）2幢": "长江路1号2幢",
    "长江路1号【仅限办公】": "长江路1号",
    "李渡镇马鞍居委十组(李渡工业园区内": "李渡镇马鞍居委10组",
    "(渝中区)长江路1号": "渝中区长江路1号",
    "重庆市市辖区黄花园": "重庆市黄花园",
    "重庆市,渝中区，长江路1号": "重庆市渝中区长江路1号",
    "长江路1－2＃": "长江路1-2#",
    "长江路1—2号": "长江路1-2号",
    "a座ｂ单元": "A座B单元",
    "江北區觀音橋": "江北区觀音橋",
    "十字街": "十字街",
    "三峡路": "三峡路",
    "两路口": "两路口",
    "": "",
}


@pytest.mark.parametrize("raw", FORMS)
def test_a_form_becomes_its_spelling(raw: str) -> None:
    assert normalise([raw]) == [FORMS[raw]]


def test_missing_addresses_become_empty_and_keep_their_place() -> None:
    assert normalise([None, "a", float("nan"), "长江路\n1号"]) == ["", "A", "", "长江路1号"]  # type: ignore[list-item]
    assert normalise([]) == []
    assert address_key(" 长江路 1号 ") == "长江路1号"


ALPHABET = "重庆市渝中区长江路中山号附之第一二十百千两零〇0123456789０１９-—()（）【】、,，. 幢村社组楼弄aｂＣ#\n\t"


@settings(max_examples=400, deadline=None)
@given(st.lists(st.text(ALPHABET, max_size=25), max_size=4))
def test_normalising_twice_changes_nothing_more(rows: list[str]) -> None:
    once = normalise(rows)
    assert len(once) == len(rows)
    assert normalise(once) == once


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(max_size=20), max_size=4))
def test_any_text_keeps_its_row(rows: list[str]) -> None:
    once = normalise(rows)
    assert once == [normalise([row])[0] for row in rows]


@given(st.integers(0, 99))
def test_a_numeral_reads_back(value: int) -> None:
    assert number_of(numeral_of(value)) == value


PARTS = st.sampled_from(
    ["重庆市", "市辖区", "渝中区", "中山2路", "长江支路", "高庙村", "一百二十号", "99号", "附三号", "之2", "99附3号",
     "3幢", "第二单元", "（临时）", "十五楼", "-1", "A座", "５号", " "]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PARTS, min_size=1, max_size=7))
def test_rows_at_once_equal_the_plain_reference(reference, parts: list[str]) -> None:
    text = "渝中区" + "".join(parts)
    assert normalise([text]) == [reference.normalise(text)]
