"""One spelling for every address: width, brackets, spaces, numerals and the forms of sub-numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

SHORTEST_REMARK = 2
"""Characters of a remark that may name a place."""

_NUMERALS = "零〇一二三四五六七八九十百千两"
_DIGIT = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNIT = {"十": 10, "百": 100, "千": 1000}
_HAN_DIGITS = "零一二三四五六七八九"
_COUNTED = "号|弄|幢|栋|座|单元|室|层|楼|组|社|队|村民小组|居民小组"

_DROP = dict.fromkeys(
    map(ord, " \t\r\v\f\u3000\u00a0\u200b\ufeff\x1c\x1d\x1e\x1f\x85\u2028\u2029\"'`“”‘’«»《》<>·•・。.!?;:*")
)
_SAME = {
    ord(old): new
    for old, new in {
        "—": "-", "–": "-", "－": "-", "−": "-", "‐": "-", "‑": "-", "―": "-", "～": "~", "﹣": "-", "_": "-",
        ",": "、", "[": "(", "]": ")", "{": "(", "}": ")", "【": "(", "】": ")", "〔": "(", "〕": ")",
        "「": "(", "」": ")",
        "棟": "栋", "號": "号", "區": "区", "縣": "县", "鎮": "镇", "鄉": "乡",
    }.items()
}  # fmt: skip
_TABLE = _DROP | _SAME

_LEADING_REMARK = re.compile(r"^[()]*\(([^()\n]*)\)", re.M)
_REMARK = re.compile(r"\([^()\n]*\)")
_INSIDE = re.compile(r"\(([^()]+)")
_UNCLOSED = re.compile(r"(?<=[^\n()])\([^\n]*")
_BRACKET = re.compile(r"[()]")
_AREA_NOISE = re.compile(r"市辖区|市辖县")
_COMMA_AFTER_AREA = re.compile(r"(?<=[省市区县镇乡])、+|^、+|、+$", re.M)
_COUNTED_NUMBER = re.compile(rf"第?([{_NUMERALS}]+)(?={_COUNTED})|第(?=\d)")
_ROAD_NUMBER = re.compile(r"(?<=[一-鿿])(?<![号幢栋座元室层楼社组队附第弄])(\d{1,2})(?=支路|路|街|巷|横街|村(?!民))")
_SUB_NUMBER = re.compile(r"(?<=\d)号?((?:[-之附号]*[之附]\d+(?:号|(?![\d号-])))+)")
_DIGITS = re.compile(r"\d+")
_DASHES = re.compile(r"-{2,}")


def number_of(numerals: str) -> int:
    """Value of a Chinese numeral, spoken (一百二十) or spelt digit by digit (一二〇).

    Parameters
    ----------
    numerals : only characters of 零〇一二三四五六七八九十百千两

    Returns
    -------
    int ; a digit right after 百 or 千 at the end counts in the next lower unit, as spoken (一百二 = 120)
    """
    if not any(c in _UNIT for c in numerals):
        return int("".join(str(_DIGIT[c]) for c in numerals))
    total, digit, last_unit, zero = 0, 0, 1, False
    for c in numerals:
        unit = _UNIT.get(c)
        if unit is None:
            digit, zero = _DIGIT[c], zero or c in "零〇"
            continue
        total += (digit or 1) * unit
        digit, last_unit, zero = 0, unit, False
    if digit:
        total += digit * (last_unit // 10 if last_unit > 10 and not zero else 1)
    return total


def numeral_of(value: int) -> str:
    """Chinese numeral of a number from 0 to 99, as street names spell it (12 -> 十二)."""
    tens, ones = divmod(value, 10)
    if tens == 0:
        return _HAN_DIGITS[ones]
    head = "十" if tens == 1 else _HAN_DIGITS[tens] + "十"
    return head + (_HAN_DIGITS[ones] if ones else "")


def _counted(match: re.Match[str]) -> str:
    return str(number_of(match[1])) if match[1] else ""


def _attached(match: re.Match[str]) -> str:
    return "号" + "".join(f"附{number}号" for number in _DIGITS.findall(match[1]))


def _one_pass(text: str) -> str:
    text = _LEADING_REMARK.sub(r"\1", text)
    while True:
        shorter = _REMARK.sub("", text)
        if shorter == text:
            break
        text = shorter
    text = _BRACKET.sub("", _UNCLOSED.sub("", text))
    text = _COMMA_AFTER_AREA.sub("", _AREA_NOISE.sub("", text))
    text = _COUNTED_NUMBER.sub(_counted, text)
    text = _ROAD_NUMBER.sub(lambda m: numeral_of(int(m[1])), text)
    return _DASHES.sub("-", _SUB_NUMBER.sub(_attached, text))


def normalise(texts: Iterable[str | None]) -> list[str]:
    """Bring addresses to one spelling; all rows at once, because that is what makes it fast.

    Unicode NFKC; letters in capitals; spaces, quotation marks and bracketed remarks dropped (a remark that
    opens the address is kept without its brackets); numerals before a counter (号 弄 幢 栋 座 单元 室 层 楼
    组 社 队) become digits and digits inside a street's name become numerals; 之, 附 and 号附 become one
    form; 市辖区 is dropped.

    Parameters
    ----------
    texts : n strings or None

    Returns
    -------
    list of n str; "" where nothing is left. Applying it twice changes nothing.
    """
    rows = [" ".join(t.splitlines()) if isinstance(t, str) else "" for t in texts]
    if not rows:
        return []
    text = unicodedata.normalize("NFKC", "\n".join(rows)).upper().translate(_TABLE)
    text = unicodedata.normalize("NFKC", text)
    for _ in range(50):
        again = _one_pass(text)
        if again == text:
            break
        text = again
    return text.split("\n")


def remarks(texts: Sequence[str | None]) -> dict[int, str]:
    """Return what stands in brackets, in one spelling, by row; rows whose brackets open the text are left out.

    An address may name its town there only: 大足区(龙水)工业园区, 沙坪坝区半边街108号(井口工业园).
    """
    rows = [i for i, t in enumerate(texts) if t and ("(" in t or "（" in t)]
    found = [_INSIDE.search(unicodedata.normalize("NFKC", texts[i] or ""), 1) for i in rows]
    inside = normalise([m[1] if m else None for m in found])
    return {i: text for i, text in zip(rows, inside, strict=True) if len(text) >= SHORTEST_REMARK}


def address_key(text: str | None) -> str:
    """Key under which a decision for an address is kept: its normalised text."""
    return normalise([text])[0]
