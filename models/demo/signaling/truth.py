"""The truth behind the generated signaling: every person, and what all persons together do, by hexagon and town.

Each person drawn stands for ``scale`` people; sums are multiplied by it, so they compare with weighted estimates.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.demo.plane import to_degrees
from models.demo.signaling.diaries import day_of, luck_of, places_at, present_on
from models.demo.signaling.people import ABROAD_PLACE, CLASSES, PERIODS, RESIDENT_CLASSES, Floats, Ints, People
from models.demo.signaling.towers import REGIONS
from models.demo.sites import Sites
from models.demo.streams import Streams
from models.fusion.hexes import cells_of
from models.signaling.strata import STRATA

RESOLUTION = 8
OWN_PROVINCE, OWN_COUNTRY = "50", 460


def residents_by_town(people: People, sites: Sites, scale: float) -> pd.DataFrame:
    """Residents of each town in each period, as a yearbook would give them: town_code, town, year, residents."""
    parts = []
    for p, name in enumerate(PERIODS):
        living = (people.where[:, p] >= 0) & (people.kind < RESIDENT_CLASSES)
        count = np.bincount(people.where[living, p], minlength=len(sites.towns))
        parts.append(
            pd.DataFrame(
                {
                    "town_code": [t.code for t in sites.towns],
                    "town": [t.name for t in sites.towns],
                    "year": name,
                    "residents": np.round(count * scale).astype(int),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def residents_by_stratum(people: People, scale: float) -> pd.DataFrame:
    """Residents of the city by age and sex in each period, as a census would give them: year, stratum, residents."""
    parts = []
    for p, name in enumerate(PERIODS):
        living = (people.where[:, p] >= 0) & (people.kind < RESIDENT_CLASSES)
        count = np.bincount(people.stratum[living], minlength=len(STRATA))
        rows = {"year": name, "stratum": list(STRATA), "residents": np.round(count * scale).astype(int)}
        parts.append(pd.DataFrame(rows))
    return pd.concat(parts, ignore_index=True)


def write(
    folder: Path,
    people: People,
    names: npt.NDArray[np.str_],
    sites: Sites,
    scale: float,
    streams: Streams,
    *,
    days: int,
) -> None:
    """Write ``persons`` and sums of them as Parquet: by hexagon, between towns, moves, people present, visitors."""
    folder.mkdir(parents=True, exist_ok=True)
    persons = pd.concat([_persons(people, names, sites, p) for p in range(len(PERIODS))], ignore_index=True)
    persons.to_parquet(folder / "persons.parquet", index=False)
    living = persons[persons["resident"] & persons["home_h3"].notna()]
    count = living.groupby(["period", "home_h3"]).size().mul(scale).rename("persons")
    count.rename_axis(["period", "h3"]).reset_index().to_parquet(folder / "residents.parquet", index=False)
    working = living[living["work_h3"].notna()]
    count = working.groupby(["period", "work_h3"]).size().mul(scale).rename("persons")
    count.rename_axis(["period", "h3"]).reset_index().to_parquet(folder / "workers.parquet", index=False)
    pairs = working.groupby(["period", "home_town", "work_town"]).size().mul(scale).rename("persons").reset_index()
    pairs.to_parquet(folder / "commuters.parquet", index=False)
    _moves(people, sites, scale).to_parquet(folder / "moves.parquet", index=False)
    _present(people, scale, streams).to_parquet(folder / "present.parquet", index=False)
    _visitors(people, sites, scale, streams, days).to_parquet(folder / "visitors.parquet", index=False)


def _persons(people: People, names: npt.NDArray[np.str_], sites: Sites, p: int) -> pd.DataFrame:
    codes = np.array([t.code for t in sites.towns])
    inside = people.where[:, p] >= 0
    work = people.work[:, p]
    works = ~np.isnan(work[:, 0]) & inside
    seats = np.array([t.seat for t in sites.towns])
    work_town = codes[np.argmin(np.hypot(*(np.nan_to_num(work)[:, None] - seats[None]).transpose(2, 0, 1)), axis=1)]
    return pd.DataFrame(
        {
            "period": PERIODS[p],
            "user": names,
            "kind": np.array(CLASSES)[people.kind],
            "stratum": np.array(STRATA)[people.stratum],
            "subscriber": people.subscriber[:, p],
            "resident": inside & (people.kind < RESIDENT_CLASSES),
            "where": np.where(inside, "city", [_beyond(w) for w in people.where[:, p]]),
            "home_town": pd.Series(codes[np.maximum(people.where[:, p], 0)]).where(inside),
            "home_h3": _hexes(people.home[:, p], inside),
            "work_town": pd.Series(work_town).where(works),
            "work_h3": _hexes(work, works),
            "home_x": people.home[:, p, 0],
            "home_y": people.home[:, p, 1],
            "work_x": np.where(works, work[:, 0], np.nan),
            "work_y": np.where(works, work[:, 1], np.nan),
        }
    )


def _beyond(where: int) -> str:
    """Origin class of a region or country."""
    if where == ABROAD_PLACE:
        return "international"
    return list(REGIONS.values())[-1 - where][0] if where < 0 else "city"


def _hexes(places: Floats, known: npt.NDArray[np.bool_]) -> pd.Series:
    degrees = to_degrees(np.nan_to_num(places))
    cells = cells_of(degrees[:, 0], degrees[:, 1], RESOLUTION)
    return pd.Series(cells, dtype="UInt64").where(known)


def _moves(people: People, sites: Sites, scale: float) -> pd.DataFrame:
    """People who moved between two periods, by town and class; internal moves count in both towns."""
    codes = np.array([t.code for t in sites.towns])
    resident = people.kind < RESIDENT_CLASSES
    parts = []
    for p in (1, 2):
        before, after = people.where[:, p - 1], people.where[:, p]
        moved = resident & (before != after)
        for direction, own, other in (("in", after, before), ("out", before, after)):
            mine = moved & (own >= 0)
            kinds = ["intra_district" if o >= 0 else _beyond(o) for o in other[mine]]
            table = pd.DataFrame({"town": codes[own[mine]], "origin_class": kinds})
            count = table.groupby(["town", "origin_class"]).size().mul(scale).rename("persons").reset_index()
            parts.append(count.assign(period_from=PERIODS[p - 1], period_to=PERIODS[p], direction=direction))
    return pd.concat(parts, ignore_index=True)


def _visitors(people: People, sites: Sites, scale: float, streams: Streams, days: int) -> pd.DataFrame:
    """Visitors on a mean day of each period, by the town they stay in and the class of origin that a number shows."""
    codes, luck, parts = np.array([t.code for t in sites.towns]), luck_of(people, streams), []
    kinds = np.where(people.province != OWN_PROVINCE, "inter_provincial", "intra_city")
    kinds = np.where(people.mcc != OWN_COUNTRY, "international", kinds)
    for p, name in enumerate(PERIODS):
        who = (people.where[:, p] >= 0) & (people.kind >= RESIDENT_CLASSES)
        share = np.mean([present_on(people, p, day, days, luck) for day in range(days)], axis=0)
        table = pd.DataFrame({"town": codes[people.where[who, p]], "origin_class": kinds[who], "persons": share[who]})
        sums = table.groupby(["town", "origin_class"])["persons"].sum().mul(scale).reset_index()
        parts.append(sums.assign(period=name))
    return pd.concat(parts, ignore_index=True)


def _present(people: People, scale: float, streams: Streams) -> pd.DataFrame:
    """Residents of the last period by hexagon in the middle of each hour, on one working day and one free day."""
    p = len(PERIODS) - 1
    who = np.flatnonzero((people.where[:, p] >= 0) & (people.kind < RESIDENT_CLASSES))
    parts = []
    for kind, workday in (("workday", True), ("weekend", False)):
        diary = day_of(people, who, p, workday, False, streams.of(f"signaling truth {kind}"))
        rows: Ints = np.arange(len(who))
        for hour in range(24):
            since = (hour - 4) % 24 + 0.5
            _, place, _ = places_at(diary, rows, np.full(len(rows), since))
            known = ~np.isnan(place[:, 0])
            cells, count = np.unique(_hexes(place, known)[known].to_numpy("uint64"), return_counts=True)
            parts.append(pd.DataFrame({"daytype": kind, "hour": hour, "h3": cells, "persons": count * scale}))
    return pd.concat(parts, ignore_index=True)
