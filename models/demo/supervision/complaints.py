"""Complaints and reports of consumers (12315 投诉举报)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.demo.supervision.world import NO_DAY, TODAY, World

HEADERS = {
    "complaint_id": "登记编号",
    "subject_id": "被投诉主体代码",
    "received_on": "登记日期",
    "kind": "类型",
    "topic": "问题类别",
    "outcome": "处理结果",
    "closed_on": "办结日期",
}
KINDS = {"complaint": "投诉", "report": "举报"}
OUTCOMES = {"open": "办理中", "mediated": "调解成功", "confirmed": "属实", "rejected": "不予受理"}
FIRST = np.datetime64("2012-07-01")
# Complaints a year of a firm of usual risk, by section.
RATE = {"H": 0.17, "F": 0.1, "O": 0.13, "R": 0.15, "K": 0.18, "G": 0.09, "J": 0.2, "P": 0.15, "Q": 0.12}
USUAL_RATE = 0.02
TOPICS = ("商品质量", "食品安全", "售后服务", "价格争议", "虚假宣传", "合同纠纷", "无照经营")


def complaints(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """Return complaints from July 2012 on: Poisson, more of them where the risk is higher."""
    rate = np.array([RATE.get(s, USUAL_RATE) for s in world.firms["section"].tolist()])
    years = (TODAY - np.maximum(world.day, FIRST)).astype(float) / 365.25
    mean = rate * years * np.exp(1.0 * world.risk - 0.6) * np.where(world.dormant | world.planted, 0.2, 1.0)
    at = np.repeat(np.arange(len(world)), rng.poisson(mean))
    span = (TODAY - np.maximum(world.day[at], FIRST)).astype(np.int64)
    day = TODAY - (rng.random(len(at)) * span).astype(np.int64)
    closed = day + rng.integers(3, 60, len(at))
    ended = closed <= TODAY
    result = rng.choice(["mediated", "confirmed", "rejected"], len(at), p=[0.5, 0.28, 0.22])
    table = pd.DataFrame(
        {
            "subject_id": world.codes[at],
            "received_on": day,
            "kind": np.where(rng.random(len(at)) < 0.7, KINDS["complaint"], KINDS["report"]),
            "topic": np.array(TOPICS, dtype=object)[rng.integers(0, len(TOPICS), len(at))],
            "outcome": pd.Series(np.where(ended, result, "open")).map(OUTCOMES),
            "closed_on": np.where(ended, closed, NO_DAY),
        }
    ).sort_values(["received_on", "subject_id"], kind="stable", ignore_index=True)
    serial = table.groupby(table["received_on"]).cumcount() + 1
    table["complaint_id"] = (
        "QJ12315-" + table["received_on"].dt.strftime("%Y%m%d") + "-" + serial.astype(str).str.zfill(3)
    )
    for column in ("received_on", "closed_on"):
        table[column] = table[column].dt.strftime("%Y-%m-%d")
    return table[list(HEADERS)].rename(columns=HEADERS)
