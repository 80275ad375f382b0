"""Administrative penalties (行政处罚): those that inspections led to, others, and the planted ones."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.demo.supervision.planted import ToldPenalty
from models.demo.supervision.world import TODAY, Days, Ints, World, iso

HEADERS = {
    "penalty_id": "行政处罚决定书文号",
    "subject_id": "统一社会信用代码",
    "decided_on": "处罚决定日期",
    "kind": "处罚种类",
    "amount_cny": "罚没金额(元)",
    "matter": "违法事实",
    "legal_basis": "处罚依据",
}
KINDS = {
    "warning": "警告",
    "fine": "罚款",
    "confiscation": "没收违法所得",
    "suspension": "责令停产停业",
    "revocation": "吊销许可证件",
    "other": "其他",
}
# Section letters, matter, legal basis.
MATTERS = (
    ("HF", "经营超过保质期的食品", "《中华人民共和国食品安全法》第八十五条"),
    ("H", "餐饮服务场所卫生不符合要求", "《中华人民共和国食品安全法》第八十七条"),
    ("C", "生产不符合产品质量标准的产品", "《中华人民共和国产品质量法》第四十九条"),
    ("F", "销售不合格商品", "《中华人民共和国产品质量法》第五十条"),
    ("", "超出核准登记的经营范围经营", "《公司登记管理条例》第七十三条"),
    ("", "发布虚假广告", "《中华人民共和国广告法》第三十七条"),
    ("", "未按规定办理变更登记", "《公司登记管理条例》第七十三条"),
)
SHARES = {"warning": 0.3, "fine": 0.55, "confiscation": 0.1, "suspension": 0.03, "revocation": 0.02}
OTHERS_SHARE = 0.012
"""Penalties besides those of inspections, as a share of the firms."""


def penalties(
    world: World, checked: tuple[Ints, Days], told: list[ToldPenalty], rng: np.random.Generator
) -> tuple[pd.DataFrame, tuple[list[int], Days]]:
    """Return the penalties in the columns of `HEADERS`, and firms and days of the severe ones.

    Parameters
    ----------
    checked : firms whose inspection led to a penalty, and its day; the decision follows 20 to 80 days later
    """
    firms, days = checked
    later = days + rng.integers(20, 80, len(days))
    count = round(OTHERS_SHARE * len(world))
    chance = np.exp(world.risk) * ~world.planted
    other = rng.choice(len(world), count, p=chance / chance.sum())
    when = np.datetime64("2012-07-01") + rng.integers(0, 1095, count)
    at, day = np.concatenate([firms, other]), np.concatenate([later, when])
    keep = (day <= TODAY) & (day > world.day[at])
    at, day = at[keep], day[keep]
    kind = rng.choice(list(SHARES), len(at), p=list(SHARES.values()))
    amount = np.round(np.exp(rng.normal(8.3, 0.9, len(at))), -2)
    matter = _matters(world, at, rng)
    table = pd.DataFrame(
        {
            "subject_id": world.codes[at],
            "decided_on": day,
            "kind": kind,
            "amount_cny": np.where(np.isin(kind, ["fine", "confiscation"]), amount, np.nan),
            "matter": [m[1] for m in matter],
            "legal_basis": [m[2] for m in matter],
        }
    )
    planted = pd.DataFrame(
        [(p.code, p.day, p.kind, p.amount, p.matter, p.basis) for p in told], columns=table.columns
    ).astype({"amount_cny": "float64"})
    severe = np.flatnonzero(np.isin(kind, ["suspension", "revocation"]) & (day < TODAY - 60))
    severe = severe[np.unique(at[severe], return_index=True)[1]]
    return _written(pd.concat([table, planted] if told else [table])), (at[severe].tolist(), day[severe])


def _written(table: pd.DataFrame) -> pd.DataFrame:
    table = table.sort_values(["decided_on", "subject_id"], kind="stable", ignore_index=True)
    date = iso(table["decided_on"].to_numpy("datetime64[D]"))
    serial = table.groupby(date.str[:4]).cumcount() + 1
    table["penalty_id"] = "綦市监罚〔" + date.str[:4] + "〕" + serial.astype(str) + "号"
    table["decided_on"], table["kind"] = date, table["kind"].map(KINDS)
    return table[list(HEADERS)].rename(columns=HEADERS)


def _matters(world: World, at: Ints, rng: np.random.Generator) -> list[tuple[str, str, str]]:
    section, draw = world.firms["section"].to_numpy()[at].tolist(), rng.random(len(at)).tolist()
    by = {s: [m for m in MATTERS if s in m[0] or not m[0]] for s in set(section)}
    return [by[s][int(d * len(by[s]))] for s, d in zip(section, draw, strict=True)]
