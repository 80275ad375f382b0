"""Model error of the intervals of flows, measured on generated cities, and how often the intervals hold.

    python -m benchmarks.flow_intervals --seed 11 --seed 12 --seed 13 --seed 12:100000 --test 21 --test 22 \
        --test 2015:207000 --write

Cities of the first seeds calibrate, those of the last are only tested: town plan, houses, network, people and events
all differ with the seed. They have two sizes at least, for in a small sample chance hides what a method misses.

``error`` is the relative error whose square is what flows are off by on average beyond chance, by maximum likelihood
(`error_of`). Chance is that of a sample without return: of the persons drawn, whose sum is the truth, the operator sees
half, so it is ``(1 - observed) / n``; with ``1 / n`` the model error of small flows comes out as 0. All flows of
`LEAST` devices or more calibrate, also those that a release hides; tested are the shown ones.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.intervals import PEOPLE, calibrate, generated, listed
from benchmarks.measure import machine, table
from models.build.signaling import measure
from models.evaluate.flows import flows_beside, moved
from models.evaluate.places import Truth
from models.profile.signaling import load_signaling
from models.signaling.evaluation_flows import NAMES, holds
from models.signaling.flow_intervals import interval
from models.signaling.release import Z90
from models.signaling.uncertainty import load_doubts

LEAST = 10
MOST_OBSERVED = 0.95
ROUNDS = 200
FLOW_NAMES = NAMES | {"move": "moves of the city by class", "move_town": "moves of towns by class"}


def drawn(seed: int, preset: str, people: int, home: Path) -> pd.DataFrame:
    """Flows of a generated city beside their truth, without model error.

    Parameters
    ----------
    home : empty folder that gets the city; nothing of it is kept by the caller

    Returns
    -------
    Columns of `evaluation_flows.COLUMNS`, with effective ``devices``; ``observed`` share of the persons drawn, and
    ``shown``: every flow once as not shown, for calibration, and those of the release once more.
    """
    city, settings, ground = generated(seed, preset, people, home)
    spec = load_signaling(city)
    if spec is None:
        raise SystemExit("the demo city has no signaling.toml")
    made, before = (measure(city, settings, ground, lambda _done, _of: None, back=k) for k in (0, 1))
    folder = settings.home / "demo-files" / "truth" / "signaling"
    found, _ = moved(before, made, folder, spec)
    truth = Truth.read(folder, made, city)
    parts = []
    for shown in (False, True):
        flows = flows_beside((before, made), truth, found, folder, city, errors={}, hiding=shown)
        observed = flows["devices"] * truth.scale / flows["persons"].clip(lower=1e-9)
        visiting = flows["kind"].str.startswith("visitor")
        observed = observed.mask(visiting, float(made.share.mean()) * truth.scale).clip(upper=MOST_OBSERVED)
        half = (flows["high"] - flows["persons"]) / Z90
        effective = (flows["persons"] / half.clip(lower=1e-9)) ** 2
        devices = flows["devices"].where(flows["devices"] == 0, effective)
        parts.append(flows.assign(devices=devices, observed=observed, shown=shown))
    return pd.concat(parts, ignore_index=True)


def error_of(flows: pd.DataFrame) -> float:
    """Relative error of one kind of flow: the variance beyond chance that makes the truths likeliest.

    Solves ``sum ((r^2 - s - e^2) / (s + e^2)^2) = 0`` for e, r what each flow is off, s its variance by chance.
    """
    seen = flows[flows["devices"] >= LEAST]
    off = ((seen["true"] / seen["persons"] - 1.0) ** 2).to_numpy()
    chance = ((1.0 - seen.get("observed", 0.0)) / seen["devices"]).to_numpy()
    square = max(float((off - chance).mean()), 1e-4)
    for _ in range(ROUNDS):
        weight = (chance + square) ** -2.0
        square = max(float((weight * (off - chance)).sum() / weight.sum()), 0.0)
    return float(np.sqrt(square))


def held(flows: pd.DataFrame, error: float) -> float:
    """Share of the flows whose interval holds the truth with a relative error; those of nobody stay as they are."""
    low, high = interval(flows["persons"], flows["devices"], error)
    seen = flows["devices"] > 0
    return float(holds(flows.assign(low=low, high=flows["high"].where(~seen, high))).mean())


def report(known: pd.DataFrame, unseen: pd.DataFrame, options: argparse.Namespace) -> str:
    """The text of docs/truth.md."""
    used, rows = load_doubts().by_flow, []
    for flow, name in FLOW_NAMES.items():
        mine = known[(known["flow"] == flow) & ~known["shown"] & (known["devices"] >= LEAST)]
        other = unseen[(unseen["flow"] == flow) & unseen["shown"]]
        for people, tested in other.groupby("people"):
            rows.append([
                name, f"{people:,}", f"{error_of(mine):.2f}", f"{used[flow]:.2f}", f"{len(mine):,}",
                f"{len(tested):,}", f"{held(tested, 0.0):.3f}", f"{held(tested, used[flow]):.3f}",
                f"{tested['true'].sum() / tested['persons'].sum():.2f}",
            ])  # fmt: skip
    head = ["flows", "persons drawn", "error found", "error used", "flows calibrated", "flows tested",
            "sampling alone holds", "interval holds", "true to estimated"]  # fmt: skip
    return "\n".join([
        f"Calibrated on seeds {listed(options.seed)}, tested on seeds {listed(options.test)}; preset {options.preset}, "
        f"{PEOPLE:,} persons drawn where nothing else is said; shown flows tested, 90 % intervals, bar 0.85 to 0.97.",
        "", table(head, rows, text_columns=1), "", machine(),
    ])  # fmt: skip


if __name__ == "__main__":
    calibrate(__doc__, "flow-intervals", drawn, report)
