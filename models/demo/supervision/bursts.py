"""Bursts of new firms: in one building, of one person, of one agent, and lawful clusters that look the same."""

from __future__ import annotations

import numpy as np

from models.demo.supervision.episodes import SILENT, WARN, WEAK, Episode
from models.demo.supervision.newcomers import Days, Wish, workdays
from models.demo.supervision.planted import Planted, ToldReport, Whitelisted, rare_persons, telephone

# In a small city too? | firms, first day. Seven days each; fewer than ten firms are below the bar.
ADDRESS = (
    (True, (12, "2015-03-09")),
    (True, (6, "2015-04-20")),
    (False, (4, "2015-01-12")),
    (False, (8, "2015-03-23")),
    (False, (10, "2015-01-19")),
    (False, (10, "2015-05-11")),
    (False, (10, "2015-06-15")),
    (False, (12, "2014-06-16")),
    (False, (15, "2015-04-13")),
    (False, (15, "2014-11-10")),
    (False, (20, "2015-02-02")),
    (False, (20, "2015-06-08")),
    (False, (25, "2015-03-30")),
    (False, (30, "2015-05-25")),
    (False, (40, "2015-06-01")),
)
BAR = 10
# Firms, first day, days. One person, as many buildings.
PERSON = (
    (True, (6, "2015-04-08", 25)),
    (False, (3, "2015-05-05", 20)),
    (False, (8, "2015-01-15", 30)),
    (False, (8, "2014-09-03", 30)),
    (False, (10, "2015-05-20", 25)),
    (False, (12, "2015-03-04", 14)),
)
PERSON_BAR = 5
# Firms, first day of registration in 2014, days, first day of their reports in 2015.
AGENT = (
    (True, (8, "2014-10-08", 28, "2015-03-10")),
    (False, (5, "2014-03-10", 60, "2015-06-02")),
    (False, (12, "2014-05-12", 30, "2015-05-18")),
    (False, (16, "2014-08-04", 21, "2015-04-21")),
    (False, (20, "2014-11-03", 30, "2015-06-15")),
)
AGENT_BAR = 8
SECTIONS = "FLIEM"
# In a small city too? | which cluster, firms, first day.
LAWFUL = (
    (True, (0, 12, "2015-04-07")),
    (False, (0, 14, "2014-09-15")),
    (False, (1, 12, "2015-03-02")),
    (True, (1, 14, "2015-05-18")),
)
CLUSTERS = (
    (
        ("綦江大学生创业孵化园", "Qijiang student incubator"),
        "incubator",
        "2013-07-01",
        "2016-06-30",
        "綦市监集〔2013〕2号（模拟）",
    ),
    (
        ("南州商务秘书集群登记点", "Nanzhou secretary cluster"),
        "secretary",
        "2012-04-01",
        "2015-03-31",
        "綦市监集〔2012〕1号（模拟）",
    ),
)


def address_bursts(planted: Planted, rng: np.random.Generator) -> None:
    """Plant n firms in one building within a week."""
    ground = planted.ground
    entries = planted.chosen(ADDRESS)
    houses = ground.pick(len(entries), rng, ground.in_towns())
    for house, (count, first) in zip(houses.tolist(), entries, strict=True):
        days = workdays(first, 7, count, rng)
        section = SECTIONS[int(rng.integers(len(SECTIONS)))]
        codes = planted.newcomers.add([Wish(house, d, _mixed(section, rng)) for d in days])
        expected = WARN if count >= BAR else WEAK
        _one_building(planted, "address_burst", expected, house=house, days=days, codes=codes)


def lawful_clusters(planted: Planted, rng: np.random.Generator) -> None:
    """Plant clusters that are lawful until their decision ends, and one burst after that."""
    ground = planted.ground
    houses = ground.pick(len(CLUSTERS), rng, ground.in_towns(60_000)).tolist()
    for house, cluster in zip(houses, CLUSTERS, strict=True):
        planted.whitelist.append(Whitelisted(ground.address(house), *cluster))
    for which, count, first in planted.chosen(LAWFUL):
        days = workdays(first, 7, count, rng)
        codes = planted.newcomers.add([Wish(houses[which], d, _mixed("L", rng)) for d in days])
        lapsed = days[0] > np.datetime64(CLUSTERS[which][3])
        kind = "lapsed_cluster" if lapsed else "lawful_cluster"
        _one_building(planted, kind, WARN if lapsed else SILENT, house=houses[which], days=days, codes=codes)


def person_bursts(planted: Planted, known: set[str], rng: np.random.Generator) -> None:
    """Plant n firms of one person in as many buildings within a month."""
    ground = planted.ground
    entries = planted.chosen(PERSON)
    for name, (count, first, span) in zip(rare_persons(len(entries), known, rng), entries, strict=True):
        houses, days = ground.pick(count, rng, ground.in_towns()), workdays(first, span, count, rng)
        wishes = [Wish(h, d, _mixed("F", rng), name) for h, d in zip(houses.tolist(), days, strict=True)]
        codes = planted.newcomers.add(wishes)
        expected = WARN if count >= PERSON_BAR else WEAK
        note = "one representative, different buildings"
        planted.episodes.add(
            Episode("person_burst", "false_registration", expected, count, days[0], days[-1], codes, note=note)
        )


def agent_bursts(planted: Planted, rng: np.random.Generator) -> None:
    """Plant n firms with one telephone number in their reports, registered within weeks of each other."""
    ground = planted.ground
    for count, first, span, filed in planted.chosen(AGENT):
        houses, days = ground.pick(count, rng, ground.in_towns()), workdays(first, span, count, rng)
        wishes = [Wish(h, d, _mixed("F", rng)) for h, d in zip(houses.tolist(), days, strict=True)]
        codes, contact = planted.newcomers.add(wishes), telephone(rng)
        told = workdays(filed, 5, count, rng)
        for code, day in zip(codes, told, strict=True):
            planted.reports[code] = ToldReport(day, contact, int(rng.integers(0, 3)), 0.0)
        expected = WARN if count >= AGENT_BAR else WEAK
        note = "one contact telephone in the reports for 2014"
        planted.episodes.add(
            Episode("agent_burst", "false_registration", expected, count, days[0], days[-1], codes, told[-1], note=note)
        )


def _mixed(section: str, rng: np.random.Generator) -> str:
    return section if rng.random() < 0.6 else SECTIONS[int(rng.integers(len(SECTIONS)))]


def _one_building(
    planted: Planted,
    kind: str,
    expected: str,
    *,
    house: int,
    days: Days,
    codes: list[str],
) -> None:
    ground = planted.ground
    planted.episodes.add(
        Episode(
            kind,
            "concentration",
            expected,
            len(codes),
            days[0],
            days[-1],
            codes,
            address=ground.address(house),
            town=ground.town_code(house),
            cells=[ground.code(house)],
            place=ground.place(np.array([house])),
            note="one building, different rooms",
        )
    )
