"""Whether a period is observed by night at all: without it nights are guesses across silence, and no home is named.

For every service day the devices with an event are counted by local hour, whatever cell they were at. Seen by night is
the share of these user-days with an event in the small hours (``data/standards/night_coverage.toml``). Below the least
share the coverage is insufficient for the whole period; the rule of single users (nights observed) stays beside it.

Not accounted for: nights that are missing in one part of the city only.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from models.errors import ConfigError
from models.fusion.compiled import compiled
from models.settings import PROJECT_ROOT

FILE = PROJECT_ROOT / "data" / "standards" / "night_coverage.toml"

Longs = npt.NDArray[np.int64]


class NightRule(NamedTuple):
    """The small hours [from_hour, to_hour) and the least share of user-days that must have an event in them."""

    from_hour: int
    to_hour: int
    min_share: float


@dataclass(frozen=True)
class NightCoverage:
    """How a period is observed over the day.

    Attributes
    ----------
    user_days : service days of users with an event
    by_hour : (24) user-days with an event in each local hour
    by_night : user-days with an event in the small hours; None where the days were computed without counting them
    rule : what decides
    """

    user_days: int
    by_hour: Longs
    by_night: int | None
    rule: NightRule

    @property
    def share(self) -> float | None:
        """Share of the user-days seen by night."""
        return None if self.by_night is None or not self.user_days else self.by_night / self.user_days

    @property
    def sufficient(self) -> bool:
        """Whether homes may be named; a period nobody counted or nobody was in is not judged."""
        return self.share is None or self.share >= self.rule.min_share


def load_night_rule(file: Path = FILE) -> NightRule:
    """Read the rule.

    Raises
    ------
    ConfigError : a number is missing, out of range or without source
    """
    document: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    for name, high in zip(NightRule._fields, (23, 24, 1), strict=True):
        entry = document.get(name)
        value = entry.get("value") if isinstance(entry, dict) else None
        if not isinstance(value, int | float) or not 0 <= value <= high or not document[name].get("source"):
            raise ConfigError(file, name, entry, f"a table with a value from 0 to {high} and its source")
    rule = NightRule(*(document[name]["value"] for name in NightRule._fields))
    if rule.from_hour >= rule.to_hour:
        raise ConfigError(file, "from_hour", rule.from_hour, f"an hour before to_hour, {rule.to_hour}")
    return rule


def seen_hours(heard: npt.NDArray[np.int32], rule: NightRule) -> dict[str, Any]:
    """Count the users of one day by the hours they have an event in, whatever its cell; sums of buckets add up.

    Parameters
    ----------
    heard : (m) one bit per local hour of day with an event, of each user (`day.DayResult`)

    Returns
    -------
    JSON-able: ``user_days``, ``by_hour`` (24 counts) and ``by_night``.
    """
    by_hour = np.zeros(24, np.int64)
    by_night = _add_hours(heard, sum(1 << hour for hour in range(rule.from_hour, rule.to_hour)), by_hour)
    return {"user_days": len(heard), "by_hour": by_hour.tolist(), "by_night": int(by_night)}


@compiled
def _add_hours(heard: npt.NDArray[np.int32], night: int, by_hour: npt.NDArray[np.int64]) -> int:
    """Add users to the hours they are heard in; gives those heard in any of the bits ``night``."""
    by_night = 0
    for bits in heard:
        by_night += (bits & night) != 0
        for hour in range(24):
            by_hour[hour] += (bits >> hour) & 1
    return by_night


def coverage_of(infos: Iterable[Mapping[str, Any]], rule: NightRule) -> NightCoverage:
    """Sum what the days of a work area say (``info["seen"]``, see `seen_hours`)."""
    found = [info.get("seen") for info in infos]
    if not found or any(seen is None for seen in found):
        return NightCoverage(0, np.zeros(24, np.int64), None, rule)
    known = [seen for seen in found if seen is not None]
    return NightCoverage(
        sum(seen["user_days"] for seen in known),
        np.sum([seen["by_hour"] for seen in known], axis=0),
        sum(seen["by_night"] for seen in known),
        rule,
    )
