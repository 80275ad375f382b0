"""A city's signaling: which deliveries make which period, and the decisions an official takes about them."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, model_validator

from models.errors import ConfigError
from models.profile.city import City
from models.profile.delivery import Delivery
from models.profile.manifest import Frozen
from models.settings import Settings

SIGNALING_FILE = "signaling.toml"


class Period(Frozen):
    """One period of deliveries.

    Attributes
    ----------
    name : such as 2015; part of every product
    first, last : first and last local date with a file
    events : folder with a ``date=YYYY-MM-DD.parquet`` or ``.csv`` a date; ``home:`` and ``shared:`` as in manifests
    network : dated network table, CSV
    delivery : the form of raw files that stand in for ``events`` and ``network``; `cityhex signaling` reads them
    comparable : False where the network changed so much since the period before that a comparison would mislead
    """

    name: str = Field(pattern=r"[A-Za-z0-9_-]{1,20}")
    first: dt.date
    last: dt.date
    events: str = ""
    network: str = ""
    delivery: Delivery | None = None
    comparable: bool = True

    @model_validator(mode="after")
    def _in_order(self) -> Period:
        if self.first > self.last:
            raise ValueError("first on or before last")
        if (self.delivery is None) != bool(self.events and self.network):
            raise ValueError("either events and network, or a delivery")
        return self


class Signaling(Frozen):
    """Everything a city says about its signaling.

    Attributes
    ----------
    periods : oldest first
    profile : definition of home and work, file under ``data/standards/home_work``
    home_province : two digits of GB/T 2260 of the own province, for the class of origin
    workdays : CSV with the columns date and workday (1 or 0) of days that differ from Monday to Friday; "" for none
    market_share : CSV with town_code, where known stratum (age and sex, `models.signaling.strata`), and share
    deduplication : persons per device of the operator
    most_persons : persons one device may stand for; strata above it are dropped and listed
    residents : CSV with town_code, year and residents, the margin that weights meet; "" for none
    residents_by_stratum : CSV with year, stratum and residents of the whole city, met too; "" for none
    fine_k : threshold of cubes by hour and class; never below twice the city's k
    retention_days : days after which the per-user rows of a finished period are deleted; 0 at once
    workers : threads, 0 for all cores
    memory_mb : limit that decides how many days and how many buckets are computed at once
    road_classes : classes of road whose speeds are measured; none measures no roads
    engine : local, or spark with the address of a cluster in CITYHEX_SPARK
    private_epsilon : epsilon of a differentially private table of workers by town for each period; 0 makes none
    private_budget : epsilon that may be spent on the people of one period in all
    finest : H3 resolution that people are laid on; all coarser hexagons, towns and districts are sums of it. One of the
        city's ``h3_resolutions``
    finest_breadth : hexagons over which footprints may spread where residents and workers are shown at resolution 9
    buckets : parts that the users are divided into on a cluster; each must fit into the memory of one task
    """

    periods: tuple[Period, ...] = Field(min_length=1)
    profile: str = "cq-service-pop"
    home_province: str = Field(pattern=r"\d{2}")
    workdays: str = ""
    market_share: str = ""
    deduplication: float = Field(default=1.0, gt=0, le=1)
    most_persons: float = Field(default=100.0, gt=0)
    residents: str = ""
    residents_by_stratum: str = ""
    fine_k: int = Field(default=30, ge=2)
    retention_days: int = Field(default=0, ge=0, le=365)
    workers: int = Field(default=0, ge=0, le=256)
    memory_mb: int = Field(default=2_000, ge=200)
    road_classes: tuple[str, ...] = ("motorway", "trunk")
    engine: Literal["local", "spark"] = "local"
    private_epsilon: float = Field(default=0.0, ge=0, le=10)
    private_budget: float = Field(default=1.0, gt=0, le=10)
    finest: Literal[8, 9] = 9
    finest_breadth: float = Field(default=49.0, ge=0)
    buckets: int = Field(default=64, ge=1, le=65_536)


def load_signaling(city: City) -> Signaling | None:
    """Read ``signaling.toml`` of a city, None where it has none.

    Raises
    ------
    ConfigError : a value is missing or not allowed, periods overlap or are out of order, fine_k is below twice k, or
        the city has no hexagons of the finest resolution
    """
    file = city.folder / SIGNALING_FILE
    if not file.is_file():
        return None
    try:
        found = Signaling.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(file, "the file", str(error), "valid TOML") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ConfigError(file, key, first.get("input"), first["msg"].removeprefix("Value error, ")) from error
    for before, after in zip(found.periods, found.periods[1:], strict=False):
        if after.first <= before.last:
            raise ConfigError(file, f"periods.{after.name}.first", after.first, f"a date after {before.last}")
    if found.finest not in city.h3_resolutions:
        wanted = f"one of the h3_resolutions of the city, {', '.join(map(str, city.h3_resolutions))}"
        raise ConfigError(file, "finest", found.finest, wanted)
    if found.fine_k < 2 * city.disclosure_k:
        raise ConfigError(file, "fine_k", found.fine_k, f"at least twice the city's k, {2 * city.disclosure_k}")
    return found


def resolve(city: City, pattern: str, settings: Settings) -> Path:
    """Where a file or folder of `Signaling` lies: ``home:`` and ``shared:`` as in manifests, else in the profile."""
    for prefix, folder in (("home:", settings.home), ("shared:", settings.shared)):
        if pattern.startswith(prefix):
            return folder / pattern.removeprefix(prefix)
    return city.folder / pattern
