"""The numbers of the kernel: read from ``data/standards/signaling_kernel.toml``, checked, hashed into every result."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from models.errors import ConfigError
from models.settings import PROJECT_ROOT

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
        numbers = [self.version, *self.flags, *self.segments]
        return hashlib.sha256(json.dumps(numbers).encode()).hexdigest()[:12]


def load_rules(file: Path = FILE) -> KernelRules:
    """Read and check the numbers.

    Raises
    ------
    ConfigError : a number is missing, unknown, not positive or without source
    """
    document = tomllib.loads(file.read_text(encoding="utf-8"))
    parts: dict[str, Any] = {}
    for name, kind in (("flags", FlagRules), ("segments", SegmentRules)):
        given = document.get(name, {})
        wanted = kind._fields
        if unknown := sorted(given.keys() ^ set(wanted)):
            raise ConfigError(
                file, f"{name}.{unknown[0]}", given.get(unknown[0], "missing"), f"exactly {', '.join(wanted)}"
            )
        for key, entry in given.items():
            value = entry.get("value") if isinstance(entry, dict) else None
            if not isinstance(value, int | float) or value <= 0 or not entry.get("source"):
                raise ConfigError(file, f"{name}.{key}", entry, "a table with a positive value and its source")
        parts[name] = kind(**{key: given[key]["value"] for key in wanted})
    return KernelRules(str(document.get("version", "")), **parts)
