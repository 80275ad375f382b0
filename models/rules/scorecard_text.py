"""A scorecard as the text of its file, and a scorecard with other numbers: what the rule workbench writes."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from models.errors import RequestError
from models.rules.scorecard import Scorecard, parse_scorecard

_TABLES = ("title", "source", "cut_offs", "target_shares", "risk_words")
_LISTS = ("veto", "indicator")
_HEAD = "# Rule scorecard written by the rule workbench; the comments of the file it came from are not kept.\n"


def to_toml(card: Scorecard) -> str:
    """Return the text of a file that `models.rules.scorecard.parse_scorecard` reads as the same scorecard."""
    return _text(card.model_dump(mode="python"))


def _text(data: Mapping[str, Any]) -> str:
    lines = [_HEAD.rstrip()]
    lines += [f"{key} = {_value(value)}" for key, value in _known(data) if key not in (*_TABLES, *_LISTS)]
    for key in _TABLES:
        lines += ["", f"[{key}]", *(f"{name} = {_value(value)}" for name, value in _known(data[key]))]
    for key in _LISTS:
        for item in data[key]:
            lines += ["", f"[[{key}]]", *(f"{name} = {_value(value)}" for name, value in _known(item))]
    return "\n".join(lines) + "\n"


def with_numbers(
    card: Scorecard, bins: Sequence[Mapping[str, Any]], cut_offs: Mapping[str, float], *, version: str
) -> Scorecard:
    """Return the scorecard with other points, bounds and cut-offs under another version.

    Parameters
    ----------
    card : the scorecard that was edited
    bins : rows with ``code``, ``bin`` (number of the bin, as many as it has bins for the points of missing values),
        ``below`` (None for the last bin and for missing values) and ``points``
    cut_offs : lowest score of B, C and D
    version : edition of the result

    Raises
    ------
    RequestError : a row names no bin of the scorecard, or the version is the one that was edited
    ConfigError : the numbers are not allowed, such as bounds that do not ascend
    """
    if version == card.version:
        raise RequestError(f"version {version} is the one that was edited; give the changed scorecard another")
    data = card.model_dump(mode="python")
    for indicator in data["indicator"]:
        indicator["bins"] = list(indicator["bins"])
    of = {indicator["code"]: indicator for indicator in data["indicator"]}
    for row in bins:
        indicator, number = of.get(str(row["code"])), int(row["bin"])
        if indicator is None or not 0 <= number <= len(indicator["bins"]):
            raise RequestError(f"the scorecard has no bin {number} of {row['code']}")
        if number == len(indicator["bins"]):
            indicator["missing"] = row["points"]
        else:
            indicator["bins"][number] = {"below": row["below"], "points": row["points"]}
    for indicator, as_it_was in zip(data["indicator"], card.model_dump(mode="python")["indicator"], strict=True):
        if indicator != as_it_was | {"bins": list(as_it_was["bins"])}:
            indicator["version"] += 1
    changed = {**data, "cut_offs": dict(cut_offs), "version": version}
    return parse_scorecard(_text(changed), f"draft {card.id} {version}")


def _known(table: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What a table holds; a missing value is not written, for TOML has none."""
    return [(key, value) for key, value in table.items() if value is not None]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        inside = ", ".join(f"{key} = {_value(part)}" for key, part in _known(value))
        return f"{{ {inside} }}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_value(part) for part in value)}]"
    return json.dumps(value)
