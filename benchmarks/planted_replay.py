"""A replay of early warning day by day: what would have been raised, when, and which planted burst it was.

A detector is a function of the scene and a day; it sees what was registered up to that day and nothing later. The
candidates of all detectors compete for the same alerts: every day adds a seventh of the week's number, up to a week's
worth may be saved, and the highest scores are raised. A candidate that finds no place competes again the next day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from benchmarks.planted_truth import BURSTS, Burst, Planted
from models import contracts
from models.analysis.clusters.core import core
from models.analysis.clusters.study import Study, clusters_on
from models.analysis.warnings.address_keys import address_keys
from models.analysis.warnings.candidates import Inputs, surprise
from models.analysis.warnings.detectors import FUNCTIONS
from models.rules.warning_rules import load_rules

FRESH_DAYS = 21
"""A candidate that began longer ago than this no longer competes: it had its chance on every day since."""
HIT_SHARE = 0.5
LEAST_HITS = 3
RULES = ("address-burst", "person-burst", "capital-outlier", "fundraising-scope")
SCAN_P, SCAN_SEVERITY = 2e-2, 2
RECORDS = ("annual_reports", "changes", "investments", "licences", "listings", "penalties", "present_population")


@dataclass(frozen=True)
class Alert:
    """One candidate: ``key`` stays the same while it lasts, ``members`` are codes of firms.

    ``place`` is that of a cluster's core; None where most members say where it is.
    """

    key: str
    rule: str
    score: float
    members: frozenset[str]
    place: int | None = None


@dataclass
class Scene:
    """What detectors may look at.

    Attributes
    ----------
    subjects : firms registered lately, in order of registration
    study : of the whole register; codes : of the firm of each of its events
    changes : registered changes; memory : what detectors keep from day to day
    """

    subjects: pd.DataFrame
    study: Study
    codes: np.ndarray
    changes: pd.DataFrame
    day: np.ndarray = field(init=False)
    keys: pd.Series = field(init=False)
    memory: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.day = self.subjects["established_on"].to_numpy().astype("datetime64[D]").astype(np.int64)
        self.keys = address_keys(self.subjects["address"])

    @classmethod
    def of(cls, planted: Planted, *, crs: int, resolution: int, since: int) -> Scene:
        """Keep what was registered from day ``since`` on, in order."""
        days = planted.subjects["established_on"].to_numpy().astype("datetime64[D]").astype(np.int64)
        kept = np.flatnonzero(days >= since)
        ordered = planted.subjects.iloc[kept[np.argsort(days[kept], kind="stable")]].reset_index(drop=True)
        study = Study.of(planted.subjects, resolution=resolution, crs=crs)
        codes = planted.subjects["uscc"].to_numpy(object)[study.row]
        return cls(ordered, study, codes, planted.changes)

    def known(self, day: int) -> Inputs:
        """The register as it was known at the end of a day."""
        count = int(np.searchsorted(self.day, day, side="right"))
        records = {name: contracts.empty(name) for name in RECORDS}
        if len(self.changes):
            records["changes"] = self.changes
        as_of = pd.Timestamp(np.datetime64(day, "D"))
        return Inputs(self.subjects.iloc[:count], records, as_of, keys=self.keys.iloc[:count])


Detector = Callable[[Scene, int], list[Alert]]


def by_rules(names: Sequence[str] = RULES) -> Detector:
    """Return the detector that runs warning rules of data/rules/warnings by their ids."""
    rules = [rule for rule in load_rules() if rule.id in names]

    def detect(scene: Scene, day: int) -> list[Alert]:
        inputs, alerts = scene.known(day), []
        for rule in rules:
            found = FUNCTIONS[rule.detector](inputs, rule)
            began = found.frame["began_on"].to_numpy().astype("datetime64[D]").astype(np.int64)
            members = found.members.groupby("candidate")["subject_id"].agg(frozenset)
            for i in np.flatnonzero(began > day - FRESH_DAYS):
                row = found.frame.iloc[i]
                score = rule.severity * (1.0 + (0.0 if pd.isna(row["strength"]) else float(row["strength"])))
                own = members.get(i, frozenset())
                alerts.append(Alert(f"{rule.id}|{row['target']}|{began[i]}", rule.id, score, own))
        return alerts

    return detect


def by_scan(*, replicates: int = 99) -> Detector:
    """Return the detector that scans every section, and all together, for clusters in space and time."""

    def detect(scene: Scene, day: int) -> list[Alert]:
        study, alerts = scene.study, []
        episodes = scene.memory.setdefault("scan", [])
        for section in (None, *sorted(set(study.section) - {""})):
            for cluster in clusters_on(study, section, day, replicates=replicates):
                if cluster.p_gumbel > SCAN_P:
                    continue
                events = study.events(section, day, cluster.last - cluster.first + 1)
                members = frozenset(scene.codes[events[np.isin(study.place[events], cluster.places)]])
                score = SCAN_SEVERITY * (1.0 + float(surprise(cluster.p_gumbel, SCAN_P)))
                place = core(cluster.places, cluster.excess, study.neighbours)
                alerts.append(Alert(_episode(episodes, members, day), "scan", score, members, place))
        return alerts

    return detect


def _episode(episodes: list[list[object]], members: frozenset[str], day: int) -> str:
    """Name of the episode that holds most of these firms, or a new one."""
    for episode in episodes:
        name, firms, last = episode
        if day - int(str(last)) <= FRESH_DAYS and len(firms & members) >= HIT_SHARE * min(len(firms), len(members)):
            episode[1], episode[2] = firms | members, day
            return str(name)
    episodes.append([f"scan|{len(episodes)}", members, day])
    return str(episodes[-1][0])


@dataclass(frozen=True)
class Raised:
    """An alert and the day it was raised."""

    day: int
    alert: Alert


def replay(
    scene: Scene, detectors: Iterable[Detector], first: int, last: int, *, per_week: float = 20.0
) -> list[Raised]:
    """Return what is raised between two days."""
    detectors = list(detectors)
    raised: list[Raised] = []
    seen: set[str] = set()
    places = per_week / 2
    for day in range(first, last + 1):
        places = min(places + per_week / 7.0, per_week)
        waiting = {a.key: a for detect in detectors for a in detect(scene, day) if a.key not in seen}
        for alert in sorted(waiting.values(), key=lambda a: (-a.score, a.key)):
            if places < 1.0:
                break
            places -= 1.0
            seen.add(alert.key)
            raised.append(Raised(day, alert))
    return raised


@dataclass(frozen=True)
class Outcome:
    """What became of one burst: days from its first firm to the first alert, rings between the two places."""

    burst: Burst
    delay: int | None
    rings: int | None


def outcomes(bursts: Sequence[Burst], raised: Sequence[Raised], scene: Scene) -> list[Outcome]:
    """Match alerts to bursts: a burst is found by the first alert half of whose members are its firms.

    At least three of them, or all for a burst of one. The place of an alert is its own, or that of most of its members.
    """
    place_of = dict(zip(scene.codes, scene.study.place.tolist(), strict=True))
    found = []
    for burst in bursts:
        least = LEAST_HITS if burst.kind in BURSTS else 1
        hits = [r for r in raised if _hit(burst, r.alert, least)]
        first = min(hits, key=lambda r: r.day, default=None)
        rings = None
        if first is not None and burst.cells:
            place = first.alert.place if first.alert.place is not None else _most(first.alert.members, place_of)
            rings = None if place is None else rings_apart(scene.study, place, burst.cells)
        found.append(Outcome(burst, None if first is None else first.day - burst.first, rings))
    return found


def _most(members: frozenset[str], place_of: dict[str, int]) -> int | None:
    """Place of most members, the lowest of those tied; None where none has a place."""
    spots = sorted(place_of[m] for m in members if m in place_of)
    return max(spots, key=spots.count) if spots else None


def _hit(burst: Burst, alert: Alert, least: int) -> bool:
    common = len(burst.members & alert.members)
    return common >= least and common >= HIT_SHARE * len(alert.members)


def rings_apart(study: Study, place: int, cells: Sequence[int]) -> int:
    """Rings between a place and the nearest of others: 0 the same, 1 among its 6 nearest, 2 among 18, 3 r (r + 1)."""
    order = study.neighbours[place].tolist()
    places = np.searchsorted(study.cells, np.array(cells, np.uint64)).tolist()
    ranks = [order.index(p) for p in places if p in order]
    if not ranks:
        return 9
    rank, ring = min(ranks), 0
    while rank > 3 * ring * (ring + 1):
        ring += 1
    return ring
