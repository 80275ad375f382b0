"""The operator's network, dated: which cell stood where and when (网络工参).

A cell id may stand in several rows, one per period. Every row has a code of its own, so a cell that moved in 2014 is
two places, and an event of a retired cell is found and flagged instead of being placed where nothing stands any more.
Cells without coordinates are no places: their events are flagged as of an unknown cell, and counted apart.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import Transformer

from models.errors import SourceError
from models.signaling import cell_spread
from models.signaling.day import Cells
from models.signaling.flags import NO_CELL
from models.signaling.period import Sites

COLUMNS = (
    "cell_id", "station_id", "lon", "lat", "azimuth_deg", "beamwidth_deg", "radius_m", "technology", "valid_from",
    "valid_to",
)  # fmt: skip


@dataclass(frozen=True)
class Network:
    """The network table with positions in the working reference system.

    Attributes
    ----------
    table : one row per cell and period, columns `COLUMNS` and ``x``, ``y`` in metres; the row's position is its code
    digest : sha256 of the file
    unplaced : ids of cells that the file lists without coordinates; they are not part of ``table``
    """

    table: pd.DataFrame
    digest: str
    unplaced: tuple[str, ...] = ()

    @cached_property
    def sites(self) -> Sites:
        """Positions and radii by code."""
        return Sites(*(self.table[name].to_numpy("float64", copy=True) for name in ("x", "y", "radius_m")))

    def active_on(self, date: dt.date) -> npt.NDArray[np.bool_]:
        """Whether each row is in service on a day; ``valid_to`` is the last day."""
        first, last = self._in_service
        day = np.datetime64(date, "s")
        return np.asarray((first <= day) & (np.isnat(last) | (last >= day)))

    @cached_property
    def _in_service(self) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.datetime64]]:
        """First and last day of each row, the last not a time where it is open."""
        first, last = (self.table[name].to_numpy("datetime64[s]") for name in ("valid_from", "valid_to"))
        return first, last

    def cells_on(self, date: dt.date) -> Cells:
        """The network as the kernel takes it."""
        sites = self.sites
        return Cells(sites.x, sites.y, sites.radius, self.active_on(date))

    def codes_on(self, date: dt.date) -> pd.Series:
        """Code of every cell id on a day: of its active row, else of its last row, which is then inactive.

        Cells without coordinates have the code `flags.NO_CELL`.
        """
        active = self.active_on(date)
        known = self._codes.get(active.tobytes())
        if known is None:
            known = self._codes[active.tobytes()] = self._codes_of(active)
        return known

    @cached_property
    def _codes(self) -> dict[bytes, pd.Series]:
        """Codes of every set of active rows met so far: most days of a period have the same one."""
        return {}

    def _codes_of(self, active: npt.NDArray[np.bool_]) -> pd.Series:
        ranked = self.table.assign(active=active, code=np.arange(len(self.table), dtype=np.int32))
        last = ranked.sort_values(["active", "valid_from"]).drop_duplicates("cell_id", keep="last")
        known = last.set_index("cell_id")["code"]
        nowhere = pd.Series(np.int32(NO_CELL), index=pd.Index(self.unplaced, dtype=known.index.dtype)).astype("int32")
        return pd.concat([known, nowhere[~nowhere.index.isin(known.index)]]) if len(nowhere) else known


def load_network(file: Path, crs: int) -> Network:
    """Read a network table.

    Parameters
    ----------
    file : CSV with the columns `COLUMNS`; coordinates in degrees WGS84, dates ISO. A cell may lack both coordinates; a
        file may lack the column radius_m as a whole: every cell then spreads as measured (`cell_spread.radius_m`)
    crs : EPSG code of the working reference system

    Raises
    ------
    SourceError : a column is missing, or a row lacks half its position, its radius or its first day; names file, line
        and column
    """
    table = pd.read_csv(file, dtype={"cell_id": "str", "station_id": "str", "technology": "str"})
    digest = hashlib.sha256(file.read_bytes())
    if "radius_m" not in table:
        table["radius_m"] = cell_spread.radius_m()
        digest.update(f"radius {cell_spread.radius_m()}".encode())
    if missing := [name for name in COLUMNS if name not in table]:
        raise SourceError(file, f"the network table lacks the columns {', '.join(missing)}", needed=", ".join(COLUMNS))
    for name in ("valid_from", "valid_to"):
        table[name] = pd.to_datetime(table[name], format="%Y-%m-%d", errors="raise").astype("datetime64[s]")
    nowhere = table["lon"].isna() & table["lat"].isna()
    for name, good in (
        ("cell_id", table["cell_id"].notna()),
        ("lon", table["lon"].between(-180, 180) | nowhere),
        ("lat", table["lat"].between(-90, 90) | nowhere),
        ("radius_m", table["radius_m"] > 0),
        ("valid_from", table["valid_from"].notna()),
    ):
        if not good.all():
            at = int(np.flatnonzero(~good.to_numpy())[0])
            raise SourceError(
                f"{file.name} line {at + 2} column {name}",
                f"found {table[name].iloc[at]}",
                needed="a cell id, degrees WGS84, a radius in metres above 0 and a first day",
            )
    unplaced = tuple(sorted(set(table.loc[nowhere, "cell_id"])))
    table = table[~nowhere].reset_index(drop=True)
    transform = Transformer.from_crs(4326, crs, always_xy=True)
    x, y = transform.transform(table["lon"].to_numpy("float64"), table["lat"].to_numpy("float64"))
    return Network(table.assign(x=x, y=y), digest.hexdigest(), unplaced)
