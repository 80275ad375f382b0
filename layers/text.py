"""The words of the screens: one catalogue per language, read from the files of ``layers/locales/<lang>/``."""

from __future__ import annotations

import datetime as dt
import math
import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from models.errors import ConfigError, UnknownNameError

FOLDER = Path(__file__).resolve().parent / "locales"
FIRST = "zh-Hans"
HTML_LANG = {"zh-Hans": "zh-CN", "en": "en"}
MINUS = "\u2212"


def languages() -> tuple[str, ...]:
    """Every language that has a catalogue, the project's first language first."""
    found = sorted(path.name for path in FOLDER.iterdir() if any(path.glob("*.toml")))
    return tuple(sorted(found, key=lambda name: name != FIRST))


@cache
def catalogue(lang: str) -> Mapping[str, str]:
    """All texts of one language as dotted key -> text.

    Raises
    ------
    UnknownNameError : there is no catalogue of that language
    ConfigError : two of its files hold the same key
    """
    if lang not in languages():
        raise UnknownNameError(f"No language {lang!r}; there are: {', '.join(languages())}")
    texts: dict[str, str] = {}
    for path in sorted((FOLDER / lang).glob("*.toml")):
        found = dict(_flatten("", tomllib.loads(path.read_text("utf-8"))))
        if twice := sorted(found.keys() & texts.keys()):
            raise ConfigError(path, twice[0], found[twice[0]], "a key that no other file of the language holds")
        texts |= found
    return texts


def _flatten(prefix: str, table: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for key, value in table.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            rows += _flatten(f"{name}.", value)
        else:
            rows.append((name, str(value)))
    return rows


def text(key: str, lang: str, **params: object) -> str:
    """The text of one key in one language, with its ``{placeholders}`` filled.

    Raises
    ------
    UnknownNameError : the catalogue has no such key
    """
    found = catalogue(lang).get(key)
    if found is None:
        raise UnknownNameError(f"layers/locales/{lang} has no text {key!r}")
    return found.format(**params) if params else found


def has(key: str, lang: str) -> bool:
    """True where the catalogue of the language holds the key."""
    return key in catalogue(lang)


def translate(sentence: str, group: str, lang: str, say: Callable[[str, str], str] | None = None) -> str:
    """A sentence the program wrote in English, in another language where the catalogue holds it.

    The English texts of ``group`` are patterns: their placeholders match anything and fill the text of ``lang``, each
    as ``say`` of its name and what it matched (None: as it stands). A sentence that fits none is returned as it is.
    """
    if lang == "en":
        return sentence
    for key, pattern in _patterns(group):
        found = pattern.fullmatch(sentence)
        if found is not None:
            held = found.groupdict()
            return text(f"{group}.{key}", lang, **{n: say(n, v) for n, v in held.items()} if say else held)
    return sentence


@cache
def _patterns(group: str) -> list[tuple[str, re.Pattern[str]]]:
    """Keys and patterns of a group, those with the most fixed words first."""
    rows = [
        (key.removeprefix(f"{group}."), said) for key, said in catalogue("en").items() if key.startswith(f"{group}.")
    ]
    rows.sort(key=lambda row: -len(re.sub(r"{.*?}", "", row[1])))
    return [(key, re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(said)))) for key, said in rows]


def pick(names: Mapping[str, str] | str, lang: str) -> str:
    """The name in the language, else in the project's first language, else any; a string is one for all languages."""
    if isinstance(names, str):
        return names
    return names.get(lang) or names.get(FIRST) or next(iter(names.values()), "")


def number(value: float | None, lang: str, *, digits: int | None = None, signed: bool = False) -> str:
    """A number as people of the language write it on a screen.

    Chinese: in full below 10,000, then 万 and 亿 with one decimal; English: in full below a million, then m and bn.
    ``digits`` fixes the decimals; without it 0 for whole numbers and from 100 up, else 1 or 2. None is an en dash.
    """
    if value is None or math.isnan(value):
        return "–"
    size = abs(value)
    steps = ((1e8, "number.e8"), (1e4, "number.e4")) if lang == FIRST else ((1e9, "number.e9"), (1e6, "number.e6"))
    sign = MINUS if value < 0 else "+" if signed and value > 0 else ""
    for step, key in steps:
        if size >= step:
            return f"{sign}{text(key, lang, n=f'{size / step:,.1f}')}"
    if digits is None:
        digits = 0 if size >= 100 or size == round(size) else 1 if size >= 10 else 2
    return f"{sign}{size:,.{digits}f}"


def date(value: dt.date | dt.datetime | str | None, lang: str) -> str:
    """A date as 2015-06-30 (Chinese) or 30 Jun 2015 (English); a month as 2015-06 or Jun 2015; None is an en dash."""
    if value is None or value == "":
        return "–"
    raw = value if isinstance(value, str) else value.isoformat()
    day = raw[:10]
    if lang == FIRST or len(day) < 7:
        return day
    months = text("date.months", lang).split()
    head = [day[8:10].lstrip("0")] if len(day) == 10 else []
    return " ".join([*head, months[int(day[5:7]) - 1], day[:4]])
