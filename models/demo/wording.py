"""How the register writes the generated firms: names, types, capital, scopes and addresses in their many
forms."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.demo.parks import ZONES
from models.demo.sites import PARK, VILLAGE, Sites
from models.demo.trades import CAPITAL_WAN, USUAL_CAPITAL_WAN
from models.demo.words import brands, persons

Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]
_ALREADY_A_PLACE = ("店", "馆", "部", "吧", "超市", "诊所", "幼儿园", "农家乐", "大药房")
FORMS = (
    "number",
    "number and room",
    "road",
    "village",
    "village group",
    "zone",
    "building",
    "town",
    "district",
    "none",
)
_TYPES = {"91": "有限责任公司", "92": "个体工商户", "93": "农民专业合作社"}
_CONDITIONS = (
    "",
    "",
    "[依法须经批准的项目，经相关部门批准后方可开展经营活动]",
    "（以上范围法律、法规禁止经营的不得经营）",
    "***",
)
_DIGITS = "零一二三四五六七八九"
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def names(
    sites: Sites,
    town: npt.NDArray[np.int64],
    trade: list[tuple[str, str]],
    *,
    individual: Flags,
    cooperative: Flags,
    days: npt.NDArray[np.datetime64],
    rng: np.random.Generator,
) -> list[str]:
    """Return the registered names; branches and individual businesses carry their place."""
    brand = brands(len(trade), rng)
    draw = rng.random(len(trade))
    stems = [t.stem for t in sites.towns]
    early = days < np.datetime64("2011-10-22")
    rows = zip(
        brand,
        trade,
        individual.tolist(),
        cooperative.tolist(),
        town.tolist(),
        draw.tolist(),
        early.tolist(),
        strict=True,
    )
    return [_name(b, t[0], i, c, stems[k], d, e) for b, t, i, c, k, d, e in rows]


def _name(  # noqa: PLR0917
    brand: str, word: str, individual: bool, cooperative: bool, stem: str, draw: float, early: bool
) -> str:
    county = "綦江县" if early else "綦江区"
    if cooperative:
        return f"重庆市{county}{brand}{word.removesuffix('开发')}专业合作社"
    shop = word.endswith(_ALREADY_A_PLACE)
    if individual or (shop and draw < 0.5):
        end = "" if shop else ("经营部" if draw < 0.6 else "店")
        return f"{county}{stem}{brand}{word}{end}" if draw < 0.7 else f"{stem}{brand}{word}{end}"
    word = word.removesuffix("经营部").removesuffix("店").removesuffix("部")
    if draw > 0.93:
        return f"重庆{brand}{word}有限公司{stem}分公司"
    return f"重庆{'市' if draw < 0.12 else ''}{brand}{word}有限{'责任' if draw < 0.25 else ''}公司"


def entity_types(kinds: npt.NDArray[np.str_], rng: np.random.Generator) -> list[str]:
    """Return the types as registered; most rows say N/A, as real registers do."""
    known = rng.random(len(kinds)) < 0.3
    return [_TYPES[k] if g else "N/A" for k, g in zip(kinds.tolist(), known.tolist(), strict=True)]


def representatives(count: int, rng: np.random.Generator) -> list[str]:
    """Return invented names; one in eight rows names nobody, and some persons own several firms."""
    pool = persons(max(count * 2 // 3, 1), rng)
    who = (rng.random(count) ** 1.35 * len(pool)).astype(int)
    named = rng.random(count) > 0.125
    return [pool[w] if n else "N/A" for w, n in zip(who.tolist(), named.tolist(), strict=True)]


def capitals(section: npt.NDArray[np.str_], individual: Flags, rng: np.random.Generator) -> list[str]:
    """Return capital texts in the patterns of real registers, from "50(万)" to "12(万美元)" and "N/A"."""
    middle = np.array([CAPITAL_WAN.get(s, USUAL_CAPITAL_WAN) for s in section.tolist()], dtype=float)
    middle = np.where(individual, 6.0, middle)
    amount = middle * np.exp(rng.normal(0, 1.05, len(section)))
    rounded = np.where(amount >= 20, np.round(amount / 10) * 10, np.maximum(np.round(amount), 1))
    pattern = rng.choice(11, len(section), p=[0.42, 0.23, 0.15, 0.02, 0.01, 0.006, 0.003, 0.001, 0.03, 0.12, 0.01])
    return [_capital(a, p) for a, p in zip(rounded.tolist(), pattern.tolist(), strict=True)]


def _capital(wan: float, pattern: int) -> str:
    whole = f"{wan:,.0f}"
    fractions = f"{wan:,.4f}"
    return (
        f"{whole}(万)",
        f"{whole}(万人民币元)",
        "N/A",
        f"{wan:.0f}万人民币",
        f"{wan:.0f}万元人民币",
        f"{max(wan / 6, 1):.0f}(万美元)",
        f"{wan:.0f}(万香港元)",
        f"{wan * 16:,.0f}(万日元)",
        f"{fractions}(万人民币元)",
        f"{wan:.0f}万元",
        "-",
    )[pattern]


def scopes(trade: list[tuple[str, str]], rng: np.random.Generator) -> list[str]:
    """Return the scopes, with the conditions that registers add, and now and then a trade of its own at the
    end."""
    condition = rng.integers(0, len(_CONDITIONS), len(trade)).tolist()
    extra = rng.random(len(trade)).tolist()
    more = "商务信息咨询；销售：日用百货、工艺品。"
    return [
        f"{t[1]}{more if e < 0.15 else ''}{_CONDITIONS[c]}" for t, c, e in zip(trade, condition, extra, strict=True)
    ]


def addresses(
    sites: Sites,
    kind: npt.NDArray[np.int64],
    site: npt.NDArray[np.int64],
    town: npt.NDArray[np.int64],
    *,
    county: Flags,
    rng: np.random.Generator,
) -> tuple[list[str], list[str], list[str]]:
    """Return (form, address, district as registered) of each firm.

    Addresses before the merger of 2011 say 綦江县 or 万盛区 (a part still does so later), some leave out the town, some
    write full-width or Chinese digits, blanks or a remark in brackets, some stop at the town or say nothing.
    """
    draw = rng.random((len(kind), 5))
    room = rng.integers(1, 30, (len(kind), 2))
    poi_of = {int(h): n for h, n in zip(sites.poi_house, sites.poi_names, strict=True)}
    forms, texts, districts = [], [], []
    for row in range(len(kind)):
        d = draw[row]
        place = sites.towns[town[row]]
        old = (county[row] and d[0] < 0.8) or d[0] < 0.03
        area = ("万盛区" if place.wansheng else "綦江县") if old else "綦江区"
        tail, form = _tail(sites, int(kind[row]), int(site[row]), d, room[row], poi_of)
        name = _town_name(place.name, d[1], bool(old))
        head = f"重庆市{area}" if d[2] > 0.05 else area
        text = f"{head}{name}{tail}"
        if d[4] > 0.993:
            text, form = ("N/A", "none") if d[4] > 0.9965 else (f"重庆市{area}", "district")
        elif d[4] > 0.968:
            text, form = f"{head}{place.name}", "town"
        forms.append(form)
        texts.append(_noise(text, d[3]))
        districts.append(("万盛" if old and place.wansheng else "綦江") if d[2] < 0.985 else "N/A")
    return forms, texts, districts


def _town_name(name: str, draw: float, old: bool) -> str:
    if draw < 0.04:
        return ""
    if old and name.endswith("街道") and draw < 0.6:
        return name.replace("街道", "镇")
    return name.removesuffix("街道") if draw < 0.07 and name.endswith("街道") else name


def _tail(  # noqa: PLR0917
    sites: Sites,
    kind: int,
    site: int,
    draw: npt.NDArray[np.float64],
    room: npt.NDArray[np.int64],
    poi_of: dict[int, str],
) -> tuple[str, str]:
    if kind == VILLAGE:
        village = sites.village_names[site]
        if draw[1] > 0.45:
            return f"{village}{room[0] % 9 + 1}{'组' if draw[2] > 0.5 else '社'}", "village group"
        return village, "village"
    if kind == PARK:
        part = f"{'ABC'[room[0] % 3]}区" + (f"{room[1]}号" if draw[1] > 0.5 else "")
        return f"{ZONES[site][0]}{part}", "zone"
    return _street(sites, site, draw, room, poi_of)


def _street(
    sites: Sites, site: int, draw: npt.NDArray[np.float64], room: npt.NDArray[np.int64], poi_of: dict[int, str]
) -> tuple[str, str]:
    street = sites.houses.names[int(sites.houses.street[site])]
    number = int(sites.houses.number[site])
    if site in poi_of and draw[1] > 0.5:
        return f"{poi_of[site]}{room[0] % 4 + 1}楼{room[1]}号", "building"
    if draw[1] > 0.9:
        return street, "road"
    if draw[1] > 0.52:
        ends = (
            f"附{room[0]}号",
            f"{room[0] % 9 + 1}幢{room[1] % 18 + 1}-{room[0] % 6 + 1}",
            f"{room[0] % 3 + 1}-{room[1]}",
            "负一层",
        )
        return f"{street}{number}号{ends[int(draw[2] * 4)]}", "number and room"
    return f"{street}{number}号", "number"


def _noise(text: str, draw: float) -> str:
    if draw < 0.02:
        return text.translate(_WIDE)
    if draw < 0.03:
        return text.replace("重庆市", "重庆市 ").replace("区", "区 ", 1)
    if draw < 0.045:
        return f"{text}(原供销社)"
    if draw < 0.055:
        return "".join(_DIGITS[int(c)] if c in "0123456789" else c for c in text)
    return text
