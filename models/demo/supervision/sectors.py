"""Planted industries: bursts in neighbouring grid cells, a surge and a collapse of one sector in one town."""

from __future__ import annotations

import numpy as np

from models.demo.supervision.episodes import WARN, WEAK, Episode
from models.demo.supervision.newcomers import Wish, workdays
from models.demo.supervision.planted import Planted

# Firms, cells, days, section, first day.
INDUSTRY = (
    (True, (12, 3, 7, "R", "2015-01-26")),
    (False, (8, 3, 10, "N", "2015-05-04")),
    (False, (16, 4, 10, "I", "2015-03-16")),
    (False, (20, 5, 14, "P", "2015-04-27")),
    (False, (30, 4, 14, "Q", "2014-10-20")),
    (False, (24, 5, 10, "M", "2015-06-08")),
    (False, (30, 4, 10, "F", "2015-05-18")),
)
BAR = 12
# Firms, days, section, first day.
SURGES = (
    (True, (14, 28, "I", "2015-04-07")),
    (False, (30, 28, "E", "2015-02-26")),
    (False, (40, 35, "K", "2014-08-11")),
)
# Firms in a month while it lasted, first month, first month without, section.
COLLAPSES = (
    (True, (3, "2014-05", "2015-03", "P")),
    (False, (7, "2013-09", "2015-03", "G")),
)
COLLAPSE_BAR = 6
"""Firms a month below which nobody can tell within a quarter that a trade fell silent: 9 expected, 0 to 4 by chance."""


def industry_bursts(planted: Planted, rng: np.random.Generator) -> None:
    """Plant n firms of one section in a few neighbouring cells, each in a building of its own."""
    ground = planted.ground
    for count, cells, span, section, first in planted.chosen(INDUSTRY):
        room = np.bincount(ground.cell[ground.free(ground.in_towns())], minlength=len(ground.plan.codes))
        seed = int(rng.choice(np.flatnonzero(room >= 60)))
        chosen = ground.around(seed, cells)
        each = [ground.pick(len(part), rng, ground.cell == c) for c, part in _shared(count, chosen)]
        short = count - sum(map(len, each))
        each.append(ground.pick(short, rng, ground.cell == seed))
        houses, days = rng.permutation(np.concatenate(each)), workdays(first, span, count, rng)
        wishes = [Wish(h, d, section) for h, d in zip(houses.tolist(), days, strict=True)]
        planted.episodes.add(
            Episode(
                "industry_burst",
                "concentration",
                WARN if count >= BAR else WEAK,
                len(houses),
                days[0],
                days[-1],
                planted.newcomers.add(wishes),
                town=ground.town_code(int(houses[0])),
                cells=sorted({ground.code(h) for h in houses.tolist()}),
                section=section,
                place=ground.place(houses),
                note="one section, neighbouring cells, different buildings",
            )
        )


def _shared(count: int, cells: list[int]) -> list[tuple[int, range]]:
    """Share ``count`` firms among cells as evenly as whole numbers allow."""
    return [(cell, range(n, count, len(cells))) for n, cell in enumerate(cells)]


def surges(planted: Planted, rng: np.random.Generator) -> None:
    """Plant many firms of one section all over one town within weeks."""
    ground = planted.ground
    towns = _towns(planted, 40_000, 12_000, rng)
    for town, (count, span, section, first) in zip(towns, planted.chosen(SURGES), strict=False):
        houses = ground.pick(count, rng, ground.sites.houses.town == town)
        days = workdays(first, span, count, rng)
        wishes = [Wish(h, d, section) for h, d in zip(houses.tolist(), days, strict=True)]
        planted.episodes.add(
            Episode(
                "sector_surge",
                "industry_change",
                WARN,
                count,
                days[0],
                days[-1],
                planted.newcomers.add(wishes),
                town=ground.sites.towns[town].code,
                section=section,
                place=ground.place(houses),
                note="one section all over one town",
            )
        )


def collapses(planted: Planted, rng: np.random.Generator) -> None:
    """Plant a steady flow of new firms of one section in one town that stops for good."""
    ground = planted.ground
    towns = _towns(planted, 40_000, 12_000, rng)[::-1]
    for town, (rate, first, stop, section) in zip(towns, planted.chosen(COLLAPSES), strict=False):
        months = np.arange(np.datetime64(first, "M"), np.datetime64(stop, "M"))
        days = np.concatenate([workdays(f"{m}-01", 26, rate, rng) for m in months])
        houses = ground.pick(len(days), rng, ground.sites.houses.town == town)
        wishes = [Wish(h, d, section) for h, d in zip(houses.tolist(), days, strict=True)]
        planted.episodes.add(
            Episode(
                "sector_collapse",
                "industry_change",
                WARN if rate >= COLLAPSE_BAR else WEAK,
                rate,
                np.datetime64(stop, "M").astype("datetime64[D]"),
                np.datetime64("2015-06-30"),
                planted.newcomers.add(wishes),
                town=ground.sites.towns[town].code,
                section=section,
                place=ground.place(houses),
                note=f"{rate} new firms a month until {months[-1]}, none after; members are the firms before",
            )
        )


def _towns(planted: Planted, most: int, least: int, rng: np.random.Generator) -> list[int]:
    """Return towns of middling size in random order, the same for every number of firms."""
    fits = [n for n, t in enumerate(planted.ground.sites.towns) if least <= t.population < most]
    return list(rng.permutation(fits).tolist())
