"""Build steps of the statistics of early warning: scan clusters, alarms of areas, hot spots."""

from __future__ import annotations

import geopandas as gpd

from models.analysis.clusters import scan_kernel
from models.analysis.clusters.alarms import area_alarms
from models.analysis.clusters.calendar import Calendar
from models.analysis.clusters.rates import hot_spots_by_area, hot_spots_by_cell
from models.analysis.clusters.study import scan_clusters
from models.build.analysis import Analysis, Frames
from models.fusion.membership import memberships, stated_district
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


def _alarms(city: City, frames: Frames) -> Frames:
    subjects = frames["subjects"]
    members = memberships(subjects, gpd.GeoDataFrame(frames["grids"]), gpd.GeoDataFrame(frames["own_districts"]))
    members["district"] = members["district"].fillna(stated_district(subjects))
    alarms = area_alarms(
        subjects,
        members,
        frames["clock"]["as_of"].iloc[0],
        weeks=city.supervision.lookback_weeks,
        calendar=Calendar.load(),
        city=city.id,
    )
    return {"area_alarms": alarms}


ANALYSES = (
    Analysis("scan clusters", ("subjects", "clock"), ("scan_clusters",), _scan),
    Analysis(
        "area alarms",
        ("subjects", "grids", "own_districts", "clock"),
        ("area_alarms",),
        _alarms,
        rules=("reference/holidays_cn.csv",),
    ),
    Analysis("hot spots", ("subjects", "grids", "clock"), ("hot_spots", "hot_spots_by_area"), _hot_spots),
)
