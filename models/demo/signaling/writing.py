"""Writes the deliveries of the generated city and the truth beside them, one date after the other."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from models.demo.files import write_csv
from models.demo.roads import Road
from models.demo.signaling import dirt, routes, truth
from models.demo.signaling.ages import keenness
from models.demo.signaling.diaries import luck_of
from models.demo.signaling.events import Batch, service_day_events, serving_places, taken, together
from models.demo.signaling.people import PERIODS, RESIDENT_CLASSES, Floats, Ints, People, draw_people, market_share
from models.demo.signaling.towers import Towers, towers
from models.demo.signaling.traffic import Traffic, draw_traffic
from models.demo.sites import Sites
from models.demo.streams import Streams
from models.signaling.events import DICTIONARY_BYTES
from models.signaling.strata import STRATA

FIRST_DATES = (dt.date(2013, 6, 3), dt.date(2014, 6, 2), dt.date(2015, 6, 1))
"""First service day of each period, a Monday."""
WORKDAYS = {
    "2013-06-08": 1, "2013-06-09": 1, "2013-06-10": 0, "2013-06-11": 0, "2013-06-12": 0, "2014-06-02": 0,
    "2015-06-22": 0,
}  # fmt: skip
"""Days about the Dragon Boat Festival that differ from Monday to Friday (State Council notices; from memory)."""
_UTC8 = dt.timezone(dt.timedelta(hours=8))
Part = tuple[Batch, npt.NDArray[np.int8]]
"""Events with the label of each."""


@dataclass(frozen=True)
class Preset:
    """How much and how well the generated operator sees.

    Attributes
    ----------
    people : persons drawn; each stands for the city's population over their number
    per_day : mean events of an active telephone on a day
    days : days of each period
    periods : how many periods are written, the last ones
    sample : share of the subscribers that is delivered
    churn : share of people who change the operator between two periods
    dirt : name in `dirt.PRESETS`
    vehicles : observed drivers a direction and day on each main road, in the last period; 0 for no traffic
    heard : share of the changes of cell of a telephone on the way that are heard
    uneven : whether the operator's share differs by age and sex within a town
    """

    people: int = 24_000
    per_day: float = 14.0
    days: int = 21
    periods: int = len(PERIODS)
    sample: float = 1.0
    churn: float = 0.05
    dirt: str = "real"
    vehicles: float = 90.0
    heard: float = 0.9
    uneven: bool = False


PRESETS = {
    "easy": Preset(per_day=40.0, churn=0.0, dirt="easy", heard=1.0),
    "real": Preset(uneven=True),
    "hard": Preset(per_day=7.0, churn=0.12, dirt="hard", heard=0.6, uneven=True),
}


def write_signaling(
    folder: Path,
    sites: Sites,
    stations: pd.DataFrame,
    streams: Streams,
    preset: Preset,
    *,
    roads: Sequence[Road] = (),
    on_progress: Callable[[float, str], None] | None = None,
) -> dict[str, int]:
    """Write ``network.csv``, shares, residents (both also by age and sex), ``workdays.csv`` and the events by date.

    Parameters
    ----------
    folder : ``signaling/`` of the demo files; the truth goes to ``truth/signaling`` beside it
    stations : rows of ``public/base_stations.csv``
    roads : of the city; none leaves out the traffic on its main roads
    on_progress : told the share done and what is written

    Returns
    -------
    Rows by file, relative to the folder's parent. The same arguments give the same rows.
    """
    share = market_share(sites, streams.of("signaling shares"))
    net = towers(stations, streams.of("signaling towers"))
    people = draw_people(sites, share, preset.people, preset.sample, preset.churn, streams, uneven=preset.uneven)
    scale = sum(t.population for t in sites.towns) / preset.people
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(folder / "network.csv", net.table)
    towns = pd.DataFrame({"town_code": [t.code for t in sites.towns], "town": [t.name for t in sites.towns]})
    write_csv(folder / "market_share.csv", towns.assign(share=share * preset.sample / scale))
    write_csv(folder / "market_share_by_stratum.csv", _shares(people, towns, share * preset.sample / scale, preset))
    write_csv(folder / "residents_by_stratum.csv", truth.residents_by_stratum(people, scale))
    write_csv(folder / "residents.csv", truth.residents_by_town(people, sites, scale))
    write_csv(folder / "workdays.csv", pd.DataFrame(WORKDAYS.items(), columns=["date", "workday"]))
    names = pseudonyms(len(people.kind), streams.seed)
    traffic = _traffic(roads, net, preset, len(names), streams) if roads and preset.vehicles else None
    beside = folder.parent / "truth" / "signaling"
    truth.write(beside, people, names, sites, scale, streams, days=preset.days)
    known = Known(names, people.province, people.mcc, people.stratum)
    if traffic is not None:
        known = known.with_travellers(traffic.names)
        routes.truth(traffic.routes).to_parquet(beside / "road_speeds.parquet", index=False)
        rides = traffic.rides.assign(user=traffic.names[traffic.rides["device"]], period=PERIODS[-1])
        rides.drop(columns="device").to_parquet(beside / "road_trips.parquet", index=False)
    rows, labels = {}, []
    for done, (file, table, label) in enumerate(_dates(folder, people, net, known, preset, traffic, streams), start=1):
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, file, compression="zstd", dictionary_pagesize_limit=DICTIONARY_BYTES)
        rows[file.relative_to(folder.parent).as_posix()] = table.num_rows
        at = np.flatnonzero(label)
        kinds = np.array(dirt.KINDS)[label[at]]
        labels.append(pd.DataFrame({"file": f"{file.parent.name}/{file.name}", "row": at, "kind": kinds}))
        if on_progress is not None:
            on_progress(done / (preset.periods * (preset.days + 1)), f"signaling {file.parent.name}")
    pd.concat(labels, ignore_index=True).to_parquet(beside / "dirt.parquet", index=False)
    return rows


def pseudonyms(count: int, seed: int, kind: str = "") -> npt.NDArray[np.str_]:
    """Pseudonyms of the operator: they say nothing about the order in which people were drawn."""
    return np.array([hashlib.blake2b(f"{seed}:{kind}{k}".encode(), digest_size=8).hexdigest() for k in range(count)])


def _shares(people: People, towns: pd.DataFrame, share: Floats, preset: Preset) -> pd.DataFrame:
    """The operator's share by town and stratum."""
    living = people.kind < RESIDENT_CLASSES
    keen = keenness(people.stratum[living]) if preset.uneven else np.ones(len(STRATA))
    by_stratum = [towns.assign(stratum=name, share=share * factor) for name, factor in zip(STRATA, keen, strict=True)]
    return pd.concat(by_stratum, ignore_index=True)


class Known(NamedTuple):
    """What the operator knows of its subscribers: pseudonym, home province of the number, home country, age and sex.

    Nothing is known of the age and sex (-1) of travellers.
    """

    names: npt.NDArray[np.str_]
    province: npt.NDArray[np.str_]
    mcc: Ints
    stratum: Ints

    def with_travellers(self, names: npt.NDArray[np.str_]) -> Known:
        """The same and travellers after them, whose numbers are of the own province."""
        return Known(
            np.concatenate([self.names, names]), np.append(self.province, np.full(len(names), "50")),
            np.append(self.mcc, np.full(len(names), 460)), np.append(self.stratum, np.full(len(names), -1)),
        )  # fmt: skip


def _workday(date: dt.date) -> bool:
    return bool(WORKDAYS.get(date.isoformat(), date.weekday() < 5))


def _morning(date: dt.date) -> int:
    """UTC second of 04:00 local time."""
    return int(dt.datetime(date.year, date.month, date.day, 4, tzinfo=_UTC8).timestamp())


def _traffic(roads: Sequence[Road], net: Towers, preset: Preset, first_person: int, streams: Streams) -> Traffic:
    """Traffic of the last period."""
    dates = [FIRST_DATES[-1] + dt.timedelta(days=day) for day in range(preset.days)]
    starts = np.array([_morning(date) for date in dates])
    names = pseudonyms(int(preset.vehicles * 100), streams.seed, "traveller ")
    return draw_traffic(
        roads, net, np.datetime64(dates[0]), [_workday(date) for date in dates], starts, preset.vehicles, preset.heard,
        names, first_person, streams,
    )  # fmt: skip


def _dates(
    folder: Path, people: People, net: Towers, known: Known, preset: Preset, traffic: Traffic | None, streams: Streams
) -> Iterator[tuple[Path, pa.Table, npt.NDArray[np.int8]]]:
    """Table and labels of every local date: the late part of one service day and the early part of the next."""
    luck = luck_of(people, streams)
    masts = pd.factorize(net.table["station_id"])[0]
    amounts = dirt.PRESETS[preset.dirt]
    for period, first in list(enumerate(FIRST_DATES))[-preset.periods :]:
        homes = serving_places(people, net, period, np.datetime64(first))
        held: list[Part] = []
        for day in range(preset.days + 1):
            date = first + dt.timedelta(days=day)
            start = _morning(date)
            parts, held = held, []
            if day < preset.days:
                rng = streams.of(f"signaling {PERIODS[period]}", day)
                active = net.active(np.datetime64(date))
                batch = service_day_events(
                    people, net, homes, period, date, day, preset.days, _workday(date), preset.per_day, luck, rng, start
                )
                made = [dirt.dirty(batch, amounts, net, homes, active, masts, rng)]
                if traffic is not None and period == len(FIRST_DATES) - 1:
                    own = streams.of("signaling traffic dirt", day)
                    alive = amounts._replace(dead_masts=0.0, skewed_masts=0.0)
                    made.append(dirt.dirty(traffic.batches[day], alive, net, homes, active, masts, own))
                for part in made:
                    early = part.batch.time < start + 72_000
                    parts.append((taken(part.batch, early), part.label[early]))
                    held.append((taken(part.batch, ~early), part.label[~early]))
            file = folder / PERIODS[period] / f"date={date.isoformat()}.parquet"
            yield file, *_table(parts, known, net)


def _table(parts: list[Part], known: Known, net: Towers) -> tuple[pa.Table, npt.NDArray[np.int8]]:
    """Rows in order of time, within a second by pseudonym and cell, which says nothing about who was drawn first."""
    batch = together([b for b, _ in parts])
    label = np.concatenate([found for _, found in parts])
    names = known.names
    rank = np.argsort(np.argsort(names))
    order = np.lexsort((label, batch.row, rank[batch.person], batch.time))
    batch, label = taken(batch, order), label[order]
    ids = np.append(net.table["cell_id"].to_numpy("str"), ["ghost-1"])
    row = np.where(batch.row == dirt.GHOST, len(ids) - 1, np.maximum(batch.row, 0))
    no_cell = batch.abroad | (label == dirt.CODE["no_cell"])
    person: Ints = batch.person
    provinces, of_person = np.unique(known.province[person], return_inverse=True)
    stratum = known.stratum[person]
    moments = batch.time.astype("datetime64[s]")
    columns = {
        "user": _text(names, person, label == dirt.CODE["no_user"]),
        "time": pa.array(moments, pa.timestamp("s", "UTC"), mask=label == dirt.CODE["no_time"]),
        "cell": _text(ids, row, no_cell),
        "mcc": pa.array(known.mcc[person].astype(np.int16)),
        "serving_mcc": pa.array(np.where(batch.abroad, 310, 460).astype(np.int16)),
        "home_province": _text(provinces, of_person, np.zeros(len(person), dtype=bool)),
        "stratum": _text(np.array(STRATA), np.maximum(stratum, 0), stratum < 0),
    }  # fmt: skip
    return pa.table(columns), label


def _text(values: npt.NDArray[np.str_], at: npt.NDArray[np.integer], missing: npt.NDArray[np.bool_]) -> pa.Array:
    """Text column written with a dictionary."""
    codes = pa.array(at.astype(np.int32), mask=missing)
    return pa.DictionaryArray.from_arrays(codes, pa.array(values)).cast(pa.string())
