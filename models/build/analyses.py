"""The computed products of a build, in the order in which they are made."""

from __future__ import annotations

from models.analysis import census, market, registrations
from models.build import clusters, levels, premises, warnings
from models.build.analysis import Analysis, Frames
from models.fusion.membership import area_frame, memberships
from models.profile import City


def _by_cell(city: City, frames: Frames) -> Frames:
    subjects, levels = frames["subjects"], city.h3_resolutions
    return {
        "subjects_by_cell": market.subjects_by_cell(subjects, levels),
        "registrations_by_cell_month": registrations.registrations_by_cell_month(subjects, levels),
    }


def _by_area(city: City, frames: Frames) -> Frames:
    subjects, grids, districts = frames["subjects"], frames["grids"], frames["own_districts"]
    areas = area_frame(grids, districts, city.crs)
    members = memberships(subjects, grids, districts)
    return {
        "subjects_by_area": market.subjects_by_area(subjects, areas, members),
        "registrations_by_area_month": registrations.registrations_by_area_month(subjects, areas, members),
    }


def _residents(_city: City, frames: Frames) -> Frames:
    values, changes = frames["census_values"], frames["area_changes"]
    return {
        "residents_by_area": census.residents_by_area(values),
        "residents_change": census.residents_change(values, changes),
    }


ANALYSES = (
    Analysis("subjects by cell", ("subjects",), ("subjects_by_cell", "registrations_by_cell_month"), _by_cell),
    Analysis(
        "subjects by area",
        ("subjects", "grids", "own_districts"),
        ("subjects_by_area", "registrations_by_area_month"),
        _by_area,
    ),
    Analysis(
        "residents", ("census_values",), ("residents_by_area", "residents_change"), _residents, wishes=("area_changes",)
    ),
    *clusters.ANALYSES,
    *premises.ANALYSES,
    *levels.ANALYSES,
    *warnings.ANALYSES,
)
