"""Inspections and their findings: outcomes that depend on the hidden risk of a firm and on who inspects it.

The chance of a fault at one item is a logistic function of `COEFFICIENTS`; features are dated before the visit, so a
model can be trained on what was known then. The officer's part is planted and known (truth/officers.parquet): a level
that used it would look better than it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.demo.supervision.officers import HEADERS as OFFICER_HEADERS
from models.demo.supervision.officers import Officers
from models.demo.supervision.visits import Visits
from models.demo.supervision.world import NO_DAY, TODAY, Days, Flags, Floats, Ints, World, iso

HEADERS = {
    "inspection_id": "检查编号",
    "subject_id": "统一社会信用代码",
    "inspected_on": "检查日期",
    "kind": "检查类型",
    "selected_by": "抽取方式",
    "item_code": "抽查事项代码",
    "officer": "检查人员工号",
    "result": "检查结果",
    "score": "评分",
    "follow_up": "后续处理",
    "follow_up_due": "整改期限",
    "closed_on": "办结日期",
}
KINDS = {"routine": "日常检查", "complaint": "投诉核查", "reinspection": "复查", "special": "专项检查"}
SELECTED = {"random": "随机抽取", "risk": "风险选择", "complaint": "投诉举报", "other": "其他"}
RESULTS = {
    "none_found": "未发现问题",
    "rectify": "责令改正",
    "penalty": "立案处罚",
    "unreachable": "通过登记住所无法联系",
}
FOLLOW_UPS = {"none": "无", "rectify": "限期整改", "reinspect": "复查", "penalty": "处罚", "list": "列入异常名录"}
COEFFICIENTS = {"intercept": -2.3, "risk": 0.85, "past_faults": 0.5, "reports_missing": 0.7, "complaints": 0.35}
"""Log odds: hidden risk, faults at earlier visits (at most 3), a missing report before, complaints of the last year (at
most 3)."""
# Item, library of sections ("" for all), log odds against the usual item.
ITEMS = (
    ("A01", "", 0.0),
    ("A02", "", -0.3),
    ("A03", "", -0.6),
    ("B01", "H", 0.1),
    ("B02", "H", 0.5),
    ("C01", "CF", 0.2),
    ("C02", "F", -0.2),
)


@dataclass(frozen=True)
class Checked:
    """Inspections in the order they were made; arrays have one entry per row of ``frame``.

    Attributes
    ----------
    frame : as written, columns of `HEADERS`
    at, day, positive, result : firm, day, whether a fault was found, result
    truth : inspection_id, probability of a fault with and without the officer's part
    """

    frame: pd.DataFrame
    at: Ints
    day: Days
    positive: Flags
    result: npt.NDArray[np.str_]
    truth: pd.DataFrame

    def with_result(self, name: str) -> tuple[Ints, Days]:
        """Return firms and days of the inspections with one result."""
        rows = self.result == name
        return self.at[rows], self.day[rows]


def inspections(
    world: World, staff: Officers, visits: Visits, known: tuple[Floats, Floats], rng: np.random.Generator
) -> Checked:
    """Return the checks of all visits, one or two items each.

    Parameters
    ----------
    visits : firm, day, kind, way of selection, in order of firm and day
    known : at each visit, 1 where a report was missing before, and complaints of the year before
    """
    reports, complained = known
    two = rng.random(len(visits.at)) < 0.35
    visit = np.repeat(np.arange(len(visits.at)), 1 + two)
    at, second = visits.at[visit], np.r_[False, visit[1:] == visit[:-1]]
    officer = _officers(world, staff, visits, rng)[visit]
    item, harder = _items(world, at, second, rng)
    fixed = COEFFICIENTS["intercept"] + COEFFICIENTS["risk"] * world.risk[at] + harder
    fixed += COEFFICIENTS["reports_missing"] * reports[visit]
    fixed += COEFFICIENTS["complaints"] * np.minimum(complained[visit], 3)
    fixed -= 1.2 * (visits.kind[visit] == "reinspection")
    draw = rng.random(len(visit))
    positive, firm, full = _in_turn(visits, visit, fixed, staff.effect[officer], draw)
    lost = world.dormant[at] & (rng.random(len(visit)) < 0.7) & ~second
    lost |= np.r_[False, lost[:-1]] & second
    punished = positive & (rng.random(len(visit)) < 0.22)
    result = np.select([lost, punished, positive], ["unreachable", "penalty", "rectify"], default="none_found")
    positive = positive & ~lost
    badge = staff.frame[OFFICER_HEADERS[0]].to_numpy(dtype=object)
    frame = _written(world.codes, badge[officer], visits, visit, firm=world.risk[at], item=item, result=result, rng=rng)
    truth = pd.DataFrame({"inspection_id": frame[HEADERS["inspection_id"]], "p_fault": full, "p_firm": firm})
    return Checked(frame, at, visits.day[visit], positive, result, truth.astype({"inspection_id": "str"}))


def _in_turn(visits: Visits, visit: Ints, fixed: Floats, effect: Floats, draw: Floats) -> tuple[Flags, Floats, Floats]:
    """Return outcomes, and chances without and with the officer; earlier visits of a firm count in later ones.

    All first visits are decided at once, then all second ones, and so on: at most as many passes as a firm has visits.
    """
    positive = np.zeros(len(visit), dtype=bool)
    firm, full = np.zeros(len(visit)), np.zeros(len(visit))
    faults = np.zeros(int(visits.at.max(initial=0)) + 1)
    turn = visits.turn[visit]
    for number in range(int(turn.max(initial=-1)) + 1):
        rows = np.flatnonzero(turn == number)
        at = visits.at[visit[rows]]
        odds = fixed[rows] + COEFFICIENTS["past_faults"] * np.minimum(faults[at], 3)
        firm[rows] = 1 / (1 + np.exp(-odds))
        full[rows] = 1 / (1 + np.exp(-(odds + effect[rows])))
        positive[rows] = draw[rows] < full[rows]
        np.add.at(faults, at, positive[rows])
    return positive, firm, full


def _officers(world: World, staff: Officers, visits: Visits, rng: np.random.Generator) -> Ints:
    """Return the officer of each visit: any of those who serve the firm's town, managers seldom."""
    weight = staff.serves * np.where(np.arange(len(staff.serves)) < 2, 0.02, 1.0)[:, None]
    cumulative = np.cumsum(weight / weight.sum(axis=0), axis=0)
    draw = rng.random(len(visits.at))
    found: Ints = (draw[None] > cumulative[:, world.town[visits.at]]).sum(axis=0).clip(0, len(staff.serves) - 1)
    return found


def _items(world: World, at: Ints, second: Flags, rng: np.random.Generator) -> tuple[npt.NDArray[np.object_], Floats]:
    section, draw = world.firms["section"].to_numpy()[at].tolist(), rng.random(len(at)).tolist()
    by = {s: [i for i in ITEMS if i[1] and s in i[1]] or list(ITEMS[:2]) for s in set(section)}
    first = [by[s][int(d * len(by[s]))] for s, d in zip(section, draw, strict=True)]
    again = [ITEMS[1 + int(d * 2)] for d in draw]
    used = [b if s else a for a, b, s in zip(first, again, second.tolist(), strict=True)]
    return np.array([i[0] for i in used], dtype=object), np.array([i[2] for i in used])


def _written(
    codes: npt.NDArray[np.object_],
    officer: npt.NDArray[np.object_],
    visits: Visits,
    visit: Ints,
    *,
    firm: Floats,
    item: npt.NDArray[np.object_],
    result: npt.NDArray[np.str_],
    rng: np.random.Generator,
) -> pd.DataFrame:
    day = visits.day[visit]
    follow = pd.Series(result).map(
        {"none_found": "none", "rectify": "rectify", "penalty": "penalty", "unreachable": "list"}
    )
    due = np.where(np.isin(result, ["rectify", "penalty"]), day + 30, NO_DAY)
    closed = np.where(result == "none_found", day, day + rng.integers(12, 45, len(visit)))
    closed = np.where((closed <= TODAY) & (rng.random(len(visit)) > 0.04 * (result != "none_found")), closed, NO_DAY)
    middle = np.where(result == "none_found", 90, 72) - 5.0 * firm
    score = np.round(np.clip(rng.normal(middle, 5), 0, 100))
    number = pd.Series(visits.number[visit]).astype(str).str.zfill(6)
    part = pd.Series(np.r_[0, (visit[1:] == visit[:-1]).astype(int)] + 1).astype(str)
    kind, selected = pd.Series(visits.kind[visit]), pd.Series(visits.selected[visit])
    return pd.DataFrame(
        {
            "inspection_id": "QJJC" + number + "-" + part,
            "subject_id": codes[visits.at[visit]],
            "inspected_on": np.datetime_as_string(day),
            "kind": kind.map(KINDS),
            "selected_by": selected.map(SELECTED),
            "item_code": item,
            "officer": officer,
            "result": pd.Series(result).map(RESULTS),
            "score": pd.Series(score).mask((kind != "routine") | (result == "unreachable")),
            "follow_up": follow.map(FOLLOW_UPS),
            "follow_up_due": iso(due),
            "closed_on": iso(closed),
        }
    ).rename(columns=HEADERS)
