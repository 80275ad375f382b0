"""Times and speeds of field work, read from ``data/rules/field_work.toml``."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from models.profile.manifest import Frozen
from models.rules import reviewed

FILE = reviewed.FOLDER / "field_work.toml"


def _minutes(value: object) -> object:
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", value) if isinstance(value, str) else None
    if found is None:
        raise ValueError('a time of day such as "09:00"')
    return 60 * int(found[1]) + int(found[2])


TimeOfDay = Annotated[int, BeforeValidator(_minutes)]


class Visits(Frozen):
    """How long a joint visit takes; minutes. ``together_level`` is the coarsest match level that tells a building."""

    minutes_per_firm: int = Field(ge=0, le=480)
    minutes_per_item: int = Field(ge=1, le=480)
    longest_minutes: int = Field(ge=1, le=600)
    together_level: int = Field(ge=1, le=3)


class Day(Frozen):
    """A day in the field; ``starts`` and ``ends`` in minutes of the day."""

    starts: TimeOfDay
    ends: TimeOfDay
    speed_kmh: float = Field(gt=0, le=120)
    road_factor: float = Field(ge=1, le=3)


class FieldWork(Frozen):
    """One version of the times and speeds; ``windows``: industry section -> first and last minute a visit may begin."""

    version: str
    valid_from: dt.date
    author: str
    visit: Visits
    day: Day
    windows: dict[str, tuple[TimeOfDay, TimeOfDay]] = Field(default_factory=dict)
    source: dict[str, str]


def load_field_work(file: Path = FILE) -> FieldWork:
    """Read the times and speeds.

    Raises
    ------
    ConfigError : the file is not valid; names the first key that is off, what stands there and what may
    """
    return reviewed.read(file, FieldWork)
