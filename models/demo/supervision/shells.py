"""Planted shells: firms that claim staff in hexagons where nobody works by day."""

from __future__ import annotations

import h3
import numpy as np

from models.demo.supervision.episodes import WARN, WEAK, Episode
from models.demo.supervision.newcomers import Wish, workdays
from models.demo.supervision.planted import Planted, ToldReport, telephone

# Firms, buildings, first day of registration, days, persons by day.
SPOTS = (
    (True, (20, 5, "2014-01-06", 330, 4.0)),
    (False, (40, 9, "2013-11-04", 380, 6.0)),
    (False, (25, 6, "2014-02-17", 300, 9.0)),
    (False, (15, 5, "2014-03-03", 240, 3.0)),
    (False, (4, 3, "2014-04-14", 180, 11.0)),
)
BAR = 10
"""Registered firms from which an empty hexagon should warn."""


def shells(planted: Planted, rng: np.random.Generator) -> None:
    """Plant firms in hexagons at the edge of towns and empty these by day.

    The firms come over most of a year and to several buildings, so that neither date nor address gives them away; their
    reports for 2014, filed in spring 2015, claim 6 to 25 staff each.
    """
    ground = planted.ground
    quiet = _quiet_hexagons(planted)
    for at, (count, buildings, first, span, present) in zip(
        rng.permutation(len(quiet)).tolist(), planted.chosen(SPOTS), strict=False
    ):
        cell = quiet[at]
        houses = ground.pick(buildings, rng, ground.hex8 == np.uint64(cell))
        days = workdays(first, span, count, rng)
        used = np.concatenate([houses, rng.choice(houses, count - buildings)])
        codes = planted.newcomers.add(
            [Wish(h, d, "FLGE"[int(rng.integers(4))]) for h, d in zip(used.tolist(), days, strict=True)]
        )
        told = workdays("2015-02-25", 110, count, rng)
        for code, day in zip(codes, rng.permutation(told), strict=True):
            planted.reports[code] = ToldReport(day, telephone(rng), int(rng.integers(6, 26)), 0.0)
        planted.present[cell] = (present, present * 5)
        lat, lon = h3.cell_to_latlng(h3.int_to_str(cell))
        planted.episodes.add(
            Episode(
                "shells",
                "false_registration",
                WARN if count >= BAR else WEAK,
                count,
                days[0],
                days[-1],
                codes,
                told[-1],
                town=ground.town_code(int(houses[0])),
                cells=sorted({ground.code(h) for h in houses.tolist()}),
                place=(round(lon, 6), round(lat, 6)),
                note=f"{count} firms registered in a hexagon with {present:g} persons by day",
            )
        )


def _quiet_hexagons(planted: Planted) -> list[int]:
    """Return hexagons with few houses, but enough listed ones for the largest spot, far from a town's middle."""
    ground = planted.ground
    cells, position, total = np.unique(ground.hex8, return_inverse=True, return_counts=True)
    listed = np.bincount(position[ground.free()], minlength=len(cells))
    central = np.bincount(position, ground.sites.houses.central) / total
    fits = (listed >= 12) & (total <= 220) & (central < np.quantile(central, 0.6))
    return [int(c) for c in cells[fits]]
