"""The towns of the generated city: real seats (GeoNames, CC BY 4.0), and four whose seat GeoNames does not
have."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.demo.plane import Points, to_km
from models.settings import PROJECT_ROOT

SEATS = PROJECT_ROOT / "data" / "samples" / "geonames_qijiang.csv"
DISTRICT_CODE, DISTRICT_NAME = "500110", "綦江区"
WANSHENG = frozenset({f"5001100{n:02d}" for n in (1, 2)} | {f"5001101{n:02d}" for n in range(9)} - {"500110108"})
"""Codes of the towns that were 万盛区 until the merger of 2011."""
# Code, name, pinyin, code of the neighbour it is drawn beside, offset in km, its share of that neighbour's
# population.
_WITHOUT_SEAT = (
    ("500110002", "东林街道", "Donglin", "500110001", (-1.9, -1.5), 0.22),
    ("500110004", "文龙街道", "Wenlong", "500110003", (2.3, 0.9), 0.55),
    ("500110100", "万东镇", "Wandong", "500110001", (1.5, 2.1), 0.24),
    ("500110118", "丁山镇", "Dingshan", "500110109", (-3.6, -5.2), 0.16),
)


@dataclass(frozen=True)
class Town:
    """One town or street.

    Attributes
    ----------
    code, name, name_en : division code, official name, pinyin
    seat : position in km on the ground, shape (2,)
    population : residents, of mixed dates
    wansheng : True where it belonged to 万盛区 until 2011
    """

    code: str
    name: str
    name_en: str
    seat: Points
    population: int
    wansheng: bool

    @property
    def stem(self) -> str:
        """Name without 街道 or 镇."""
        return self.name.removesuffix("街道").removesuffix("镇")

    @property
    def radius_km(self) -> float:
        """Half width of the built-up area: grows with the root of the population; a drawing rule, not a
        fact."""
        return 0.2 + 1.5 * float(np.sqrt(self.population / 1e5))


def load_towns(path: Path = SEATS) -> tuple[list[Town], Points]:
    """Return the towns in order of their code, and the seats around (shape (n, 2), km on the ground)."""
    found: dict[str, tuple[str, str, Points, int]] = {}
    outside = []
    with path.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            seat = to_km(np.array([float(row["longitude"]), float(row["latitude"])]))
            if row["town_code"]:
                found[row["town_code"]] = (row["name_zh"], row["name"], seat, int(row["population"]))
            else:
                outside.append(seat)
    for code, name, pinyin, beside, offset, share in _WITHOUT_SEAT:
        known, known_en, seat, population = found[beside]
        found[code] = (name, pinyin, seat + np.array(offset), round(population * share))
        found[beside] = (known, known_en, seat, population - round(population * share))
    towns = [
        Town(code, name, pinyin, seat, population, code in WANSHENG)
        for code, (name, pinyin, seat, population) in sorted(found.items())
    ]
    return towns, np.array(outside)
