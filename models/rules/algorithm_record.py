"""The algorithm record (算法记录): every rule that decides, its version, author and whether it was checked."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.settings import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "data" / "rules"


@dataclass(frozen=True)
class RuleRecord:
    """One reviewed file.

    Attributes
    ----------
    kind : folder it lies in, "" for a file of the folder itself
    rule_id : name of the file
    version : edition as stated, "" where the file states none
    author, verified : who set it, and whether a second source confirmed it; None where the file does not say
    title, source : language -> text; empty where the file has none
    published : whether the text comes from the workbench instead of the file
    """

    kind: str
    rule_id: str
    version: str
    author: str
    verified: bool | None
    title: Mapping[str, str]
    source: Mapping[str, str]
    published: bool = False


def algorithm_record(published: Mapping[tuple[str, str], str], folder: Path = FOLDER) -> list[RuleRecord]:
    """Return every rule file of the project in the order of kind and name.

    Parameters
    ----------
    published : (kind of draft, name) -> text that the workbench published and that stands in for the file
    """
    found = []
    for path in sorted(folder.rglob("*.toml")):
        kind = path.parent.name if path.parent != folder else ""
        text = published.get((kind.rstrip("s"), path.stem))
        found.append(_record(kind, path.stem, text or path.read_text(encoding="utf-8"), published=text is not None))
    return sorted(found, key=lambda rule: (rule.kind, rule.rule_id))


def _record(kind: str, name: str, text: str, *, published: bool) -> RuleRecord:
    data = tomllib.loads(text)
    return RuleRecord(
        kind,
        name,
        str(data.get("version", "")),
        str(data.get("author", "")),
        data.get("verified"),
        _texts(data.get("title")),
        _texts(data.get("source") or data.get("legal_basis")),
        published,
    )


def _texts(value: Any) -> dict[str, str]:
    return {k: str(v) for k, v in value.items()} if isinstance(value, dict) else {}
