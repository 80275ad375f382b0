"""The numbers of the road speeds: read from ``data/standards/roads.toml``, checked, hashed into every result."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from models.errors import ConfigError
from models.settings import PROJECT_ROOT

FILE = PROJECT_ROOT / "data" / "standards" / "roads.toml"


class PassageRules(NamedTuple):
    """When a run of handovers is a drive along a road; a named tuple so that compiled code can take it."""

    min_crossings: int
    min_span_m: float
    min_kmh: float
    max_kmh: float
    max_silence_s: int
    max_misses: int
    slack_m: float


class RailRules(NamedTuple):
    """When a chain is that of a train: many devices over the same borders of cells within seconds."""

    window_s: int
    around_s: int
    min_devices: int
    times_expected: float
    min_share: float


class SectionRules(NamedTuple):
    """How roads are cut: lengths in metres, and the least length as a multiple of the spacing of handovers."""

    length_m: float
    longest_m: float
    spacing_factor: float
    min_corridor_m: float


class SpeedRules(NamedTuple):
    """What is free flow, what is a jam, and which sections can be told from their neighbours."""

    night_from_hour: int
    night_to_hour: int
    free_quantile: float
    jam_index: float
    scale_error: float
    most_leg: float
    most_place_error: float


@dataclass(frozen=True)
class RoadRules:
    """All numbers of one version."""

    version: str
    passages: PassageRules
    rail: RailRules
    sections: SectionRules
    speeds: SpeedRules

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits that change with every number."""
        numbers = [self.version, *self.passages, *self.rail, *self.sections, *self.speeds]
        return hashlib.sha256(json.dumps(numbers).encode()).hexdigest()[:12]


def load_road_rules(file: Path = FILE) -> RoadRules:
    """Read and check the numbers.

    Raises
    ------
    ConfigError : a number is missing, unknown, not positive or without source
    """
    document = tomllib.loads(file.read_text(encoding="utf-8"))
    parts: dict[str, Any] = {}
    kinds = {"passages": PassageRules, "rail": RailRules, "sections": SectionRules, "speeds": SpeedRules}
    for name, kind in kinds.items():
        given, wanted = document.get(name, {}), kind._fields  # type: ignore[attr-defined]
        if unknown := sorted(given.keys() ^ set(wanted)):
            found = given.get(unknown[0], "missing")
            raise ConfigError(file, f"{name}.{unknown[0]}", found, f"exactly {', '.join(wanted)}")
        for key, entry in given.items():
            value = entry.get("value") if isinstance(entry, dict) else None
            if not isinstance(value, int | float) or value <= 0 or not entry.get("source"):
                raise ConfigError(file, f"{name}.{key}", entry, "a table with a positive value and its source")
        parts[name] = kind(**{key: given[key]["value"] for key in wanted})
    return RoadRules(str(document.get("version", "")), **parts)
