"""Slow, obvious counterparts: one address at a time, one character at a time."""

from __future__ import annotations

import unicodedata

DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
UNITS = {"十": 10, "百": 100, "千": 1000}
COUNTERS = ("单元", "村民小组", "居民小组", "号", "弄", "幢", "栋", "座", "室", "层", "楼", "组", "社", "队")
ROADS = ("支路", "横街", "路", "街", "巷")


def number(text: str) -> int:
    """Read 一百二十 or 一二〇."""
    if not any(c in UNITS for c in text):
        return int("".join(str(DIGITS[c]) for c in text))
    total, pending = 0, 0
    for c in text:
        if c in UNITS:
            total += max(pending, 1) * UNITS[c]
            pending = 0
        else:
            pending = DIGITS[c]
    if pending and len(text) >= 2 and text[-2] in "百千":
        pending *= UNITS[text[-2]] // 10
    return total + pending


def normalise(text: str) -> str:
    """Bring one address without nested or leading brackets to its spelling."""
    text = unicodedata.normalize("NFKC", text).upper()
    text = "".join(c for c in text if c not in " 　.*\"'“”《》")
    for old in "—–－_":
        text = text.replace(old, "-")
    while "(" in text and ")" in text:
        text = text[: text.index("(")] + text[text.index(")") + 1 :]
    text = text.split("(")[0].replace("市辖区", "")
    while (again := _sub_numbers(_road_digits(_counted(text)))) != text:
        text = again
    return text


def _counted(text: str) -> str:
    out, i = "", 0
    while i < len(text):
        start = i + 1 if text[i] == "第" else i
        end = start
        while end < len(text) and (text[end] in DIGITS or text[end] in UNITS):
            end += 1
        if end > start and text[end:].startswith(COUNTERS):
            out += str(number(text[start:end]))
            i = end
        elif text[i] == "第" and text[i + 1 : i + 2].isdigit():
            i += 1
        else:
            step = max(end, i + 1) if start == i else i + 1
            out += text[i:step]
            i = step
    return out


def _road_digits(text: str) -> str:
    for value in range(99, -1, -1):
        digits = str(value)
        tens, ones = divmod(value, 10)
        han = "零一二三四五六七八九"
        word = han[ones] if not tens else ("" if tens == 1 else han[tens]) + "十" + (han[ones] if ones else "")
        for road in ROADS:
            at = text.find(digits + road)
            if at > 0 and "一" <= text[at - 1] <= "鿿" and text[at - 1] not in "号幢栋座元室层楼社组队附第弄":
                text = text[:at] + word + text[at + len(digits) :]
    return text


def _sub_numbers(text: str) -> str:
    for mark in ("号之", "之", "号附", "附"):
        at = text.find(mark)
        while at > 0:
            end = at + len(mark)
            while end < len(text) and text[end].isdigit():
                end += 1
            if text[at - 1].isdigit() and end > at + len(mark) and text[end : end + 1] != "-":
                rest = text[end + 1 :] if text[end : end + 1] == "号" else text[end:]
                text = text[:at] + "号附" + text[at + len(mark) : end] + "号" + rest
            at = text.find(mark, end)
    return text


def longest(names: list[str], text: str, start: int) -> str | None:
    """Try every name."""
    found = [name for name in names if len(name) >= 2 and text.startswith(name, start)]
    return max(found, key=len, default=None)
