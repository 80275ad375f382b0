"""Ratios of double-random draws (双随机): versioned data with their sources, read from ``data/rules/draws.toml``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from models.errors import RequestError, UnknownNameError
from models.profile.manifest import Frozen
from models.rules import reviewed

Level = Literal["A", "B", "C", "D"]
LEVELS: tuple[Level, ...] = ("A", "B", "C", "D")
Share = Annotated[float, Field(ge=0, le=1)]
Words = dict[str, str]
FILE = reviewed.FOLDER / "draws.toml"


class Scheme(Frozen):
    """Ratios one place published.

    Attributes
    ----------
    id : name used by a draw
    place : where and when, by language
    share : level -> share of the eligible firms drawn in a year; a level that was not published is absent
    lowest : lower ends where a range was published and ``share`` holds its upper ends
    scope : what was checked, by language
    source : where it was read, by language
    """

    id: str
    place: Words
    share: dict[Level, Share]
    lowest: dict[Level, Share] = Field(default_factory=dict)
    scope: Words
    source: Words

    @property
    def complete(self) -> bool:
        """Whether it can be drawn with: every level has a ratio."""
        return set(self.share) == set(LEVELS)

    @model_validator(mode="after")
    def _nobody_is_exempt(self) -> Self:
        zero = sorted(level for level, share in self.share.items() if share == 0)
        if zero:
            raise ValueError(f"a ratio above 0 for level {', '.join(zero)}: no level exempts from inspection")
        return self


class Control(Frozen):
    """The random part of every draw; ``share`` of its objects, 0.05 to 0.10, are taken whatever their level."""

    share: float = Field(ge=0.05, le=0.10)
    source: Words


class DrawRules(Frozen):
    """One version of the ratios.

    Attributes
    ----------
    version, valid_from, author : which version, since when, by whom
    default_scheme : the scheme a city uses that names no other
    officers_per_object : officers that hold one check together
    control : the random part
    schemes : ratios by place
    """

    version: str
    valid_from: dt.date
    author: str
    default_scheme: str
    officers_per_object: int = Field(ge=1, le=5)
    control: Control
    schemes: tuple[Scheme, ...]

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        names = [s.id for s in self.schemes]
        if len(set(names)) != len(names):
            raise ValueError("schemes with different ids")
        if self.default_scheme not in names or not self.scheme(self.default_scheme).complete:
            raise ValueError("a default_scheme that is one of the schemes and has a ratio for every level")
        return self

    def scheme(self, scheme_id: str) -> Scheme:
        """The scheme of that id; UnknownNameError lists those that exist."""
        for scheme in self.schemes:
            if scheme.id == scheme_id:
                return scheme
        raise UnknownNameError(f"no scheme {scheme_id!r}; there are {', '.join(s.id for s in self.schemes)}")

    def usable(self, scheme_id: str | None = None) -> Scheme:
        """The scheme a draw uses (the default one where not named).

        Raises
        ------
        RequestError : it does not say what to draw of every level
        """
        scheme = self.scheme(scheme_id or self.default_scheme)
        if not scheme.complete:
            missing = ", ".join(sorted(set(LEVELS) - set(scheme.share)))
            raise RequestError(f"scheme {scheme.id} has no ratio for level {missing}; choose one with all four")
        return scheme


def load_draw_rules(file: Path = FILE) -> DrawRules:
    """Read the ratios.

    Raises
    ------
    ConfigError : the file is not valid; names the first key that is off, what stands there and what may
    """
    return reviewed.read(file, DrawRules)
