"""Names of legal persons as an actor may see them.

The name of an individual business (个体工商户) or of a firm that one natural person owns (个人独资企业, 自然人独资) is
in effect the name of a person. Supervisors, managers, auditors and administrators see it inside their own areas;
everybody else sees a masked form that keeps only words of fixed lists: province, kind of trade and legal form
(重庆某贸易有限公司), or the first character (张**) where the name shows none of these. A type that is not known counts
as an individual business.

Not accounted for: a reader who knows the address or the credit code can look the name up in the public register.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from layers.access import SUPERVISION, Actor

_PROVINCES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|"
    "陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_TRADES = (
    "贸易|商贸|经贸|科技|网络|信息|技术|餐饮|食品|农业|开发|建筑|建材|装饰|工程|物流|运输|客运|货运|汽车|销售|服务|咨询|管理|"
    "文化|传媒|广告|机械|设备|电子|电器|家电|维修|五金|服装|服饰|百货|日用|化工|石化|能源|矿业|养殖|种植|水产|苗木|家具|木材|"
    "印刷|包装|医疗|医药|大药|保洁|物业|投资|劳务|派遣|教育|培训|旅游|美容|美发|理发|火锅|小吃|烧烤|茶|副食|烟酒|水果|蔬菜|便利"
)
_FORMS = (
    "股份有限公司|有限责任公司|有限公司|合作社|经营部|加工厂|门市部|门市|分公司|商行|超市|便利店|餐馆|饭店|酒楼|面馆|茶楼|茶馆|"
    "网吧|诊所|药房|药店|农家乐|美容院|修理部|洗车场|工作室|旅馆|招待所|养殖场|农场|林场|中心|事务所|厂|矿|店|部|馆|行|庄|铺"
)
_HEAD = re.compile(f"^(?:{_PROVINCES})(?:省|市|自治区)?")
_TAIL = re.compile(f"(?:{_TRADES})*(?:{_FORMS})$")
_LATIN = re.compile(r"[A-Za-z]")
_ONE_PERSON = ("个体工商户", "个人独资", "自然人独资")
SOMEBODY = "某"
STARS = "**"


def is_personal(entity_type: str | None) -> bool:
    """Whether a name of that entity type stands for one natural person; a type that is not known does."""
    return not isinstance(entity_type, str) or any(word in entity_type for word in _ONE_PERSON)


def may_see_names(actor: Actor, area: str | None) -> bool:
    """Whether the actor may see personal names in an area; None is a place outside of every area, or the whole city."""
    return actor.has(SUPERVISION) and actor.works_in(area)


def shown_name(name: str, entity_type: str | None, actor: Actor, area: str | None = None) -> str:
    """The name of a legal person as the actor may see it.

    Parameters
    ----------
    name : registered name
    entity_type : canonical or registered type, None where it is not known
    actor : who asks
    area : code of the grid cell or district the legal person lies in, None where it lies in none

    Returns
    -------
    The name itself, or its masked form.
    """
    return name if may_see_names(actor, area) or not is_personal(entity_type) else masked(name)


def reaches(actor: Actor, district: str | None) -> bool:
    """Whether the actor works in a district or in a part of it: who has no place yet waits in a district."""
    if actor.works_in(district):
        return True
    return isinstance(district, str) and bool(district) and any(code.startswith(district) for code in actor.areas)


def shown_names(rows: Iterable[tuple[str, str | None, str | None]], actor: Actor) -> list[str]:
    """`shown_name` of many rows of name, entity type and area."""
    return [shown_name(name, kind, actor, area) for name, kind, area in rows]


@lru_cache(maxsize=65_536)
def masked(name: str) -> str:
    """The masked form of a name: nothing of it but words of fixed lists, or its first character.

    Examples
    --------
    >>> masked("重庆聚豪海贸易有限公司"), masked("张三"), masked("Joe's Diner")
    ('重庆某贸易有限公司', '张**', 'J**')
    """
    plain = name.strip()
    if _LATIN.match(plain):
        return f"{plain[0]}{STARS}"
    head, tail = _HEAD.match(plain), _TAIL.search(plain)
    first = head.group() if head else ""
    last = tail.group() if tail and tail.start() >= len(first) else ""
    if not first and not last:
        return f"{plain[:1]}{STARS}"
    return f"{first}{SOMEBODY}{last}"


def area_of(row: object) -> str | None:
    """The smallest area of a row with grid_code and district_code (a mapping or a series), None where it has none."""
    for column in ("grid_code", "district_code"):
        code = row.get(column)  # type: ignore[attr-defined]
        if isinstance(code, str) and code:
            return code
    return None
