"""Protected estimates of the signaling laid on hexagons and areas: the latest period, with devices and certainty.

Everything here reads protected products only; how they are made and what they do not tell stands in
``models/signaling/release.py`` and docs/methods/population.md.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers import frames
from layers.products import Products
from models.fusion.hexes import parents

Floats = npt.NDArray[np.float64]

Z90 = 1.645
"""Half width of the products' 90 % interval in standard deviations."""
MOST_CV = 0.5
"""Coefficient of variation above which a value is shown as an estimate: the Australian Bureau of Statistics calls
estimates above 50 % too unreliable for general use, and those of 25 to 50 % to be used with caution."""
FINE_K = 20
"""Least devices behind a sum by hour; a city's own ``fine_k`` may be higher, never lower than twice its k."""
FINE = 9
"""Resolution that residents and workers are told at only where the network tells its hexagons apart."""
HOURS = tuple(f"{daytype}-{hour:02d}" for daytype in ("workday", "weekend") for hour in range(24))
"""Periods of the hour axis in their order: 24 hours of a workday, then of a weekend day."""
BUSY = "workday-10"
"""Hour a fresh page shows."""
DAY, NIGHT = "workday-14", "workday-03"
_ESTIMATE = ["persons", "high", "devices", "suppressed"]


def latest(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of the latest period of a product; periods are named so that their names ascend."""
    return frame[frame["period"] == frame["period"].max()] if len(frame) else frame


def deviation(rows: pd.DataFrame) -> Floats:
    """Coefficient of variation (0..) of each row, from the upper half of its interval; NaN where nothing is shown."""
    persons = rows["persons"].to_numpy(np.float64, na_value=np.nan)
    high = rows["high"].to_numpy(np.float64, na_value=np.nan)
    found: Floats = np.divide(high - persons, Z90 * persons, out=np.full(len(persons), np.nan), where=persons > 0)
    return found


def present(products: Products, resolution: str, period: str) -> pd.DataFrame:
    """People present in each hexagon at one hour: persons, high, devices, suppressed by h3.

    Parameters
    ----------
    period : one of `HOURS`
    """
    return _present(products, resolution)[period]


@lru_cache(maxsize=6)
def _present(products: Products, resolution: str) -> dict[str, pd.DataFrame]:
    rows = latest(products.frame("present_by_hour"))
    rows = rows[rows["resolution"] == int(resolution)]
    groups = rows.set_index("h3").groupby(["daytype", "hour"], observed=True)[_ESTIMATE]
    found = {f"{daytype}-{hour:02d}": part for (daytype, hour), part in groups}
    nothing = rows.set_index("h3")[_ESTIMATE].iloc[:0]
    return {period: found.get(period, nothing) for period in HOURS}


def people(products: Products, resolution: str, role: str) -> pd.DataFrame:
    """People of a role (resident, worker, short_stay) in each hexagon: persons, high, devices, suppressed by h3."""
    rows = frames.by_cell(products, "residents_by_hex", resolution)
    return latest(rows[rows["role"] == role])[_ESTIMATE]


def on_hexes(products: Products, resolution: str, rows: pd.DataFrame, values: Floats, cv: Floats) -> pd.DataFrame:
    """A layer frame of values of the rows, protected by their devices; what no network cell serves has no data.

    Parameters
    ----------
    rows : devices and suppressed by h3
    values, cv : float64 (rows,); above `MOST_CV` a value is flagged estimated
    """
    ids = frames.ids_of(products, "hex", resolution)
    frame = frames.lay(ids, pd.Series(values, index=rows.index), empty=frames.NO_DATA)
    at = rows.index.get_indexer(pd.Index(frame["id"].to_numpy(np.uint64)))
    return flagged(frame, rows, at, cv)


def on_towns(products: Products, rows: pd.DataFrame, values: Floats, level: str = "town") -> pd.DataFrame:
    """A layer frame of values by town, protected by the devices of the rows (indexed by area_code)."""
    ids = frames.ids_of(products, "area", level)
    frame = frames.lay(ids, pd.Series(values, index=rows.index), empty=frames.NO_DATA)
    return flagged(frame, rows, rows.index.get_indexer(pd.Index(frame["id"])), np.zeros(len(rows)))


def flagged(frame: pd.DataFrame, rows: pd.DataFrame, at: npt.NDArray[np.intp], cv: Floats) -> pd.DataFrame:
    """Flags of what is hidden or uncertain, and the devices behind each value; ``at`` is -1 where no row is."""
    known = at >= 0
    hidden, unsure = np.zeros(len(frame), bool), np.zeros(len(frame), bool)
    hidden[known] = rows["suppressed"].to_numpy(bool)[at[known]]
    with np.errstate(invalid="ignore"):
        unsure[known] = (cv > MOST_CV)[at[known]]
    flags = frame["flag"].to_numpy(np.int64)
    flags = np.where(unsure & (flags == frames.OBSERVED), frames.ESTIMATED, flags)
    flags = np.where(hidden, frames.SUPPRESSED, flags)
    devices = np.full(len(frame), np.nan)
    devices[known] = rows["devices"].to_numpy(np.float64, na_value=np.nan)[at[known]]
    devices[hidden] = np.nan
    value = np.where(hidden, np.nan, frame["value"].to_numpy(np.float64))
    return frame.assign(value=value, flag=flags, observed=pd.array(devices, dtype="Int64"))


def by_figure(products: Products, resolution: str, role: str, figure: str) -> pd.DataFrame:
    """A layer frame of one of the `figures` of a role; ``cv`` is never an estimate itself, and told in percent."""
    rows = figures(products, resolution, role)
    if figure == "cv":
        return on_hexes(products, resolution, rows, rows["cv"].to_numpy(np.float64) * 100, np.zeros(len(rows)))
    return on_hexes(products, resolution, rows, rows[figure].to_numpy(np.float64), rows["cv"].to_numpy(np.float64))


def figures(products: Products, resolution: str, role: str) -> pd.DataFrame:
    """Persons ``per_km2``, ``cv``, devices and suppressed of a role by h3.

    At resolution 9 the hexagons that the network does not tell apart stand as the hexagon of resolution 8 around them
    does: with its density, its uncertainty and its state.
    """
    own = _figures(products, resolution, role)
    if int(resolution) != FINE:
        return own
    cells = not_told_apart(products)
    above = _figures(products, str(FINE - 1), role)
    found = above.reindex(parents(cells, FINE - 1)).set_axis(pd.Index(cells, name="h3"))
    found = found[found["suppressed"].notna()]
    return pd.concat([own, found.astype(own.dtypes)])


def _figures(products: Products, resolution: str, role: str) -> pd.DataFrame:
    rows = people(products, resolution, role)
    return rows[["devices", "suppressed"]].assign(per_km2=_per_km2(products, resolution, rows), cv=deviation(rows))


def not_told_apart(products: Products) -> npt.NDArray[np.uint64]:
    """Served hexagons of resolution 9 whose people the network does not tell from their neighbours'.

    Where people are laid on resolution 8 at the finest these are all hexagons of the city.
    """
    rows = latest(frames.by_cell(products, "coverage_quality", str(FINE)))
    if rows.empty:
        return frames.cells(products, str(FINE))["h3"].to_numpy(np.uint64)
    return rows.index[rows["covered"].astype(bool) & ~rows["told_apart"].astype(bool)].to_numpy(np.uint64)


def density(products: Products, resolution: str, rows: pd.DataFrame) -> pd.DataFrame:
    """A layer frame of persons of the rows over the true area of each hexagon."""
    return on_hexes(products, resolution, rows, _per_km2(products, resolution, rows), deviation(rows))


def _per_km2(products: Products, resolution: str, rows: pd.DataFrame) -> Floats:
    size = frames.cells(products, resolution).set_index("h3")["area_km2"].reindex(rows.index)
    found: Floats = rows["persons"].to_numpy(np.float64, na_value=np.nan) / size.to_numpy(np.float64)
    return found


def town_km2(products: Products, level: str = "town") -> pd.Series:
    """Area of each town in square kilometres, by code, on an equal-area projection (EPSG:6933)."""
    shapes = frames.areas(products, level)
    return pd.Series(shapes.to_crs(6933).area.to_numpy() / 1e6, index=shapes["area_code"].to_numpy(object))
