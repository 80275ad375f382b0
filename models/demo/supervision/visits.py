"""Which firms were visited, when and why: by risk, on complaints, again after a fault, and a random share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.demo.supervision.world import NO_DAY, TODAY, Days, Flags, Floats, Ints, World

FIRST_YEAR, LAST_YEAR = 2012, 2015
BY_RISK, AT_RANDOM, ON_COMPLAINT = 0.07, 0.0125, 0.12
"""Chance of a visit in a year: of a firm of usual risk, of any firm, per complaint of the year."""
PLANNED = "HCB"
"""Sections that the yearly plan names: twice the chance."""
REINSPECTED = 0.2
"""Share of visits that are followed by another, 30 to 75 days later."""


@dataclass(frozen=True)
class Visits:
    """Visits in order of day; all arrays have one entry per visit.

    Attributes
    ----------
    at : firm
    day : day of the visit, a working day
    kind, selected : kind of check and way of selection
    turn : 0 for the first visit of a firm, 1 for its second, ...
    number : serial
    """

    at: Ints
    day: Days
    kind: npt.NDArray[np.object_]
    selected: npt.NDArray[np.object_]
    turn: Ints
    number: Ints


def visits(world: World, complained: Floats, rng: np.random.Generator) -> Visits:
    """Draw the visits of four years.

    Parameters
    ----------
    complained : complaints of each firm by year, shape (years, firms)
    """
    parts: list[tuple[Ints, Days, str, str]] = []
    usual = np.exp(0.75 * (world.risk - world.risk.mean())) * np.where(world.section(PLANNED), 2.0, 1.0)
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        first = np.datetime64(f"{year}-01-05")
        last = min(np.datetime64(f"{year}-12-25"), TODAY - 1)
        part = float((last - first).astype(int)) / 355
        there = world.day < last - 60
        draw = rng.random((3, len(world)))
        random = there & (draw[0] < AT_RANDOM * part)
        complaint = there & ~random & (draw[1] < ON_COMPLAINT * complained[year - FIRST_YEAR])
        risk = there & ~random & ~complaint & (draw[2] < BY_RISK * part * usual)
        for chosen, kind, selected in ((random, "routine", "random"), (complaint, "complaint", "complaint")):
            parts.append((*_dated(world, chosen, first, last, rng), kind, selected))
        special = risk & (rng.random(len(world)) < 0.12)
        parts.append((*_dated(world, risk & ~special, first, last, rng), "routine", "risk"))
        parts.append((*_dated(world, special, first, last, rng), "special", "risk"))
    return _ordered(parts, rng)


def _dated(
    world: World, chosen: Flags, first: np.datetime64, last: np.datetime64, rng: np.random.Generator
) -> tuple[Ints, Days]:
    at = np.flatnonzero(chosen)
    since = np.maximum(world.day[at] + 30, first)
    return at, _workday(since + (rng.random(len(at)) * (last - since).astype(int)).astype(np.int64))


def _workday(day: Days) -> Days:
    """Move weekends to the Friday before."""
    weekday = (day.astype("datetime64[D]").astype(np.int64) + 3) % 7
    result: Days = day - np.maximum(weekday - 4, 0)
    return result


def _ordered(parts: list[tuple[Ints, Days, str, str]], rng: np.random.Generator) -> Visits:
    at = np.concatenate([p[0] for p in parts])
    day = np.concatenate([p[1] for p in parts]) if len(at) else np.array([], dtype=NO_DAY.dtype)
    kind = np.concatenate([np.full(len(p[0]), p[2], dtype=object) for p in parts])
    selected = np.concatenate([np.full(len(p[0]), p[3], dtype=object) for p in parts])
    again = np.flatnonzero(rng.random(len(at)) < REINSPECTED)
    later = _workday(day[again] + rng.integers(30, 75, len(again)))
    again, later = again[later <= TODAY], later[later <= TODAY]
    at, day = np.concatenate([at, at[again]]), np.concatenate([day, later])
    kind = np.concatenate([kind, np.full(len(again), "reinspection", dtype=object)])
    selected = np.concatenate([selected, np.full(len(again), "other", dtype=object)])
    order = np.lexsort((at, day))
    at, day, kind, selected = at[order], day[order], kind[order], selected[order]
    by_firm = np.argsort(at, kind="stable")
    starts = np.r_[True, at[by_firm][1:] != at[by_firm][:-1]]
    place = np.arange(len(at))
    turn = np.empty(len(at), dtype=np.int64)
    turn[by_firm] = place - np.maximum.accumulate(np.where(starts, place, 0))
    return Visits(at, day, kind, selected, turn, place + 1)
