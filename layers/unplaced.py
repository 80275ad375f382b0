"""Why a firm has no place on the map, as one short phrase for a list."""

from __future__ import annotations

import re

from layers.text import text

FIRST = (
    ("address_missing", "no_address"),
    ("nothing_found", "nothing_found"),
    ("other_city", "other_city"),
    ("second_district", "two_districts"),
    ("ambiguous_town", "same_town"),
    ("ambiguous_road", "same_road"),
    ("ambiguous_poi", "same_place"),
    ("town_without_seat", "town_no_seat"),
    ("town_unknown", "town_unknown"),
    ("radius_too_large", "too_wide"),
    ("district_conflict_field", "conflict"),
    ("low_confidence", "unsure"),
)
"""Reason codes that by themselves keep a firm in the queue, the telling ones first, and the phrase for each."""

ADMIN = re.compile(r"^(?:[^省市区县路街道号村镇乡组\d]{1,8}?(?:省|市|自治县|(?<![小社园厂库街])区|县)){1,3}")
ROAD = re.compile(r"路|大道|街(?!道)|巷|弄|国道|省道")
VILLAGE = re.compile(r"村|社区|居委|[一二三四五六七八九十\d]+组|[一二三四五六七八九十\d]+社")
NOTHING = re.compile(r"[\s,，。;；、()（）\-—_/·.]+")


def why(codes: str | None, address: str | None, lang: str) -> str:
    """The phrase for one row.

    Parameters
    ----------
    codes : reason codes of the matcher joined by ";"
    address : the address as registered
    lang : language of the page

    Returns
    -------
    What was lacking, a few words; where the codes only say how the district was found, what stands behind the
    district in the address decides.
    """
    return text(f"unplaced.{_key(codes or '', address or '')}", lang)


def _key(codes: str, address: str) -> str:
    names = [code.partition(":")[0] for code in codes.split(";") if code]
    if not NOTHING.sub("", address):
        return "no_address"
    telling = next((key for name, key in FIRST if name in names), None)
    return telling or _unread(ADMIN.sub("", NOTHING.sub("", address)), zone="zone" in names)


def _unread(rest: str, *, zone: bool) -> str:
    """What stands behind the district and was not found; ``rest`` is the address without it."""
    if ROAD.search(rest):
        return "road_unknown"
    if zone:
        return "zone_only"
    if not rest:
        return "district_only"
    return "village_unknown" if VILLAGE.search(rest) else "place_unknown"
