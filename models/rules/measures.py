"""Measures that follow a warning or a level (处置措施): reviewed data with legal basis and days."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from models.rules import reviewed

FILE = reviewed.FOLDER / "measures.toml"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Measure(_Frozen):
    """One measure.

    Attributes
    ----------
    name, text, legal_basis : language -> text
    themes : themes of warnings it is prescribed for
    levels : levels it is prescribed for
    data_fault : prescribed first where a warning looks like an error of the data
    days : calendar days in which it has to be done
    """

    code: str
    name: dict[str, str]
    text: dict[str, str]
    legal_basis: dict[str, str]
    themes: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    data_fault: bool = False
    days: int = Field(ge=1, le=365)


class Measures(_Frozen):
    """The catalogue of measures and the days a warning of each severity may wait; ``verified`` says whether the legal
    bases were compared with the texts in force."""

    version: str
    valid_from: dt.date
    author: str
    verified: bool = False
    due_days: dict[int, int]
    measures: tuple[Measure, ...]

    @model_validator(mode="after")
    def _whole(self) -> Measures:
        if set(self.due_days) != {1, 2, 3}:
            raise ValueError("due_days for the severities 1, 2 and 3")
        codes = [measure.code for measure in self.measures]
        if len(codes) != len(set(codes)):
            raise ValueError("every measure once")
        return self

    def of_warning(self, theme: str, *, data_fault: bool = False, first: str | None = None) -> tuple[Measure, ...]:
        """Measures for a warning, the one to take first in front.

        Parameters
        ----------
        theme, data_fault : of the warning
        first : code of the measure its rule names, which goes before all others
        """
        named = self.named(first)
        fitting = [m for m in self.measures if theme in m.themes and m is not named]
        ordered = tuple(sorted(fitting, key=lambda measure: measure.data_fault != data_fault))
        return ordered if named is None else (named, *ordered)

    def of_level(self, level: str) -> tuple[Measure, ...]:
        """Measures for a level, in the order of the file."""
        return tuple(m for m in self.measures if level in m.levels)

    def due_on(self, severity: int, seen_on: dt.date) -> dt.date:
        """Day by which a warning of this severity has to be closed, from the business date it was first seen."""
        return seen_on + dt.timedelta(days=self.due_days[severity])

    def named(self, code: str | None) -> Measure | None:
        """The measure of that code, or None."""
        return next((m for m in self.measures if m.code == code), None)


@cache
def load_measures(path: Path = FILE) -> Measures:
    """Read and check the catalogue.

    Raises
    ------
    ConfigError : which value is not allowed
    """
    return reviewed.read(path, Measures)
