"""Draws and day routes: what they cost, and how long a route is against the plainest one.

    python benchmarks/field_work.py --subjects 1000000 --days 20

The draw takes a whole city with 200 officers; it is set against hashing every id once, which no draw of lots can do
without. Routes are days of visits with seeded places; each is set against going to the nearest that is left.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import pandas as pd

from benchmarks.measure import table
from models.analysis.draws import DrawRequest, Item, day_route, draw
from models.analysis.draws.route import Engine
from models.rules.draws import load_draw_rules

SEED = 5
OFFICERS = 200
VISITS = 14
START = (0.0, 0.0)
DAY = {"starts_min": 540.0, "ends_min": 1050.0, "speed_kmh": 25.0, "road_factor": 1.33}


def city(subjects: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Subjects with the level shares of a published city (Bayannur 2022), and officers."""
    rng = np.random.default_rng(SEED)
    people = pd.DataFrame(
        {
            "subject_id": np.char.add("91500110", np.char.zfill(np.arange(subjects).astype(str), 10)),
            "level": rng.choice(list("ABCD"), subjects, p=[0.731, 0.187, 0.052, 0.030]),
            "area_code": "500110001",
            "libraries": "commerce",
            "drawn_before": False,
        }
    )
    staff = pd.DataFrame(
        {
            "officer_id": [f"O{i:03d}" for i in range(OFFICERS)],
            "area_codes": "*",
            "expertise": "commerce",
            "certificate_until": pd.Timestamp("2030-01-01"),
            "conflicts": None,
            "load": 0,
        }
    )
    return people, staff


def drawing(subjects: int) -> list[str]:
    """One row: size, CPU seconds of the draw and of one hash per id, drawn, difference of the officers' work."""
    rules = load_draw_rules()
    people, staff = city(subjects)
    request = DrawRequest(
        "benchmark", dt.date(2026, 3, 2), (Item("A01", "commerce"),), rules.usable().share, rules.control.share,
        rules.version, rules.default_scheme,
    )  # fmt: skip
    start = time.process_time()
    found = draw(request, people, staff).objects
    spent = time.process_time() - start
    start = time.process_time()
    for name in people["subject_id"]:
        hashlib.sha256(f"benchmark|risk|{name}".encode()).hexdigest()
    floor = time.process_time() - start
    work = found["officers"].str.split(";").explode().value_counts()
    return [f"{subjects:,}", f"{len(found):,}", f"{spent:.1f}", f"{floor:.1f}", f"{spent / floor:.1f}",
            str(int(work.max() - work.min()))]  # fmt: skip


def stops(seed: int) -> pd.DataFrame:
    """Visits of one day."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.uniform(-3000, 3000, (VISITS, 2)), columns=["x", "y"])
    return frame.assign(stop_id=[f"v{i:02d}" for i in range(VISITS)], service_min=15.0)


def nearest(frame: pd.DataFrame) -> float:
    """Metres of the tour that goes to the nearest stop left, and home."""
    left = list(zip(frame["x"], frame["y"], strict=True))
    here, total = START, 0.0
    while left:
        there = min(left, key=lambda p: (p[0] - here[0]) ** 2 + (p[1] - here[1]) ** 2)
        left.remove(there)
        total += float(np.hypot(there[0] - here[0], there[1] - here[1]))
        here = there
    return DAY["road_factor"] * (total + float(np.hypot(*here)))


def routing(engine: Engine, days: int) -> list[str]:
    """One row: engine, CPU milliseconds of a day, mean, least and greatest share of the nearest-neighbour tour."""
    frames = [stops(seed) for seed in range(days)]
    day_route(frames[0], START, **DAY, engine=engine)
    start = time.process_time()
    lengths = [day_route(frame, START, **DAY, engine=engine).length_m for frame in frames]
    spent = 1000 * (time.process_time() - start) / days
    shares = np.array([length / nearest(frame) for length, frame in zip(lengths, frames, strict=True)])
    label = {"heuristic": "own heuristic", "auto": "with OR-tools where installed"}[engine]
    return [label, f"{spent:.0f}", *(f"{v:.3f}" for v in (shares.mean(), shares.min(), shares.max()))]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=20)
    options = parser.parse_args()
    head = [
        "subjects",
        "drawn",
        "draw, CPU s",
        "one hash per id, CPU s",
        "ratio",
        "checks between busiest and idlest officer",
    ]
    print(table(head, [drawing(options.subjects)], text_columns=0))
    print()
    head = ["route", "CPU ms a day", "length, nearest neighbour = 1: mean", "least", "greatest"]
    print(table(head, [routing("heuristic", options.days), routing("auto", options.days)], text_columns=1))
    print(f"\n{options.days} seeded days of {VISITS} visits; the goal is never above 1.")


if __name__ == "__main__":
    main()
