"""A very small city whose files each test can spoil in its own way."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from models.build import BuildReport, build_city
from models.settings import Settings
from models.sources.legal_persons import uscc

REGISTER = """table = "legal_persons"
files = ["register*.csv"]
format = "csv"
title = { zh-Hans = "登记", en = "Register" }
licence = "CC0-1.0"
attribution = "made for this test"
vintage = "2015-06-30"
cadence = "once"
origin = "made for this test"

[columns]
uscc = "code"
name = "name"
established_on = "date"
capital_text = "capital"
scope_text = "scope"
district_given = "district"
address = "address"
"""
DISTRICTS = """table = "districts"
files = ["districts.geojson"]
format = "vector"
datum = "WGS84"
title = { zh-Hans = "区县", en = "Districts" }
licence = "CC0-1.0"
attribution = "made for this test"
vintage = "2015"
cadence = "once"
origin = "made for this test"

[columns]
district_code = "code"
name = "name"
"""
TOWNS = """table = "towns"
files = ["towns.csv"]
format = "csv"
datum = "WGS84"
title = { zh-Hans = "镇街驻地", en = "Town seats" }
licence = "CC0-1.0"
attribution = "made for this test"
vintage = "2015"
cadence = "once"
origin = "made for this test"

[columns]
town_code = "code"
name = "name"
lon = "lon"
lat = "lat"
"""
CITY = """name = { zh-Hans = "小城", en = "Smallville" }
crs = 4545
timezone = "Asia/Shanghai"
disclosure_k = 15
view = { lon = 106.7, lat = 29.0, zoom = 10 }

[grid]
kind = "voronoi_of_towns"
"""
TOWN_SEATS = {"500110001": ("古南街道", 106.65, 29.03), "500110002": ("石角镇", 106.75, 28.95)}
OTHER_SEATS = {"500111001": ("龙岗街道", 106.95, 29.05)}


def square(west: float, south: float, size: float = 0.2) -> list[list[float]]:
    """A closed square ring of ``size`` degrees."""
    return [[west, south], [west + size, south], [west + size, south + size], [west, south + size], [west, south]]


@dataclass(frozen=True)
class SmallCity:
    """A profile folder, the settings to build it with, and its valid codes."""

    folder: Path
    settings: Settings
    codes: list[str]

    def build(self, **options: object) -> BuildReport:
        """Build it."""
        return build_city(self.folder, self.settings, **options)  # type: ignore[arg-type]

    def rows(self) -> list[list[str]]:
        """Six rows of the register, three of which can be placed at a town seat."""
        where = [
            ("綦江区", "重庆市綦江区古南街道1号"),
            ("綦江区", "重庆市綦江区石角镇2号"),
            ("大足区", "重庆市大足区龙岗街道3号"),
            ("綦江区", "重庆市綦江区某某路4号"),
            ("大足区", ""),
            ("大足区", "重庆市大足区"),
        ]
        return [
            [self.codes[i], f"第{i}商贸有限公司", f"2015-0{i + 1}-12", f"{i + 1}0(万)", "销售：五金交电", *place]
            for i, place in enumerate(where)
        ]

    def write_register(self, rows: list[list[str]], *, name: str = "register.csv", encoding: str = "utf-8") -> Path:
        """Write rows under the usual header."""
        lines = ["code,name,date,capital,scope,district,address", *(",".join(row) for row in rows)]
        path = self.folder / name
        path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
        return path

    def write_districts(self, rings: dict[str, tuple[str, list[list[float]]]]) -> None:
        """Write polygons by code: name and outer ring."""
        features = [
            {"type": "Feature", "properties": {"code": code, "name": name},
             "geometry": {"type": "Polygon", "coordinates": [ring]}}
            for code, (name, ring) in rings.items()
        ]  # fmt: skip
        document = {"type": "FeatureCollection", "features": features}
        (self.folder / "districts.geojson").write_text(json.dumps(document), encoding="utf-8")

    def at(self, **changes: object) -> SmallCity:
        """The same city with other settings."""
        return replace(self, settings=replace(self.settings, **changes))  # type: ignore[arg-type]


@pytest.fixture
def small_city(tmp_path: Path, settings: Settings) -> SmallCity:
    """Two districts, three town seats, six firms."""
    folder = tmp_path / "smallville"
    (folder / "sources").mkdir(parents=True)
    (folder / "city.toml").write_text(CITY, encoding="utf-8")
    for name, text in (("register", REGISTER), ("districts", DISTRICTS), ("towns", TOWNS)):
        (folder / "sources" / f"{name}.toml").write_text(text, encoding="utf-8")
    codes = list(uscc.generate(20, np.random.default_rng(7)))
    city = SmallCity(folder, settings, codes)
    city.write_districts({"500110": ("綦江区", square(106.6, 28.9)), "500111": ("大足区", square(106.8, 28.9))})
    seats = {**TOWN_SEATS, **OTHER_SEATS}
    lines = ["code,name,lon,lat", *(f"{code},{name},{lon},{lat}" for code, (name, lon, lat) in seats.items())]
    (folder / "towns.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    city.write_register(city.rows())
    return city
