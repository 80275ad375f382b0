"""Build steps of the statistics of early warning: scan clusters and hot spots."""

from __future__ import annotations

import geopandas as gpd

from models.analysis.clusters import scan_kernel
from models.analysis.clusters.rates import hot_spots_by_area, hot_spots_by_cell
from models.analysis.clusters.study import scan_clusters
from models.build.analysis import Analysis, Frames
from models.profile import City

SCAN_RESOLUTION = 8


def _scan(city: City, frames: Frames) -> Frames:
    scan_kernel.warm()
    fits = min(city.h3_resolutions, key=lambda r: abs(r - SCAN_RESOLUTION))
    clusters = scan_clusters(
        frames["subjects"],
        frames["clock"]["as_of"].iloc[0],
        crs=city.crs,
        resolution=fits,
        weeks=city.supervision.lookback_weeks,
    )
    return {"scan_clusters": clusters}


def _hot_spots(city: City, frames: Frames) -> Frames:
    subjects, as_of = frames["subjects"], frames["clock"]["as_of"].iloc[0]
    return {
        "hot_spots": hot_spots_by_cell(subjects, as_of, city.h3_resolutions),
        "hot_spots_by_area": hot_spots_by_area(subjects, as_of, gpd.GeoDataFrame(frames["grids"]), city.crs),
    }


ANALYSES = (
    Analysis("scan clusters", ("subjects", "clock"), ("scan_clusters",), _scan),
    Analysis("hot spots", ("subjects", "grids", "clock"), ("hot_spots", "hot_spots_by_area"), _hot_spots),
)
"""Subjects without any date have no clusters: the frames are then empty."""
