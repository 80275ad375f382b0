"""Records of supervision read, held to their rules and told as timelines, each against the plain way in the same run.

    python -m benchmarks.records --rows 1000000

An invented city has ``rows`` inspections with named officers, a quarter as many listings and a fifth as many subjects.
Peers: Arrow reads the same CSV without looking at a value; a clerk's loop goes through the listings entry by entry (on
a sample, scaled); pandas picks a subject's rows out of whole tables that are in memory already.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.csv as pa_csv

from benchmarks.measure import cpu_s, table
from models import contracts
from models.analysis.listings import repeated
from models.profile import load_city
from models.settings import Settings
from models.sources import read_source
from models.store import Store
from tests.unit.models.analysis.test_listings import plain

CITY = """name = { zh-Hans = "某市", en = "Some City" }
crs = 4544
timezone = "Asia/Shanghai"
disclosure_k = 10
view = { lon = 106.5, lat = 29.5, zoom = 9 }
[grid]
kind = "none"
"""
SOURCE = """table = "inspections"
files = ["inspections.csv"]
format = "csv"
title = { zh-Hans = "检查", en = "Inspections" }
licence = "CC0-1.0"
attribution = "nobody"
vintage = "2024"
cadence = "once"
origin = "the benchmark"
[columns]
inspection_id = "id"
subject_id = "subject"
inspected_on = "day"
kind = "kind"
result = "result"
officer = "officer"
"""
ASKED = 200


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = Settings(home=home / "home", shared=home, profiles=home)
        subjects = np.array([f"9150{i:014d}" for i in range(max(rows // 5, 1))])
        inspections, reading = _read(home / "city", subjects, rows, settings)
        listings, ruling = _rule(subjects, rows // 4)
        telling = _tell(settings, inspections, listings, subjects)
    print(table(["work", "rows", "CPU s", "peer", "peer's CPU s", "CPU, peer = 1"], [reading, ruling]))
    print(telling)


def _read(folder: Path, subjects: np.ndarray, rows: int, settings: Settings) -> tuple[pd.DataFrame, list[str]]:
    rng = np.random.default_rng(1)
    days = np.datetime64("2015-01-01") + rng.integers(0, 3000, rows).astype("timedelta64[D]")
    frame = pd.DataFrame({"id": np.arange(rows), "subject": rng.choice(subjects, rows), "day": days})
    officers = np.array([f"王某{i}" for i in range(500)])
    frame = frame.assign(kind="routine", result="none_found", officer=rng.choice(officers, rows))
    (folder / "sources").mkdir(parents=True)
    (folder / "city.toml").write_text(CITY, encoding="utf-8")
    (folder / "sources" / "inspections.toml").write_text(SOURCE, encoding="utf-8")
    frame.to_csv(folder / "inspections.csv", index=False)
    started = cpu_s()
    pa_csv.read_csv(folder / "inspections.csv")
    floor = cpu_s() - started
    city = load_city(folder, settings)
    started = cpu_s()
    result = read_source(city, city.source("inspections"), settings)
    spent = cpu_s() - started
    if len(result.frame) != rows or result.frame["officer_key"].nunique() != len(officers):
        sys.exit("rows or officers were lost")
    line = ["read, check and hash", f"{rows:,}", f"{spent:.2f}", "Arrow reads the file", f"{floor:.2f}"]
    return result.frame, [*line, f"{spent / max(floor, 0.01):.0f}"]


def _listings(subjects: np.ndarray, rows: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2015-01-01") + pd.to_timedelta(rng.integers(0, 3000, rows), "D")
    end = pd.Series(start + pd.to_timedelta(rng.integers(0, 900, rows), "D")).where(rng.random(rows) < 0.7)
    frame = pd.DataFrame({"subject_id": rng.choice(subjects, rows), "listed_on": start, "removed_on": end})
    frame["ground"] = rng.choice(["annual_report", "unreachable"], rows)
    frame["report_year"] = (frame["listed_on"].dt.year - 1).where(frame["ground"] == "annual_report").astype("Int64")
    frame["removal"] = pd.Series("normal", index=frame.index).where(end.notna()).astype("str")
    frame["listing_id"] = [f"{i:09d}" for i in range(rows)]
    frame = frame.assign(list="abnormal", source_id="l", source_file="l.csv", source_row=np.arange(2, rows + 2))
    dates = dict.fromkeys(("listed_on", "removed_on"), "datetime64[s]")
    return contracts.conform("listings", frame.astype(dates))


def _rule(subjects: np.ndarray, rows: int) -> tuple[pd.DataFrame, list[str]]:
    few = _listings(subjects[:100], 500, seed=3)
    started = cpu_s()
    wanted = plain(few)
    slow = (cpu_s() - started) / len(few) * rows
    if sorted(repeated(few).index) != wanted:
        sys.exit("the columns and the loop refuse different entries")
    frame = _listings(subjects, rows, seed=4)
    started = cpu_s()
    refused = repeated(frame)
    spent = cpu_s() - started
    line = ["hold listings to their rules", f"{rows:,}", f"{spent:.2f}", "a loop over entries, scaled", f"{slow:,.0f}"]
    return frame.drop(index=refused.index), [*line, f"{spent / slow:.4f}"]


def _tell(settings: Settings, inspections: pd.DataFrame, listings: pd.DataFrame, subjects: np.ndarray) -> str:
    asked = np.random.default_rng(5).choice(subjects, ASKED)
    with Store.open("somecity", settings) as store:
        store.publish("b1", {}, {"inspections": inspections, "listings": listings}, {})
        store.timeline(asked[0])
        ours, told = [], 0
        for subject in asked:
            started = time.perf_counter()
            told += len(store.timeline(subject))
            ours.append(1e3 * (time.perf_counter() - started))
    theirs = []
    for subject in asked[:20]:
        started = time.perf_counter()
        for frame in (inspections, listings):
            frame[frame["subject_id"] == subject]
        theirs.append(1e3 * (time.perf_counter() - started))
    middle, late = statistics.median(ours), statistics.quantiles(ours, n=20)[-1]
    return (
        f"\nTimeline of one of {len(subjects):,} subjects out of {len(inspections) + len(listings):,} records: median "
        f"{middle:.1f} ms, 95th percentile {late:.1f} ms ({told / ASKED:.1f} events each, twelve statements); pandas "
        f"filtering two whole tables in memory {statistics.median(theirs):.1f} ms."
    )


if __name__ == "__main__":
    main()
