"""Hot spots of new firms per existing firm, by hexagon and by cell of the supervision grid."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from models.analysis.clusters.hotspots import Pairs, hex_neighbours, hot_spots, polygon_neighbours
from models.fusion.areas import in_metres

WINDOW_DAYS = 180
SEED = 20_220_113
BORDER_M = 1.0
"""Polygons this near to each other share a border: files of grids leave hairlines between cells."""


def hot_spots_by_cell(subjects: pd.DataFrame, as_of: pd.Timestamp, resolutions: Sequence[int]) -> pd.DataFrame:
    """Return the hot spots among the cells that hold a located, dated subject.

    Parameters
    ----------
    subjects : subjects frame
    as_of : last day of the window; the window has ``WINDOW_DAYS`` days, existing firms are those registered before it
    resolutions : H3 resolutions; each is a study of its own

    Returns
    -------
    ``hot_spots`` frame ascending by resolution and cell. Firms that were struck off since are missing from both counts.
    """
    recent, before = _windows(subjects, as_of)
    parts = []
    for resolution in sorted(set(resolutions)):
        keys = subjects[f"h3_r{resolution}"]
        used = keys.notna().to_numpy(bool) & (recent | before)
        cells, place = np.unique(keys[used].to_numpy(dtype=np.uint64), return_inverse=True)
        frame = _study(place, recent[used], cells.size, hex_neighbours(cells), seed=resolution)
        parts.append(frame.assign(h3=cells, resolution=np.int64(resolution)))
    return _dated(pd.concat(parts, ignore_index=True), as_of)


def hot_spots_by_area(subjects: pd.DataFrame, as_of: pd.Timestamp, grids: gpd.GeoDataFrame, crs: int) -> pd.DataFrame:
    """Return the hot spots among the cells of the supervision grid that have no cell below them.

    Returns
    -------
    ``hot_spots_by_area`` frame, one row per such cell, in the order of ``grids``; ``area_level`` is the cell's level.
    """
    recent, before = _windows(subjects, as_of)
    leaves = grids[~grids["grid_code"].isin(set(grids["parent_code"].dropna()))].reset_index(drop=True)
    place = pd.Index(leaves["grid_code"]).get_indexer(pd.Index(subjects["grid_code"]))
    used = (place >= 0) & (recent | before)
    shapes = in_metres(leaves.geometry, crs).buffer(BORDER_M / 2).to_numpy()
    frame = _study(place[used], recent[used], len(leaves), polygon_neighbours(shapes), seed=0)
    named = frame.assign(area_code=leaves["grid_code"], area_level=leaves["level"])
    return _dated(named, as_of)


def _windows(subjects: pd.DataFrame, as_of: pd.Timestamp) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Whether each subject was registered in the window, and before it."""
    dates, located = subjects["established_on"], subjects["located"].to_numpy(bool)
    opens = as_of - pd.Timedelta(days=WINDOW_DAYS - 1)
    recent = ((dates >= opens) & (dates <= as_of)).to_numpy(bool) & located
    return recent, (dates < opens).to_numpy(bool) & located


def _study(
    place: npt.NDArray[np.intp], recent: npt.NDArray[np.bool_], places: int, pairs: Pairs, *, seed: int
) -> pd.DataFrame:
    new = np.bincount(place[recent], minlength=places)
    existing = np.bincount(place[~recent], minlength=places)
    frame = hot_spots(new, existing, pairs, rng=np.random.default_rng([SEED, seed]))
    return frame.assign(existing=existing.astype(np.int64), new=new.astype(np.int64))


def _dated(frame: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    opens = as_of - pd.Timedelta(days=WINDOW_DAYS - 1)
    return frame.assign(window_from=pd.Series(opens, index=frame.index), window_to=pd.Series(as_of, index=frame.index))
