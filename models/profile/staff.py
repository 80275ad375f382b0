"""Who works with a city's data: the reviewed list ``staff.toml`` beside ``city.toml``."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, field_validator, model_validator

from models.errors import ConfigError
from models.profile.city import City
from models.profile.manifest import Frozen, Texts

STAFF_FILE = "staff.toml"
ROLES = ("public", "planner", "supervisor", "manager", "official", "auditor", "admin")
"""Every role there is: public (公众), planner (规划), supervisor (网格监管员), manager (科所负责人), official (领导),
auditor (审计), admin (管理员)."""
EVERYWHERE = "*"
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]


class Person(Frozen):
    """One person of the staff list.

    Attributes
    ----------
    id : name in the audit trail and, behind a reverse proxy, in its header
    name : language -> name on the screen
    roles : any of `ROLES` but public
    areas : codes of districts, towns or grid cells, each with all that lies below it; "*" is the whole city
    officer_id : row of the table ``officers`` that is the same person, None for people who do not inspect
    """

    id: Id
    name: Texts
    roles: tuple[str, ...] = Field(min_length=1)
    areas: tuple[str, ...] = Field(min_length=1)
    officer_id: str | None = None

    @field_validator("roles")
    @classmethod
    def _known_roles(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        allowed = ROLES[1:]
        if unknown := sorted(set(value) - set(allowed)):
            raise ValueError(f"any of {', '.join(allowed)}; not {', '.join(unknown)}")
        return value

    @field_validator("areas")
    @classmethod
    def _real_codes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(code.strip() == code and code for code in value):
            raise ValueError('codes of districts, towns or grid cells, or "*"; an empty code would be everywhere')
        return value


class _StaffFile(Frozen):
    person: tuple[Person, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> _StaffFile:
        ids = [person.id for person in self.person]
        if twice := sorted({name for name in ids if ids.count(name) > 1}):
            raise ValueError(f"each id once; {', '.join(twice)} stands there twice")
        return self


def load_staff(city: City) -> tuple[Person, ...]:
    """Read the staff list of a city, in the order of the file; empty where the profile has none.

    Raises
    ------
    ConfigError : the file is no TOML, or a value is not allowed; names file, key and what may stand there
    """
    file = city.folder / STAFF_FILE
    if not file.is_file():
        return ()
    return _checked(file)


def _checked(file: Path) -> tuple[Person, ...]:
    try:
        return _StaffFile.model_validate(tomllib.loads(file.read_text(encoding="utf-8"))).person
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(file, "the file", str(error), "valid TOML") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the file"
        shown = "missing" if first["type"] == "missing" else first["input"]
        raise ConfigError(file, key, shown, first["msg"].removeprefix("Value error, ")) from error
