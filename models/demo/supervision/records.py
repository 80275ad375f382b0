"""Writes the files of supervision and their truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from models.demo.files import write_csv, write_xlsx
from models.demo.registers import Outcome
from models.demo.sites import Sites
from models.demo.streams import Streams
from models.demo.supervision import (
    changes,
    complaints,
    findings,
    inspections,
    investments,
    licences,
    listings,
    officers,
    penalties,
    population,
    repairs,
    reports,
)
from models.demo.supervision.faults import FAULTS, with_faults
from models.demo.supervision.planted import Planted
from models.demo.supervision.planting import plant_among
from models.demo.supervision.visits import FIRST_YEAR, LAST_YEAR, Visits, visits
from models.demo.supervision.world import Days, Floats, World, world

FOLDER = "supervision"
GB18030 = frozenset({"complaints.csv"})
"""Files in the old encoding, as an older system writes them."""


def write_records(folder: Path, sites: Sites, planted: Planted, outcome: Outcome, streams: Streams) -> dict[str, int]:
    """Write the files of supervision under ``folder`` and note their faults in ``outcome``; return rows by file."""
    firms = world(outcome, sites.towns, len(planted.newcomers.codes), streams)
    plant_among(planted, firms, streams)
    tables, truths = _tables(firms, sites, planted, streams)
    rows = {}
    for name, table in tables.items():
        file = f"{FOLDER}/{name}"
        faulty, labels = with_faults(table, FAULTS.get(name, ()), streams.of(f"faults of {name}"))
        if name.endswith(".xlsx"):
            write_xlsx(folder / file, faulty, "执法人员")
        else:
            write_csv(folder / file, faulty, "gb18030" if name in GB18030 else "utf-8")
        outcome.label(file, 2, labels)
        rows[file] = len(faulty)
    truth = folder / "truth"
    truth.mkdir(parents=True, exist_ok=True)
    for name, frame in truths.items():
        frame.to_parquet(truth / f"{name}.parquet", index=False)
    return rows


def _tables(
    firms: World, sites: Sites, planted: Planted, streams: Streams
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """Return the files of supervision and the truth, each table by name."""
    missing = reports.missing_reports(firms, streams.of("missing reports"))
    entries = listings.report_listings(firms, missing, streams.of("report listings"))
    late = listings.late_reports(entries, len(firms))
    complained = complaints.complaints(firms, streams.of("complaints"))
    staff = officers.officers(firms, planted.ground.plan, streams.of("officers"))
    went = visits(firms, _by_year(firms, complained), streams.of("visits"))
    unreported, recent = _known_before(firms, went, missing, complained)
    checked = inspections.inspections(firms, staff, went, (unreported, recent), streams.of("inspections"))
    punished, severe = penalties.penalties(
        firms, checked.with_result("penalty"), planted.penalties, streams.of("penalties")
    )
    other = listings.other_listings(firms, checked.with_result("unreachable"), streams.of("other listings"))
    entries = pd.concat([entries, other], ignore_index=True)
    serious = listings.serious_listings(entries, severe, streams.of("serious listings"))
    listed = listings.listings(pd.concat([entries, serious], ignore_index=True), firms, streams.of("corrections"))
    tables = {
        "present_population.csv": population.present_population(
            firms, sites, planted.present, streams.of("present population")
        ),
        "annual_reports.csv.gz": reports.annual_reports(
            firms, missing, late, planted.reports, streams.of("annual reports")
        ),
        "changes.csv.gz": changes.changes(firms, planted.ground, planted.changes, streams.of("changes")),
        "investments.csv.gz": investments.investments(firms, planted.holdings, streams.of("investments")),
        "officers.xlsx": staff.frame,
        "inspections.csv.gz": checked.frame,
        "findings.csv.gz": findings.findings(checked, streams.of("findings")),
        "penalties.csv": punished,
        "complaints.csv": complained,
        "listings.csv": listed,
        "licences.csv.gz": licences.licences(firms, planted.licences, streams.of("licences")),
        "credit_repairs.csv": repairs.credit_repairs(listed, punished, streams.of("credit repairs")),
    }
    truths = {
        "supervision": planted.episodes.frame(),
        "officers": staff.truth(),
        "inspections": checked.truth,
        "risk": _hidden(firms),
    }
    return tables, truths


def _hidden(firms: World) -> pd.DataFrame:
    """Return what no record says of the firms: risk, people who really work there, dormancy, planted or not."""
    columns = {"uscc": firms.codes, "risk": firms.risk, "hidden": firms.hidden, "staff": firms.staff}
    return pd.DataFrame({**columns, "dormant": firms.dormant, "planted": firms.planted}).astype({"uscc": "str"})


def _by_year(firms: World, complained: pd.DataFrame) -> Floats:
    """Return the complaints of each firm in each year of visits, shape (years, firms)."""
    at, day = _located(firms, complained)
    year = day.astype("datetime64[Y]").astype(int) + 1970
    table = np.zeros((LAST_YEAR - FIRST_YEAR + 1, len(firms)))
    np.add.at(table, (year - FIRST_YEAR, at), 1)
    return table


def _known_before(
    firms: World, went: Visits, missing: dict[int, np.ndarray[tuple[int], np.dtype[np.bool_]]], complained: pd.DataFrame
) -> tuple[Floats, Floats]:
    """Return for each visit 1 where a report was missing before it, and the complaints of the 365 days before."""
    reported = np.zeros(len(went.at))
    for year, lost in missing.items():
        reported = np.maximum(reported, lost[went.at] & (went.day > np.datetime64(f"{year + 1}-06-30")))
    at, day = _located(firms, complained)
    key = np.sort(at * 100_000 + day.astype("datetime64[D]").astype(np.int64))
    visit = went.at * 100_000 + went.day.astype("datetime64[D]").astype(np.int64)
    recent = np.searchsorted(key, visit) - np.searchsorted(key, visit - 365)
    return reported, recent.astype(float)


def _located(firms: World, complained: pd.DataFrame) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], Days]:
    head = complaints.HEADERS
    place = firms.positions()
    at = np.array([place[c] for c in complained[head["subject_id"]].tolist()], dtype=np.int64)
    return at, complained[head["received_on"]].to_numpy(dtype="datetime64[D]")
