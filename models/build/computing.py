"""Second half of a build: areas, located subjects and everything computed from them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from models import contracts
from models.build.analyses import ANALYSES
from models.build.steps import Outcome, StepRunner
from models.errors import SourceError
from models.fusion import areas, fuse, grids
from models.fusion.addresses import Gazetteer, Matcher
from models.profile import City

Work = Callable[[], tuple[Mapping[str, pd.DataFrame], Mapping[str, Any]]]
SHOWN_TABLES = ("districts", "towns", "roads", "waters", "facilities", "housing_projects", "base_stations")
"""Recorded tables that layers draw as they are; they become products too, so that a map shows one build only."""


@dataclass
class Computed:
    """What the computing steps made.

    Attributes
    ----------
    tables : table name -> the outcome and the name of its frame
    products : product name -> the same
    conservation : subjects = in_grid + outside + unlocated; empty without a register
    """

    tables: dict[str, tuple[Outcome, str]] = field(default_factory=dict)
    products: dict[str, tuple[Outcome, str]] = field(default_factory=dict)
    conservation: dict[str, int] = field(default_factory=dict)


def compute(city: City, tables: Mapping[str, Outcome], aliases: pd.DataFrame, runner: StepRunner) -> Computed:
    """Run every step whose inputs this city has.

    Parameters
    ----------
    tables : outcome of every table that has a source, with the frame ``frame``
    aliases : decisions on un-located subjects that count now (`models.store.Store.aliases`)

    Raises
    ------
    SourceError : the city has a register and no districts to place it in
    """
    made = Computed(tables={name: (outcome, "frame") for name, outcome in tables.items()})
    made.products = {name: made.tables[name] for name in SHOWN_TABLES if name in tables}
    if "districts" not in tables:
        if "legal_persons" in tables:
            raise SourceError(city.folder, "the city has a register and no source of the table districts",
                              needed="polygons of its districts, so that firms can be placed in them")
        return made
    grid = _grids(city, tables, runner)
    made.tables["grids"] = made.products["grids"] = (grid, "grids")
    if "legal_persons" in tables:
        located = _locate(tables, aliases, runner)
        fused = _fuse(city, located, grid, runner)
        made.conservation = dict(fused.info["conservation"])
        made.tables["legal_persons"] = made.products["subjects"] = (fused, "subjects")
        made.tables["unlocated"] = made.products["unlocated"] = (located, "unlocated")
    cells = _cells(city, tables, grid, made, runner)
    made.products["cells"] = (cells, "cells")
    for analysis in ANALYSES:
        if not set(analysis.needs) <= {*tables, *made.products}:
            continue
        inputs = {name: made.products.get(name) or made.tables[name] for name in analysis.needs}
        outcome = _analyse(city, analysis.name, analysis.run, inputs, runner)
        made.products.update({name: (outcome, name) for name in analysis.makes})
    return made


def _grids(city: City, tables: Mapping[str, Outcome], runner: StepRunner) -> Outcome:
    def work() -> tuple[Mapping[str, pd.DataFrame], Mapping[str, Any]]:
        districts = tables["districts"].frame("frame")
        if city.grid.kind == "file":
            frame = tables["grids"].frame("frame")
        else:
            towns = tables["towns"].frame("frame") if "towns" in tables else contracts.empty("towns")
            frame = grids.voronoi_of_towns(towns, districts, city.crs, only=city.grid.districts)
        return {"grids": contracts.conform("grids", frame)}, {"cells": len(frame)}

    if city.grid.kind == "file" and "grids" not in tables:
        raise SourceError(city.folder, "the grid scheme is \"file\" and no source fills the table grids",
                          needed="a source with table = \"grids\", or grid kind = \"voronoi_of_towns\"")
    inputs = [tables[name].key for name in ("districts", "towns", "grids") if name in tables]
    params = {"scheme": city.grid.model_dump(mode="json"), "crs": city.crs}
    code = ("models/fusion/grids.py", "models/fusion/areas.py")
    return runner.run("grids", work, inputs=inputs, params=params, code=code)


def _locate(tables: Mapping[str, Outcome], aliases: pd.DataFrame, runner: StepRunner) -> Outcome:
    names = ("places", "districts", "towns", "area_changes")

    def work() -> tuple[Mapping[str, pd.DataFrame], Mapping[str, Any]]:
        frames = [tables[n].frame("frame") if n in tables else contracts.empty(n) for n in names]
        firms = tables["legal_persons"].frame("frame")
        matched = Matcher(Gazetteer.build(*frames, aliases=aliases)).match(firms)
        return location_frames(firms, matched)

    inputs = [tables[n].key for n in (*names, "legal_persons") if n in tables]
    params = {"aliases": json.loads(aliases.to_json(orient="records", date_format="iso"))}
    return runner.run("locate", work, inputs=inputs, params=params, code=("models/fusion/addresses",))


def location_frames(firms: pd.DataFrame, matched: pd.DataFrame) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """Join the matcher's answer to the register and take out the queue.

    Parameters
    ----------
    firms : n rows of ``legal_persons``
    matched : n rows in the same order

    Returns
    -------
    ``located`` (n rows: the register with its location) and ``unlocated`` (the queue), and the share at each level.
    """
    own = firms.reset_index(drop=True)
    found = matched.reset_index(drop=True)
    places = found.drop(columns="candidates")
    located = pd.concat([own.drop(columns=places.columns.intersection(own.columns)), places], axis=1)
    waiting = ~located["located"].astype(bool)
    queue = own.loc[waiting, ["uscc", "name", "address", "district_given"]].assign(
        reasons=found["match_reasons"][waiting], candidates=found["candidates"][waiting]
    )
    levels = found["match_level"].value_counts(dropna=False)
    info = {"levels": {str(level): int(count) for level, count in levels.items()}, "unlocated": int(waiting.sum())}
    return {"located": located, "unlocated": contracts.conform("unlocated", queue.reset_index(drop=True))}, info


def _fuse(city: City, located: Outcome, grid: Outcome, runner: StepRunner) -> Outcome:
    def work() -> tuple[Mapping[str, pd.DataFrame], Mapping[str, Any]]:
        subjects = fuse.fuse(located.frame("located"), grid.frame("grids"), city.h3_resolutions)
        subjects = contracts.conform("subjects", subjects)
        contracts.check("subjects", subjects)
        return {"subjects": subjects}, {"conservation": fuse.conservation(subjects)}

    params = {"resolutions": list(city.h3_resolutions)}
    code = ("models/fusion/fuse.py", "models/fusion/grid_join.py", "models/fusion/hexes.py", "models/contracts")
    return runner.run("fuse", work, inputs=[located.key, grid.key], params=params, code=code)


def _cells(
    city: City, tables: Mapping[str, Outcome], grid: Outcome, made: Computed, runner: StepRunner
) -> Outcome:
    def work() -> tuple[Mapping[str, pd.DataFrame], Mapping[str, Any]]:
        cells_of, own = grid.frame("grids"), own_districts(tables["districts"].frame("frame"), grid.frame("grids"))
        frame = areas.city_cells(own, cells_of, city.h3_resolutions)
        if "subjects" in made.products:
            outcome, name = made.products["subjects"]
            frame = areas.with_subjects(frame, outcome.frame(name), own, cells_of)
        return {"cells": contracts.conform("cells", frame)}, {"cells": len(frame)}

    inputs = [tables["districts"].key, grid.key, *(o.key for o, _ in [made.products[n] for n in ("subjects",) if n in made.products])]
    params = {"resolutions": list(city.h3_resolutions)}
    return runner.run("cells", work, inputs=inputs, params=params, code=("models/fusion",))


def own_districts(districts: gpd.GeoDataFrame, cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the districts that are part of the city: those with a supervision cell; the others are neighbours."""
    codes = set(cells.loc[cells["level"] == "district", "grid_code"])
    own: gpd.GeoDataFrame = districts[districts["district_code"].isin(codes)]
    return own if len(own) else districts


def _analyse(
    city: City, name: str, run: Callable[..., Mapping[str, pd.DataFrame]], inputs: Mapping[str, tuple[Outcome, str]],
    runner: StepRunner,
) -> Outcome:
    def work() -> tuple[Mapping[str, pd.DataFrame], Mapping[str, Any]]:
        frames = {key: outcome.frame(frame) for key, (outcome, frame) in inputs.items()}
        made = {key: contracts.conform(key, frame) for key, frame in run(city, **frames).items()}
        for key, frame in made.items():
            contracts.check(key, frame)
        return made, {"rows": {key: len(frame) for key, frame in made.items()}}

    keys = [outcome.key for outcome, _ in inputs.values()]
    params = {"crs": city.crs, "resolutions": list(city.h3_resolutions), "timezone": city.timezone}
    code = ("models/analysis", "models/fusion", "models/build/analyses.py", "models/contracts")
    return runner.run(name, work, inputs=keys, params=params, code=code)
