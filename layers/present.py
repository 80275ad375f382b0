"""The people of one hexagon in the panel: present by hour, residents, workers, short stays, each with its interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from layers import estimates, frames, registry
from layers.access import Actor, decide
from layers.facts import Fact
from layers.products import Products
from layers.targets import Target
from layers.text import number, text
from models.fusion.hexes import parents

LAYER = "present-population"
ROLES = ("resident", "worker", "short_stay")


@dataclass(frozen=True)
class Hours:
    """People present by hour of one type of day: label and 24 values, None where hidden or unknown."""

    label: str
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class People:
    """What the signaling tells of a hexagon, in the language of the page.

    Attributes
    ----------
    facts : numbers with their interval; what is hidden is said in words, devices never
    hours : workday and weekend, where at least one hour is shown
    notes : why something is missing
    """

    facts: tuple[Fact, ...]
    hours: tuple[Hours, ...]
    notes: tuple[str, ...]


def people_at(products: Products, actor: Actor, target: Target, lang: str) -> People | None:
    """People of a hexagon; None for other things, other resolutions, and whoever may not see them.

    Parameters
    ----------
    target : of kind cell; of resolution 9 the hours, and where the network does not tell it apart all people, are those
        of the hexagon of resolution 8 around it, and a note says so
    """
    layer = registry.layer(LAYER)
    if target.kind != "cell" or not all(products.has(name) for name in (*layer.reads, "residents_by_hex")):
        return None
    cell, resolution = int(target.id, 16), str(target.resolution)
    around = _around(products, cell, resolution) if resolution not in layer.support.resolutions else cell
    if around is None or not decide(actor, layer, None).allowed:
        return None
    hourly = resolution if around == cell else layer.support.resolutions[-1]
    roles = {role: _row(estimates.people(products, resolution, role), cell) for role in ROLES}
    apart = around == cell or any(row is not None for row in roles.values())
    if not apart:
        roles = {role: _row(estimates.people(products, hourly, role), around) for role in ROLES}
    present = {period: _row(estimates.present(products, hourly, period), around) for period in estimates.HOURS}
    if all(row is None for row in (*roles.values(), *present.values())):
        return People((), (), (text("inspect.people_uncovered", lang),))
    facts = tuple(_fact(role, row, lang) for role, row in roles.items() if row is not None)
    hours = tuple(_hours(present, daytype, lang) for daytype in ("workday", "weekend"))
    said = text("inspect.hours_around", lang) if apart else text("inspect.people_around", lang)
    coarse = () if around == cell else (said,)
    shown = tuple(h for h in hours if any(v is not None for v in h.values))
    return People(facts, shown, (*coarse, *_notes(present, lang)))


def _around(products: Products, cell: int, resolution: str) -> int | None:
    """The hexagon of resolution 8 around one of 9, where the signaling knows hexagons of 9 at all."""
    if resolution != str(estimates.FINE) or frames.by_cell(products, "coverage_quality", resolution).empty:
        return None
    return int(parents(np.array([cell], np.uint64), estimates.FINE - 1)[0])


def _row(rows: pd.DataFrame, cell: int) -> pd.Series | None:
    at = int(rows.index.get_indexer(pd.Index([cell], dtype=rows.index.dtype))[0])
    return rows.iloc[at] if at >= 0 else None


def _shown(row: pd.Series | None) -> float | None:
    return None if row is None or bool(row["suppressed"]) or pd.isna(row["persons"]) else float(row["persons"])


def _fact(role: str, row: pd.Series, lang: str) -> Fact:
    label, persons = text(f"fact.role_{role}", lang), _shown(row)
    if persons is None:
        return Fact(f"role_{role}", label, text("inspect.hidden", lang))
    half = float(row["high"]) - persons
    low, high = (number(round(edge), lang) for edge in (max(persons - half, 0.0), persons + half))
    note = text("fact.interval", lang, low=low, high=high)
    return Fact(f"role_{role}", label, number(round(persons), lang), text("unit.persons", lang), note)


def _hours(present: dict[str, pd.Series | None], daytype: str, lang: str) -> Hours:
    shown = [_shown(present[f"{daytype}-{hour:02d}"]) for hour in range(24)]
    values = tuple(None if value is None else float(np.round(value, 1)) for value in shown)
    return Hours(text(f"fact.present_{daytype}", lang), values)


def _notes(present: dict[str, pd.Series | None], lang: str) -> tuple[str, ...]:
    hidden = sum(row is not None and bool(row["suppressed"]) for row in present.values())
    if not hidden:
        return ()
    if hidden == len(present):
        return (text("inspect.people_hidden", lang),)
    return (text("inspect.hours_hidden", lang, n=hidden),)
