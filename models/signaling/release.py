"""What may leave: raw cubes become protected frames; nothing else in this package may be stored or shown.

Small numbers are withheld at their source. A network cell with fewer than k devices at an hour adds nothing to any
hexagon, because whoever knows the footprints could solve the hexagons for the cells. Where the total of a town is
published, the smallest further cells are withheld until what is missing stands for at least k devices and two cells.
A hexagon is shown only where enough of its people come from cells that are not withheld, and where the devices behind
it, counted by their shares, reach k as well. Totals are computed before anything is withheld. Intervals are analytic: a
cell's persons stand for n devices, so their variance is persons^2 / n, spread with the squared weights.

Not accounted for: errors of home detection and of the footprints, which `cityhex evaluate` measures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from models import disclosure
from models.fusion.hexes import resolutions
from models.signaling import cubes
from models.signaling.pipeline import Raw
from models.signaling.zones import Zones

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

Z90 = 1.645
"""Half width of a 90 % interval in standard deviations."""
MOST_WITHHELD = 0.2
"""Share of a hexagon's people that may be withheld before the rest would mislead and is suppressed too."""


@dataclass(frozen=True)
class Rules:
    """Thresholds of a release: k for sums of a period, fine_k for sums by hour and class."""

    k: int
    fine_k: int


def withheld(devices: npt.NDArray[np.integer], town: npt.NDArray[np.int64], k: int) -> Mask:
    """Which network cells add nothing, for one sum over cells of which the towns' totals are published.

    Parameters
    ----------
    devices : (cells) distinct devices
    town : (cells) position of the town of each cell, -1 outside
    """
    counts = devices.astype(np.float64)
    return disclosure.complementary(disclosure.small(counts, k), counts, town, k)


def spread(zones: Zones, persons: Floats, devices: npt.NDArray[np.integer], k: int, resolution: int) -> pd.DataFrame:
    """One sum over network cells as protected hexagons of one resolution.

    Returns
    -------
    ``h3``, ``persons``, ``low``, ``high``, ``devices`` (by shares, rounded down; missing where suppressed) and
    ``suppressed``; hexagons that no cell serves are left out, those without anybody are 0 and not suppressed.
    """
    hidden = withheld(devices, zones.town_of_cell, k)
    weights = zones.allocation.weights
    hexes, matrix = zones.coarser(resolution)
    weights = weights @ matrix
    shown = np.where(hidden, 0.0, persons)
    counts = devices.astype(np.float64)
    variance = np.divide(shown**2, counts, out=np.zeros_like(shown), where=counts > 0)
    total, value = weights.T @ persons, weights.T @ shown
    deviation = np.sqrt(weights.multiply(weights).T @ variance)
    behind = weights.T @ np.where(hidden, 0.0, counts)
    lost = np.divide(total - value, total, out=np.zeros_like(total), where=total > 0)
    suppressed = (total > 0) & ((behind < k) | (lost > MOST_WITHHELD))
    frame = pd.DataFrame(
        {
            "h3": hexes,
            "resolution": resolution,
            "persons": value,
            "low": np.maximum(value - Z90 * deviation, 0.0),
            "high": value + Z90 * deviation,
            "devices": pd.array(np.floor(behind).astype(np.int64), "Int64"),
            "suppressed": suppressed,
        }
    )
    hide = ["persons", "low", "high", "devices"]
    frame[hide] = frame[hide].mask(frame["suppressed"])
    covered = np.asarray(matrix.T @ zones.allocation.covered.astype(np.float64)) > 0
    return frame[covered].reset_index(drop=True)


def present_by_hour(raw: Raw, zones: Zones, rules: Rules, wanted: tuple[int, ...]) -> pd.DataFrame:
    """Product ``present_by_hour`` without its period: every hexagon, hour and type of day."""
    parts = []
    for kind, daytype in enumerate(cubes.DAYTYPES):
        for hour in range(24):
            persons = raw.presence.persons[cubes.FIRST_CELL :, hour, kind]
            devices = raw.presence.devices[cubes.FIRST_CELL :, hour, kind]
            for resolution in wanted:
                found = spread(zones, persons, devices, rules.fine_k, resolution)
                parts.append(found.assign(daytype=daytype, hour=hour))
    return pd.concat(parts, ignore_index=True)


def residents_by_hex(raw: Raw, zones: Zones, rules: Rules, wanted: tuple[int, ...]) -> pd.DataFrame:
    """Product ``residents_by_hex`` without its period: residents, workers and short stays."""
    cells = zones.allocation.weights.shape[0]
    resident, short = (raw.people["resident_class"] == name for name in ("resident", "short"))
    parts = []
    for role, rows, column in (
        ("resident", raw.people[resident], "home_cell"),
        ("worker", raw.people[resident], "work_cell"),
        ("short_stay", raw.people[short], "home_cell"),
    ):
        known = rows.dropna(subset=[column])
        at = known[column].to_numpy(np.int64)
        persons = np.bincount(at, known["persons"], cells).astype(np.float64)
        devices = np.bincount(at, known["devices"], cells).astype(np.int64)
        parts += [spread(zones, persons, devices, rules.k, r).assign(role=role) for r in wanted]
    return pd.concat(parts, ignore_index=True)


def coverage(zones: Zones, wanted: tuple[int, ...]) -> pd.DataFrame:
    """Product ``coverage_quality`` without its period; it knows nothing of people.

    ``serving_cells`` is the inverse Simpson index of the cells over a hexagon, ``spread_km`` the mean width (root of
    the area) over which their people are spread.
    """
    weights = zones.allocation.weights
    width = np.sqrt(np.divide(1.0, np.asarray(weights.power(2).sum(axis=1)).ravel(), where=weights.getnnz(1) > 0,
                              out=np.zeros(weights.shape[0])))  # fmt: skip
    parts = []
    for resolution in wanted:
        hexes, matrix = zones.coarser(resolution)
        share = (weights @ matrix).tocsc()
        total = np.asarray(share.sum(axis=0)).ravel()
        square = np.asarray(share.power(2).sum(axis=0)).ravel()
        covered = np.asarray(matrix.T @ zones.allocation.covered.astype(np.float64)) > 0
        side = np.sqrt(0.737)  # km, width of a hexagon of resolution 8
        mean_width = np.divide(share.T @ width, total, out=np.full(len(total), np.nan), where=total > 0) * side
        serving = np.divide(total**2, square, out=np.full(len(total), np.nan), where=square > 0)
        parts.append(
            pd.DataFrame(
                {
                    "h3": hexes,
                    "resolution": resolution,
                    "covered": covered,
                    "serving_cells": np.where(covered, serving, np.nan),
                    "spread_km": np.where(covered, mean_width, np.nan),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def finest(zones: Zones) -> int:
    """Resolution of the finest hexagons of a release."""
    return int(resolutions(zones.allocation.hexes[:1])[0])
