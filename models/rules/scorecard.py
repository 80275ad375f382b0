"""The rule scorecard (企业信用风险分类指标): reviewed data that says which indicator counts how much, and why.

A scorecard adds the points of every indicator's bin; cut-offs make a level of the sum. Vetoes fix a level whatever the
sum is. The national indicators' weights are not published, so every number of a file has an author and says whether
somebody verified it. Nothing here reads a database, a clock or the network.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from models.contracts.levels import INDICATOR_NAMES, LEVELS
from models.errors import ConfigError, UnknownNameError
from models.settings import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "data" / "rules" / "scorecards"
GROUPS = ("basic", "dynamic", "supervision", "relations", "social")
"""National groups of the first level: attributes, dynamic information, supervision, relations, social evaluation."""
MAX_SCORE = 100.0
MAX_MONTHS_BEFORE = 3
"""Longest hysteresis: so many month ends are kept with every build for previews of a changed scorecard."""

Text = dict[str, str]
Name = Annotated[str, Field(pattern=r"[a-z][a-z0-9_]*")]


class _Reviewed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _both_languages(value: Text) -> Text:
    if set(value) != {"zh-Hans", "en"} or not all(text.strip() for text in value.values()):
        raise ValueError('a table { zh-Hans = "...", en = "..." }')
    return value


class Bin(_Reviewed):
    """Values from the bound of the bin before up to, and without, ``below``; None for the last bin."""

    below: float | None = None
    points: int = Field(ge=-100, le=100)


class Indicator(_Reviewed):
    """One indicator: which value it reads and how many points each range of it costs.

    Attributes
    ----------
    code : name of the indicator; permanent
    group : one of the five national groups
    source_field : column of `models.contracts.levels.INDICATORS` it reads
    direction : up where more is riskier, down where less is, free where neither (checked against the points)
    bins : ascending ranges with points; the last has no bound
    missing : points where the value is not known
    actionable : whether the subject can change it; only such indicators are named in "what would change it"
    legal_basis : article or document
    valid_from, valid_to : first and last day it counts; without end where valid_to is missing
    author, version, verified : who set it, which edition, and whether a second source confirmed it
    """

    code: Name
    group: Literal["basic", "dynamic", "supervision", "relations", "social"]
    name: Text
    source_field: str
    direction: Literal["up", "down", "free"]
    bins: tuple[Bin, ...] = Field(min_length=2, max_length=8)
    missing: int = Field(default=0, ge=-100, le=100)
    actionable: bool = False
    legal_basis: Text
    valid_from: dt.date
    valid_to: dt.date | None = None
    author: str
    version: int = Field(ge=1)
    verified: bool

    _texts = field_validator("name", "legal_basis")(_both_languages)

    @field_validator("source_field")
    @classmethod
    def _no_officer(cls, value: str) -> str:
        return known_field(value)

    @model_validator(mode="after")
    def _ordered(self) -> Indicator:
        bounds = [b.below for b in self.bins]
        inner = [b for b in bounds[:-1] if b is not None]
        if bounds[-1] is not None or len(inner) != len(bounds) - 1 or inner != sorted(set(inner)):
            raise ValueError("bins with ascending bounds (below), the last one without")
        points = [b.points for b in self.bins]
        wanted = {"up": sorted(points), "down": sorted(points, reverse=True), "free": points}[self.direction]
        if points != wanted:
            raise ValueError(f"points that never {'fall' if self.direction == 'up' else 'rise'} over the bins")
        return self

    @property
    def bounds(self) -> tuple[float, ...]:
        """Inner bounds of the bins, ascending."""
        return tuple(b.below for b in self.bins if b.below is not None)

    @property
    def points(self) -> tuple[int, ...]:
        """Points of the bins, then those of a missing value."""
        return (*(b.points for b in self.bins), self.missing)


class Veto(_Reviewed):
    """A fact that fixes the level, whatever the points are; ``at_least`` is inclusive."""

    code: Name
    source_field: str
    at_least: float = 1.0
    level: Literal["B", "C", "D"] = "D"
    name: Text
    legal_basis: Text

    _texts = field_validator("name", "legal_basis")(_both_languages)

    @field_validator("source_field")
    @classmethod
    def _no_officer(cls, value: str) -> str:
        return known_field(value)


class CutOffs(_Reviewed):
    """Lowest score of levels B, C and D, inclusive; below B it is A."""

    B: float = Field(gt=0, le=MAX_SCORE)
    C: float = Field(gt=0, le=MAX_SCORE)
    D: float = Field(gt=0, le=MAX_SCORE)

    @model_validator(mode="after")
    def _ascending(self) -> CutOffs:
        if not self.B < self.C < self.D:
            raise ValueError("B < C < D")
        return self

    @property
    def values(self) -> tuple[float, float, float]:
        """The three bounds, ascending."""
        return (self.B, self.C, self.D)


class Scorecard(_Reviewed):
    """A whole scorecard.

    Attributes
    ----------
    id, version : name of the file, and edition of the whole
    title, source : what it is called and where its numbers come from
    author, valid_from, verified : who answers for it, since when, and whether it was checked against a second source
    decay_by_year : weight of an event in its first, second, ... year before the business date; 0 afterwards
    risk_words : group of trades -> words of a business scope that mark it
    cut_offs : scores at which levels begin
    target_shares : share of the subjects each level is meant to have; compared with what comes out, never forced
    hysteresis_months : a better level counts once it held at so many month ends before; a worse one counts at once
    """

    id: Name
    version: str = Field(pattern=r"[0-9A-Za-z.-]{1,20}")
    title: Text
    author: str
    valid_from: dt.date
    valid_to: dt.date | None = None
    verified: bool
    source: Text
    decay_by_year: tuple[Annotated[float, Field(ge=0, le=1)], ...] = Field(min_length=1, max_length=10)
    risk_words: dict[Name, tuple[str, ...]] = Field(default_factory=dict)
    cut_offs: CutOffs
    target_shares: dict[Literal["A", "B", "C", "D"], float]
    hysteresis_months: int = Field(default=1, ge=0, le=MAX_MONTHS_BEFORE)
    indicator: tuple[Indicator, ...] = Field(min_length=1)
    veto: tuple[Veto, ...] = ()

    _texts = field_validator("title", "source")(_both_languages)

    @field_validator("target_shares")
    @classmethod
    def _whole(cls, value: dict[str, float]) -> dict[str, float]:
        if set(value) != set(LEVELS) or abs(sum(value.values()) - 1) > 1e-6:
            raise ValueError("a share for each of A, B, C, D that add up to 1")
        return value

    @field_validator("decay_by_year")
    @classmethod
    def _falling(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if list(value) != sorted(value, reverse=True):
            raise ValueError("weights that never rise with the years")
        return value

    @model_validator(mode="after")
    def _distinct(self) -> Scorecard:
        codes = [i.code for i in self.indicator] + [v.code for v in self.veto]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"codes that occur once; twice: {', '.join(twice)}")
        return self

    @cached_property
    def digest(self) -> str:
        """First eight hex digits of the hash of the content: two editions of the same name can be told apart."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:8]

    @property
    def rule_version(self) -> str:
        """What every level carries: name, edition and hash of the content."""
        return f"{self.id} {self.version} {self.digest}"

    def active(self, as_of: dt.date) -> tuple[Indicator, ...]:
        """Indicators that count on a day, in the order of the file."""
        return tuple(i for i in self.indicator if i.valid_from <= as_of and (i.valid_to is None or as_of <= i.valid_to))


def known_field(value: str) -> str:
    """Return a source field that a score may read.

    Raises
    ------
    ValueError : the field is the officer's identity, which can never be an input, or no indicator of that name exists
    """
    if any(word in value.lower() for word in ("officer", "inspector")):
        raise ValueError("an indicator of the subject; the officer who inspected can never be an input of a level")
    if value not in INDICATOR_NAMES:
        raise ValueError(f"one of {', '.join(INDICATOR_NAMES)}")
    return value


def scorecard_names(folder: Path = FOLDER) -> list[str]:
    """Names of the scorecards of a folder, sorted."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def load_scorecard(name: str, folder: Path = FOLDER) -> Scorecard:
    """Read a reviewed scorecard.

    Raises
    ------
    UnknownNameError : there is no such file; the text lists those that exist
    ConfigError : something in it is not allowed: file, key, found, allowed
    """
    path = folder / f"{name}.toml"
    if not path.is_file():
        raise UnknownNameError(f"no scorecard {name!r}; there are {', '.join(scorecard_names(folder)) or 'none'}")
    card = parse_scorecard(path.read_text(encoding="utf-8"), path)
    if card.id != name:
        raise ConfigError(path, "id", card.id, f"the name of the file, {name}")
    return card


def parse_scorecard(text: str, where: Path | str) -> Scorecard:
    """Check the text of a scorecard; ``where`` is named in errors.

    Raises
    ------
    ConfigError : the first thing that is not allowed
    """
    try:
        return Scorecard.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(where, "the file", str(error), "valid TOML") from error
    except ValidationError as error:
        raise first_problem(where, error) from error


def first_problem(where: Path | str, error: ValidationError) -> ConfigError:
    """Return the first fault pydantic found as file, key, found and allowed."""
    item = error.errors()[0]
    key = ".".join(str(part) for part in item["loc"]) or "the file"
    found: Any = "missing" if item["type"] == "missing" else item["input"]
    if isinstance(found, dict):
        found = found.get("code", found.get("id", f"a table of {len(found)} keys"))
    allowed = item["msg"].removeprefix("Value error, ")
    if item["type"] == "extra_forbidden":
        allowed = "no such key"
    elif item["type"] == "literal_error":
        allowed = str(item["ctx"]["expected"])
    return ConfigError(where, key, found, allowed)
