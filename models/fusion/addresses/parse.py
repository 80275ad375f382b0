"""Cut a normalised address into 区县 > 街道镇 > 社区村 > 路街巷 > 门牌号, with the city's own names first."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from models.fusion.addresses.districts import DistrictName, Districts
from models.fusion.addresses.trie import NameTrie

HAN = "一-鿿"
_OTHER_CITY = re.compile(
    rf"(?:中国|中华人民共和国)?((?:[{HAN}]{{2,3}}(?:省|自治区))?[{HAN}]{{2,3}}?市)(?=[{HAN}]{{1,4}}?[区县镇])(?!场)"
)
_ZONE = re.compile(
    rf"[{HAN}]{{0,5}}?(?:经济技术开发区|高新技术产业开发区|工业区|高新技术开发区|高技术产业开发区|经济开发区|技术开发区|旅游度假区|"
    r"经开区|高新区|经开园|高新园|工业园区|工业园|产业园区|农业园区|保税港区|保税区|开发区|管委会|新区|园区)"
    r"(?:[A-Z](?:区|组团)|管委会)?"
)
_TOWN = re.compile(
    rf"(?:(?![路与和口])[{HAN}]){{1,6}}?"
    r"(?:街道办事处|街道办|街道|(?<!乡)镇(?!政府|中)|乡(?!政府|村|镇))"
)
_VILLAGE = re.compile(
    rf"([{HAN}]{{1,8}}?(?:社区居委会|社区|居委会|村委会|居委|村(?![路街道大桥镇]|[{HAN}]?[路街])))(?:民?委员会|居民委员会)?"
    r"(\d+(?:村民小组|居民小组|社|组|队))?"
)
_ROAD_NAME = (
    rf"[A-Z]?[{HAN}]{{1,10}}?(?:大道|公路|大街|路|街(?![道镇乡坊])|巷(?!道)|道(?=\d)|弄(?=\d))"
    r"(?:[东西南北中上下内外]?(?:[一二三四五六七八九十]+)?(?:支路|横路|环路|支巷|横街|正街|巷|段(?!\d*号楼)|街(?=\d))){0,2}"
    r"(?:[东西南北中](?=段)段)?"
)
_ROAD = re.compile(rf"({_ROAD_NAME})")
_NUMBER = re.compile(
    r"(?:[南北东西中]段|特|新|旧|临)?(\d{1,5})(?:[-~至、/](\d{1,5}))*"
    r"(?:(弄|巷)(?:(\d{1,4})号?)?|号(?![线楼门])(?:附(\d{1,4})号)?|(?=$|[^\d米路线层楼室期年村组社队幢栋号公单门K\-]))"
)
_CROSSING = re.compile(
    rf"({_ROAD_NAME})[与和、/]?({_ROAD_NAME})(?:交叉口|交汇处|交界处|交叉路口|路口|口)(?:[东西南北]{{1,2}}侧?)?(\d{{1,4}})?"
)


class TownHit(NamedTuple):
    """A town's name as found.

    Attributes
    ----------
    towns : positions in the gazetteer of the towns that bear this very name
    kin : those of all towns of the same core name, whatever their 镇, 乡 or 街道
    reasons : reason codes of this form of the name
    bare : written without 镇, 乡 or 街道
    """

    towns: tuple[int, ...]
    kin: tuple[int, ...]
    reasons: tuple[str, ...]
    bare: bool


@dataclass(frozen=True)
class Names:
    """Tries of the city's own names.

    Attributes
    ----------
    districts : names of the districts
    towns : by district code, and by "" for the whole city
    roads, pois : names of known roads and places
    """

    districts: Districts
    towns: dict[str, NameTrie[TownHit]]
    roads: NameTrie[str]
    pois: NameTrie[tuple[int, ...]]


@dataclass(slots=True)
class Parsed:
    """An address by its parts; None where it has none.

    Attributes
    ----------
    district, second : district named in the text, and another one it names too
    zone, zone_codes : development zone, and the districts it lies in
    town, unknown_town : town as found in the gazetteer, or a name that looks like one
    other_city : another city with which the address opens
    village, group, road, number, lane_number : as text and numbers; the number of a range is its first
    crossing : two roads and the metres from their crossing
    pois : positions of known places of the name found
    end : position in the text up to which it was understood
    """

    text: str
    district: DistrictName | None = None
    second: DistrictName | None = None
    zone: str | None = None
    zone_codes: tuple[str, ...] = ()
    town: TownHit | None = None
    unknown_town: str | None = None
    other_city: str | None = None
    village: str | None = None
    road: str | None = None
    main_road: str | None = None
    number: int | None = None
    lane: bool = False
    house: int | None = None
    crossing: tuple[str, str, int] | None = None
    pois: tuple[int, ...] = ()
    end: int = 0
    parts: list[str] = field(default_factory=list)


def parse(text: str, names: Names, fallback: str | None = None) -> Parsed:
    """Parse one normalised address.

    Parameters
    ----------
    text : normalised address
    names : the city's names
    fallback : code of the district whose towns are looked for when the text names none
    """
    out = Parsed(text)
    start = _areas(out, text, names.districts)
    start = _town(out, text, start, names, fallback)
    if out.zone is None:
        start = _zone(out, text, start, names.districts)
    if out.zone is not None and out.town is None and out.unknown_town is None:
        _town_of_zone(out, names, fallback)
    start = _village(out, text, start)
    _road(out, text, start, names)
    return out


def _areas(out: Parsed, text: str, districts: Districts) -> int:
    """Read the city, the district and a leading zone."""
    start = 0
    for _ in range(6):
        hit = districts.at(text, start)
        zone = districts.zones.longest(text, start)
        if zone is not None and (hit is None or zone[0] > hit[0]):
            start = _zone(out, text, start, districts)
            continue
        if hit is not None:
            end, value = hit
            if out.district is None:
                out.district = value
                out.parts.append(text[start:end])
            elif value.code != out.district.code:
                if value.short:
                    break
                out.second = value
            elif value.short:
                break
            start = end
            continue
        if text.startswith(districts.city, start) and (end := _city(text, start, districts.city)) > start:
            start = end
        elif text.startswith(("市", "县"), start):
            start += 1
        elif start == 0 and (other := _OTHER_CITY.match(text)):
            out.other_city, start = other[1], other.end(1)
        elif (end := _zone(out, text, start, districts)) > start:
            start = end
        else:
            break
    out.end = start
    return start


def _city(text: str, start: int, names: tuple[str, ...]) -> int:
    """Skip the city's name; its short form only where the address begins (重庆路 may follow a district)."""
    name = next(n for n in names if text.startswith(n, start))
    return start + len(name) if start == 0 or name.endswith("市") else start


def _zone(out: Parsed, text: str, start: int, districts: Districts) -> int:
    """Read a development zone at this position; it is an attribute, not a level."""
    hit = districts.zones.longest(text, start)
    if hit is not None:
        end, (zone, codes) = hit
        if out.zone is None or not out.zone_codes:
            out.zone, out.zone_codes = zone, codes
        out.parts.append(text[start:end])
        return end
    match = _ZONE.match(text, start)
    if match is None:
        return start
    out.zone = out.zone or match[0]
    out.parts.append(match[0])
    return match.end()


_ROAD_AFTER = re.compile(
    r"(?:[东西南北中上下新老后前正横]?[一二三四五六七八九十]*(?:支|横|环|正)?(?:路|街(?!道)|大道|巷|公路|道(?=\d)))"
)


def _town(out: Parsed, text: str, start: int, names: Names, fallback: str | None) -> int:
    """Read the town among those of the district, else of the city; else a name that looks like one."""
    code = out.district.code if out.district else (fallback or "")
    if code and not out.district and out.zone and out.zone_codes and code not in out.zone_codes:
        code = ""
    trie = names.towns.get(code) if code else names.towns.get("")
    if trie is not None:
        hit = trie.longest(text, start)
        if hit is not None and not (hit[1].bare and _is_road(text, hit[0])):
            return _take_town(out, text, start, *hit)
        later = trie.first(text, start + 1, start + 14)
        if later is not None and not later[2].bare and "路" not in text[start : later[0]]:
            return _take_town(out, text, later[0], later[1], later[2])
    match = _TOWN.match(text, start)
    if match is None:
        return start
    out.unknown_town = match[0]
    out.parts.append(match[0])
    out.end = match.end()
    return match.end()


def _town_of_zone(out: Parsed, names: Names, fallback: str | None) -> None:
    """Read the town with which a zone's name opens: 龙水镇工业园区 names it, 德感工业园 bears its name."""
    if out.zone is None or out.zone_codes:
        return
    trie = names.towns.get((out.district.code if out.district else fallback) or "")
    hit = trie.longest(out.zone) if trie is not None else None
    if hit is None:
        return
    end, town = hit
    if town.bare:
        out.town = town._replace(reasons=("town_of_zone",))
    else:
        out.town, out.zone = town, out.zone[end:]
        known = names.districts.zones.longest(out.zone)
        if known is not None:
            out.zone, out.zone_codes = known[1]


def _is_road(text: str, end: int) -> bool:
    """Say whether a bare town name is part of a road's name (南坪南路) or a road itself (渝碚路50号)."""
    if _ROAD_AFTER.match(text, end):
        return True
    return text[end - 1] in "路街" and bool(text[end : end + 1].isdigit() or _ROAD.match(text, end))


def _take_town(out: Parsed, text: str, begin: int, end: int, hit: TownHit) -> int:
    out.town = hit
    out.parts.append(text[begin:end])
    out.end = end
    if text.startswith(("人民政府", "政府"), end):
        return text.index("政府", end) + 2
    return end


def _village(out: Parsed, text: str, start: int) -> int:
    """Read a community or village and its group."""
    match = _VILLAGE.match(text, start)
    if match is None:
        return start
    out.village = match[1]
    out.parts.append(match[0])
    out.end = match.end()
    return match.end()


def _road(out: Parsed, text: str, start: int, names: Names) -> None:
    """Read a crossing, or the road and its number; then a known place by name."""
    if "口" in text or "交" in text:
        crossing = _CROSSING.match(text, start)
        if crossing is not None:
            out.crossing = (crossing[1], crossing[2], int(crossing[3] or 0))
            out.road = crossing[1]
            out.parts.append(crossing[0])
            out.end = crossing.end()
            return
    position = start
    for _ in range(3):
        known = names.roads.longest(text, position)
        if known is not None:
            name, end = known[1], known[0]
            further = _ROAD.match(text, position)
            if further is not None and further.end() > end:
                name, end = further[1], further.end()
        else:
            match = _ROAD.match(text, position)
            if match is None:
                break
            name, end = _known_tail(match[1], names.roads), match.end()
        if out.main_road is None:
            out.main_road = name
        out.road = name
        position = end
        number = _NUMBER.match(text, position)
        if number is not None:
            _take_number(out, number)
            position = number.end()
            break
    if out.road is not None:
        out.parts.append(text[start:position])
        out.end = position
    if len(names.pois):
        begin = position if out.road else start
        hit = names.pois.first(text, begin, begin + (2 if out.road else 10))
        if hit is not None:
            out.pois = hit[2]
            out.parts.append(text[hit[0] : hit[1]])
            out.end = hit[1]


def _known_tail(name: str, roads: NameTrie[str]) -> str:
    """Take the known road at the end of a longer name (方泰嘉松北路 -> 嘉松北路); the name itself where none is."""
    for cut in range(1, len(name) - 2):
        if name[cut:] in roads:
            return name[cut:]
    return name


def _take_number(out: Parsed, match: re.Match[str]) -> None:
    out.number = int(match[1])
    out.lane = match[3] is not None
    house = match[4] or match[5]
    out.house = int(house) if house else None
