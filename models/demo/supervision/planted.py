"""What the planted episodes put into the records: firms, reports, changes, holdings, penalties, licences, hexagons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from models.demo.supervision.episodes import Episodes
from models.demo.supervision.ground import Ground
from models.demo.supervision.newcomers import Newcomers
from models.demo.words import SURNAMES, persons

T = TypeVar("T")
FULL_FROM = 10_000
"""Firms from which a city carries every planted episode; a smaller one carries a few of each kind."""


@dataclass(frozen=True)
class ToldReport:
    """An annual report for 2014 as a planted firm files it: amounts in yuan, None for nothing said."""

    filed_on: np.datetime64
    contact: str | None = None
    staff: int | None = None
    paid_in: float | None = None


@dataclass(frozen=True)
class ToldChange:
    """A registered change of a firm; texts for a scope, amounts in yuan for a capital, names for a person."""

    code: str
    day: np.datetime64
    kind: str
    before: str | None = None
    after: str | None = None
    amounts: tuple[float, float] | None = None


@dataclass(frozen=True)
class ToldHolding:
    """A holding: the firm, the firm that invests, the share and the first day."""

    code: str
    investor: str
    share: float
    day: np.datetime64
    amount: float


@dataclass(frozen=True)
class ToldPenalty:
    """A penalty of a planted firm."""

    code: str
    day: np.datetime64
    kind: str
    amount: float | None
    matter: str
    basis: str


@dataclass(frozen=True)
class ToldLicence:
    """A licence of a firm of the register, with its first and last day."""

    code: str
    kind: str
    library: str
    issued: np.datetime64
    expires: np.datetime64


@dataclass(frozen=True)
class Whitelisted:
    """A building whose cluster is lawful until a day."""

    address: str
    name: tuple[str, str]
    kind: str
    valid_from: str
    valid_to: str
    decision: str


@dataclass
class Planted:
    """Everything that is planted in one city."""

    ground: Ground
    newcomers: Newcomers
    full: bool
    episodes: Episodes = field(default_factory=Episodes)
    reports: dict[str, ToldReport] = field(default_factory=dict)
    changes: list[ToldChange] = field(default_factory=list)
    holdings: list[ToldHolding] = field(default_factory=list)
    penalties: list[ToldPenalty] = field(default_factory=list)
    licences: list[ToldLicence] = field(default_factory=list)
    whitelist: list[Whitelisted] = field(default_factory=list)
    present: dict[int, tuple[float, float]] = field(default_factory=dict)
    """H3 cell of resolution 8 -> persons by day and by night."""

    def chosen(self, plan: Sequence[tuple[bool, T]]) -> list[T]:
        """Return the entries of a plan: all in a full city, else those marked True."""
        return [entry for core, entry in plan if self.full or core]


def rare_persons(count: int, known: set[str], rng: np.random.Generator) -> list[str]:
    """Return names that nobody in ``known`` bears, of a rare surname."""
    rare = [s for s in SURNAMES if len(s) > 1]
    found: list[str] = []
    while len(found) < count:
        name = rare[len(found) % len(rare)] + persons(1, rng)[0][1:]
        if name not in known and name not in found:
            found.append(name)
    return found


def telephone(rng: np.random.Generator) -> str:
    """Return an invented telephone number; 023 is Chongqing, 4800 is not used there."""
    return f"023-4800{int(rng.integers(10_000)):04d}"
