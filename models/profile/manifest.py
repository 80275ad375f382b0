"""A source's manifest: where its files are, how they are written and which column is which."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from models.profile.targets import RECORDS, missing_targets, targets
from models.profile.units import UNITS

DATUMS = ("WGS84", "CGCS2000", "GCJ02", "BD09")
LANGUAGES = ("zh-Hans", "en")
"""Languages in which a manifest says its texts; the first is the project's own."""

_EPSG = re.compile(r"EPSG:\d{4,6}")


def _in_each_language(value: Any) -> Any:
    """A plain string, such as a proper name, reads the same in every language."""
    return dict.fromkeys(LANGUAGES, value) if isinstance(value, str) else value


def _known_languages(value: dict[str, str]) -> dict[str, str]:
    if LANGUAGES[0] not in value or set(value) - set(LANGUAGES) or not all(value.values()):
        raise ValueError(f"a text, or a table with {' and '.join(LANGUAGES)}")
    return value


Texts = Annotated[dict[str, str], BeforeValidator(_in_each_language), AfterValidator(_known_languages)]
"""Language -> text."""


class Frozen(BaseModel):
    """Base of what is read from a profile: unknown keys are refused, values never change."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Indicator(Frozen):
    """One column of a wide table that becomes rows: its header, unit and the indicator's name."""

    header: str
    name: str
    unit: str


class Source(Frozen):
    """One source of one table: its files, how to read them, and where they come from.

    Attributes
    ----------
    id : the manifest's file name without its ending
    table : frame that the rows fill
    files : patterns; ``shared:`` stands for the folder with shared real data, ``home:`` for the state folder,
        anything else for the profile's own folder
    title : what the source is, language -> text, in Chinese and English
    licence, attribution, origin : language -> text; a plain string in the manifest stands for every language
    vintage : day, month or year up to which the files reach, such as 2015-06-30
    cadence : how often new files come; a source that comes once or irregularly is never late
    format, encoding, delimiter, header_row, sheet, layer : how the file is written; header_row 0 means that
        there is no header and columns are called by their number, from "1"
    datum : WGS84, CGCS2000, GCJ02, BD09 or EPSG:n; overrules the reference system that a vector file declares
    columns : canonical column -> header of the file
    constants : canonical column -> value for every row
    units : canonical column -> unit the file uses
    dates : canonical column -> formats (strftime), tried in order
    values : canonical column -> {value of the file: canonical value}
    where : header -> values; other rows are not part of the source (``^`` before a value means "starts with")
    nulls : texts that stand for a missing value, besides the empty one
    separator : where one cell holds several names, what separates them; the first Chinese one is the name
    indicators : columns of a wide table that become rows (census_values)
    area_definitions : area code -> what the area contained at the reference date (census_values)
    repair : whether invalid polygons are repaired; each repair is reported
    """

    id: str = Field(pattern=r"[a-z0-9_]+")
    table: Literal[RECORDS]  # type: ignore[valid-type]
    files: Annotated[tuple[str, ...], Field(min_length=1)]
    format: Literal["csv", "xlsx", "parquet", "vector", "graphml", "json"]
    title: Texts
    licence: Texts
    attribution: Texts
    vintage: str
    cadence: Literal["once", "daily", "weekly", "monthly", "quarterly", "yearly", "irregular", "decennial"]
    origin: Texts
    encoding: str = "utf-8"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    header_row: int = Field(default=1, ge=0)
    sheet: str | None = None
    layer: str | None = None
    datum: str | None = None
    columns: dict[str, str] = {}
    constants: dict[str, str | int | float | bool] = {}
    units: dict[str, str] = {}
    dates: dict[str, tuple[str, ...]] = {}
    values: dict[str, dict[str, str]] = {}
    where: dict[str, tuple[str, ...]] = {}
    separator: str | None = None
    nulls: tuple[str, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    area_definitions: dict[str, str] = {}
    repair: bool = False

    @field_validator("title", mode="before")
    @classmethod
    def _titled_in_each_language(cls, value: Any) -> Any:
        if not isinstance(value, dict) or set(value) != set(LANGUAGES):
            raise ValueError(f"a table with {' and '.join(LANGUAGES)}")
        return value

    @field_validator("datum")
    @classmethod
    def _known_datum(cls, value: str | None) -> str | None:
        if value is not None and value not in DATUMS and not _EPSG.fullmatch(value):
            raise ValueError(f"{', '.join(DATUMS)} or EPSG:n")
        return value

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            "".encode(value)
        except LookupError as error:
            raise ValueError("an encoding such as utf-8, gb18030 or latin-1") from error
        return value

    @field_validator("units")
    @classmethod
    def _known_units(cls, value: dict[str, str]) -> dict[str, str]:
        unknown = [u for u in value.values() if u not in UNITS]
        if unknown:
            raise ValueError(f"units among {', '.join(UNITS)} (unknown: {', '.join(unknown)})")
        return value

    @model_validator(mode="after")
    def _fills_its_table(self) -> Source:
        allowed = targets(self.table)
        given = [*self.columns, *self.constants, *self.units, *self.dates, *self.values]
        unknown = sorted({c for c in given if c not in allowed})
        if unknown:
            raise ValueError(f"the table {self.table} can be given {', '.join(allowed)}; not {', '.join(unknown)}")
        absent = missing_targets(self.table, {*self.columns, *self.constants}, self.format)
        if absent:
            raise ValueError(f"the table {self.table} also needs {', '.join(absent)} in [columns] or [constants]")
        if ("lon" in self.columns) != ("lat" in self.columns):
            raise ValueError("lon and lat together in [columns]")
        if "lon" in self.columns and self.datum is None:
            raise ValueError(f"coordinates need a datum: {', '.join(DATUMS)} or EPSG:n")
        if self.table == "census_values" and not self.indicators and "indicator" not in self.columns:
            raise ValueError("a wide census table needs [[indicators]] with header, name and unit")
        return self
