"""Numbers of rules in a file of standards: each above 0 and with its source, all hashed into one digest."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from models.errors import ConfigError


def read_rules(file: Path, kinds: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Version of a file, and its rules by the name of their section.

    Parameters
    ----------
    kinds : named tuple of the numbers of each section

    Raises
    ------
    ConfigError : a number is missing, unknown, not positive or without source
    """
    document = tomllib.loads(file.read_text(encoding="utf-8"))
    parts: dict[str, Any] = {}
    for name, kind in kinds.items():
        given, wanted = document.get(name, {}), kind._fields
        if unknown := sorted(given.keys() ^ set(wanted)):
            found = given.get(unknown[0], "missing")
            raise ConfigError(file, f"{name}.{unknown[0]}", found, f"exactly {', '.join(wanted)}")
        for key, entry in given.items():
            value = entry.get("value") if isinstance(entry, dict) else None
            if not isinstance(value, int | float) or value <= 0 or not entry.get("source"):
                raise ConfigError(file, f"{name}.{key}", entry, "a table with a positive value and its source")
        parts[name] = kind(**{key: given[key]["value"] for key in wanted})
    return str(document.get("version", "")), parts


def digest_of(version: str, *rules: Iterable[float]) -> str:
    """Twelve hexadecimal digits that change with the version and with every number."""
    numbers = [version, *(number for part in rules for number in part)]
    return hashlib.sha256(json.dumps(numbers).encode()).hexdigest()[:12]
