"""Faults found at inspections (检查发现问题)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.demo.supervision import inspections
from models.demo.supervision.inspections import Checked
from models.demo.supervision.world import NO_DAY, TODAY, iso

HEADERS = {
    "finding_id": "问题编号",
    "inspection_id": "检查编号",
    "subject_id": "统一社会信用代码",
    "found_on": "发现日期",
    "item_code": "抽查事项代码",
    "severity": "严重程度",
    "description": "问题描述",
    "corrected_on": "整改完成日期",
}
SEVERITIES = {"high": "严重", "moderate": "一般", "low": "轻微"}
TEXTS = {
    "A01": ("年度报告公示信息与实际不一致", "即时信息未按规定公示", "出资信息填报不实"),
    "A02": ("实际经营地址与登记住所不一致", "登记住所已改作他用", "同一场所另有未登记主体"),
    "A03": ("营业执照未悬挂于醒目位置", "名称牌匾与登记不一致"),
    "B01": ("食品经营许可证即将到期未申请延续", "经营项目超出许可范围"),
    "B02": ("后厨生熟食品混放", "餐具消毒记录缺失", "从业人员未持健康证明"),
    "C01": ("产品标识不规范", "抽样检验不合格", "未见出厂检验记录"),
    "C02": ("计量器具超期未检", "强检计量器具无检定标志"),
}


def findings(checked: Checked, rng: np.random.Generator) -> pd.DataFrame:
    """Return one to three faults for each inspection that found any; most are corrected within two months."""
    rows = np.flatnonzero(checked.positive)
    times = np.minimum(1 + rng.poisson(0.5, len(rows)), 3)
    row = np.repeat(rows, times)
    part = np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times)
    of = checked.frame.iloc[row].reset_index(drop=True)
    head = inspections.HEADERS
    item = of[head["item_code"]].tolist()
    draw = rng.random(len(row)).tolist()
    severity = np.select([rng.random(len(row)) < 0.2, rng.random(len(row)) < 0.55], ["high", "moderate"], default="low")
    day = checked.day[row]
    corrected = day + rng.integers(5, 60, len(row))
    corrected = np.where((corrected <= TODAY) & (rng.random(len(row)) < 0.88), corrected, NO_DAY)
    return pd.DataFrame(
        {
            HEADERS["finding_id"]: of[head["inspection_id"]] + "-" + pd.Series(part + 1).astype(str),
            HEADERS["inspection_id"]: of[head["inspection_id"]],
            HEADERS["subject_id"]: of[head["subject_id"]],
            HEADERS["found_on"]: of[head["inspected_on"]],
            HEADERS["item_code"]: item,
            HEADERS["severity"]: pd.Series(severity).map(SEVERITIES),
            HEADERS["description"]: [TEXTS[i][int(d * len(TEXTS[i]))] for i, d in zip(item, draw, strict=True)],
            HEADERS["corrected_on"]: iso(corrected),
        }
    )
