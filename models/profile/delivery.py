"""How an operator's files look where they are not in the house's own form: columns, clock, datum."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from models.profile.manifest import Frozen


class Delivery(Frozen):
    """The form of raw event files; every row of them is used or set aside with a reason.

    Attributes
    ----------
    files : pattern of the CSV files, plain or .gz; ``home:`` and ``shared:`` as in manifests
    source, licence : where they come from, and what may be done with them
    encoding : of the text
    user : column of the pseudonym; "" where the files have none: then every recording without a pause longer than
        ``trace_gap_s`` is a trace of its own, and nobody is followed from one to the next
    time : columns that together make the local time, set side by side without a gap
    time_width : column -> digits, filled with zeros on the left where a file lost them
    time_format : of the joined text, as in strptime; text that does not follow it is set aside
    cell : columns that name a cell, joined by "-"; none where its position is its name
    cell_lon, cell_lat : columns of the cell's position; "" where the files have none: no event can then be placed
    cell_datum : datum of these positions
    position_lon, position_lat : columns of the true position of the device, where it was recorded beside
    """

    files: str
    source: str
    licence: str
    encoding: str = "utf-8"
    user: str = ""
    trace_gap_s: int = Field(default=600, ge=1)
    time: tuple[str, ...] = Field(min_length=1)
    time_width: dict[str, int] = Field(default_factory=dict)
    time_format: str
    cell: tuple[str, ...] = ()
    cell_lon: str = ""
    cell_lat: str = ""
    cell_datum: Literal["WGS84", "CGCS2000", "GCJ02", "BD09"] = "WGS84"
    position_lon: str = ""
    position_lat: str = ""

    @model_validator(mode="after")
    def _complete(self) -> Delivery:
        if not self.cell and not self.cell_lon:
            raise ValueError("columns that name a cell (cell), or its position (cell_lon, cell_lat)")
        pairs = ((self.cell_lon, self.cell_lat), (self.position_lon, self.position_lat))
        if any(bool(lon) != bool(lat) for lon, lat in pairs):
            raise ValueError("both columns of a position, or neither")
        if unknown := sorted(self.time_width.keys() - set(self.time)):
            raise ValueError(f"widths of the columns {', '.join(self.time)} only, not of {', '.join(unknown)}")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the files must have."""
        named = (*self.time, self.user, *self.cell, self.cell_lon, self.cell_lat, self.position_lon, self.position_lat)
        return tuple(dict.fromkeys(name for name in named if name))
