"""Records against each other: a record needs its subject, a finding its inspection, a listing no other beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from models.analysis.listings import repeated
from models.build.rejecting import account, joined, rejected
from models.build.steps import Outcome, StepRunner
from models.contracts.records import RECORDS
from models.profile import City

SUBJECT_TABLES = tuple(record.name for record in RECORDS if "subject_id" in record.names())
"""Tables whose rows are about one subject."""

UNKNOWN_SUBJECT = "no legal person and no place of business has this id"
UNKNOWN_INSPECTION = "no inspection has this id"


def link(city: City, tables: Mapping[str, Outcome], runner: StepRunner) -> dict[str, Outcome]:
    """Check the records that name others; give findings their inspection and inspections their result.

    In a city with a register a record of an unknown subject goes to the quarantine; a city without one has no list of
    its subjects that could be complete. Inspections of a source that states no result, whose manifest says none_found
    of them all, have the result "rectify" where a fault was found at them. Conservation holds: every row stays in the
    frame or moves to the rejects.

    Parameters
    ----------
    tables : outcome of every table that has a source, with the frames ``frame`` and ``rejects``

    Returns
    -------
    The same tables; those about subjects are new outcomes with the same two frames and the same facts.
    """
    linked = dict(tables)
    for table in (name for name in SUBJECT_TABLES if name in tables):
        linked[table] = _link(table, linked, runner)
    silent = [source.id for source in city.sources_of("inspections") if "result" not in source.columns]
    if silent and {"inspections", "findings"} <= set(linked):
        linked["inspections"] = _results(silent, linked, runner)
    return linked


def _results(silent: list[str], tables: Mapping[str, Outcome], runner: StepRunner) -> Outcome:
    def work() -> tuple[Mapping[str, pd.DataFrame], Mapping[str, Any]]:
        before = tables["inspections"]
        frame = with_result(before.frame("frame"), tables["findings"].frame("frame"), silent)
        counts = {str(k): int(v) for k, v in frame["result"].value_counts().items()}
        return {"frame": frame, "rejects": before.frame("rejects")}, {**before.info, "results": counts}

    inputs = [tables["inspections"].key, tables["findings"].key]
    code = ("models/build/linking.py",)
    return runner.run("link results", work, inputs=inputs, params={"sources": silent}, code=code)


def _link(table: str, tables: Mapping[str, Outcome], runner: StepRunner) -> Outcome:
    needed = [name for name in ("legal_persons", "premises") if name in tables and "legal_persons" in tables]
    needed += ["inspections"] if table == "findings" and "inspections" in tables else []

    def work() -> tuple[Mapping[str, pd.DataFrame], Mapping[str, Any]]:
        frame = tables[table].frame("frame")
        parts = [tables[table].frame("rejects")]
        info: dict[str, Any] = {}
        if "legal_persons" in needed:
            frame, refused = with_subject(table, frame, _subjects(tables, needed))
            parts.append(refused)
        if table == "listings":
            frame, refused = without_repeats(frame)
            parts.append(refused)
        if table == "findings":
            inspections = tables["inspections"].frame("frame") if "inspections" in needed else None
            frame, refused = with_inspection(frame, inspections)
            parts.append(refused)
            info["without_inspection"] = int(frame["inspection_id"].isna().sum())
        rejects = joined(parts)
        return {"frame": frame, "rejects": rejects}, {**info, **account(frame, rejects)}

    inputs = [tables[name].key for name in (table, *needed)]
    code = ("models/build/linking.py", "models/build/rejecting.py", "models/analysis/listings.py", "models/contracts")
    return runner.run(f"link {table}", work, inputs=inputs, code=code)


def _subjects(tables: Mapping[str, Outcome], names: list[str]) -> pd.Index:
    ids = [tables[name].frame("frame")[key] for name, key in (("legal_persons", "uscc"), ("premises", "premises_id"))
           if name in names]  # fmt: skip
    made: pd.Index = pd.Index(pd.concat(ids))
    return made


def with_subject(table: str, frame: pd.DataFrame, subjects: pd.Index) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split ``frame`` into the rows whose subject is known, and quarantine rows for the others."""
    known = frame["subject_id"].isin(subjects)
    lost = frame[~known]
    return frame[known].reset_index(drop=True), rejected(table, lost, "subject_id", lost["subject_id"], UNKNOWN_SUBJECT)


def without_repeats(listings: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split the listings into those that may stand beside each other, and quarantine rows for the others."""
    refused = repeated(listings).sort_index()
    rows = listings.loc[refused.index]
    quarantine = rejected("listings", rows, refused["column"], rows["listing_id"], refused["reason"])
    return listings.drop(index=refused.index).reset_index(drop=True), quarantine


def with_result(inspections: pd.DataFrame, findings: pd.DataFrame, sources: Sequence[str]) -> pd.DataFrame:
    """Return the inspections with the result "rectify" where a finding names one of ``sources`` that found none."""
    found = inspections["inspection_id"].isin(findings["inspection_id"].dropna())
    silent = inspections["source_id"].isin(list(sources)) & (inspections["result"] == "none_found")
    return inspections.assign(result=inspections["result"].mask(found & silent, "rectify").astype("str"))


def with_inspection(findings: pd.DataFrame, inspections: pd.DataFrame | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give findings without an inspection the one inspection of their subject on their day, where there is one only.

    Of several inspections on the day a single routine one is taken; where that does not decide, or there is none, the
    finding keeps no inspection. A finding that names an inspection nobody delivered goes to the quarantine.

    Parameters
    ----------
    findings, inspections : rows on their contracts; without inspections nothing can be named or checked, and given
        ids are taken away because they would point nowhere
    """
    if inspections is None:
        bare = findings.assign(inspection_id=pd.Series(pd.NA, index=findings.index, dtype="str"))
        return bare, rejected("findings", findings.iloc[:0], "", findings["finding_id"].iloc[:0], "")
    given = findings["inspection_id"].notna()
    lost = findings[given & ~findings["inspection_id"].isin(inspections["inspection_id"])]
    kept = findings.drop(index=lost.index)
    day = ["subject_id", "inspected_on"]
    routine = inspections[inspections["kind"] == "routine"]
    single = inspections[~inspections.duplicated(day, keep=False)]
    chosen = pd.concat([single, routine[~routine.duplicated(day, keep=False)]]).drop_duplicates(day)
    wanted = kept[["subject_id", "found_on"]].rename(columns={"found_on": "inspected_on"})
    found = wanted.merge(chosen[[*day, "inspection_id"]], on=day, how="left")["inspection_id"]
    ids = kept["inspection_id"].fillna(found.set_axis(kept.index)).astype("str")
    refused = rejected("findings", lost, "inspection_id", lost["inspection_id"], UNKNOWN_INSPECTION)
    return kept.assign(inspection_id=ids).reset_index(drop=True), refused
