"""Scenes of an invented city in the form of ``/api/wall/scene``: one of each shape that the display has to lay out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

JSON = dict[str, Any]
CLASSES = ("#1e2a40", "#155276", "#068b96", "#61c8a4", "#eff5af")
LIGHT = ("#f0f3d9", "#94d8cf", "#3e9dac", "#265a90", "#132656")
TITLES = {
    "zh-Hans": {"overview": "区情总览", "migration": "人口迁徙", "pulse": "二十四小时", "warnings": "预警处置"},
    "en": {"overview": "City overview", "migration": "Migration", "pulse": "Twenty-four hours", "warnings": "Warnings"},
}


def say(lang: str, zh: str, en: str) -> str:
    return zh if lang == "zh-Hans" else en


def kpi(key: str, label: str, value: str, unit: str, change: str | None = None, note: str = "") -> JSON:
    return {"key": key, "label": label, "value": value, "unit": unit, "change": change, "note": note, "tone": None}


def legend(lang: str, theme: str) -> JSON:
    texts = ("< 100", "100–200", "200–400", "400–1,000", "≥ 1,000")
    colours = CLASSES if theme == "wall" else LIGHT
    return {
        "title": say(lang, "常住人口密度", "Residents per km²"), "unit": say(lang, "人/km²", "persons/km²"),
        "note": "2015-06", "rows": [{"colour": c, "text": t} for c, t in zip(colours, texts, strict=True)],
        "states": [
            {"kind": "suppressed", "text": say(lang, "已抑制", "Below 15 devices")},
            {"kind": "no_data", "text": say(lang, "无数据", "No data")},
        ],
        "flows": [],
    }  # fmt: skip


def levels(lang: str) -> JSON:
    names = say(lang, "重点监管 较高风险 一般风险 低风险", "Key Higher General Low").split()
    rows = zip("DCBA", names, (312, 1840, 9610, 42440), ("0.6 %", "3.4 %", "17.7 %", "78.3 %"), strict=True)
    return {
        "kind": "levels", "title": say(lang, "市场主体监管级别", "Subjects by level"),
        "unit": say(lang, "户", "subjects"),
        "rows": [{"level": a, "label": b, "value": n, "text": f"{n:,}", "share_text": s} for a, b, n, s in rows],
    }  # fmt: skip


def line(lang: str) -> JSON:
    return {
        "kind": "line", "title": say(lang, "每月新登记", "New registrations"), "unit": say(lang, "户", "subjects"),
        "x": [say(lang, f"{i} 月", m) for i, m in enumerate(("Jan", "Feb", "Mar", "Apr", "May", "Jun"), 1)],
        "series": [
            {"label": "2015", "y": [612, 548, 731, 804, 866, 918], "colour": "accent"},
            {"label": "2014", "y": [560, 521, 648, 702, None, 760], "colour": "ink-3", "dash": True},
        ],
    }  # fmt: skip


def bars(lang: str) -> JSON:
    names = say(lang, "贵州省 巴南区 渝北区 江津区 九龙坡区", "Guizhou,Banan,Yubei,Jiangjin,Jiulongpo District")
    rows = zip(
        names.split() if lang == "zh-Hans" else names.split(","), (21350, 18420, 12960, 11210, 9870), strict=True
    )
    return {
        "kind": "bars", "title": say(lang, "流入来源", "Where people come from"),
        "unit": say(lang, "人 / 年", "persons a year"),
        "colour": "#60b2e1", "rows": [{"label": n, "value": v, "text": f"{v:,}"} for n, v in rows],
    }  # fmt: skip


def ages(lang: str) -> JSON:
    names = say(lang, "0–2 天,3–7 天,8–14 天,超过 14 天", "0–2 days,3–7 days,8–14 days,over 14 days").split(",")
    rows = [{"label": n, "value": v, "text": str(v)} for n, v in zip(names, (61, 42, 17, 8), strict=True)]
    done = say(lang, "本周处置 142 件，古南所最多（38 件）", "142 handled this week, most by Gunan station (38)")
    return {
        "kind": "ages", "title": say(lang, "待处置预警", "Open warnings by age"), "unit": say(lang, "件", "warnings"),
        "rows": rows, "handled": {"text": done},
    }  # fmt: skip


def strip(lang: str) -> JSON:
    items = [{"label": a, "value": f"{n:,}"} for a, n in zip("DCBA", (312, 1840, 9610, 42440), strict=True)]
    return {"title": say(lang, "监管级别", "By level"), "unit": say(lang, "户", "subjects"), "items": items}


def people(hour: int) -> float:
    """An invented day: fewest at four, most in the afternoon."""
    return 56 + 8 * math.sin(math.pi * (hour - 8) / 12)


def hours(lang: str, layer: str) -> JSON:
    frames = []
    for hour in range(24):
        value = people(hour)
        now = {"value": f"{value:.1f}", "unit": say(lang, "万人", "x 10,000"), "change": f"{value - people(4):+.1f}",
               "note": say(lang, "较 04:00", "against 04:00")}  # fmt: skip
        frames.append(
            {"hour": hour, "period": f"workday-{hour:02d}", "kpi": now, "caption": say(lang, "进城方向", "Into town")}
        )
    label = say(lang, "此刻在区人口", "Present now")
    return {
        "layer": layer,
        "period": "workday-{hour}",
        "daytype": "workday",
        "seconds": 30,
        "frames": frames,
        "label": label,
    }


def flows(box: tuple[float, float, float, float]) -> list[JSON]:
    """A star around the middle of a box: most come in, every fourth goes out."""
    w, s, e, n = box
    centre = [(w + e) / 2, (s + n) / 2]
    made = []
    for i in range(12):
        angle = 2 * math.pi * (i + 0.3) / 12
        other = [centre[0] + (e - w) * 0.55 * math.cos(angle), centre[1] + (n - s) * 0.55 * math.sin(angle)]
        out = i % 4 == 3
        ends = {"from": centre, "to": other} if out else {"from": other, "to": centre}
        made.append(ends | {"persons": 1000 * (12 - i), "text": f"{1000 * (12 - i):,}", "sign": "out" if out else "in",
                            "width": max(0, 4 - i // 2), "name": f"P{i}"})  # fmt: skip
    return made


def scenes(
    spec: Mapping[str, Any], box: tuple[float, float, float, float], lang: str, theme: str, build: str
) -> dict[str, JSON]:
    """Four scenes by id over one map."""
    w, s, e, n = box
    layer = spec["layers"][0]["id"]
    places = (("古南", "Gunan", "20.8"), ("万盛", "Wansheng", "11.4"), ("赶水", "Ganshui", "6.6"))
    labels = [
        {"text": say(lang, zh, en), "sub": f"{value} {say(lang, '万', 'x 10⁴')}", "lon": w + (e - w) * (0.3 + 0.2 * i),
         "lat": s + (n - s) * (0.7 - 0.2 * i), "rank": i}
        for i, (zh, en, value) in enumerate(places)
    ]  # fmt: skip
    picture = {
        "fit": [[w, s], [e, n]],
        "layers": [layer],
        "spec": spec,
        "hours": None,
        "flows": None,
        "flow_note": "",
        "labels": labels,
    }
    common = {"build_id": build, "as_of": "2015-06-30", "freshness": "ok", "period": "2015-06",
              "foot": say(lang, "GeoNames · 审图号：待填", "GeoNames · Map approval no.: to be filled in")}  # fmt: skip
    numbers = [
        kpi("residents", say(lang, "常住人口", "Residents"), "81.6", say(lang, "万人", "x 10,000"), "+1.2 %",
            say(lang, "较 2014 年", "on 2014")),
        kpi("subjects", say(lang, "市场主体", "Market subjects"), "54,202", say(lang, "户", ""), "+8.7 %",
            say(lang, "较去年同期", "on a year ago")),
        kpi("open", say(lang, "待处置预警", "Open warnings"), "128", say(lang, "件", ""), "\u221214",
            say(lang, "较上周", "on last week")),
    ]  # fmt: skip
    said = say(
        lang, "常住人口 81.6 万，比 2014 年多 1.2 %；一半住在古南和万盛，待处置预警比上周少 14 件。",
        "816,000 residents, 1.2 % more than in 2014; half live in Gunan and Wansheng, and 14 fewer warnings are open.",
    )  # fmt: skip
    star = flows(box)
    away = legend(lang, theme) | {"rows": [], "states": [], "flows": [
        {"colour": "in", "text": say(lang, "流入", "In")}, {"colour": "out", "text": say(lang, "流出", "Out")},
        {"width": 0, "text": "< 2,500"}, {"width": 2, "text": "5,000"}, {"width": 4, "text": "≥ 12,000"}]}  # fmt: skip
    day = {"kind": "hours", "title": say(lang, "全天在区人口", "Present by hour"),
           "unit": say(lang, "较日均 %", "% of the mean"),
           "values": [round(100 * (people(h) / 56 - 1), 1) for h in range(24)],
           "texts": [f"{100 * (people(h) / 56 - 1):+.1f} %" for h in range(24)]}  # fmt: skip
    minis = {"kind": "minis", "title": say(lang, "一天六时", "Six hours"), "unit": say(lang, "人/km²", "persons/km²"),
             "hours": [0, 4, 8, 12, 16, 20], "layer": layer}  # fmt: skip
    made: dict[str, JSON] = {
        "overview": {"kpis": numbers, "charts": [levels(lang), line(lang)], "map": picture,
                     "legend": legend(lang, theme)},
        "migration": {"kpis": numbers, "charts": [bars(lang), line(lang)], "map": picture | {"flows": star},
                      "legend": away},
        "pulse": {"kpis": numbers[:3], "charts": [day, minis], "map": picture | {"hours": hours(lang, layer)},
                  "legend": legend(lang, theme)},
        "warnings": {"kpis": [*numbers, *numbers[:2]], "charts": [ages(lang), bars(lang)], "map": picture,
                     "legend": legend(lang, theme)},
    }  # fmt: skip
    for key, scene in made.items():
        scene.update(
            common | {"id": key, "kind": key, "title": TITLES[lang][key], "sentence": said, "strip": strip(lang)}
        )
    return made


def playlist(words: Mapping[str, str], lang: str, build: str, *, dwell_s: float = 30, poll_s: float = 5) -> JSON:
    """The playlist of the four."""
    entries = [{"id": key, "kind": key, "title": title, "dwell_s": dwell_s} for key, title in TITLES[lang].items()]
    return {
        "build_id": build, "city": say(lang, "綦江区", "Qijiang District"), "lang": lang,
        "as_of": "2015-06-30", "demo": True,
        "freshness": "ok", "scenes": entries, "left_out": [], "dwell_s": dwell_s, "poll_s": poll_s,
        "words": dict(words),
        "attribution": "GeoNames", "approval": say(lang, "审图号：待填", "Map approval no.: to be filled in"),
        "places": [{"name": say(lang, "古南街道", "Gunan"), "lon": 106.65, "lat": 29.0, "zoom": 11.5}],
    }  # fmt: skip
