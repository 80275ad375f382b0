"""Second half of a build: areas, located subjects and everything computed from them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from models import contracts
from models.analysis import market, registrations
from models.build.analyses import ANALYSES
from models.build.analysis import Analysis, wished
from models.build.decided import decided_steps
from models.build.signaling import signaling_steps
from models.build.steps import Outcome, StepRunner, rules_hash
from models.build.zoning import Ground
from models.errors import SourceError
from models.fusion import areas, fuse, grid_checks, grids
from models.fusion.addresses import Gazetteer, Matcher, MatchRules
from models.fusion.membership import with_counted_district
from models.profile import City
from models.settings import Settings

SHOWN_TABLES = ("districts", "towns", "roads", "waters", "facilities", "housing_projects", "base_stations", "premises")
"""Recorded tables that layers draw as they are; they become products too, so that a map shows one build only."""

DATED = {
    "legal_persons": "established_on",
    "inspections": "inspected_on",
    "penalties": "decided_on",
    "complaints": "received_on",
    "listings": "listed_on",
    "changes": "changed_on",
}
"""Recorded tables whose last day is the business date of a city that does not state one, with their date column."""

FINDINGS_KEPT = 50
"""Findings about the supervision grid that the manifest names one by one."""


@dataclass
class Computed:
    """What the computing steps made.

    Attributes
    ----------
    recorded : table name -> outcome of reading it, with the frames ``frame`` and ``rejects``
    tables : table name -> the outcome and the name of its frame
    products : product name -> the same
    inner : frames that later steps read and nobody else
    seen : tables as the analyses see them, where that is not as they are recorded
    conservation : subjects = in_grid + outside + unlocated; empty without a register
    as_of : business date of the build, ISO; "" where nothing is dated
    """

    recorded: Mapping[str, Outcome]
    tables: dict[str, tuple[Outcome, str]] = field(default_factory=dict)
    products: dict[str, tuple[Outcome, str]] = field(default_factory=dict)
    inner: dict[str, tuple[Outcome, str]] = field(default_factory=dict)
    seen: dict[str, tuple[Outcome, str]] = field(default_factory=dict)
    conservation: dict[str, int] = field(default_factory=dict)
    as_of: str = ""

    def has(self, name: str) -> bool:
        """Whether a frame of that name was made or recorded."""
        return name in self.products or name in self.tables or name in self.inner

    def found(self, name: str) -> tuple[Outcome, str]:
        """The outcome that holds a frame, and the frame's name in it."""
        for shelf in (self.seen, self.products, self.tables, self.inner):
            if name in shelf:
                return shelf[name]
        raise KeyError(name)


def compute(
    city: City,
    tables: Mapping[str, Outcome],
    aliases: pd.DataFrame,
    runner: StepRunner,
    settings: Settings,
    *,
    decisions: Mapping[str, pd.DataFrame] | None = None,
    seen: Mapping[str, tuple[Outcome, str]] | None = None,
) -> Computed:
    """Run every step whose inputs this city has.

    A city without districts and without a register, one of places of business and inspections only, has no grid and
    no cells; its analyses run all the same.

    Parameters
    ----------
    tables : outcome of every table that has a source, with the frame ``frame``
    aliases : decisions on un-located subjects that count now (`models.store.Store.aliases`)
    settings : where the files of the signaling are, and its work area
    decisions : further decisions by name (`models.build.decided.decided`)
    seen : tables as the analyses see them, where disputed records are left out (`models.build.casework.bring_in`)

    Raises
    ------
    SourceError : the city has a register and no districts to place it in
    """
    made = Computed(tables, {name: (outcome, "frame") for name, outcome in tables.items()})
    made.products = {name: made.tables[name] for name in SHOWN_TABLES if name in tables}
    made.seen = dict(seen or {})
    clock = _clock(city, tables, runner)
    made.inner["clock"] = (clock, "clock")
    made.as_of = clock.info["as_of"]
    made.inner.update({name: (step, name) for name, step in decided_steps(decisions or {}, runner).items()})
    if "districts" in tables:
        _place(city, tables, aliases, made, runner)
        made.products.update(_signaling(city, settings, made, runner))
    elif "legal_persons" in tables:
        raise SourceError(
            city.folder,
            "the city has a register and no source of the table districts",
            needed="polygons of its districts, so that firms can be placed in them",
        )
    for analysis in ANALYSES:
        _analyse(city, analysis, made, runner)
    return made


def _place(
    city: City, tables: Mapping[str, Outcome], aliases: pd.DataFrame, made: Computed, runner: StepRunner
) -> None:
    """Add the supervision grid, the register with its places, and the cells of the city."""
    grid = _grids(city, tables, runner)
    made.tables["grids"] = made.products["grids"] = (grid, "grids")
    made.inner["own_districts"] = (grid, "own_districts")
    if "legal_persons" in tables:
        located = _locate(city, tables, grid, aliases, runner)
        fused = _fuse(city, located, grid, runner)
        made.conservation = dict(fused.info["conservation"])
        made.tables["legal_persons"] = made.products["subjects"] = (fused, "subjects")
        made.tables["unlocated"] = made.products["unlocated"] = (located, "unlocated")
    made.products["cells"] = (_cells(city, made, runner), "cells")


def _signaling(city: City, settings: Settings, made: Computed, runner: StepRunner) -> dict[str, tuple[Outcome, str]]:
    """Products of the city's signaling; none where the city has none."""
    cells, grid = made.products["cells"], made.tables["grids"]
    places, roads = made.tables.get("places"), made.tables.get("roads")

    def ground() -> Ground:
        known = places[0].frame(places[1]) if places else contracts.empty("places")
        ways = gpd.GeoDataFrame(roads[0].frame(roads[1])) if roads else None
        return Ground(cells[0].frame(cells[1]), grid[0].frame(grid[1]), known, ways)

    keys = [outcome.key for outcome, _ in (cells, grid, *(table for table in (places, roads) if table))]
    return signaling_steps(city, settings, ground, keys, runner)


def _clock(city: City, tables: Mapping[str, Outcome], runner: StepRunner) -> Outcome:
    """The business date: every analysis of one build looks at the city on the same day."""
    dated = {name: column for name, column in DATED.items() if name in tables}

    def work() -> tuple[Mapping[str, pd.DataFrame], Mapping[str, Any]]:
        stated = city.supervision.as_of
        days = [tables[name].frame("frame")[column].max() for name, column in dated.items()]
        known = [day for day in days if pd.notna(day)]
        as_of = pd.Timestamp(stated) if stated else max(known, default=pd.NaT)
        frame = pd.DataFrame({"as_of": pd.Series([as_of], dtype="datetime64[s]")})
        return {"clock": frame}, {"as_of": "" if pd.isna(as_of) else f"{as_of:%Y-%m-%d}"}

    params = {"as_of": str(city.supervision.as_of)}
    code = ("models/build/computing.py",)
    return runner.run("clock", work, inputs=[tables[name].key for name in dated], params=params, code=code)


def _grids(city: City, tables: Mapping[str, Outcome], runner: StepRunner) -> Outcome:
    def work() -> tuple[Mapping[str, pd.DataFrame], Mapping[str, Any]]:
        districts = tables["districts"].frame("frame")
        towns = tables["towns"].frame("frame") if "towns" in tables else contracts.empty("towns")
        if city.grid.kind == "file":
            frame = tables["grids"].frame("frame")
        else:
            frame = grids.voronoi_of_towns(towns, districts, city.crs, only=city.grid.districts)
            if city.grid.kind == "none":
                frame = frame[frame["level"] == "district"].reset_index(drop=True)
        own = own_districts(districts, frame)
        found = grid_checks.complete(frame, city.crs)
        info = {"cells": len(frame), "findings": len(found), "first_findings": _records(found.head(FINDINGS_KEPT))}
        if city.grid.kind == "voronoi_of_towns":
            info["seats_without_cell"] = _records(grids.left_out(towns, districts))
        return {"grids": contracts.conform("grids", frame), "own_districts": own}, info

    if city.grid.kind == "file" and "grids" not in tables:
        raise SourceError(
            city.folder,
            'the grid scheme is "file" and no source fills the table grids',
            needed='a source with table = "grids", or grid kind = "voronoi_of_towns"',
        )
    inputs = [tables[name].key for name in ("districts", "towns", "grids") if name in tables]
    params = {"scheme": city.grid.model_dump(mode="json"), "crs": city.crs}
    return runner.run("grids", work, inputs=inputs, params=params, code=("models/fusion",))


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): None if pd.isna(v) else v for k, v in row.items()} for row in frame.to_dict("records")]


def _locate(
    city: City, tables: Mapping[str, Outcome], grid: Outcome, aliases: pd.DataFrame, runner: StepRunner
) -> Outcome:
    names = ("places", "districts", "towns", "area_changes")

    def work() -> tuple[Mapping[str, pd.DataFrame], Mapping[str, Any]]:
        places, districts, towns, changes = (
            tables[n].frame("frame") if n in tables else contracts.empty(n) for n in names
        )
        firms = tables["legal_persons"].frame("frame")
        rules = MatchRules().with_values(city.matching)
        around = set(districts["district_code"]) - set(grid.frame("own_districts")["district_code"])
        gazetteer = Gazetteer.build(places, districts, towns, changes, aliases, neighbours=around)
        matched = Matcher(gazetteer, rules).match(firms)
        return location_frames(firms, matched)

    inputs = [grid.key, *(tables[n].key for n in (*names, "legal_persons") if n in tables)]
    params = {
        "aliases": json.loads(aliases.to_json(orient="records", date_format="iso")),
        "matching": city.model_dump(mode="json")["matching"],
    }
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
    places = found.drop(columns="candidates").assign(located=found["lon"].notna() & found["candidates"].isna())
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
        subjects = with_counted_district(subjects, grid.frame("grids"), grid.frame("own_districts"))
        subjects = contracts.conform("subjects", subjects)
        contracts.check("subjects", subjects)
        info = {
            "conservation": fuse.conservation(subjects),
            "capital": market.capital_account(subjects),
            "undated": registrations.undated(subjects),
        }
        return {"subjects": subjects}, info

    params = {"resolutions": list(city.h3_resolutions)}
    code = ("models/fusion", "models/analysis", "models/contracts")
    return runner.run("fuse", work, inputs=[located.key, grid.key], params=params, code=code)


def _cells(city: City, made: Computed, runner: StepRunner) -> Outcome:
    inputs = {name: made.found(name) for name in ("own_districts", "grids", "subjects") if made.has(name)}

    def work() -> tuple[Mapping[str, pd.DataFrame], Mapping[str, Any]]:
        frames = {name: outcome.frame(frame) for name, (outcome, frame) in inputs.items()}
        frame = areas.city_cells(frames["own_districts"], frames["grids"], city.h3_resolutions)
        if "subjects" in frames:
            frame = areas.with_subjects(frame, frames["subjects"], frames["own_districts"], frames["grids"])
        return {"cells": contracts.conform("cells", frame)}, {"cells": len(frame)}

    params = {"resolutions": list(city.h3_resolutions)}
    keys = [outcome.key for outcome, _ in inputs.values()]
    return runner.run("cells", work, inputs=keys, params=params, code=("models/fusion",))


def own_districts(districts: gpd.GeoDataFrame, cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the districts that are part of the city: those with a supervision cell; the others are neighbours."""
    codes = set(cells.loc[cells["level"] == "district", "grid_code"])
    own: gpd.GeoDataFrame = districts[districts["district_code"].isin(codes)]
    return own if len(own) else districts


def _analyse(city: City, analysis: Analysis, made: Computed, runner: StepRunner) -> None:
    """Run one analysis and add its products; nothing where the city lacks an input or has no need of it."""
    if not all(made.has(name) for name in analysis.needs) or any(made.has(name) for name in analysis.unless):
        return
    inputs = {name: made.found(name) for name in (*analysis.needs, *analysis.wishes) if made.has(name)}

    def work() -> tuple[Mapping[str, pd.DataFrame], Mapping[str, Any]]:
        frames = {name: outcome.frame(frame) for name, (outcome, frame) in inputs.items()}
        products = {
            name: contracts.conform(name, frame) for name, frame in analysis.run(city, wished(analysis, frames)).items()
        }
        for name, frame in products.items():
            contracts.check(name, frame)
        return products, {"rows": {name: len(frame) for name, frame in products.items()}}

    keys = [outcome.key for outcome, _ in inputs.values()]
    keys += [rules_hash(path) for path in analysis.rules]
    params = {
        "crs": city.crs,
        "resolutions": list(city.h3_resolutions),
        "supervision": city.supervision.model_dump(mode="json"),
        "disclosure_k": city.disclosure_k,
        "decisions": {name: _decided(city, name) for name in analysis.decisions},
    }
    code = ("models/analysis", "models/fusion", "models/rules", "models/build", "models/contracts")
    outcome = runner.run(analysis.name, work, inputs=keys, params=params, code=code)
    made.products.update({name: (outcome, name) for name in analysis.makes})


def _decided(city: City, name: str) -> str | None:
    """Text of a file of the city's profile folder; None where it has no such file."""
    path = city.folder / name
    return path.read_text(encoding="utf-8") if path.exists() else None
