"""How far a count of people on a place may be off: chance of the sample, and chance of where footprints put people.

A pool of n devices stands for N persons with variance ``effect N^2 / n``; ``effect`` is the design effect of unequal
weights (Kish 1965). Of the N persons a share w is put on a hexagon, and nobody knows whether they are there: open are
``between = sum N w (1 - w)`` persons, the variance they would have if each had chosen a hexagon alone. They have not:
people live in houses and villages, some of which the prior takes for larger than they are. Counts of clustered things
have a variance that is a power of their mean (Taylor 1961), so

    variance = effect * sum N^2 w^2 / n  +  grain * between  +  place * between ** 1.5

``grain`` are the persons that come and go together, ``place`` how badly the places of settlements are known. Both are
measured where the truth is known (`benchmarks/intervals.py`), for every kind of people by itself, so that a 90 %
interval holds the truth in nine of ten hexagons of other cities than those it is tested on.

Not accounted for: what a generated city does not have (terrain, indoor loss, wrong network tables). A real city needs a
small area with a known count before its intervals may be trusted.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.errors import ConfigError
from models.settings import PROJECT_ROOT

FILE = PROJECT_ROOT / "data" / "standards" / "signaling_uncertainty.toml"
ROLES = ("present", "resident", "worker", "short_stay")
FLOWS = ("commute", "commute_own", "move", "move_town", "visitor", "visitor_intra_city")
"""Kinds of flows: commuters between towns and within their own, movers of the city and of its towns, visitors from
elsewhere and from the city."""
POWER = 1.5
"""Power of the open persons in the variance; with it the intervals hold as often in villages as in towns."""

Floats = npt.NDArray[np.float64]


class Doubt(NamedTuple):
    """Model error of one kind of people: grain in persons, place in persons to the half."""

    grain: float
    place: float

    def variance(self, between: Floats) -> Floats:
        """Variance of the people on each hexagon that the footprint leaves open (`between`, persons)."""
        opened = np.maximum(between, 0.0)
        return np.asarray(self.grain * opened + self.place * opened**POWER)


CERTAIN = Doubt(0.0, 0.0)
"""No model error: intervals of sampling alone."""


@dataclass(frozen=True)
class Doubts:
    """Model errors by kind of people.

    Attributes
    ----------
    version : as written in the file
    by_role : one `Doubt` for each of `ROLES`
    by_flow : relative error of each of `FLOWS` (`models.signaling.flow_intervals`)
    """

    version: str
    by_role: dict[str, Doubt]
    by_flow: dict[str, float]

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits that change with every number."""
        numbers = (self.version, sorted(self.by_role.items()), sorted(self.by_flow.items()))
        return hashlib.sha256(repr(numbers).encode()).hexdigest()[:12]


def load_doubts(file: Path = FILE) -> Doubts:
    """Read and check the numbers.

    Raises
    ------
    ConfigError : a kind of people or a number is missing, unknown, below 0, or without source
    """
    document = tomllib.loads(file.read_text(encoding="utf-8"))
    for name in ("version", "source"):
        if not isinstance(document.get(name), str):
            raise ConfigError(file, name, document.get(name, "missing"), "a text")
    found = {}
    for role in ROLES:
        entry = document.get(role)
        if not isinstance(entry, dict) or entry.keys() != set(Doubt._fields):
            raise ConfigError(file, role, entry or "missing", f"a table with {' and '.join(Doubt._fields)}")
        if any(not isinstance(value, int | float) or value < 0 for value in entry.values()):
            raise ConfigError(file, role, entry, "numbers of 0 or more")
        found[role] = Doubt(**{name: float(value) for name, value in entry.items()})
    flows = document.get("flows")
    if not isinstance(flows, dict) or flows.keys() != set(FLOWS):
        raise ConfigError(file, "flows", flows or "missing", f"a table with {', '.join(FLOWS)}")
    if any(not isinstance(value, int | float) or value < 0 for value in flows.values()):
        raise ConfigError(file, "flows", flows, "numbers of 0 or more")
    return Doubts(document["version"], found, {name: float(value) for name, value in flows.items()})
