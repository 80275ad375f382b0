"""Bursts planted into a real register: known firms, days and places among everything that really happened.

Every planted firm copies a real one of the same year (district, place, type, capital), so that nothing but the burst
tells it from its surroundings. The same seed plants the same bursts.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from models import contracts
from models.analysis.clusters.calendar import Calendar
from models.analysis.clusters.study import Study, day_numbers
from models.analysis.warnings.address_keys import address_keys, names_building

KINDS = ("address", "person", "industry", "capital", "scope")
BURSTS = KINDS[:3]
FINANCE = "财富管理、股权投资、资产管理、理财咨询、养老预付卡服务（不得从事吸收公众存款）"
CAPITAL_CNY = 8e8


@dataclass(frozen=True)
class Burst:
    """One planted case.

    Attributes
    ----------
    kind : address, person, industry (bursts of firms), capital or scope (single firms)
    members : their codes; first, last : day numbers of the first and last of them
    cells : H3 cells it lies in; empty where its firms have no place
    section : of the firms of an industry burst
    """

    kind: str
    members: frozenset[str]
    first: int
    last: int
    cells: tuple[int, ...] = ()
    section: str = ""


@dataclass
class Planted:
    """A register with bursts in it, changes of scope to match, and the truth about them."""

    subjects: pd.DataFrame
    changes: pd.DataFrame
    bursts: list[Burst] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """What to plant: bursts of ``size`` firms within ``days`` days, ``each`` of every kind, between two days."""

    size: int
    days: int
    each: int
    first: int
    last: int
    seed: int
    kinds: tuple[str, ...] = BURSTS


def plant(subjects: pd.DataFrame, study: Study, plan: Plan) -> Planted:
    """Return the register with the bursts of the plan, spread evenly over its days in random order.

    Parameters
    ----------
    subjects : subjects frame; donors are its firms of the planned time
    study : of the same frame, for neighbouring places
    """
    rng = np.random.default_rng([plan.seed, plan.size, plan.days])
    gardener = _Gardener(subjects, study, plan, rng)
    order = rng.permutation(np.repeat(np.array(plan.kinds, dtype=object), plan.each))
    starts = np.linspace(plan.first, plan.last - plan.days + 1, len(order)).astype(np.int64)
    for kind, start in zip(order.tolist(), starts.tolist(), strict=True):
        gardener.add(kind, start)
    return gardener.result()


class _Gardener:
    """Keeps the donors and what was planted so far."""

    def __init__(self, subjects: pd.DataFrame, study: Study, plan: Plan, rng: np.random.Generator) -> None:
        self.subjects, self.study, self.plan, self.rng = subjects, study, plan, rng
        self.calendar = Calendar.load()
        days = subjects["established_on"].to_numpy().astype("datetime64[D]").astype(np.int64)
        keys = address_keys(subjects["address"])
        known = (days >= plan.first - 60) & (days <= plan.last) & names_building(keys) & keys.notna().to_numpy()
        crowded = keys.map(keys[known].value_counts()).to_numpy() > 1
        self.donors = np.flatnonzero(known & ~crowded)
        self.placed = self.donors[subjects["located"].to_numpy(bool)[self.donors]]
        self.keys = keys.to_numpy(object)
        self.place = np.full(len(subjects), -1, np.int64)
        self.place[study.row] = study.place
        self.rows: list[pd.DataFrame] = []
        self.changes: list[dict[str, object]] = []
        self.bursts: list[Burst] = []
        self.count = 0

    def add(self, kind: str, start: int) -> None:
        """Plant one burst that starts on or after a day."""
        size = self.plan.size if kind in BURSTS else 1
        days = np.arange(start, start + self.plan.days)
        days = days[self.calendar.open(days)] if self.calendar.open(days).any() else days
        when = np.sort(self.rng.choice(days, size))
        section, places = "", ()
        if kind == "industry":
            rows, section, places = self._industry(size)
        elif kind == "address":
            rows = np.repeat(self.rng.choice(self.donors), size)
        else:
            rows = self.rng.choice(self.donors, size, replace=size > len(self.donors))
        frame = self._copies(rows, when, kind)
        if kind == "industry":
            frame["industry_section"] = section
        if kind == "person":
            frame["representative_key"] = f"{self.rng.integers(0, 2**63):016x}"
        if kind == "capital":
            frame["capital_cny"] = frame["capital_amount"] = CAPITAL_CNY * self.rng.uniform(1, 3)
            frame["capital_flag"] = "ok"
        if kind == "scope":
            self._switch(frame, when)
        self.rows.append(frame)
        here = tuple(int(p) for p in np.unique(self.place[rows]) if p >= 0)
        cells = tuple(int(self.study.cells[p]) for p in places or here)
        members = frozenset(frame["uscc"])
        self.bursts.append(Burst(kind, members, int(when[0]), int(when[-1]), cells, section))

    def _industry(self, size: int) -> tuple[np.ndarray, str, tuple[int, ...]]:
        """Donors in three to five neighbouring towns, and a section drawn by its share."""
        towns = int(self.rng.integers(3, 6))
        centre = int(self.place[self.rng.choice(self.placed)])
        near = self.study.neighbours[centre][:towns]
        section = str(self.subjects["industry_section"].iloc[self.rng.choice(self.placed)])
        pools = [np.flatnonzero(self.place == p) for p in near]
        chosen = [int(self.rng.choice(pools[i % towns])) for i in range(size)]
        return np.array(chosen), section, tuple(int(p) for p in near)

    def _copies(self, rows: np.ndarray, when: np.ndarray, kind: str) -> pd.DataFrame:
        frame = self.subjects.iloc[rows].reset_index(drop=True).copy()
        numbers = np.arange(self.count, self.count + len(rows))
        self.count += len(rows)
        frame["uscc"] = [f"91500000PLANT{n:05d}"[:18].ljust(18, "0") for n in numbers]
        frame["name"] = [f"模拟{n}号" for n in numbers]
        frame["established_on"] = when.astype("datetime64[D]").astype("datetime64[s]")
        frame["representative_key"] = [f"{n:016x}" for n in self.rng.integers(0, 2**63, len(rows))]
        frame["status"] = None
        if kind == "address":
            frame["address"] = [f"{self.keys[r]}{i + 2}-{i % 4 + 1}" for i, r in enumerate(rows)]
        else:
            frame["address"] = [f"{self.keys[r]}附{n}号{n % 9 + 1}幢" for r, n in zip(rows, numbers, strict=True)]
        return frame

    def _switch(self, frame: pd.DataFrame, when: np.ndarray) -> None:
        """A firm that exists already changes its scope into finance words."""
        frame["established_on"] = (when - 400).astype("datetime64[D]").astype("datetime64[s]")
        old = str(frame["scope_text"].iloc[0])
        self.changes.append(
            {
                "change_id": f"plant-{self.count}",
                "subject_id": frame["uscc"].iloc[0],
                "changed_on": when[0].astype("datetime64[D]").astype("datetime64[s]"),
                "kind": "scope",
                "before": old,
                "after": FINANCE + "；" + old,
                "source_id": "planted",
                "source_file": "planted",
                "source_row": 1,
            }
        )

    def result(self) -> Planted:
        """The register with everything planted, in no telling order."""
        together = pd.concat([self.subjects, *self.rows], ignore_index=True).astype(self.subjects.dtypes.to_dict())
        return Planted(together, contracts.conform("changes", pd.DataFrame(self.changes)), self.bursts)


def calendar_only(subjects: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return the register with its days dealt anew over its firms: the calendar stays to the day, bursts go."""
    dated = subjects["established_on"].notna().to_numpy()
    days = subjects["established_on"].to_numpy().copy()
    year = days.astype("datetime64[Y]")
    for y in np.unique(year[dated]):
        rows = np.flatnonzero(dated & (year == y))
        days[rows] = days[rng.permutation(rows)]
    return subjects.assign(established_on=days)


def days_between(first: str, last: str) -> tuple[int, int]:
    """Day numbers of two days, YYYY-MM-DD."""
    found = day_numbers(pd.Series(pd.to_datetime([first, last])))
    return int(found[0]), int(found[1])
