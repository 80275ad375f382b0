"""Planted money: inflated capitals, capitals in the wrong unit, scopes that turn to finance, related parties."""

from __future__ import annotations

import numpy as np

from models.demo.supervision.episodes import FAULT, WARN, WEAK, Episode
from models.demo.supervision.newcomers import Wish, workdays
from models.demo.supervision.planted import (
    Planted,
    ToldChange,
    ToldHolding,
    ToldPenalty,
    ToldReport,
    rare_persons,
    telephone,
)
from models.demo.trades import TRADES

# Factor, day of the change.
INFLATED = (
    (True, (300.0, "2015-04-15")),
    (True, (100.0, "2015-02-04")),
    (False, (15.0, "2015-03-11")),
    (False, (150.0, "2015-01-21")),
    (False, (200.0, "2014-10-16")),
    (False, (500.0, "2015-05-13")),
    (False, (800.0, "2015-06-10")),
    (False, (1000.0, "2015-03-25")),
)
INFLATED_BAR = 100.0
# Yuan that the register wrote as 10,000 yuan, day of the entry.
WRONG_UNIT = (
    (True, (50_000, "2015-03-18")),
    (False, (30_000, "2014-12-09")),
    (False, (80_000, "2015-01-28")),
    (False, (100_000, "2015-05-06")),
    (False, (60_000, "2015-06-17")),
)
FINANCE = (
    "投资理财信息咨询",
    "受托资产管理",
    "股权投资",
    "财富管理咨询",
    "养老产业投资",
    "预付卡发行",
    "民间融资信息服务",
    "众筹平台服务",
)
# Finance words, day of the change.
SCOPES = (
    (True, (4, "2015-04-22")),
    (True, (3, "2015-05-27")),
    (False, (1, "2015-02-10")),
    (False, (2, "2014-09-24")),
    (False, (2, "2015-06-03")),
    (False, (3, "2015-01-14")),
    (False, (4, "2014-11-19")),
    (False, (5, "2015-03-03")),
    (False, (6, "2015-06-16")),
    (False, (5, "2015-05-08")),
)
SCOPE_BAR = 2
# Firms of the same person and investor, day of the penalty.
RELATED = ((True, (4, "2015-05-21")), (False, (7, "2015-03-20")), (False, (6, "2014-12-03")))
FRAUD = ("以高额回报承诺吸收资金的虚假宣传", "《中华人民共和国广告法》第三十七条")


def inflated_capitals(planted: Planted, rng: np.random.Generator) -> None:
    """Plant firms whose capital rises a hundredfold and more, with nothing paid in."""
    entries = planted.chosen(INFLATED)
    for house, (factor, day) in zip(_houses(planted, len(entries), rng), entries, strict=True):
        wan = int(rng.integers(3, 8)) * 10
        wish = Wish(house, _founded(rng), "F", capital=f"{round(wan * factor)}(万)", scope=TRADES["F"][0][1])
        code = planted.newcomers.add([wish])[0]
        amounts = (wan * 1e4, round(wan * factor) * 1e4)
        planted.changes.append(ToldChange(code, np.datetime64(day), "capital", amounts=amounts))
        planted.reports[code] = ToldReport(workdays("2015-01-12", 60, 1, rng)[0], telephone(rng), 3, 0.0)
        expected = WARN if factor >= INFLATED_BAR else WEAK
        _single(planted, "capital_inflation", "investment", expected, factor, day=day, code=code, house=house)


def wrong_units(planted: Planted, rng: np.random.Generator) -> None:
    """Plant capitals that the register took for 10,000 yuan where the firm had written yuan."""
    entries = planted.chosen(WRONG_UNIT)
    for house, (yuan, day) in zip(_houses(planted, len(entries), rng), entries, strict=True):
        wish = Wish(house, _founded(rng), "F", capital=f"{yuan}(万)", scope=TRADES["F"][2][1])
        code = planted.newcomers.add([wish])[0]
        planted.changes.append(ToldChange(code, np.datetime64(day), "capital", amounts=(yuan, yuan * 1e4)))
        planted.reports[code] = ToldReport(workdays("2015-01-12", 60, 1, rng)[0], telephone(rng), 2, float(yuan))
        _single(planted, "unit_error", "investment", FAULT, 1e4, day=day, code=code, house=house)


def finance_scopes(planted: Planted, rng: np.random.Generator) -> None:
    """Plant scopes of plain trades that take up words of fund-raising."""
    entries = planted.chosen(SCOPES)
    for house, (words, day) in zip(_houses(planted, len(entries), rng), entries, strict=True):
        before = TRADES["L"][0][1]
        taken = [FINANCE[n] for n in sorted(rng.choice(len(FINANCE), words, replace=False).tolist())]
        after = f"{before.rstrip('。')}；{'；'.join(taken)}。"
        code = planted.newcomers.add([Wish(house, _founded(rng), "L", scope=after)])[0]
        planted.changes.append(ToldChange(code, np.datetime64(day), "scope", before, after))
        expected = WARN if words >= SCOPE_BAR else WEAK
        _single(
            planted,
            "finance_scope",
            "fund_raising",
            expected,
            words,
            day=day,
            code=code,
            house=house,
            note="；".join(taken),
        )


def related_parties(planted: Planted, known: set[str], rng: np.random.Generator) -> None:
    """Plant firms of one person, held by a firm that is then penalised for promising returns."""
    entries = planted.chosen(RELATED)
    for name, (count, day) in zip(rare_persons(len(entries), known, rng), entries, strict=True):
        houses = _houses(planted, count + 1, rng)
        days = [_founded(rng) for _ in range(count + 1)]
        scope = f"企业管理咨询；{FINANCE[0]}；{FINANCE[1]}。"
        wishes = [Wish(houses[0], days[0], "L", name, scope=scope)]
        wishes += [Wish(h, d, "L", name) for h, d in zip(houses[1:], days[1:], strict=True)]
        codes = planted.newcomers.add(wishes)
        for code, first in zip(codes[1:], days[1:], strict=True):
            since = max(first, days[0]) + np.timedelta64(60, "D")
            planted.holdings.append(ToldHolding(code, codes[0], round(float(rng.uniform(0.3, 0.8)), 2), since, 2e5))
        decided = np.datetime64(day)
        planted.penalties.append(ToldPenalty(codes[0], decided, "fine", 200_000.0, *FRAUD))
        planted.episodes.add(
            Episode(
                "related_party",
                "fund_raising",
                WARN,
                count,
                decided,
                decided,
                codes,
                note="the first member is penalised, the others are held by it and share its representative",
            )
        )


def _houses(planted: Planted, count: int, rng: np.random.Generator) -> list[int]:
    ground = planted.ground
    return list(ground.pick(count, rng, ground.in_towns()).tolist())


def _founded(rng: np.random.Generator) -> np.datetime64:
    year = int(rng.integers(2008, 2014))
    return np.datetime64(workdays(f"{year}-{int(rng.integers(3, 13)):02d}-01", 20, 1, rng)[0], "D")


def _single(
    planted: Planted,
    kind: str,
    theme: str,
    expected: str,
    strength: float,
    *,
    day: str,
    code: str,
    house: int,
    note: str = "",
) -> None:
    ground, when = planted.ground, np.datetime64(day)
    planted.episodes.add(
        Episode(
            kind,
            theme,
            expected,
            strength,
            when,
            when,
            [code],
            address=ground.address(house),
            town=ground.town_code(house),
            cells=[ground.code(house)],
            place=ground.place(np.array([house])),
            note=note,
        )
    )
