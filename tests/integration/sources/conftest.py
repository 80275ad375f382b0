"""A small city written to disk, one manifest and file at a time."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.profile import City, load_city
from models.settings import Settings
from models.sources import SourceResult, read_source

CITY = """
name = { zh-Hans = "某市", en = "Some City" }
crs = 4544
timezone = "Asia/Shanghai"
disclosure_k = 10
bounds = [105.0, 28.0, 108.0, 31.0]
view = { lon = 106.5, lat = 29.5, zoom = 9 }
[grid]
kind = "none"
"""
ABOUT = {
    "title": {"zh-Hans": "一份清单", "en": "A list"},
    "licence": "CC0-1.0",
    "attribution": "nobody",
    "vintage": "2024",
    "cadence": "once",
    "origin": "the test that wrote it",
}


class Bench:
    """Writes profiles and reads their sources."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder, self.settings = folder, settings
        (folder / "sources").mkdir(parents=True)
        (folder / "city.toml").write_text(CITY, encoding="utf-8")

    def write(self, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    def manifest(self, source_id: str, **keys: Any) -> None:
        lines = [f"{k} = {_toml(v)}" for k, v in {**ABOUT, **keys}.items()]
        self.write(f"sources/{source_id}.toml", "\n".join(lines))

    def city(self) -> City:
        return load_city(self.folder, self.settings)

    def read(self, source_id: str) -> SourceResult:
        city = self.city()
        result = read_source(city, city.source(source_id), self.settings)
        places = result.rejects[["source_file", "source_row"]].drop_duplicates()
        assert result.read == len(result.frame) + len(places) == len(result.frame) + result.rejected
        return result


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(k, ensure_ascii=False)} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False)


@pytest.fixture
def bench(tmp_path: Path, settings: Settings) -> Bench:
    """An empty profile in a folder of its own."""
    return Bench(tmp_path / "somecity", settings)


@pytest.fixture
def squares(bench: Bench) -> Callable[..., None]:
    """Writes two square districts side by side: 东区 500101 and 西区 500102, border at 106.5 degrees."""

    def write(extra: list[dict[str, Any]] | None = None, *, crs: bool = True, **keys: Any) -> None:
        shapes = [("500102", "西区", 106.0, 106.5), ("500101", "东区", 106.5, 107.0)]
        features = [
            {
                "type": "Feature",
                "properties": {"code": code, "name": name},
                "geometry": {"type": "Polygon", "coordinates": [[[w, 29], [e, 29], [e, 30], [w, 30], [w, 29]]]},
            }
            for code, name, w, e in shapes
        ]
        document: dict[str, Any] = {"type": "FeatureCollection", "features": [*features, *(extra or [])]}
        if crs:
            document["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
        bench.write("districts.geojson", json.dumps(document, ensure_ascii=False))
        columns = {"district_code": "code", "name": "name"}
        bench.manifest(
            "districts", table="districts", files=["districts.geojson"], format="vector", columns=columns, **keys
        )

    return write
