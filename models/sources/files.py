"""Where the files of a source are, and a fingerprint of what they hold."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from models.errors import SourceError
from models.profile import City, Source
from models.settings import Settings

_BLOCK = 1 << 20
_SIDE_FILES = (".dbf", ".shx", ".prj", ".cpg")


@dataclass(frozen=True)
class FoundFile:
    """One file of a source: its label (without the machine's own path) and where it lies."""

    label: str
    path: Path


def find_files(city: City, source: Source, settings: Settings) -> list[FoundFile]:
    """Return the files of a source, sorted by label.

    Raises
    ------
    SourceError : a pattern matches no file; the text says where the file comes from
    """
    found: dict[str, FoundFile] = {}
    for pattern in source.files:
        folder, prefix, rest = _base(city, pattern, settings)
        paths = sorted(p for p in folder.glob(rest) if p.is_file()) if folder.is_dir() else []
        if not paths:
            raise SourceError(
                pattern,
                f"no such file for the source {source.id!r} of {city.id} (looked in {folder})",
                needed=f"{source.title['en']}, from {source.origin.get('en') or source.origin['zh-Hans']}",
                hint=_where_to_put(prefix),
            )
        for path in paths:
            label = prefix + path.relative_to(folder).as_posix()
            found[label] = FoundFile(label, path)
    return [found[label] for label in sorted(found)]


def sha256(path: Path) -> str:
    """Hexadecimal digest of a file; a shapefile's side files are part of it."""
    digest = hashlib.sha256()
    for part in (path, *_side_files(path)):
        with part.open("rb") as handle:
            while block := handle.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()


def fingerprint(city: City, source: Source, settings: Settings) -> str:
    """Digest over the manifest and the bytes of the files: equal exactly when a re-run reads the same."""
    digest = hashlib.sha256(source.model_dump_json().encode())
    digest.update(f"{city.crs};{city.bounds}".encode())
    for file in find_files(city, source, settings):
        digest.update(f"{file.label};{sha256(file.path)}".encode())
    return digest.hexdigest()


def _base(city: City, pattern: str, settings: Settings) -> tuple[Path, str, str]:
    if pattern.startswith("shared:"):
        return settings.shared / "realdata", "shared:", pattern.removeprefix("shared:")
    if pattern.startswith("home:"):
        return settings.home, "home:", pattern.removeprefix("home:")
    return city.folder, "", pattern


def _where_to_put(prefix: str) -> str:
    if prefix == "shared:":
        return "Set CITYHEX_SHARED to the folder that holds realdata/, or change files in the manifest"
    if prefix == "home:":
        return "It is written by a command of its own; see cityhex --help"
    return "Put it into the profile's folder, or change files in the manifest"


def _side_files(path: Path) -> list[Path]:
    if path.suffix.lower() != ".shp":
        return []
    return [path.with_suffix(s) for s in _SIDE_FILES if path.with_suffix(s).is_file()]
