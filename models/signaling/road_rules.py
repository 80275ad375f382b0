"""The numbers of the road speeds: read from ``data/standards/roads.toml``, checked, hashed into every result."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from models.settings import PROJECT_ROOT
from models.signaling.sourced_rules import digest_of, read_rules

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
        return digest_of(self.version, self.passages, self.rail, self.sections, self.speeds)


def load_road_rules(file: Path = FILE) -> RoadRules:
    """Read and check the numbers.

    Raises
    ------
    ConfigError : a number is missing, unknown, not positive or without source
    """
    kinds = {"passages": PassageRules, "rail": RailRules, "sections": SectionRules, "speeds": SpeedRules}
    version, parts = read_rules(file, kinds)
    return RoadRules(version, **parts)
