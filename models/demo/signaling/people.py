"""Who lives in the generated city in each of three periods: everybody, not only those with the operator.

Homes follow the towns' populations and their houses and villages; work follows a gravity model over towns and parks.
Between two periods some people move within the city, out of it and into it, for elsewhere in Chongqing, other provinces
and abroad. Which of them are the operator's subscribers depends on the town, and some change the operator (churn).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.demo.plane import Points
from models.demo.signaling.ages import draw_strata, keenness
from models.demo.signaling.towers import REGIONS
from models.demo.sites import Sites
from models.demo.streams import Streams
from models.signaling.strata import STRATA

PERIODS = ("2013", "2014", "2015")
CLASSES = (
    "day_worker", "non_worker", "student", "night_worker", "dormitory", "two_homes", "cross_city", "silent",
    "short_stay", "tourist", "roamer",
)  # fmt: skip
CLASS_SHARES = (0.37, 0.27, 0.12, 0.035, 0.03, 0.02, 0.025, 0.055, 0.04, 0.03, 0.005)
RESIDENT_CLASSES = 8
"""The first classes are residents, the rest visitors."""
MOVES = {"internal": 0.04, "out": 0.035, "in": 0.04}
"""Share of residents who move between two periods."""
MOVE_CLASSES = ("intra_city", "inter_provincial", "international")
MOVE_SHARES = (0.55, 0.4, 0.05)
ABROAD = -2
"""Where somebody is in a period: row of the town >= 0, -1 - k for region k of `REGIONS`, `ABROAD_PLACE` abroad."""
ABROAD_PLACE = -99

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class People:
    """Everybody, by row; axis 1 of two-dimensional fields is the period.

    Attributes
    ----------
    kind : (n) position in `CLASSES`
    where : (n, 3) town in which the person lives, -1 - k for region k beyond the city, `ABROAD_PLACE`
    home, work, errand, second : (n, 3, 2) km; work is nan for who does not work or works beyond the city
    works_beyond : (n) region row of cross-city commuters, -1 for all others
    subscriber : (n, 3) whether the operator sees the person
    province, mcc : (n) home province of the number and home country of the subscriber
    stratum : (n) age and sex, position in `models.signaling.strata.STRATA`
    """

    kind: Ints
    where: Ints
    home: Floats
    work: Floats
    errand: Floats
    second: Floats
    works_beyond: Ints
    subscriber: npt.NDArray[np.bool_]
    province: npt.NDArray[np.str_]
    mcc: Ints
    stratum: Ints


def market_share(sites: Sites, rng: np.random.Generator, low: float = 0.35, high: float = 0.75) -> Floats:
    """Share of the people of each town that the operator serves."""
    return np.round(rng.uniform(low, high, len(sites.towns)), 3)


def draw_people(
    sites: Sites, share: Floats, count: int, sample: float, churn: float, streams: Streams, *, uneven: bool = False
) -> People:
    """Draw everybody.

    Parameters
    ----------
    share : operator's share by town
    count : people in the city in the first period, visitors included
    sample : share of the subscribers whose events are delivered, 1 for all
    churn : share of people who change the operator between two periods
    uneven : whether the operator's share differs by age and sex within a town (`models.demo.signaling.ages`)
    """
    rng = streams.of("signaling people")
    arriving = int(2 * MOVES["in"] * count)
    n = count + arriving
    kind = rng.choice(len(CLASSES), n, p=CLASS_SHARES)
    kind[count:] = rng.choice(
        RESIDENT_CLASSES, arriving, p=np.array(CLASS_SHARES[:RESIDENT_CLASSES]) / sum(CLASS_SHARES[:RESIDENT_CLASSES])
    )
    where = _where(kind, count, sites, streams.of("signaling moves"))
    home = np.full((n, 3, 2), np.nan)
    work, errand, second = home.copy(), home.copy(), home.copy()
    places = streams.of("signaling places")
    for p in range(3):
        same = (where[:, p] == where[:, p - 1]) if p else np.zeros(n, dtype=bool)
        for target in (home, work, errand, second):
            target[same, p] = target[same, p - 1]
        new = np.flatnonzero((where[:, p] >= 0) & ~same)
        home[new, p] = _homes(where[new, p], sites, places)
        work[new, p] = _work(kind[new], where[new, p], home[new, p], sites, places)
        errand[new, p] = _errands(where[new, p], sites, places)
        second[new, p] = _homes(_towns(len(new), sites, places), sites, places)
    beyond = np.where(kind == CLASSES.index("cross_city"), rng.integers(0, len(REGIONS), n), -1)
    stratum = draw_strata(kind, CLASSES, streams.of("signaling strata"))
    keen = keenness(stratum[kind < RESIDENT_CLASSES]) if uneven else np.ones(len(STRATA))
    return People(
        kind, where, home, work, errand, second, beyond,
        _subscribers(where, share, keen[stratum], sample, churn, streams.of("signaling subscribers")),
        *_numbers(kind, where, streams.of("signaling numbers")), stratum,
    )  # fmt: skip


def _populations(sites: Sites) -> Floats:
    people = np.array([t.population for t in sites.towns], dtype=np.float64)
    return np.asarray(people / people.sum())


def _towns(count: int, sites: Sites, rng: np.random.Generator) -> Ints:
    return rng.choice(len(sites.towns), count, p=_populations(sites))


def _where(kind: Ints, count: int, sites: Sites, rng: np.random.Generator) -> Ints:
    """Town, region or country of everybody in each period."""
    n = len(kind)
    where = np.empty((n, 3), np.int64)
    where[:, 0] = _towns(n, sites, rng)
    where[count:, 0] = _elsewhere(n - count, rng)
    half = count + (n - count) // 2
    for p in (1, 2):
        where[:, p] = where[:, p - 1]
        resident = np.flatnonzero((where[:, p] >= 0) & (kind < RESIDENT_CLASSES))
        draw = rng.random(len(resident))
        inside = resident[draw < MOVES["internal"]]
        where[inside, p] = _towns(len(inside), sites, rng)
        leaving = resident[(draw >= MOVES["internal"]) & (draw < MOVES["internal"] + MOVES["out"])]
        where[leaving, p] = _elsewhere(len(leaving), rng)
        coming = np.arange(count, half) if p == 1 else np.arange(half, n)
        where[coming, p] = _towns(len(coming), sites, rng)
    return where


def _elsewhere(count: int, rng: np.random.Generator) -> Ints:
    """Region or country of people beyond the city."""
    codes = list(REGIONS.values())
    by_class = {c: [k for k, region in enumerate(codes) if region[0] == c] for c in MOVE_CLASSES}
    chosen = rng.choice(len(MOVE_CLASSES), count, p=MOVE_SHARES)
    out = np.full(count, ABROAD_PLACE, np.int64)
    for position, name in enumerate(MOVE_CLASSES[:2]):
        mine = chosen == position
        out[mine] = -1 - rng.choice(by_class[name], int(mine.sum()))
    return out


def _homes(town: Ints, sites: Sites, rng: np.random.Generator) -> Points:
    """A house or a village house in each town; the larger the town, the more live in its streets."""
    people = np.array([t.population for t in sites.towns])
    urban = np.clip(0.3 + 0.45 * people / 1e5, 0.3, 0.85)
    out = np.empty((len(town), 2))
    for t in range(len(sites.towns)):
        mine = np.flatnonzero(town == t)
        houses, rural = np.flatnonzero(sites.houses.town == t), np.flatnonzero(sites.village_town == t)
        street = rng.random(len(mine)) < (urban[t] if len(rural) else 1.0)
        weight = sites.houses.central[houses] ** 0.3
        out[mine[street]] = sites.houses.place[rng.choice(houses, int(street.sum()), p=weight / weight.sum())]
        if (~street).any():
            out[mine[~street]] = sites.village_place[rng.choice(rural, int((~street).sum()))] + rng.normal(
                0, 0.15, (int((~street).sum()), 2)
            )
    return out + rng.normal(0, 0.03, out.shape)


def _work(kind: Ints, town: Ints, home: Points, sites: Sites, rng: np.random.Generator) -> Points:
    """Workplaces and schools by gravity; nan for who has none in the city."""
    seats = np.array([t.seat for t in sites.towns])
    pull = np.array([t.population for t in sites.towns]) ** 1.15
    gap = np.hypot(*(seats[:, None] - seats[None]).transpose(2, 0, 1))
    chance = pull[None] * np.exp(-gap / 5.0)
    chance /= chance.sum(axis=1, keepdims=True)
    out = np.full((len(kind), 2), np.nan)
    working = np.isin(kind, [CLASSES.index(c) for c in ("day_worker", "night_worker", "two_homes", "dormitory")])
    school = kind == CLASSES.index("student")
    zones = sites.zone_places()
    for t in range(len(sites.towns)):
        mine = np.flatnonzero(working & (town == t))
        to = rng.choice(len(sites.towns), len(mine), p=chance[t])
        near = np.exp(-np.hypot(*(zones - seats[t]).T) / 8.0)
        park = rng.random(len(mine)) < 0.3 * near.max()
        zone = rng.choice(len(zones), len(mine), p=near / near.sum())
        for k, person in enumerate(mine.tolist()):
            out[person] = _plot(sites, int(zone[k]), rng) if park[k] else _shop(sites, int(to[k]), rng)
        pupils = np.flatnonzero(school & (town == t))
        out[pupils] = seats[t] + rng.choice([-0.4, 0.0, 0.5], (len(pupils), 1)) * np.array([[0.8, 0.6]])
    dorm = np.flatnonzero(kind == CLASSES.index("dormitory"))
    for person in dorm.tolist():
        out[person] = _plot(sites, int(np.argmin(np.hypot(*(zones - home[person]).T))), rng)
    return out


def _plot(sites: Sites, zone: int, rng: np.random.Generator) -> Points:
    plots = sites.plots[zone]
    return np.asarray(plots[int(rng.integers(len(plots)))])


def _shop(sites: Sites, town: int, rng: np.random.Generator) -> Points:
    houses = np.flatnonzero(sites.houses.town == town)
    return np.asarray(sites.houses.place[houses[int(len(houses) * rng.random() ** 1.5)]])


def _errands(town: Ints, sites: Sites, rng: np.random.Generator) -> Points:
    seats = np.array([t.seat for t in sites.towns])
    radius = np.array([t.radius_km for t in sites.towns])
    return np.asarray(seats[town] + rng.normal(0, 0.5, (len(town), 2)) * radius[town, None])


def _subscribers(
    where: Ints, share: Floats, keen: Floats, sample: float, churn: float, rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """Whether the operator sees each person in each period; a mover keeps the operator unless churning.

    ``keen`` (n) is the factor of each person on the share of a town.
    """
    n = len(where)
    threshold = np.where(where >= 0, share[np.maximum(where, 0)] * keen[:, None], share.mean())
    luck = np.empty((n, 3))
    luck[:, 0] = rng.random(n)
    for p in (1, 2):
        changed = rng.random(n) < churn
        luck[:, p] = np.where(changed, rng.random(n), luck[:, p - 1])
    return (luck < threshold) & (rng.random(n) < sample)[:, None]


def _numbers(kind: Ints, where: Ints, rng: np.random.Generator) -> tuple[npt.NDArray[np.str_], Ints]:
    """Home province of the number and home country; a number segment says little about where somebody lives."""
    n = len(kind)
    province = np.where(rng.random(n) < 0.04, rng.choice(["51", "52", "44"], n), "50")
    first = where[:, 0]
    codes = list(REGIONS)
    for k, code in enumerate(codes):
        if REGIONS[code][0] == "inter_provincial":
            province = np.where((first == -1 - k) & (rng.random(n) < 0.85), code[:2], province)
    tourist = np.isin(kind, [CLASSES.index("tourist"), CLASSES.index("short_stay")])
    province = np.where(tourist & (rng.random(n) < 0.5), rng.choice(["51", "52", "44"], n), province)
    foreign = (kind == CLASSES.index("roamer")) | ((first == ABROAD_PLACE) & (rng.random(n) < 0.9))
    return province, np.where(foreign, rng.choice([310, 440, 525], n), 460)
