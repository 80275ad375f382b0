"""Numbers are written as people of the language write them."""

from __future__ import annotations

import pytest

from layers.numbers import class_labels, decimals, edge, percent, wan


@pytest.mark.parametrize(("value", "wanted"), [(2.5, 1), (0.125, 3), (100.0, 0), (1.36, 2), (0.1234567, 3), (1e12, 0)])
def test_a_break_has_as_few_decimals_as_it_needs(value, wanted):
    assert decimals(value) == wanted


def test_classes_are_labelled_from_the_lowest_up():
    assert class_labels((100.0, 400.0, 12_000.0), "zh-Hans") == ["< 100", "100 – 400", "400 – 1.2 万", "≥ 1.2 万"]
    assert class_labels((100.0, 12_000.0), "en") == ["< 100", "100 – 12,000", "≥ 12,000"]
    assert class_labels((), "en") == [""]


def test_signed_breaks_have_a_true_minus_and_a_plus():
    assert class_labels((-5.0, 5.0), "en", signed=True) == ["< −5", "−5 – +5", "≥ +5"]
    assert edge(-0.25, "zh-Hans", signed=True) == "−0.25"


@pytest.mark.parametrize(("share", "wanted"), [(0.1234, "12.3 %"), (0.0, "0.0 %"), (None, "–"), (float("nan"), "–")])
def test_a_share_is_a_percentage_with_a_space(share, wanted):
    assert percent(share, "en") == wanted


@pytest.mark.parametrize(
    ("cny", "lang", "wanted"),
    [
        (500_000.0, "zh-Hans", "50 万元"),
        (1_234_567_890.0, "zh-Hans", "12.3 亿元"),
        (35_000.0, "zh-Hans", "3.5 万元"),
        (500_000.0, "en", "CNY 500,000"),
        (1_234_567_890.0, "en", "CNY 1.2 bn"),
        (None, "en", "–"),
    ],
)
def test_money_is_in_wan_or_yi_in_chinese_and_in_yuan_in_english(cny, lang, wanted):
    assert wan(cny, lang) == wanted
