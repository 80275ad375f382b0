"""Definition profiles of home, work and resident: named, versioned data files whose digest goes into every result."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from models.errors import ConfigError, UnknownNameError
from models.settings import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "data" / "standards" / "home_work"
MONTH_NIGHTS, MONTH_WORKDAYS = 30, 22
"""Length of the month that the thresholds of a profile are written for."""
NO_HOUR = -1
"""Hour in `Thresholds` of a rule that the profile does not have."""


class Thresholds(NamedTuple):
    """A profile scaled to the length of a period, for compiled code; hours are local, night may cross midnight.

    ``evening_from_hour`` and ``morning_to_hour`` are `NO_HOUR` where the profile knows nights at a place only.
    """

    night_from_hour: int
    night_to_hour: int
    night_min_s: int
    min_observed_nights: float
    home_min_nights: float
    home_min_share: float
    resident_nights: float
    short_nights: float
    work_from_hour: int
    work_to_hour: int
    work_min_s: int
    work_min_days: float
    work_min_distance_m: float
    evening_from_hour: int
    morning_to_hour: int


class Shares(NamedTuple):
    """A profile of shares scaled to the length of a period, for compiled code (`models.signaling.labels_by_share`)."""

    hourly: bool
    night_from_hour: int
    night_to_hour: int
    work_from_hour: int
    work_to_hour: int
    min_hours_share: float
    min_days_share_home: float
    min_days_share_work: float
    min_observed_s: float
    home_min_share: float
    home_min_days_share: float
    work_min_share: float
    work_min_days_share: float
    work_min_distance_m: float
    min_observed_nights: float
    resident_nights: float
    short_nights: float


class Definition(BaseModel):
    """What every definition says of itself.

    Attributes
    ----------
    name, version, source, verified : what it is called, where it comes from, whether the source was read
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: dict[str, str]
    version: str
    source: str
    verified: bool

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits that change with every value."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]


class Profile(Definition):
    """One definition of home (居住地), work (就业地) and resident (常驻, 短驻) by nights and days at a place.

    Attributes
    ----------
    night_from_hour, night_to_hour : window of the night; night_min_s : seconds that make a night at a place
    min_observed_nights : nights of 30 that must be observed, else the home is unknown
    home_min_nights : nights of 30 at the home; home_min_share : share of the observed nights, else ambiguous
    resident_nights, short_nights : nights of 30 spent in the city that make a resident, and a short stay
    work_from_hour, work_to_hour, work_min_s : window and seconds of a working day at a place
    work_min_days : days of 22 working days; work_min_distance_m : nearer to the home it is no workplace
    evening_from_hour, morning_to_hour : a night whose place nobody saw was spent in the city where the telephone was
        last heard there from this hour on, and first heard there on the next day before that hour; both left out where
        the definition knows nights at a place only
    """

    night_from_hour: int = Field(ge=0, le=23)
    night_to_hour: int = Field(ge=0, le=23)
    night_min_s: int = Field(ge=1, le=86_400)
    min_observed_nights: float = Field(gt=0, le=MONTH_NIGHTS)
    home_min_nights: float = Field(gt=0, le=MONTH_NIGHTS)
    home_min_share: float = Field(gt=0, le=1)
    resident_nights: float = Field(gt=0, le=MONTH_NIGHTS)
    short_nights: float = Field(gt=0, le=MONTH_NIGHTS)
    work_from_hour: int = Field(ge=0, le=23)
    work_to_hour: int = Field(ge=1, le=24)
    work_min_s: int = Field(ge=1, le=86_400)
    work_min_days: float = Field(gt=0, le=MONTH_WORKDAYS)
    work_min_distance_m: float = Field(ge=0)
    evening_from_hour: int | None = Field(default=None, ge=12, le=23)
    morning_to_hour: int | None = Field(default=None, ge=5, le=12)

    @model_validator(mode="after")
    def _both_or_none(self) -> Profile:
        if (self.evening_from_hour is None) != (self.morning_to_hour is None):
            raise ValueError("evening_from_hour and morning_to_hour together, or neither")
        return self

    def thresholds(self, nights: int, workdays: int) -> Thresholds:
        """Scale the numbers of nights and days to a period; a whole month and longer periods keep the month's share."""
        by_night, by_day = nights / MONTH_NIGHTS, workdays / MONTH_WORKDAYS
        scaled = {
            "min_observed_nights": by_night, "home_min_nights": by_night, "resident_nights": by_night,
            "short_nights": by_night, "work_min_days": by_day,
        }  # fmt: skip
        values = {name: getattr(self, name) for name in Thresholds._fields}
        if self.evening_from_hour is None:
            values |= {"evening_from_hour": NO_HOUR, "morning_to_hour": NO_HOUR}
        return Thresholds(*(value * scaled.get(name, 1) for name, value in values.items()))


class ShareProfile(Definition):
    """One definition of home and work by shares of the observed hours or seconds.

    Attributes
    ----------
    method : ``hour_shares`` scores a place by its mean share of the hours of a window, day by day; ``time_shares`` by
        its share of all observed seconds, of those in the window, or of the days
    night_from_hour, night_to_hour, work_from_hour, work_to_hour : the windows; the night may cross midnight
    min_hours_share : share of the window's hours that need a place, else the day does not count (``hour_shares``)
    min_days_share_home, min_days_share_work : share of the period's days, and of its working days, that must count
    min_observed_share : share of the period's time that needs a place, else the home is unknown
    home_min_share : share of the home; home_min_days_share : of the nights (``time_shares``)
    work_min_share, work_min_days_share : share of the workplace, and of the working days; both (``hour_shares``), or
        one of them (``time_shares``)
    work_min_distance_m : nearer to the home it is no workplace; the home itself is none
    min_observed_nights : nights of 30 that make an observed person, where two periods are compared
    resident_nights, short_nights : nights of 30 without a sure home that leave it ambiguous, and make a short stay
    """

    method: Literal["hour_shares", "time_shares"]
    night_from_hour: int = Field(ge=0, le=23)
    night_to_hour: int = Field(ge=0, le=23)
    work_from_hour: int = Field(ge=0, le=23)
    work_to_hour: int = Field(ge=1, le=24)
    min_hours_share: float = Field(ge=0, le=1)
    min_days_share_home: float = Field(ge=0, le=1)
    min_days_share_work: float = Field(ge=0, le=1)
    min_observed_share: float = Field(ge=0, le=1)
    home_min_share: float = Field(gt=0, le=1)
    home_min_days_share: float = Field(gt=0, le=1)
    work_min_share: float = Field(gt=0, le=1)
    work_min_days_share: float = Field(gt=0, le=1)
    work_min_distance_m: float = Field(ge=0)
    min_observed_nights: float = Field(gt=0, le=MONTH_NIGHTS)
    resident_nights: float = Field(gt=0, le=MONTH_NIGHTS)
    short_nights: float = Field(gt=0, le=MONTH_NIGHTS)

    def thresholds(self, nights: int, workdays: int) -> Shares:  # noqa: ARG002 - as `Profile.thresholds`
        """Scale the numbers of nights to a period; shares are of its days, whatever its length."""
        by_night = nights / MONTH_NIGHTS
        scaled = dict.fromkeys(("min_observed_nights", "resident_nights", "short_nights"), by_night)
        made: dict[str, Any] = {"hourly": self.method == "hour_shares"}
        made["min_observed_s"] = self.min_observed_share * nights * 86_400
        values = {
            name: made[name] if name in made else getattr(self, name) * scaled.get(name, 1) for name in Shares._fields
        }
        return Shares(**values)


AnyProfile = Profile | ShareProfile


def load_profile(name: str, folder: Path = FOLDER) -> AnyProfile:
    """Read one profile.

    Raises
    ------
    UnknownNameError : there is no such profile; lists those that exist
    ConfigError : a value is missing or not allowed
    """
    file = folder / f"{name}.toml"
    if not file.is_file():
        known = ", ".join(sorted(p.stem for p in folder.glob("*.toml")))
        raise UnknownNameError(f"no home and work profile {name!r}; there are {known}")
    try:
        values = {"id": name, **tomllib.loads(file.read_text(encoding="utf-8"))}
        return ShareProfile.model_validate(values) if "method" in values else Profile.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ConfigError(file, key, first.get("input"), first["msg"]) from error
