"""Invented subjects and records, small enough to be followed by hand or by a plain loop."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models import contracts
from models.analysis.classification.population import WISHES

AS_OF = pd.Timestamp("2015-06-30")
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def ids(n: int) -> list[str]:
    return [f"91500222MA{i:07d}X" for i in range(n)]


def subjects(n: int, **columns: object) -> pd.DataFrame:
    """n located subjects that differ in nothing but their id, unless columns are given."""
    base = {
        "uscc": ids(n),
        "name": [f"firm {i}" for i in range(n)],
        "established_on": pd.Timestamp("2010-03-01"),
        "outside": False,
        "located": True,
        "source_id": "made",
        "source_file": "made",
        "source_row": np.arange(n) + 2,
        "address": [f"road {i}" for i in range(n)],
        "status": "存续",
    }
    return contracts.conform("subjects", pd.DataFrame({**base, **columns}, index=range(n)))


def table(name: str, rows: list[dict[str, object]]) -> pd.DataFrame:
    """A record table with ids and provenance filled in."""
    key = contracts.contract(name).key
    filled = []
    for i, row in enumerate(rows):
        own = {"source_id": "made", "source_file": "made", "source_row": i + 2, **row}
        for column in key:
            own.setdefault(column, f"{name}{i}")
        filled.append(own)
    frame = pd.DataFrame(filled)
    for column in contracts.contract(name).columns:
        if column.kind == "date" and column.name in frame:
            frame[column.name] = pd.to_datetime(frame[column.name]).astype("datetime64[s]")
    return contracts.conform(name, frame)


def records(**given: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """All record tables, empty where not given."""
    return {name: given.get(name, contracts.empty(name)) for name in WISHES}


def random_city(n: int, seed: int, events: float = 3) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """A city of n subjects with about ``events`` rows per subject and record table over five years."""
    rng = np.random.default_rng(seed)
    who = np.array(ids(n))
    size = int(n * events)

    def day(count: int, first: str = "2010-01-01", span: int = 2100) -> np.ndarray:
        return np.datetime64(first, "s") + rng.integers(0, span, count).astype("timedelta64[D]")

    def some(count: int, values: list[object]) -> np.ndarray:
        return np.array(values, dtype=object)[rng.integers(0, len(values), count)]

    def ended(begun: np.ndarray) -> pd.Series:
        later = begun + rng.integers(10, 900, begun.size).astype("timedelta64[D]")
        return pd.Series(later).where(rng.random(begun.size) < 0.6)

    people = subjects(
        n,
        established_on=day(n, "2006-01-01", 3400),
        capital_cny=10 ** rng.uniform(4, 8, n),
        capital_flag=some(n, ["ok", "missing"]),
        industry_section=some(n, ["A", "F", "H"]),
        scope_text=some(n, ["投资咨询；养老服务", "零售", "理财", None]),
        representative_key=[None if k == 0 else f"{k:016x}" for k in rng.integers(0, n // 3 + 2, n)],
        address=[None if k == 0 else f"古南街道{k}号{k % 3}楼" for k in rng.integers(0, n // 3 + 2, n)],
        status=some(n, ["存续", "存续", "注销", "吊销"]),
    )
    frames: dict[str, pd.DataFrame] = {}

    def put(name: str, columns: dict[str, object]) -> None:
        frame = pd.DataFrame(columns)
        keys = {k: [f"{name}{i}" for i in range(len(frame))] for k in contracts.contract(name).key if k not in frame}
        frames[name] = contracts.conform(
            name, frame.assign(**keys, source_id="made", source_file="made", source_row=np.arange(len(frame)) + 2)
        )

    of = lambda: who[rng.integers(0, n, size)]  # noqa: E731
    put(
        "inspections",
        {
            "subject_id": of(),
            "inspected_on": day(size),
            "kind": some(size, ["routine", "special", "reinspection", "other"]),
            "selected_by": some(size, ["random", "risk", None]),
            "officer_key": some(size, ["a" * 16, "b" * 16]),
            "result": some(size, ["none_found", "none_found", "rectify", "penalty", "unreachable"]),
            "score": np.where(rng.random(size) < 0.5, rng.integers(50, 100, size).astype(float), np.nan),
        },
    )
    seen = frames["inspections"].sample(frac=0.5, random_state=1)
    put(
        "findings",
        {
            "inspection_id": seen["inspection_id"].to_numpy(),
            "subject_id": seen["subject_id"].to_numpy(),
            "found_on": seen["inspected_on"].to_numpy(),
            "severity": some(len(seen), ["high", "moderate", "low"]),
        },
    )
    put(
        "penalties",
        {"subject_id": of(), "decided_on": day(size), "kind": some(size, ["fine", "warning"] * 9 + ["revocation"])},
    )
    received = day(size)
    put(
        "complaints",
        {
            "subject_id": of(),
            "received_on": received,
            "kind": "complaint",
            "outcome": some(size, ["open", "rejected", "confirmed"]),
            "closed_on": ended(received),
        },
    )
    listed = day(size)
    put(
        "listings",
        {
            "subject_id": of(),
            "list": some(size, ["abnormal"] * 9 + ["serious"]),
            "ground": "annual_report",
            "listed_on": listed,
            "removed_on": ended(listed),
            "removal": some(size, ["normal", "correction"]),
        },
    )
    issued = day(size)
    put(
        "licences",
        {
            "subject_id": of(),
            "kind": some(size, ["food", "drug"]),
            "library": "food",
            "issued_on": issued,
            "expires_on": ended(issued),
            "revoked_on": pd.Series(ended(issued)).where(rng.random(size) < 0.1),
        },
    )
    reported = pd.DataFrame({"subject_id": of(), "report_year": rng.integers(2011, 2015, size)}).drop_duplicates()
    put(
        "annual_reports",
        {
            **{c: reported[c].to_numpy() for c in reported},
            "filed_on": day(len(reported), "2014-01-01", 600),
            "paid_in_cny": np.where(rng.random(len(reported)) < 0.7, 10 ** rng.uniform(3, 7, len(reported)), np.nan),
        },
    )
    put("changes", {"subject_id": of(), "changed_on": day(size, "2014-01-01", 600), "kind": "scope"})
    invested = day(size)
    put(
        "investments",
        {
            "subject_id": of(),
            "investor_key": [None if k == 0 else f"{k:016x}" for k in rng.integers(0, n, size)],
            "invested_on": invested,
            "ended_on": ended(invested),
        },
    )
    put(
        "credit_repairs",
        {
            "subject_id": of(),
            "repairs": "x",
            "applied_on": day(size),
            "decided_on": day(size),
            "result": some(size, ["accepted", "refused"]),
        },
    )
    frames["confirmed_warnings"] = contracts.conform(
        "confirmed_warnings",
        pd.DataFrame({"warning_key": [f"w{i}" for i in range(n)], "subject_id": who, "closed_on": day(n)}),
    )
    return people, records(**frames)
