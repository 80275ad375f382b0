"""First half of a build: every source into its table, every row loaded or quarantined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from models import contracts
from models.build.linking import link
from models.build.rejecting import account, joined, rejected
from models.build.steps import Outcome, Progress, StepRunner
from models.errors import SourceError
from models.profile import City, Source
from models.settings import Settings
from models.sources import fingerprint, read_source

KEYS: dict[str, tuple[str, ...]] = {
    "legal_persons": ("uscc",),
    "districts": ("district_code",),
    "grids": ("grid_code",),
    "facilities": ("facility_id",),
    "housing_projects": ("project_id",),
    "roads": ("road_id",),
    "waters": ("water_id",),
    "places": ("place_id",),
    "towns": ("town_code",),
    "premises": ("premises_id",),
    "officers": ("officer_id",),
    "inspections": ("inspection_id",),
    "findings": ("finding_id",),
    "penalties": ("penalty_id",),
    "complaints": ("complaint_id",),
    "listings": ("listing_id",),
    "licences": ("licence_id",),
    "annual_reports": ("subject_id", "report_year"),
    "changes": ("change_id",),
    "investments": ("investment_id",),
    "credit_repairs": ("repair_id",),
    "present_population": ("h3", "hours", "reference_month"),
}
"""Columns whose values may occur once in a table; the source that comes first in the order of source ids is kept."""


@dataclass(frozen=True)
class SourceAccount:
    """What became of the rows of one source.

    ``quarantined`` counts rows, not reasons; ``left_out`` counts rows of the files that the manifest says are not part
    of the source; ``title``, ``licence`` and ``attribution`` are language -> text; ``notes`` say what the reader did on
    its own, such as repairing polygons, and what it advises.
    """

    source_id: str
    table: str
    title: dict[str, str]
    licence: dict[str, str]
    attribution: dict[str, str]
    vintage: str
    cadence: str
    files: list[dict[str, Any]]
    read: int
    loaded: int
    quarantined: int
    left_out: int
    notes: list[str]


def read_all(
    city: City, settings: Settings, runner: StepRunner
) -> tuple[dict[str, Outcome], tuple[SourceAccount, ...]]:
    """Read every source and join the sources of each table.

    Returns
    -------
    Outcome per table with the frames ``frame`` and ``rejects`` (all rejected rows of its sources), and the account of
    every source.

    Raises
    ------
    SourceError : a file as a whole cannot be read, or rows went missing between reading and loading
    """
    parts = {source.id: _read(city, source, settings, runner) for source in city.sources}
    tables = {}
    for table in dict.fromkeys(source.table for source in city.sources):
        outcomes = {source.id: parts[source.id] for source in city.sources_of(table)}
        tables[table] = _join(table, outcomes, runner)
    tables = link(city, tables, runner)
    accounts = tuple(_account(source, parts[source.id], tables[source.table]) for source in city.sources)
    return tables, accounts


def _read(city: City, source: Source, settings: Settings, runner: StepRunner) -> Outcome:
    name = f"read {source.id}"

    def work() -> tuple[Mapping[str, pd.DataFrame], Mapping[str, Any]]:
        def progress(done: int, total: int) -> None:
            runner.watch(Progress(name, "progress", done, total))

        result = read_source(city, source, settings, on_progress=progress)
        if result.read == 0:
            raise SourceError(source.id, "no rows were read", needed="at least one row of data")
        files = [asdict(file) for file in result.files]
        info = {"read": result.read, "files": files, "left_out": result.skipped, "notes": list(result.notes)}
        return {"frame": result.frame, "rejects": result.rejects}, info

    inputs = [fingerprint(city, source, settings)]
    return runner.run(name, work, inputs=inputs, code=("models/sources", "models/contracts", "models/profile"))


def _join(table: str, outcomes: Mapping[str, Outcome], runner: StepRunner) -> Outcome:
    def work() -> tuple[Mapping[str, pd.DataFrame], Mapping[str, Any]]:
        frame, repeated = join([outcome.frame("frame") for outcome in outcomes.values()], KEYS.get(table))
        rejects = [outcome.frame("rejects") for outcome in outcomes.values()]
        rejects.append(_rejected_repeats(repeated, table))
        quarantine = joined(rejects)
        return {"frame": frame, "rejects": quarantine}, account(frame, quarantine)

    inputs = [outcome.key for outcome in outcomes.values()]
    return runner.run(
        f"table {table}",
        work,
        inputs=inputs,
        code=("models/build/reading.py", "models/build/rejecting.py", "models/contracts"),
    )


def join(frames: Sequence[pd.DataFrame], key: tuple[str, ...] | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Stack the frames of one table and take out rows whose key stands in an earlier frame.

    Returns
    -------
    The joined frame, and the rows that repeat a key.
    """
    spatial = isinstance(frames[0], gpd.GeoDataFrame)
    frame = pd.concat([f for f in frames if len(f)] or frames[:1], ignore_index=True)
    if spatial:
        frame = gpd.GeoDataFrame(frame, geometry="geometry", crs=frames[0].crs)
    if key is None:
        return frame, frame.iloc[:0]
    columns = list(key)
    repeated = frame[columns].duplicated() & frame[columns].notna().all(axis=1)
    return frame[~repeated].reset_index(drop=True), frame[repeated]


def _rejected_repeats(rows: pd.DataFrame, table: str) -> pd.DataFrame:
    key = KEYS.get(table)
    if key is None or rows.empty:
        return contracts.empty("quarantine")
    found = rows[list(key)].astype("str").agg(" ".join, axis=1)
    return rejected(table, rows, key[0], found, "the same key stands in a source read before this one")


def _account(source: Source, part: Outcome, table: Outcome) -> SourceAccount:
    read = int(part.info["read"])
    loaded = int(table.info["loaded"].get(source.id, 0))
    quarantined = int(table.info["quarantined"].get(source.id, 0))
    if read != loaded + quarantined:
        raise SourceError(
            source.id,
            f"{read:,} rows were read, {loaded:,} loaded and {quarantined:,} quarantined: the account is off by "
            f"{read - loaded - quarantined:,}",
            hint="Nothing was published. This is a fault of Cityhex: please report it",
        )
    return SourceAccount(
        source.id,
        source.table,
        source.title,
        source.licence,
        source.attribution,
        source.vintage,
        source.cadence,
        part.info["files"],
        read,
        loaded,
        quarantined,
        int(part.info["left_out"]),
        part.info["notes"],
    )
