"""A city's profile: what an official wrote down about the city, checked before any file is read."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, Field, ValidationError, field_validator
from pyproj import CRS
from pyproj.exceptions import CRSError

from models.errors import ConfigError, UnknownNameError
from models.fusion.addresses.rules import MatchRules
from models.profile.manifest import Frozen, Source
from models.settings import Settings

CITY_FILE = "city.toml"


class ProfileError(ConfigError):
    """Several problems of one profile; ``problems`` lists them."""

    def __init__(self, problems: list[ConfigError]) -> None:
        first = problems[0]
        super().__init__(first.file, first.key, first.found, first.allowed)
        self.problems = problems
        listed = "\n".join(f"  - {p}" for p in problems)
        self.args = (f"{len(problems)} problems in the profile:\n{listed}",)


class GridScheme(Frozen):
    """How the city gets its supervision grid cells.

    Attributes
    ----------
    kind : "file" where a source fills the table ``grids``, "voronoi_of_towns" for cells around seats,
        "none" for a city without a grid
    districts : codes of the districts that get town cells; empty for all
    """

    kind: Literal["file", "voronoi_of_towns", "none"]
    districts: tuple[str, ...] = ()


class Supervision(Frozen):
    """How the market of this city is supervised; every number here is an official's decision.

    Attributes
    ----------
    scorecard : file name, without ending, of the rule scorecard under ``data/rules/scorecards``; None for a city
        whose subjects are not classified by rules
    prediction : file name, without ending, of the statistical scorecard's settings under ``data/rules/models``
    as_of : business date of a city that looks at a past day; None takes the last day of the records
    alerts_per_week : warnings that can be worked off in a week; ranking fills this number and no more
    lookback_weeks : weeks before the business date over which warnings are replayed
    history_months : month ends before the business date for which levels are computed
    organ : prefix of document numbers (文号机关代字)
    """

    scorecard: str | None = None
    prediction: str = "faults"
    as_of: dt.date | None = None
    alerts_per_week: int = Field(default=20, ge=1, le=1000)
    lookback_weeks: int = Field(default=26, ge=1, le=260)
    history_months: int = Field(default=12, ge=1, le=60)
    organ: str = "市监"


class View(Frozen):
    """Where the map starts: longitude and latitude in degrees WGS84, zoom in Web Mercator levels."""

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-85, le=85)
    zoom: float = Field(ge=0, le=22)


class City(Frozen):
    """A city and its sources.

    The table ``[matching]`` of city.toml may replace thresholds and radii of the address matcher by name, all in
    metres, house numbers or shares (`models.fusion.addresses.MatchRules` says what each does)::

        [matching]
        min_confidence = 0.6            # below: the un-located queue
        max_error_radius_m = 10000.0    # above: the queue
        learn_min_rows = 5

    Attributes
    ----------
    id : name of the profile's folder
    name : language -> name
    crs : EPSG code of the working reference system, in metres
    timezone : IANA name
    h3_resolutions : resolutions of the products, coarse to fine
    disclosure_k : smallest count of observed devices that may be shown
    map_approval_no : approval number printed on every map (审图号), None where none was given
    grid : how the supervision grid is made
    view : where the map starts
    matching : rules of the address matcher that differ from its own
    bounds : west, south, east, north in degrees WGS84; a point of a source outside of it is not plausible
        and goes to quarantine; None for no such test
    supervision : how its market is supervised; defaults where city.toml has no such table
    demo : True for the generated city, which is labelled as such on every screen
    folder : the profile's folder
    sources : its sources, sorted by id
    """

    id: str
    name: dict[str, str]
    crs: int = Field(ge=1024, le=32767)
    timezone: str
    h3_resolutions: tuple[Annotated[int, Field(ge=0, le=12)], ...] = (7, 8, 9)
    disclosure_k: int = Field(ge=1)
    map_approval_no: str | None = None
    grid: GridScheme
    view: View
    matching: dict[str, int | float | tuple[float, ...] | dict[str, float]] = Field(default_factory=dict)
    bounds: tuple[float, float, float, float] | None = None
    supervision: Supervision = Supervision()
    demo: bool = False
    folder: Path
    sources: tuple[Source, ...]

    @field_validator("name")
    @classmethod
    def _named_in_chinese(cls, value: dict[str, str]) -> dict[str, str]:
        if "zh-Hans" not in value:
            raise ValueError("a table with zh-Hans and, if possible, en")
        return value

    @field_validator("matching")
    @classmethod
    def _known_rules(cls, value: dict[str, Any]) -> dict[str, Any]:
        try:
            MatchRules().with_values(value)
        except ConfigError as error:
            raise ValueError(f"for {error.key}: {error.allowed}") from error
        return value

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("an IANA time zone such as Asia/Shanghai")
        return value

    @field_validator("crs")
    @classmethod
    def _metric(cls, value: int) -> int:
        try:
            units = {axis.unit_name for axis in CRS.from_epsg(value).axis_info}
        except CRSError as error:
            raise ValueError("the EPSG code of a projected reference system") from error
        if units != {"metre"}:
            raise ValueError(f"the EPSG code of a reference system in metres; this one is in {', '.join(units)}")
        return value

    def sources_of(self, table: str) -> tuple[Source, ...]:
        """Sources that fill ``table``, sorted by id."""
        return tuple(s for s in self.sources if s.table == table)

    def source(self, source_id: str) -> Source:
        """Return the source of that id; UnknownNameError lists those that exist."""
        for source in self.sources:
            if source.id == source_id:
                return source
        listed = ", ".join(s.id for s in self.sources)
        raise UnknownNameError(f"{self.id} has no source {source_id!r}; it has {listed}")


def load_city(name_or_path: str | Path, settings: Settings) -> City:
    """Read and check a profile.

    Parameters
    ----------
    name_or_path : name of a folder under ``settings.profiles``, or path of a profile folder anywhere
    settings : where the profiles are

    Raises
    ------
    UnknownNameError : there is no such profile; the text lists those that exist
    ConfigError : something in the profile is not allowed; all problems are named at once, each with file,
        key, value found and values allowed
    """
    folder = _find(name_or_path, settings)
    problems: list[ConfigError] = []
    sources: list[Source] = []
    for file in sorted((folder / "sources").glob("*.toml")):
        parsed = _parse(file, problems)
        if parsed is None:
            continue
        try:
            sources.append(Source.model_validate({"id": file.stem, **parsed}))
        except ValidationError as error:
            problems += problems_of(file, error, Source)
    values = _parse(folder / CITY_FILE, problems)
    if values is not None:
        given = {"id": folder.name, **values, "folder": folder, "sources": tuple(sources)}
        try:
            city = City.model_validate(given)
        except ValidationError as error:
            problems += problems_of(folder / CITY_FILE, error, City)
        else:
            problems += [] if problems else _scheme_problems(city)
    if problems:
        raise problems[0] if len(problems) == 1 else ProfileError(problems)
    return city


def city_names(settings: Settings) -> list[str]:
    """Names of the profiles under ``settings.profiles``, sorted."""
    return sorted(p.parent.name for p in settings.profiles.glob(f"*/{CITY_FILE}"))


def _find(name_or_path: str | Path, settings: Settings) -> Path:
    text = str(name_or_path)
    named = settings.profiles / text
    if "/" not in text and (named / CITY_FILE).is_file():
        return named
    path = Path(text).expanduser()
    if (path / CITY_FILE).is_file():
        return path.resolve()
    listed = ", ".join(city_names(settings)) or "none"
    raise UnknownNameError(
        f"no city profile {text!r}: neither a profile ({listed}) nor a folder that holds {CITY_FILE}"
    )


def _scheme_problems(city: City) -> list[ConfigError]:
    needed = {"file": ("grids",), "voronoi_of_towns": ("districts", "towns"), "none": ()}[city.grid.kind]
    return [
        ConfigError(city.folder / CITY_FILE, "grid.kind", city.grid.kind, f"this kind with a source of the table {t}")
        for t in needed
        if not city.sources_of(t)
    ]


def _parse(file: Path, problems: list[ConfigError]) -> dict[str, Any] | None:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        problems.append(ConfigError(file, "the file", str(error), "valid TOML"))
    except UnicodeDecodeError as error:
        problems.append(ConfigError(file, "the file", f"byte {error.start} is not UTF-8", "UTF-8 text"))
    return None


def problems_of(file: Path, error: ValidationError, model: type[BaseModel]) -> list[ConfigError]:
    """What pydantic refused, each as file, key, value found and values allowed."""
    found = []
    for item in error.errors():
        key = ".".join(str(part) for part in item["loc"]) or "the file"
        if item["type"] == "extra_forbidden" and len(item["loc"]) == 1:
            allowed = f"the keys {', '.join(sorted(model.model_fields))}"
        elif item["type"] == "literal_error":
            allowed = str(item["ctx"]["expected"])
        else:
            allowed = item["msg"].removeprefix("Value error, ")
        shown = "missing" if item["type"] == "missing" else item["input"]
        if isinstance(shown, dict) and key == "the file":
            shown = shown.get("id", "")
        found.append(ConfigError(file, key, shown, allowed))
    return found
