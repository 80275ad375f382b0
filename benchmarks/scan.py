"""Space-time scan: the compiled kernel against the same scan in NumPy, in CPU-seconds of one thread.

    python benchmarks/scan.py --places 1000 --replicates 999 --sample 20

Both sides scan the same study (events on places over a year, zones of up to 50 neighbours, windows of 1 to 28 days
that end with the last day, a planted cluster of 25 events in 4 places and 7 days) and must give the same highest ratio.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

for _threads in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np  # noqa: E402

from benchmarks.measure import table  # noqa: E402
from models.analysis.clusters import scan_kernel  # noqa: E402
from models.analysis.clusters.neighbours import nearest  # noqa: E402
from models.analysis.clusters.scan import space_time_scan  # noqa: E402

K, LONGEST, DAYS, EVENTS = 50, 28, 365, 20_000
SEED = 7


def study(places: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return counts (places, days), neighbours and the planted places."""
    rng = np.random.default_rng(SEED)
    near = nearest(rng.uniform(0, 5e4, places), rng.uniform(0, 5e4, places), K)
    counts = np.zeros((places, DAYS), np.int64)
    np.add.at(counts, (rng.integers(0, places, EVENTS), rng.integers(0, DAYS, EVENTS)), 1)
    planted = near[places // 3, :4]
    np.add.at(counts, (rng.choice(planted, 25), DAYS - 1 - rng.integers(0, 7, 25)), 1)
    return counts, near, planted


def by_numpy(counts: np.ndarray, expected: np.ndarray, near: np.ndarray) -> float:
    """The highest ratio of one data set: cumulative sums over neighbours and days, then all ratios at once."""
    total = counts.sum()
    recent = counts[:, : -LONGEST - 1 : -1].cumsum(axis=1)
    observed = recent[near].cumsum(axis=1).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = observed * np.log(observed / expected)
        ratio += (total - observed) * np.log((total - observed) / (total - expected))
    return float(np.where(observed > expected, ratio, 0.0).max())


def zone_expectation(counts: np.ndarray, near: np.ndarray) -> np.ndarray:
    """Expected cases (places, k, windows) of the permutation model; the same for every replicate."""
    zones = counts.sum(axis=1)[near].cumsum(axis=1)
    windows = counts.sum(axis=0)[: -LONGEST - 1 : -1].cumsum()
    return zones[:, :, None] * windows / counts.sum()


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--places", type=int, action="append")
    parser.add_argument("--replicates", type=int, default=999)
    parser.add_argument("--sample", type=int, default=20)
    options = parser.parse_args()
    scan_kernel.warm()
    rows: list[list[str]] = []
    for places in options.places or [1000]:
        counts, near, planted = study(places)
        start = time.process_time()
        scan = space_time_scan(
            counts, near, model="permutation", longest=LONGEST, replicates=options.replicates,
            rng=np.random.default_rng(SEED),
        )  # fmt: skip
        fast = time.process_time() - start
        best = scan.clusters[0]
        if not (set(best.places) & set(planted) and best.last - best.first < 10 and best.observed >= 20):
            raise SystemExit(f"the planted cluster was not found: {best}")
        start = time.process_time()
        expected = zone_expectation(counts, near)
        if abs(by_numpy(counts, expected, near) - best.llr) > 1e-8 * best.llr:
            raise SystemExit("the two sides give different ratios")
        once = time.process_time() - start
        place, day = np.nonzero(counts)
        often = counts[place, day]
        place, day = np.repeat(place, often), np.repeat(day, often)
        rng = np.random.default_rng(SEED)
        start = time.process_time()
        for _ in range(options.sample):
            dealt = np.zeros_like(counts)
            np.add.at(dealt, (place, rng.permutation(day)), 1)
            by_numpy(dealt, expected, near)
        each = (time.process_time() - start) / options.sample
        slow = once + each * options.replicates
        windows = places * K * LONGEST * (options.replicates + 1)
        speed = f"{windows / fast / 1e6:,.0f}"
        rows.append([f"{places:,}", f"{options.replicates}", f"{fast:.2f}", speed, f"{slow:.1f}", f"{slow / fast:.0f}"])
    head = ["places", "replicates", "kernel, CPU s", "windows/CPU s, million", "NumPy, CPU s", "ratio"]
    print(table(head, rows, text_columns=0))
    print(
        f"\n{EVENTS:,} events in {DAYS} days, zones of up to {K} places, windows of 1 to {LONGEST} days, one thread, "
        "warm. The planted cluster of 25 events is the first found, both sides give it the same ratio. NumPy ran "
        f"{options.sample} replicates and is scaled to all."
    )


if __name__ == "__main__":
    main()
