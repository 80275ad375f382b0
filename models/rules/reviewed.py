"""Reads a reviewed file below ``data/rules`` into a checked model; a fault names file, key, value and what may be."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from models.errors import ConfigError
from models.settings import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "data" / "rules"
Model = TypeVar("Model", bound=BaseModel)


def read(path: Path, model: type[Model]) -> Model:
    """Read one TOML file.

    Raises
    ------
    ConfigError : it is absent, no TOML, or a value is not allowed
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(path, "the file", "nothing", "a reviewed file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(path, "the file", str(error), "valid TOML in UTF-8") from error
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the file"
        found = "missing" if first["type"] == "missing" else first.get("input")
        raise ConfigError(path, key, found, first["msg"].removeprefix("Value error, ")) from error
