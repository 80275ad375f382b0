"""Alerts over every series of a large city: columns at once against plain pandas, one series after the other.

    python benchmarks/alerts.py --firms 1000000 --grids 10000 --sample 300

A million registrations over 10,000 grids, 97 divisions of industry and 60 months. Both sides do the same: EARS C1 to C3
of the last month for every series (grid x division) that has a registration, and Farrington's bound, from the same
months of four earlier years, for every series of which five or more are expected at its level: grid x section, town x
section, district x section and all. The slow side runs a sample of the series drawn by seed and is scaled by their
number; on the sample the two sides give the same figures.
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
import pandas as pd  # noqa: E402

from benchmarks.measure import table  # noqa: E402
from models.analysis.clusters.baselines import ears, ears_c3, farrington  # noqa: E402

MONTHS, DIVISIONS, SECTIONS = 60, 97, 20
GRIDS_OF_TOWN, TOWNS_OF_DISTRICT = 25, 20
LEAST, LEAST_SD = 5.0, 0.5
SEED = 11
REFERENCE = np.array([m - 12 * y + d for m in (MONTHS - 1,) for y in range(1, 5) for d in (-1, 0, 1)])
REFERENCE = np.sort(REFERENCE[REFERENCE >= 0])
DESIGN = np.column_stack([np.ones(REFERENCE.size), (REFERENCE - MONTHS + 1) / 12.0])
NOW = np.array([1.0, 0.0])


def register(firms: int, grids: int) -> pd.DataFrame:
    """Return a row per registration: grid, division, month; crowded grids and common divisions as in real registers."""
    rng = np.random.default_rng(SEED)
    grid_share = rng.pareto(1.5, grids) + 0.2
    division_share = rng.pareto(1.0, DIVISIONS) + 0.1
    return pd.DataFrame(
        {
            "grid": rng.choice(grids, firms, p=grid_share / grid_share.sum()).astype(np.int32),
            "division": rng.choice(DIVISIONS, firms, p=division_share / division_share.sum()).astype(np.int16),
            "month": rng.integers(0, MONTHS, firms).astype(np.int16),
        }
    )


def levels(grid: np.ndarray, division: np.ndarray) -> dict[str, np.ndarray]:
    """Key of the series of each registration at every level that is tested by its bound."""
    section = division.astype(np.int64) * SECTIONS // DIVISIONS
    town = grid.astype(np.int64) // GRIDS_OF_TOWN
    district = town // TOWNS_OF_DISTRICT
    return {
        "grid": grid.astype(np.int64) * SECTIONS + section,
        "town": town * SECTIONS + section,
        "district": district * SECTIONS + section,
        "all": section,
    }


def cube(key: np.ndarray, month: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Keys that occur and their counts (series, months)."""
    size = int(key.max()) + 1
    present = np.zeros(size, bool)
    present[key] = True
    position = np.cumsum(present) - 1
    names = np.flatnonzero(present)
    flat = position[key] * MONTHS + month
    return names, np.bincount(flat, minlength=names.size * MONTHS).reshape(-1, MONTHS)


def by_columns(frame: pd.DataFrame) -> tuple[tuple[np.ndarray, np.ndarray], dict[str, tuple[np.ndarray, np.ndarray]]]:
    """All alerts: (keys, C1 C2 C3 of the last month) of every fine series, and (keys, upper bounds) of every level."""
    grid, division, month = (frame[c].to_numpy() for c in ("grid", "division", "month"))
    names, counts = cube(grid.astype(np.int64) * DIVISIONS + division, month)
    last = counts[:, -12:].astype(np.float64)
    c2 = ears(last, 2, LEAST_SD)
    fine = np.column_stack([ears(last, 0, LEAST_SD)[:, -1], c2[:, -1], ears_c3(c2)[:, -1]])
    bounds = {}
    for level, key in levels(grid, division).items():
        keys, counts = cube(key, month)
        reference = counts[:, REFERENCE].astype(np.float64)
        tested = reference.mean(axis=1) >= LEAST
        if tested.any():
            now = counts[tested, -1].astype(np.float64)
            bounds[level] = keys[tested], farrington(now, reference[tested], DESIGN, NOW, trend=1).upper
    return (names, fine), bounds


def ears_of(one: pd.Series) -> tuple[float, float, float]:
    """C1, C2 and C3 of the last month of one series, in pandas."""
    c1 = ((one - one.shift(1).rolling(7).mean()) / one.shift(1).rolling(7).std().clip(lower=LEAST_SD)).iloc[-1]
    c2 = (one - one.shift(3).rolling(7).mean()) / one.shift(3).rolling(7).std().clip(lower=LEAST_SD)
    return float(c1), float(c2.iloc[-1]), float((c2 - 1).clip(lower=0).iloc[-3:].sum(skipna=False))


def series_of(frame: pd.DataFrame) -> pd.Series:
    """Monthly counts of the registrations of one series."""
    return frame.groupby("month").size().reindex(range(MONTHS), fill_value=0)


def bound_of(one: pd.Series) -> float:
    """Farrington's bound of one series, fitted alone."""
    values = one.to_numpy(np.float64)
    return float(farrington(values[-1:], values[REFERENCE][None, :], DESIGN, NOW, trend=1).upper[0])


def one_by_one(frame: pd.DataFrame, fine: np.ndarray, coarse: dict[str, np.ndarray]) -> tuple[list, dict[str, list]]:
    """The same for the series named, each by itself; the groups are looked up in one pass, as pandas users do."""
    keyed = frame.assign(key=frame["grid"].astype(np.int64) * DIVISIONS + frame["division"])
    groups = dict(list(keyed[keyed["key"].isin(fine)].groupby("key")))
    found = [ears_of(series_of(groups[k])) for k in fine]
    bounds: dict[str, list] = {}
    for level, key in levels(frame["grid"].to_numpy(), frame["division"].to_numpy()).items():
        if level in coarse:
            leveled = frame.assign(key=key)
            groups = dict(list(leveled[leveled["key"].isin(coarse[level])].groupby("key")))
            bounds[level] = [bound_of(series_of(groups[k])) for k in coarse[level]]
    return found, bounds


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firms", type=int, default=1_000_000)
    parser.add_argument("--grids", type=int, default=10_000)
    parser.add_argument("--sample", type=int, default=300)
    options = parser.parse_args()
    frame = register(options.firms, options.grids)
    by_columns(frame.iloc[:1000])
    start = time.process_time()
    (names, fine), bounds = by_columns(frame)
    fast = time.process_time() - start
    rng = np.random.default_rng(SEED)
    chosen = rng.choice(names.size, min(options.sample, names.size), replace=False)
    picked = {level: rng.choice(keys.size, min(options.sample, keys.size), replace=False)
              for level, (keys, _) in bounds.items()}  # fmt: skip
    sample = names[chosen]
    coarse = {level: bounds[level][0][at] for level, at in picked.items()}
    cost = _cost(frame, sample, {})
    slow = cost[0] * names.size / sample.size
    for level, keys in coarse.items():
        seconds, _ = _cost(frame, sample[:0], {level: keys})
        slow += seconds * bounds[level][0].size / keys.size
    found, uppers = one_by_one(frame, sample, coarse)
    np.testing.assert_allclose(np.array(found), fine[chosen], rtol=1e-9, atol=1e-9)
    for level, at in picked.items():
        np.testing.assert_allclose(uppers[level], bounds[level][1][at], rtol=1e-7)
    tested = sum(keys.size for keys, _ in bounds.values())
    head = ["firms", "series", "of these with a bound", "columns, CPU s", "one by one, CPU s", "ratio"]
    row = [f"{options.firms:,}", f"{names.size:,}", f"{tested:,}", f"{fast:.2f}", f"{slow:,.0f}", f"{slow / fast:,.0f}"]
    print(table(head, [row], text_columns=0))
    print(
        f"\n{options.grids:,} grids, {DIVISIONS} divisions, {MONTHS} months, one thread, warm. One by one ran "
        f"{sample.size} series of each level and is scaled by their number, without the pass that finds the groups; "
        "on the sample both sides give the same figures. The goal is a ratio of 40."
    )


def _cost(frame: pd.DataFrame, fine: np.ndarray, coarse: dict[str, np.ndarray]) -> tuple[float, int]:
    """CPU seconds of the work per series alone: the groups are made before the clock starts."""
    keyed = frame.assign(key=frame["grid"].astype(np.int64) * DIVISIONS + frame["division"])
    groups = dict(list(keyed[keyed["key"].isin(fine)].groupby("key")))
    start = time.process_time()
    for k in fine:
        ears_of(series_of(groups[k]))
    seconds = time.process_time() - start
    for level, keys in coarse.items():
        leveled = frame.assign(key=levels(frame["grid"].to_numpy(), frame["division"].to_numpy())[level])
        groups = dict(list(leveled[leveled["key"].isin(keys)].groupby("key")))
        start = time.process_time()
        for k in keys:
            bound_of(series_of(groups[k]))
        seconds += time.process_time() - start
    return seconds, len(fine)


if __name__ == "__main__":
    main()
