import hashlib
import hmac

import pandas as pd
import pytest

from models.sources.legal_persons import entity_types, persons

KEY = b"0123456789abcdef-key"


def series(*texts):
    return pd.Series(list(texts), dtype="str")


def test_the_hash_is_the_keyed_sha256_of_the_plain_name():
    expected = hmac.new(KEY, "王小明".encode(), hashlib.sha256).hexdigest()[:16]
    assert persons.keyed_hash(series("王小明", " 王 小明 "), KEY).tolist() == [expected, expected]


def test_hashed_values_are_keyed_again_and_missing_markers_never():
    keys = persons.keyed_hash(series("P0123456789ab", "N/A", "-", None), KEY)
    assert keys[0] != "0123456789ab"
    assert len(keys[0]) == 16
    assert keys[1:].isna().all()


def test_another_key_gives_another_hash():
    one, two = (persons.keyed_hash(series("李四"), key)[0] for key in (KEY, b"another-key-of-16-bytes"))
    assert one != two


def test_a_short_key_is_refused():
    with pytest.raises(ValueError, match="at least 16"):
        persons.keyed_hash(series("李四"), b"short")


@pytest.mark.parametrize(
    ("given", "name", "code", "kind", "method"),
    [
        ("有限责任公司 外商投资企业", "甲", "91", "有限责任公司", "given"),
        ("某种新类型", "甲", "91", "某种新类型", "given"),
        ("N/A", "重庆南州商贸有限公司", "91", "有限责任公司", "name"),
        ("N/A", "重庆南州股份有限公司", "91", "股份有限公司", "name"),
        ("N/A", "重庆南州商贸有限公司綦江分公司", "91", "分公司", "name"),
        ("N/A", "山城银行股份有限公司綦江支行", "91", "分公司", "name"),
        ("N/A", "重庆碧溪茶叶专业合作社", "91", "农民专业合作社", "name"),
        ("N/A", "重庆碧溪茶叶专业合作社", "93", "农民专业合作社", "code"),
        ("N/A", "东溪镇老街豆花店", "91", "个体工商户", "name"),
        ("N/A", "东溪镇兴旺加工厂", "92", "个体工商户", "code"),
        ("N/A", "东溪镇兴旺加工厂", "91", "个人独资企业", "name"),
        ("N/A", "綦江青山企业管理中心（有限合伙）", "91", "合伙企业", "name"),
        ("N/A", "甲乙丙", "91", None, None),
    ],
)
def test_types_are_given_or_read_off(given, name, code, kind, method):
    row = entity_types.infer(series(given), series(name), series(code)).iloc[0]
    assert (row.entity_type if kind else None, row.method if method else None) == (kind, method)
