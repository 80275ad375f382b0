"""What one asks of a layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from models.errors import RequestError

Part = Literal["values", "geometry", "rows"]
Scheme = Literal["quantile", "natural", "headtail", "fixed"]

MAX_CLASSES = 7
NO_RESOLUTION = "-"
MAX_ROWS = 10_000


@dataclass(frozen=True)
class Request:
    """One request to one layer.

    Attributes
    ----------
    resolution : H3 resolution or area level as text; "-" for points
    period : one period of the time axis, or None where the layer has none
    part : values or geometry for the map (encoded), or rows (a frame)
    bounds : west, south, east, north in degrees WGS84, for rows only
    area : code of a district, town or grid, or None for the whole city
    scheme, classes : the reader's own choice of classes, or None for the layer's
    limit, offset : slice of the rows
    """

    resolution: str = NO_RESOLUTION
    period: str | None = None
    part: Part = "rows"
    bounds: tuple[float, float, float, float] | None = None
    area: str | None = None
    scheme: Scheme | None = None
    classes: int | None = None
    limit: int | None = None
    offset: int = 0

    def __post_init__(self) -> None:
        if self.bounds is not None:
            west, south, east, north = self.bounds
            if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
                raise RequestError(f"bounds {self.bounds}; allowed: west < east and south < north in degrees")
        if self.scheme not in (None, "quantile", "natural", "headtail", "fixed"):
            raise RequestError(f"scheme {self.scheme!r}; allowed: quantile, natural, headtail, fixed")
        if self.classes is not None and not 2 <= self.classes <= MAX_CLASSES:
            raise RequestError(f"{self.classes} classes; allowed: 2 to {MAX_CLASSES}")
        if self.limit is not None and not 0 < self.limit <= MAX_ROWS:
            raise RequestError(f"limit {self.limit}; allowed: 1 to {MAX_ROWS}")
        if self.offset < 0:
            raise RequestError(f"offset {self.offset}; allowed: 0 and more")
