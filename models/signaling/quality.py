"""What a period says of itself: counts of events, of rows and of people by class, protected like every other number."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.signaling.undetermined import NAME

CLASSES = ("home_class_", "work_class_", "resident_class_")
"""Beginnings of the figures of people by class; those of each kind sum to all devices."""
OF_SHARE = {f"resident_class_{name}" for name in (NAME, "resident")}
"""Classes that ``undetermined_share`` is made from."""


def figures(quality: dict[str, float], k: int) -> pd.DataFrame:
    """Product ``signaling_quality`` without its period; numbers of people below k are missing.

    The classes of homes, of workplaces and of stays each sum to the same devices, so where one is hidden another one of
    its kind is too, and the share that is made from two of them. Counts of events and rows are no counts of people and
    are shown as they are.
    """
    hidden, rows = _hidden(quality, k), []
    for name, value in quality.items():
        people = "_class_" in name
        unit = (
            "device"
            if people or name == "effective_devices"
            else "event"
            if name.startswith(("events_", "rows_"))
            else ""
        )
        rows.append({"figure": name, "value": np.nan if name in hidden else value, "unit": unit})
    return pd.DataFrame(rows)


def _hidden(quality: dict[str, float], k: int) -> set[str]:
    """Classes of fewer than k devices, and with them the next smallest of their kind until the sum is k or more."""
    hidden: set[str] = set()
    for kind in CLASSES:
        own = sorted((value, name) for name, value in quality.items() if name.startswith(kind) and value > 0)
        few = sum(value < k for value, _ in own)
        while 0 < few < len(own) and (few < 2 or sum(value for value, _ in own[:few]) < k):
            few += 1
        hidden.update(name for _, name in own[:few])
    return hidden | ({"undetermined_share"} if hidden & OF_SHARE else set())
