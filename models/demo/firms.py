"""The firms of the generated city: when and where they are, what they do, and how the register writes it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.demo import wording
from models.demo.calendar import day_weights
from models.demo.parks import ZONES
from models.demo.plane import Points, to_degrees
from models.demo.sites import PARK, STREET, VILLAGE, Sites
from models.demo.streams import Streams
from models.demo.trades import INDIVIDUAL, TRADES, WEIGHTS
from models.sources.legal_persons import uscc

CHUNK = 100_000
COUNTY_ENDS = np.datetime64("2011-10-22")
"""Day of the approval by which 綦江县 and 万盛区 became 綦江区."""
# Before this year: share of village and park sites among the firms.
_ERAS = ((1993, 0.12, 0.0), (2003, 0.13, 0.01), (2008, 0.15, 0.08), (2100, 0.19, 0.11))
_MINING_TOWNS = frozenset({"打通镇", "石壕镇", "安稳镇", "南桐镇"})


@dataclass(frozen=True)
class Siting:
    """Tables to draw sites from: cumulative weights of houses and villages, days and theirs."""

    houses: npt.NDArray[np.float64]
    villages: npt.NDArray[np.float64]
    days: npt.NDArray[np.datetime64]
    day_share: npt.NDArray[np.float64]


def siting(sites: Sites, streams: Streams) -> Siting:
    """Prepare the tables: firms follow the population of towns, a little faster than in proportion."""
    population = np.array([t.population for t in sites.towns], dtype=float)
    houses, per_town = sites.houses, np.zeros(len(population))
    np.add.at(per_town, houses.town, houses.central)
    town_share = population**1.12
    weight = houses.central / per_town[houses.town] * town_share[houses.town]
    weight[sites.poi_house] *= 14
    weight *= np.exp(streams.of("crowding").normal(0, 0.9, len(weight)))
    count = np.bincount(sites.village_town, minlength=len(population))
    rural = (population**0.5 / np.maximum(count, 1))[sites.village_town]
    rural = rural * np.exp(streams.of("village size").normal(0, 0.7, len(rural)))
    days, share = day_weights(streams.of("calendar"))
    return Siting(np.cumsum(weight) / weight.sum(), np.cumsum(rural) / rural.sum(), days, np.cumsum(share))


def make_firms(sites: Sites, tables: Siting, streams: Streams, *, first: int, count: int, total: int) -> pd.DataFrame:
    """Return firms ``first`` .. ``first + count`` of ``total``, in order of registration.

    Returns
    -------
    Frame with the texts of a register (uscc, name, established_on, entity_type, representative, capital, scope,
    district, address) and the truth beside them: section, kind (of place), site, town, lon, lat, form (of address).
    """
    rng = streams.of("firms", first // CHUNK)
    share = (first + np.sort(rng.random(count)) * count) / total
    days = tables.days[np.minimum(np.searchsorted(tables.day_share, share), len(tables.days) - 1)]
    kind = _kinds(days, rng)
    site, town, place = _places(sites, tables, kind, rng)
    section = _sections(sites, kind, town, rng)
    trade = _trades(section, rng)
    individual = np.isin(section, sorted(INDIVIDUAL)) & (rng.random(count) < 0.6) & (kind != PARK)
    cooperative = (section == "A") & ~individual & (days >= np.datetime64("2007-07-01")) & (rng.random(count) < 0.7)
    forms, addresses, districts = wording.addresses(sites, kind, site, town, county=days < COUNTY_ENDS, rng=rng)
    kinds = np.select([individual, cooperative], ["92", "93"], default="91")
    degrees = to_degrees(place)
    return pd.DataFrame(
        {
            "uscc": _codes(kinds, first, count, streams),
            "name": wording.names(
                sites, town, trade, individual=individual, cooperative=cooperative, days=days, rng=rng
            ),
            "established_on": np.datetime_as_string(days),
            "entity_type": wording.entity_types(kinds, rng),
            "representative": wording.representatives(count, rng),
            "capital": wording.capitals(section, individual, rng),
            "scope": wording.scopes(trade, rng),
            "district": districts,
            "address": addresses,
            "section": section,
            "kind": np.array(["street", "village", "park"], dtype=object)[kind],
            "site": site,
            "town": np.array([t.name for t in sites.towns], dtype=object)[town],
            "lon": degrees[:, 0],
            "lat": degrees[:, 1],
            "form": forms,
        }
    )


def _codes(kinds: npt.NDArray[np.str_], first: int, count: int, streams: Streams) -> list[str]:
    """Return distinct valid codes: serials of a chunk never meet those of another."""
    start = int(streams.of("codes").integers(1, 31**4))
    body = np.empty((count, 17), dtype=np.int8)
    digits = np.array([[int(c) for c in k] for k in ("91", "92", "93")], dtype=np.int8)
    body[:, :2] = digits[kinds.astype(int) - 91]
    body[:, 2:8] = np.array([5, 0, 0, 1, 1, 0])
    body[:, 8:11] = [uscc.ALPHABET.index(c) for c in "MA5"]
    # 7919 has no factor 31, so multiplying permutes the serials: neighbours in time do not get neighbouring
    # codes.
    serial = (start + np.arange(first, first + count, dtype=np.int64)) * 7919 % 31**6
    for place in range(16, 10, -1):
        body[:, place] = serial % 31
        serial = serial // 31
    return uscc.with_check(body)


def _kinds(days: npt.NDArray[np.datetime64], rng: np.random.Generator) -> npt.NDArray[np.int64]:
    years = days.astype("datetime64[Y]").astype(int) + 1970
    era = np.searchsorted([e[0] for e in _ERAS], years, side="right")
    village, park = (np.array([e[k] for e in _ERAS])[era] for k in (1, 2))
    draw = rng.random(len(days))
    return np.select([draw < village, draw < village + park], [VILLAGE, PARK], default=STREET)


def _places(
    sites: Sites, tables: Siting, kind: npt.NDArray[np.int64], rng: np.random.Generator
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Points]:
    """Return the site (position among its kind), town and place (km on the ground) of each firm."""
    count = len(kind)
    draw = rng.random(count)
    house = np.minimum(np.searchsorted(tables.houses, draw), len(tables.houses) - 1)
    village = np.minimum(np.searchsorted(tables.villages, draw), len(tables.villages) - 1)
    zone = rng.choice(len(ZONES), count, p=[z[4] for z in ZONES])
    sizes = np.array([len(p) for p in sites.plots])
    plot = (rng.random(count) * sizes[zone]).astype(np.int64) + (np.cumsum(sizes) - sizes)[zone]
    spot = np.concatenate(sites.plots)[plot] + rng.normal(0, 0.008, (count, 2))
    yard = sites.village_place[village] + rng.normal(0, 0.28, (count, 2))
    door = sites.houses.place[house] + rng.normal(0, 0.002, (count, 2))
    pick = [kind == STREET, kind == VILLAGE]
    site = np.select(pick, [house, village], default=zone)
    town = np.select(pick, [sites.houses.town[house], sites.village_town[village]], default=sites.zone_towns()[zone])
    place = np.select([p[:, None] for p in pick], [door, yard], default=spot)
    return site, town, place


def _sections(
    sites: Sites, kind: npt.NDArray[np.int64], town: npt.NDArray[np.int64], rng: np.random.Generator
) -> npt.NDArray[np.str_]:
    mining = np.array([t.name in _MINING_TOWNS for t in sites.towns])[town]
    table = np.select([(kind == VILLAGE) & mining, kind == VILLAGE, kind == PARK], [3, 1, 2], default=0)
    section = np.empty(len(kind), dtype="U1")
    for number, weights in enumerate(WEIGHTS.values()):
        rows = np.flatnonzero(table == number)
        share = np.array(list(weights.values()))
        section[rows] = rng.choice(list(weights), len(rows), p=share / share.sum())
    return section


def _trades(section: npt.NDArray[np.str_], rng: np.random.Generator) -> list[tuple[str, str]]:
    draw = rng.random(len(section))
    return [TRADES[s][int(d * len(TRADES[s]))] for s, d in zip(section.tolist(), draw.tolist(), strict=True)]
