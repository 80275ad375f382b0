"""Model error of the intervals of flows, measured on generated cities, and how often the intervals hold.

    python -m benchmarks.flow_intervals --seed 11 --seed 12 --seed 13 --seed 14 --test 21 --test 22 --write

Cities of the first seeds calibrate, those of the last are only tested: town plan, houses, network, people and events
all differ with the seed. ``error`` is the relative error that makes the 90 % interval hold in nine of ten flows, found
for each class of size (up to 100 devices and above, with at least `LEAST` flows); the largest counts.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.intervals import calibrate, generated, listed
from benchmarks.measure import machine, table
from models.build.signaling import measure
from models.evaluate.flows import flows_beside, moved
from models.evaluate.places import Truth
from models.profile.signaling import load_signaling
from models.signaling.evaluation_flows import NAMES, holds
from models.signaling.flow_intervals import interval
from models.signaling.release import Z90
from models.signaling.uncertainty import load_doubts

CLASSES = (0.0, 100.0, np.inf)
LEAST = 10


def drawn(seed: int, preset: str, people: int, home: Path) -> pd.DataFrame:
    """Shown flows of a generated city beside their truth, without model error.

    Parameters
    ----------
    home : empty folder that gets the city; nothing of it is kept by the caller
    """
    city, settings, ground = generated(seed, preset, people, home)
    spec = load_signaling(city)
    if spec is None:
        raise SystemExit("the demo city has no signaling.toml")
    made, before = (measure(city, settings, ground, lambda _done, _of: None, back=k) for k in (0, 1))
    folder = home / "demo-files" / "truth" / "signaling"
    found, _ = moved(before, made, folder, spec)
    return flows_beside((before, made), Truth.read(folder, made, city), found, folder, city, errors={})


def error_of(flows: pd.DataFrame) -> float:
    """Relative error of one kind of flow that holds nine of ten flows in every class of size."""
    seen = flows[flows["devices"] > 0]
    sampled = seen["persons"] ** 2 / seen["devices"]
    need = np.sqrt(np.maximum(((seen["true"] - seen["persons"]) / Z90) ** 2 - sampled, 0.0)) / seen["persons"]
    each = need.groupby(pd.cut(seen["devices"], list(CLASSES)), observed=True).agg(["size", lambda s: s.quantile(0.9)])
    return float(each[each["size"] >= LEAST].iloc[:, 1].max())


def held(flows: pd.DataFrame, error: float) -> float:
    """Share of the flows whose interval holds the truth with a relative error; those of nobody stay as they are."""
    low, high = interval(flows["persons"], flows["devices"], error)
    seen = flows["devices"] > 0
    return float(holds(flows.assign(low=low, high=flows["high"].where(~seen, high))).mean())


def report(known: pd.DataFrame, unseen: pd.DataFrame, options: argparse.Namespace) -> str:
    """The text of docs/truth.md."""
    used, rows = load_doubts().by_flow, []
    for kind, name in NAMES.items():
        mine, other = (frame[frame["kind"] == kind] for frame in (known, unseen))
        rows.append([
            name, f"{error_of(mine):.2f}", f"{used[kind]:.2f}", f"{len(mine):,}", f"{len(other):,}",
            f"{held(other, 0.0):.3f}", f"{held(other, used[kind]):.3f}",
            f"{other['true'].sum() / other['persons'].sum():.2f}",
        ])  # fmt: skip
    head = ["flows", "error found", "error used", "flows calibrated", "flows tested", "sampling alone holds",
            "interval holds", "true to estimated"]  # fmt: skip
    return "\n".join([
        f"Calibrated on seeds {listed(options.seed)}, tested on seeds {listed(options.test)}; preset {options.preset}, "
        f"{options.people:,} persons drawn; shown flows only, 90 % intervals, bar 0.85 to 0.95.",
        "", table(head, rows, text_columns=1), "", machine(),
    ])  # fmt: skip


if __name__ == "__main__":
    calibrate(__doc__, "flow-intervals", drawn, report)
