"""Planted truth: bursts among the real registrations of Chongqing, replayed day by day at 20 alerts a week.

    python -m benchmarks planted --write

Recall counts the planted bursts that an alert within the budget names (half of the alert's firms are the burst's, at
least three). Delay runs from the burst's first firm to the alert. Location error is in rings of town seats: 0 the same
seat, 1 one of the six nearest. What really happened in the register is unknown, so precision is a lower bound.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.measure import replace_block, table
from benchmarks.planted_replay import Outcome, Raised, Scene, by_rules, by_scan, outcomes, replay
from benchmarks.planted_truth import BURSTS, KINDS, Plan, Planted, calendar_only, days_between, plant
from models import contracts
from models.analysis.clusters import scan_kernel
from models.analysis.clusters.study import Study
from models.analysis.warnings.address_keys import address_keys
from models.build import build_city
from models.profile import load_city
from models.settings import PROJECT_ROOT, load
from models.store import Store

PAGE = PROJECT_ROOT / "docs" / "truth.md"
PER_WEEK = 20
FIRST, LAST = "2019-01-14", "2019-04-28"
TAIL_DAYS = 14
MEMORY_DAYS = 500
STRENGTHS = ((5, 7), (8, 7), (10, 7), (15, 7), (20, 7), (30, 7), (10, 3), (10, 14), (20, 28))
SINGLES = ("capital", "scope")


class City:
    """The register the bursts are planted into, its study, and the days of the replay."""

    def __init__(self, subjects: pd.DataFrame, crs: int, days: tuple[int, int], *, resolution: int = 8) -> None:
        self.subjects, self.crs, self.resolution = subjects, crs, resolution
        self.first, self.last = days
        self.study = Study.of(subjects, resolution=resolution, crs=crs)
        scan_kernel.warm()

    def scene(self, planted: Planted) -> Scene:
        """What detectors see of a register."""
        return Scene.of(planted, crs=self.crs, resolution=self.resolution, since=self.first - MEMORY_DAYS)

    def run(self, plan: Plan, *, per_week: float = PER_WEEK) -> tuple[list[Outcome], list[Raised]]:
        """Plant, replay, compare."""
        planted = plant(self.subjects, self.study, plan)
        scene = self.scene(planted)
        raised = replay(scene, [by_rules(), by_scan()], self.first, self.last, per_week=per_week)
        return outcomes(planted.bursts, raised, scene), raised

    def untouched(self, subjects: pd.DataFrame | None = None) -> list[Raised]:
        """Replay a register without anything planted."""
        scene = self.scene(Planted(self.subjects if subjects is None else subjects, pd.DataFrame()))
        return replay(scene, [by_rules(), by_scan()], self.first, self.last, per_week=PER_WEEK)

    def calendar_alone(self, seed: int) -> list[Raised]:
        """Replay a register that kept its days and lost its bursts: one firm a building and person, days dealt anew."""
        keys = address_keys(self.subjects["address"])
        alone = ~(keys.duplicated() & keys.notna())
        person = self.subjects["representative_key"]
        alone &= ~(person.duplicated() & person.notna())
        capital = self.subjects["capital_flag"].where(self.subjects["capital_flag"] != "ok", "missing")
        single = self.subjects.assign(capital_flag=capital)[alone.to_numpy()].reset_index(drop=True)
        return self.untouched(calendar_only(single, np.random.default_rng(seed)))


def chongqing() -> City:
    """Build the city in a folder of its own and take its located register."""
    with tempfile.TemporaryDirectory() as home:
        settings = replace(load(), home=Path(home))
        city = load_city("chongqing", settings)
        build_city("chongqing", settings)
        with Store.open("chongqing", settings) as store:
            subjects = contracts.conform("subjects", store.product("subjects").to_pandas())
    return City(subjects, city.crs, days_between(FIRST, LAST))


def summary(found: Sequence[Outcome], weeks: float, raised: Sequence[Raised], kinds: Sequence[str]) -> list[str]:
    """Recall of each kind, median delay, location error and precision of one strength."""
    cells = [_share([o for o in found if o.burst.kind == kind]) for kind in kinds]
    delays = [o.delay for o in found if o.delay is not None]
    rings = [o.rings for o in found if o.rings is not None]
    hits = sum(o.delay is not None for o in found)
    return [
        *cells,
        _share(found),
        f"{np.median(delays):.0f}" if delays else "–",
        f"{np.mean([r <= 1 for r in rings]):.0%}" if rings else "–",
        f"{len(raised) / weeks:.1f}",
        f"{hits / max(len(raised), 1):.0%}",
    ]


def _share(found: Sequence[Outcome]) -> str:
    return f"{np.mean([o.delay is not None for o in found]):.2f} ({len(found)})" if found else "–"


def main() -> None:
    """Run the curve and print it, or write it into docs/truth.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--each", type=int, default=5)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    city = chongqing()
    weeks = (city.last - city.first + 1) / 7
    rows, bar = [], []
    for size, days in STRENGTHS:
        found, raised = [], []
        for seed in range(options.seeds):
            plan = Plan(size, days, options.each, city.first, city.last - TAIL_DAYS, seed)
            one, alerts = city.run(plan)
            found += one
            raised += alerts
        bar += found if size >= 10 and days == 7 else []
        rows.append([f"{size}", f"{days}", *summary(found, weeks * options.seeds, raised, BURSTS)])
        print("  ".join(rows[-1]), file=sys.stderr, flush=True)
    singles = []
    for seed in range(options.seeds):
        plan = Plan(1, 7, options.each, city.first, city.last - TAIL_DAYS, seed, kinds=SINGLES)
        singles += city.run(plan)[0]
    untouched = city.untouched()
    calendar = [len(city.calendar_alone(seed)) for seed in range(options.seeds)]
    text = report(rows, bar, singles, (len(untouched) / weeks, float(np.mean(calendar)) / weeks), options)
    print(text)
    if options.write:
        replace_block(PAGE, "planted", text)


def report(
    rows: list[list[str]],
    bar: Sequence[Outcome],
    singles: Sequence[Outcome],
    background: tuple[float, float],
    options: argparse.Namespace,
) -> str:
    """The text of docs/truth.md; ``background`` are alerts a week with nothing planted, and of the calendar alone."""
    head = ["firms", "days", *(f"recall {k}" for k in BURSTS), "recall", "median delay, d", "within 1 ring",
            "alerts a week", "precision at least"]  # fmt: skip
    delays = [o.delay for o in bar if o.delay is not None]
    rings = [o.rings for o in bar if o.rings is not None]
    recall = np.mean([o.delay is not None for o in bar])
    first, last = days_between(FIRST, LAST)
    lines = [
        f"Real register of Chongqing, {FIRST} to {LAST} ({(last - first + 1) / 7:.0f} weeks), {PER_WEEK} alerts a "
        f"week, {options.seeds} seed(s) with {options.each} bursts of each kind; in brackets the number planted.",
        "",
        table(head, rows, text_columns=0),
        "",
        f"Bursts of 10 firms or more in 7 days, {len(bar)} of them: recall {recall:.2f} (bar 0.8), median delay "
        f"{np.median(delays):.0f} days from the first firm (bar 3), {np.mean([r <= 1 for r in rings]):.0%} within one "
        f"ring of {len(rings)} that have a place.",
        "",
        f"Single firms: recall {_share([o for o in singles if o.burst.kind == 'capital'])} of inflated capital, "
        f"{_share([o for o in singles if o.burst.kind == 'scope'])} of scopes switched to finance words.",
        "",
        f"Nothing planted: {background[0]:.1f} alerts a week, real concentrations of unknown cause. Calendar alone "
        f"(days kept, bursts of buildings, persons and capital removed): {background[1]:.2f} alerts a week.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    assert set(BURSTS) | set(SINGLES) == set(KINDS)
    main()
