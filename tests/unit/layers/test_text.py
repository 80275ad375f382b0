"""The catalogues say the same in every language, and numbers and dates are written as people write them."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from layers import text
from models.errors import UnknownNameError


def test_every_language_has_the_same_keys() -> None:
    first, *others = text.languages()
    assert others
    for lang in others:
        assert set(text.catalogue(lang)) == set(text.catalogue(first))


def test_every_text_has_the_same_placeholders_in_every_language() -> None:
    holes = {
        lang: {k: set(re.findall(r"{(\w+)}", v)) for k, v in text.catalogue(lang).items()} for lang in text.languages()
    }
    first, *others = holes.values()
    for other in others:
        assert {k: v for k, v in other.items() if v != first[k]} == {}


def test_no_text_is_empty() -> None:
    assert [(lang, k) for lang in text.languages() for k, v in text.catalogue(lang).items() if not v.strip()] == []


@pytest.mark.parametrize(
    ("value", "lang", "shown"),
    [
        (8930, "zh-Hans", "8,930"),
        (816_000, "zh-Hans", "81.6 万"),
        (3.2e8, "zh-Hans", "3.2 亿"),
        (816_000, "en", "816,000"),
        (4_500_000, "en", "4.5 m"),
        (-14, "zh-Hans", "−14"),
        (0.69, "en", "0.69"),
        (None, "en", "–"),
        (float("nan"), "zh-Hans", "–"),
    ],
)
def test_numbers(value: float | None, lang: str, shown: str) -> None:
    assert text.number(value, lang) == shown


def test_a_signed_number_carries_its_sign() -> None:
    assert [text.number(v, "en", signed=True) for v in (3, -3, 0)] == ["+3", "−3", "0"]


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        ("2015-06-30", "2015-06-30", "30 Jun 2015"),
        ("2015-06", "2015-06", "Jun 2015"),
        (dt.date(2015, 1, 2), "2015-01-02", "2 Jan 2015"),
        ("2020", "2020", "2020"),
        (None, "–", "–"),
    ],
)
def test_dates(value: dt.date | str | None, zh: str, en: str) -> None:
    assert (text.date(value, "zh-Hans"), text.date(value, "en")) == (zh, en)


def test_an_unknown_key_or_language_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="no text"):
        text.text("shell.nothing", "en")
    with pytest.raises(UnknownNameError, match="zh-Hans"):
        text.catalogue("fr")


def test_a_sentence_of_the_program_is_translated_with_what_it_names() -> None:
    said = "the same code stands in a.csv, row 17, which has as many or more filled columns and is kept"
    assert "a.csv" in text.translate(said, "reject", "zh-Hans")
    assert "17" in text.translate(said, "reject", "zh-Hans")
    assert text.translate("not a number", "reject", "zh-Hans") == "不是数字"
    assert text.translate("something new", "reject", "zh-Hans") == "something new"
    assert text.translate("not a number", "reject", "en") == "not a number"
