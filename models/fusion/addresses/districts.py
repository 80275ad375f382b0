"""The city's districts by every name and code they bear or once bore."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from models.fusion.addresses.names import MUNICIPALITIES, district_short, district_stem, pieces
from models.fusion.addresses.trie import NameTrie

# A short name (江北 without 区) in front of these is part of another name: 江北大道, 长寿路, 万州新村.
_NOT_A_DISTRICT = re.compile(
    r"[东西南北中上下前后新老大正横一二三四五六七八九十]{0,2}(?:支|环|横|正)?"
    r"(?:路|街(?!道)|大道|巷|公路|村|桥|寺|里|弄|大厦|广场|商|酒店|宾馆|医院|饭店|市场|机场|码头|公司|厂|站|学|建材|城|国际)"
)


class DistrictName(NamedTuple):
    """What a district's name stands for.

    Attributes
    ----------
    code : six digits of today's district
    reasons : reason codes that go with this form of the name
    short : written without 区 or 县, so it may be part of another name
    """

    code: str
    reasons: tuple[str, ...]
    short: bool


@dataclass(frozen=True)
class Districts:
    """Names, codes and zones of a city.

    Attributes
    ----------
    names : district names of all forms, for the trie search
    fields : the same by whole text, for the register's field
    codes : today's code by any code that is or was used, for credit codes
    full : today's full name by code
    zones : zone names, each with the codes of the districts it lies in
    city : the city's own names, longest first
    """

    names: NameTrie[DistrictName]
    fields: dict[str, DistrictName]
    codes: dict[str, str]
    full: dict[str, str]
    zones: NameTrie[tuple[str, tuple[str, ...]]]
    zone_fields: dict[str, tuple[str, tuple[str, ...]]]
    city: tuple[str, ...]

    def at(self, text: str, start: int) -> tuple[int, DistrictName] | None:
        """Find the district named in ``text`` at ``start``; a short name only where it stands alone."""
        hit = self.names.longest(text, start)
        if hit is None or (hit[1].short and _NOT_A_DISTRICT.match(text, hit[0])):
            return None
        return hit


def build_districts(
    districts: pd.DataFrame,
    area_changes: pd.DataFrame | None,
    zones: list[tuple[str, str | None]],
    city_names: tuple[str, ...],
) -> Districts:
    """Collect the names of the districts.

    Parameters
    ----------
    districts : frame with district_code, name (contract ``districts``)
    area_changes : dated crosswalk (contract ``area_changes``) or None
    zones : name and district code of places of kind zone
    city_names : further names of the city, as they open addresses
    """
    full = {str(c): pieces(n)[0] for c, n in zip(districts["district_code"], districts["name"], strict=True)}
    names: dict[str, DistrictName] = {}
    for code, name in full.items():
        for form in {name, district_short(name)}:
            names[form] = DistrictName(code, ("district_from_text",), False)
    codes = {code: code for code in full}
    changes = [] if area_changes is None else _rows(area_changes, full)
    zone_codes: dict[str, set[str]] = {}
    for zone, zone_code in zones:
        zone_codes.setdefault(zone, set()).update({zone_code} if zone_code in full else ())
    for change in changes:
        if change["kind"] == "zone":
            for name in pieces(change["old_name"]):
                zone_codes.setdefault(name, set()).update({change["new_code"]} if change["new_code"] else ())
        elif change["new_code"]:
            _add_old(names, codes, change)
    _add_short(names, full)
    zone_values = {z: (z, tuple(sorted(c))) for z, c in zone_codes.items() if z not in names}
    city = set(city_names) | {MUNICIPALITIES[c[:2]] for c in full if c[:2] in MUNICIPALITIES}
    city |= {c + "市" for c in city if not c.endswith("市")}
    return Districts(
        names=NameTrie(names.items()),
        fields=names,
        codes=codes,
        full=full,
        zones=NameTrie(zone_values.items()),
        zone_fields=zone_values,
        city=tuple(sorted(city, key=lambda n: (-len(n), n))),
    )


def _rows(changes: pd.DataFrame, full: dict[str, str]) -> list[dict[str, str]]:
    """Rows of the crosswalk as text, the newest last; chains of changes lead to a district of today."""
    columns = ["old_code", "old_name", "new_code", "new_name", "kind", "valid_to"]
    frame = changes.reindex(columns=columns).astype(object)
    rows = [
        {k: "" if pd.isna(v) else str(v) for k, v in zip(columns, r, strict=True)}
        for r in frame.itertuples(index=False)
    ]
    rows.sort(key=lambda r: (r["valid_to"], r["old_code"], r["old_name"]))
    by_name = {n: c for c, n in full.items()}
    onward = {r["old_code"]: r["new_code"] for r in rows if r["old_code"] and r["new_code"] and r["kind"] != "zone"}
    for row in rows:
        code, seen = row["new_code"], set()
        while code not in full and code in onward and code not in seen:
            seen.add(code)
            code = onward[code]
        row["new_code"] = code if code in full else by_name.get(row["new_name"], "")
    return rows


def _add_old(names: dict[str, DistrictName], codes: dict[str, str], change: dict[str, str]) -> None:
    """Add a name and a code that are no longer in use; a name or code of today keeps its meaning."""
    if change["old_code"]:
        codes.setdefault(change["old_code"], change["new_code"])
    for name in pieces(change["old_name"]):
        for form in {name, district_short(name)}:
            names.setdefault(form, DistrictName(change["new_code"], ("district_from_text", f"crosswalk:{name}"), False))


def _add_short(names: dict[str, DistrictName], full: dict[str, str]) -> None:
    """Add names without 区 or 县, and with one for the other; today's names first, then the former ones."""
    known = sorted(names.items(), key=lambda item: (item[0] not in full.values(), item[0]))
    for name, value in known:
        stem = district_stem(name)
        if stem is None:
            continue
        former = tuple(r for r in value.reasons if r.startswith("crosswalk:"))
        names.setdefault(stem, DistrictName(value.code, ("district_from_short_name", *former), True))
    for name, value in known:
        stem = district_stem(name)
        if stem is None or name not in full.values():
            continue
        for suffix in "区县市":
            form = stem + suffix
            names.setdefault(form, DistrictName(value.code, ("district_from_text", f"crosswalk:{form}"), False))
