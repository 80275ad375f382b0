"""The numbers of the kernel: read from ``data/standards/signaling_kernel.toml``, checked, hashed into every result."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from models.settings import PROJECT_ROOT
from models.signaling.sourced_rules import digest_of, read_rules

FILE = PROJECT_ROOT / "data" / "standards" / "signaling_kernel.toml"


class FlagRules(NamedTuple):
    """When an event is set aside; a named tuple so that compiled code can take it.

    ``max_speed_m_s`` and ``min_jump_m`` (distance beyond both footprints) must be exceeded towards both neighbours;
    ``pingpong_gap_s`` is the longest silence at a change of cell within a ping-pong chain, ``visit_s`` the length from
    which a visit is real.
    """

    max_speed_m_s: float
    min_jump_m: float
    pingpong_gap_s: int
    visit_s: int


class SegmentRules(NamedTuple):
    """How events become stays, moves and gaps: seconds, metres, metres per second."""

    stay_s: int
    same_place_m: float
    touch_share: float
    touch_limit_m: float
    stay_gap_s: int
    move_gap_s: int
    abroad_gap_s: int
    pad_s: int
    travel_m_s: float
    trip_m: float


@dataclass(frozen=True)
class KernelRules:
    """All numbers of one version of the kernel.

    Attributes
    ----------
    version : as written in the file
    flags, segments : see their classes
    """

    version: str
    flags: FlagRules
    segments: SegmentRules

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits that change with every number."""
        return digest_of(self.version, self.flags, self.segments)


def load_rules(file: Path = FILE) -> KernelRules:
    """Read and check the numbers.

    Raises
    ------
    ConfigError : a number is missing, unknown, not positive or without source
    """
    version, parts = read_rules(file, {"flags": FlagRules, "segments": SegmentRules})
    return KernelRules(version, **parts)
