"""What a reader can choose on the map: a hexagon, a grid cell, a district, a firm, a place of business or a road."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["cell", "grid", "district", "subject", "premises", "road"]
Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Target:
    """One thing of the map.

    Attributes
    ----------
    kind : cell, grid, district, subject, premises or road
    id : H3 index in hexadecimal, code of the area, unified social credit code, id of the place, or of the section
    title : its name in the language of the page
    lon, lat : its point or centre, degrees WGS84
    rings : its outline as rings of (lon, lat), first without repeating the last; none for a point; a road section there
        and back
    resolution : H3 resolution of a cell, else None
    """

    kind: Kind
    id: str
    title: str
    lon: float
    lat: float
    rings: tuple[Ring, ...] = ()
    resolution: int | None = None
