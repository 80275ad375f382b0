"""The computed products of a build: which frames each analysis needs, what it makes, and the call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from models import contracts
from models.analysis import census, market, registrations
from models.fusion.membership import area_frame, memberships
from models.profile import City

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Analysis:
    """One computing step.

    Attributes
    ----------
    name : name of the step
    needs : tables and products it reads; the step is left out where the city lacks one
    makes : products it returns
    run : from the city and the needed frames (by name) to the products; the frame ``clock`` holds the business date
    wishes : tables it reads where the city has them; the frame is empty where it has not
    rules : files or folders below ``data/`` that it reads; a change of one runs the step again
    """

    name: str
    needs: tuple[str, ...]
    makes: tuple[str, ...]
    run: Callable[[City, Frames], Frames]
    wishes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


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
)


def wished(analysis: Analysis, frames: Frames) -> Frames:
    """Add an empty frame for every wish the city cannot fill."""
    return {**frames, **{name: contracts.empty(name) for name in analysis.wishes if name not in frames}}
