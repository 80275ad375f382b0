"""Numbers as legends, panels and tables write them: ranges, shares, classes; built on `layers.text.number`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from layers.text import number, text

SIGNIFICANT = 3


def decimals(value: float) -> int:
    """Decimals needed to write a value with three significant digits and no idle zeros, at most 3."""
    shown = f"{value:.{SIGNIFICANT}g}"
    return min(len(shown.split(".")[1]), 3) if "." in shown and "e" not in shown else 0


def edge(value: float, lang: str, *, signed: bool = False) -> str:
    """One class break: as few decimals as tell it apart; a minus sign is U+2212, a plus only where ``signed``."""
    return number(value, lang, digits=decimals(value), signed=signed)


def class_labels(breaks: Sequence[float], lang: str, *, signed: bool = False) -> list[str]:
    """Labels of the classes, low to high: below the first break, the ranges, from the last break up.

    No breaks make one class without bounds, whose label is empty.
    """
    if not breaks:
        return [""]
    edges = [edge(value, lang, signed=signed) for value in breaks]
    between = [text("legend.between", lang, low=low, high=high) for low, high in pairwise(edges)]
    return [text("legend.below", lang, high=edges[0]), *between, text("legend.above", lang, low=edges[-1])]


def percent(share: float | None, lang: str, *, digits: int = 1) -> str:
    """A share (0..1) as a percentage with one decimal and a space before the sign; nothing known is an en dash."""
    if share is None or math.isnan(share):
        return "–"
    return f"{number(share * 100, lang, digits=digits)} %"


def wan(cny: float | None, lang: str) -> str:
    """An amount in yuan: 万元 or 亿元 in Chinese, CNY with thousands or m in English; nothing known is an en dash."""
    if cny is None or math.isnan(cny):
        return "–"
    if lang == "zh-Hans":
        if abs(cny) >= 1e8:
            return f"{cny / 1e8:,.1f} {text('unit.yi_yuan', lang)}"
        digits = 0 if abs(cny) >= 1e6 or cny % 1e4 == 0 else 1
        return f"{number(cny / 1e4, lang, digits=digits)} {text('unit.wan_yuan', lang)}"
    return f"{text('unit.yuan', lang)} {number(cny, lang, digits=0)}"
