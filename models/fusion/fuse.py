"""Grid and H3 keys for every located subject, and the account that nothing was lost on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from models.errors import CityhexError, RequestError
from models.fusion import hexes
from models.fusion.areas import codes_at, finest


class ConservationError(CityhexError):
    """Subjects were lost or counted twice; a build that meets this publishes nothing."""


@dataclass(frozen=True)
class Conservation:
    """Where n subjects are: ``subjects = located + unlocated`` and ``located = in_grid + outside``."""

    subjects: int
    located: int
    in_grid: int
    outside: int
    unlocated: int


def fuse(located: pd.DataFrame, grids: gpd.GeoDataFrame, resolutions: Sequence[int] = (7, 8, 9)) -> pd.DataFrame:
    """Give every located subject its supervision grid cell and its H3 cells.

    Parameters
    ----------
    located : n rows with ``located`` (bool), ``lon`` and ``lat`` (degrees, WGS84, nullable); other columns
        are kept
    grids : grids frame; subjects go to its leaves (`finest`); where leaves overlap, the lowest code wins
    resolutions : H3 resolutions to add

    Returns
    -------
    A copy in the same order with ``grid_code`` (str, null outside or un-located), ``outside`` (bool: located,
    but in no cell) and ``h3_r<resolution>`` (UInt64, null where un-located). Coarser cells are the parents of
    the finest one, so sums are conserved from resolution to resolution; close to its edge a coarse hexagon
    may therefore hold a point that is drawn in its neighbour, because H3 children do not tile their parent
    exactly.

    Raises
    ------
    RequestError : a row is marked located and has no coordinates
    """
    is_located = located["located"].to_numpy(dtype=bool)
    lon = located["lon"].to_numpy(dtype=np.float64, na_value=np.nan)
    lat = located["lat"].to_numpy(dtype=np.float64, na_value=np.nan)
    _refuse_pointless(located, is_located & ~(np.isfinite(lon) & np.isfinite(lat)))
    lon, lat = np.where(is_located, lon, np.nan), np.where(is_located, lat, np.nan)
    leaves = finest(grids)
    codes = codes_at(leaves.geometry, leaves["grid_code"], lon, lat).set_axis(located.index)
    added: dict[str, pd.Series] = {
        "grid_code": codes,
        "outside": pd.Series(is_located & codes.isna().to_numpy(), index=located.index, dtype=bool),
    }
    cells = hexes.cells_of(lon, lat, max(resolutions))
    for resolution in resolutions:
        keys = hexes.parents(cells, resolution)
        added[f"h3_r{resolution}"] = pd.Series(pd.arrays.IntegerArray(keys, keys == hexes.H3_NULL), index=located.index)
    return located.assign(**added)


def conservation(subjects: pd.DataFrame) -> dict[str, int]:
    """Count where the subjects are and refuse any account that does not add up.

    Parameters
    ----------
    subjects : frame with ``located``, ``outside`` (bool) and ``grid_code`` (nullable), as `fuse` returns

    Returns
    -------
    ``subjects``, ``located``, ``in_grid``, ``outside``, ``unlocated`` as counts, where the sum over grids +
    outside + un-located = subjects.

    Raises
    ------
    ConservationError : a subject is in a grid and outside, or located and neither, or un-located and in a
        grid
    """
    located = subjects["located"].to_numpy(dtype=bool)
    outside = subjects["outside"].to_numpy(dtype=bool)
    in_grid = subjects["grid_code"].notna().to_numpy()
    places = in_grid.astype(int) + outside.astype(int) + (~located).astype(int)
    strays = np.flatnonzero(places != 1)
    if strays.size:
        raise ConservationError(
            f"{strays.size:,} of {len(subjects):,} subjects are not in exactly one of: a grid, outside "
            f"all grids, un-located (rows {strays[:5].tolist()}). Nothing was published"
        )
    account = Conservation(
        len(subjects), int(located.sum()), int(in_grid.sum()), int(outside.sum()), int((~located).sum())
    )
    return asdict(account)


def _refuse_pointless(located: pd.DataFrame, pointless: npt.NDArray[np.bool_]) -> None:
    if pointless.any():
        row = int(np.flatnonzero(pointless)[0])
        raise RequestError(
            f"{int(pointless.sum()):,} of {len(located):,} subjects are marked as located and have no usable "
            f"lon and lat (first: row {row}); needed: two finite numbers, or located = False"
        )
