"""Forms in which the names of Chinese districts and towns are written."""

from __future__ import annotations

import re

from models.fusion.addresses.normalise import normalise

MUNICIPALITIES = {"11": "北京", "12": "天津", "31": "上海", "50": "重庆"}
"""Names of the four municipalities by the first two digits of their codes (GB/T 2260)."""

TOWN_SUFFIXES = ("街道办事处", "街道办处", "街道办", "街道", "办事处", "办处", "镇", "乡")
_TOWN_SUFFIX = re.compile(r"(?:街道办事处|街道办处|街道办|街道|办事处|办处|(?:[一-鿿]{1,4}族)*(?:族乡|乡)|镇|乡)$")
_PEOPLE = re.compile(
    r"(?:(?:土家|苗|回|满|蒙古|壮|侗|瑶|彝|藏|羌|布依|仡佬|白|傣|哈尼|黎|畲|朝鲜|达斡尔|维吾尔|哈萨克)族?)+各?族?自治(?=[县州旗])"
)
_DISTRICT_SUFFIX = re.compile(r"(?:新区|区|县|市)$")


def pieces(name: object) -> list[str]:
    """Split a name field that holds several names (;) into normalised names."""
    if not isinstance(name, str):
        return []
    return [n for n in normalise(name.replace("；", ";").split(";")) if n]


def district_short(name: str) -> str:
    """Name of an autonomous county as it is spoken (石柱土家族自治县 -> 石柱县); others unchanged."""
    short = _PEOPLE.sub("", name)
    return short if len(short) >= 2 else name


def district_stem(name: str) -> str | None:
    """District's name without 区, 县 or 市; None where a single character would be left (忠县)."""
    stem = _DISTRICT_SUFFIX.sub("", district_short(name))
    return stem if len(stem) >= 2 and stem != name else None


def town_core(name: str) -> str:
    """Town's name without 镇, 乡 or 街道 (石桥铺街道 -> 石桥铺); never empty."""
    core = _TOWN_SUFFIX.sub("", name)
    return core or name


def has_town_suffix(name: str) -> bool:
    """Say whether the name carries 镇, 乡 or 街道."""
    return _TOWN_SUFFIX.search(name) is not None and len(town_core(name)) < len(name)
