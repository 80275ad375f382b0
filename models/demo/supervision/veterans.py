"""Planted episodes among the firms of the register: frequent changes, cycles and bursts of holdings, licences."""

from __future__ import annotations

import numpy as np

from models.demo.supervision.episodes import WARN, WEAK, WITHDRAWN, Episode
from models.demo.supervision.newcomers import workdays
from models.demo.supervision.planted import Planted, ToldChange, ToldHolding, ToldLicence
from models.demo.supervision.world import TODAY, World
from models.demo.words import persons

# Changes within twelve months, day of the last one.
FREQUENT = (
    (True, (8, "2015-05-20")),
    (False, (3, "2015-04-15")),
    (False, (6, "2015-02-12")),
    (False, (7, "2015-06-18")),
    (False, (10, "2015-03-26")),
    (False, (12, "2014-12-17")),
)
FREQUENT_BAR = 6
# Firms in the cycle, day of the holding that closes it.
CYCLES = ((True, (3, "2015-04-09")), (False, (4, "2015-02-05")), (False, (5, "2015-06-11")), (False, (3, "2014-10-30")))
# Firms bought by one within two weeks, first day.
SPREES = (
    (True, (8, "2015-05-04")),
    (False, (12, "2015-03-02")),
    (False, (15, "2014-11-24")),
    (False, (3, "2015-01-19")),
)
SPREE_BAR = 8
# Days from the last day of the records to the end of the licence (negative: ended), renewed or not.
EXPIRIES = (
    (True, (12, False)),
    (True, (-20, False)),
    (True, (-9, True)),
    (False, (27, False)),
    (False, (3, False)),
    (False, (-45, False)),
    (False, (-100, False)),
    (False, (18, True)),
)
CHANGED = ("shareholding", "representative", "shareholding", "branch")


def pick_firms(world: World, count: int, taken: set[str], rng: np.random.Generator, sections: str = "") -> list[int]:
    """Return firms with a capital, old enough, that no other episode uses, and mark them as used."""
    fits = ~world.individual & ~world.planted & ~world.dormant & (world.day < np.datetime64("2012-06-30"))
    fits &= world.capital_cny > 2e5
    if sections:
        fits &= world.section(sections)
    fits &= ~np.isin(world.codes, list(taken))
    chosen = [int(n) for n in rng.choice(np.flatnonzero(fits), count, replace=False)]
    taken.update(world.codes[chosen].tolist())
    return chosen


def frequent_changes(planted: Planted, world: World, taken: set[str], rng: np.random.Generator) -> None:
    """Plant many registered changes of one firm within a year."""
    for count, last in planted.chosen(FREQUENT):
        firm = pick_firms(world, 1, taken, rng)[0]
        end = np.datetime64(last)
        days = np.sort(np.append(end - rng.choice(np.arange(8, 350), count - 1, replace=False), end))
        chain = persons(count + 1, rng)
        for number, day in enumerate(days):
            kind = CHANGED[number % len(CHANGED)]
            texts = (None, "设立分公司") if kind == "branch" else (chain[number], chain[number + 1])
            planted.changes.append(ToldChange(world.codes[firm], day, kind, *texts))
        expected = WARN if count >= FREQUENT_BAR else WEAK
        note = f"{count} changes in twelve months"
        _of_firms(
            (planted, world),
            "frequent_changes",
            "industry_change",
            expected,
            count,
            span=(days[0], end),
            firms=[firm],
            note=note,
        )


def cycles(planted: Planted, world: World, taken: set[str], rng: np.random.Generator) -> None:
    """Plant holdings that lead back to where they began."""
    for count, last in planted.chosen(CYCLES):
        firms = pick_firms(world, count, taken, rng)
        end = np.datetime64(last)
        days = np.append(end - np.arange(count - 1, 0, -1) * 17, end)
        codes = world.codes[firms].tolist()
        for number, day in enumerate(days):
            share = round(float(rng.uniform(0.2, 0.6)), 2)
            held = codes[(number + 1) % count]
            amount = float(world.capital_cny[firms[(number + 1) % count]]) * share
            planted.holdings.append(ToldHolding(held, codes[number], share, day, amount))
        note = "each firm holds the next one, the last the first"
        _of_firms(
            (planted, world), "investment_cycle", "investment", WARN, count, span=(days[0], end), firms=firms, note=note
        )


def sprees(planted: Planted, world: World, taken: set[str], rng: np.random.Generator) -> None:
    """Plant one firm that takes holdings in many others within two weeks."""
    for count, first in planted.chosen(SPREES):
        firms = pick_firms(world, count + 1, taken, rng)
        days = workdays(first, 14, count, rng)
        for firm, day in zip(firms[1:], days, strict=True):
            share = round(float(rng.uniform(0.1, 0.5)), 2)
            amount = float(world.capital_cny[firm]) * share
            planted.holdings.append(ToldHolding(world.codes[firm], world.codes[firms[0]], share, day, amount))
        expected = WARN if count >= SPREE_BAR else WEAK
        note = "the first member takes holdings in all others"
        span = (days[0], days[-1])
        _of_firms(
            (planted, world), "investment_burst", "investment", expected, count, span=span, firms=firms, note=note
        )


def expiries(planted: Planted, world: World, taken: set[str], rng: np.random.Generator) -> None:
    """Plant licences that end soon or have ended, some of them renewed in time."""
    for days, renewed in planted.chosen(EXPIRIES):
        firm = pick_firms(world, 1, taken, rng, "HF")[0]
        end = TODAY + days
        kind = ("餐饮服务许可证", "食品流通许可证")[int(world.firms["section"].iloc[firm] == "F")]
        code = world.codes[firm]
        planted.licences.append(ToldLicence(code, kind, "food", end - 1095, end))
        if renewed:
            since = min(end - 12, TODAY - 3)
            planted.licences.append(ToldLicence(code, kind, "food", since, since + 1095))
        said = "ended" if days < 0 else "ends"
        note = f"licence {said} on {end}, {'renewed' if renewed else 'not renewed'}"
        expected = WITHDRAWN if renewed else WARN
        _of_firms(
            (planted, world),
            "licence_expiry",
            "licence",
            expected,
            abs(days),
            span=(end - 30, end),
            firms=[firm],
            note=note,
        )


def _of_firms(
    city: tuple[Planted, World],
    kind: str,
    theme: str,
    expected: str,
    strength: float,
    *,
    span: tuple[np.datetime64, np.datetime64],
    firms: list[int],
    note: str,
) -> None:
    planted, world = city
    rows = world.firms.iloc[firms]
    place = rows[["lon", "lat"]].to_numpy().mean(axis=0).round(6).tolist()
    visible = min(span[1], TODAY)
    codes = world.codes[firms].tolist()
    cells = sorted(set(rows["grid_code"].tolist()))
    planted.episodes.add(
        Episode(
            kind, theme, expected, strength, *span, codes, visible, cells=cells, place=(place[0], place[1]), note=note
        )
    )
