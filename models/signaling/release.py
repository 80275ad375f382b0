"""What may leave: raw cubes become protected frames; nothing else in this package may be stored or shown.

Whoever knows the footprints can solve hexagons for the network cells they were computed from, so small cells must
not go in as they are. Within each town, cells are pooled along a space-filling curve until every pool has at least k
devices (microaggregation; Hundepool et al., Statistical Disclosure Control, 2012, ch. 4). A pool is spread by the
mean footprint of its cells, which tells nothing of the shares within it. The total of every town, of the city and of
both resolutions is kept; an attacker who inverts everything learns pools. Towns below k are withheld with the next
smallest one. Totals are those before anything was withheld. Intervals are analytic, see `models.signaling.uncertainty`:
the chance of the sample, with the design effect of the town, and that of where footprints put people.

Not accounted for: errors that all hexagons of a town share, such as the wrong town of a home.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from models import disclosure
from models.fusion.compiled import compiled
from models.signaling import cubes
from models.signaling.pipeline import Raw
from models.signaling.uncertainty import CERTAIN, Doubt
from models.signaling.zones import Zones

Floats = npt.NDArray[np.float64]

Z90 = 1.645
"""Half width of a 90 % interval in standard deviations."""


@dataclass(frozen=True)
class Rules:
    """Thresholds of a release: k for sums of a period, fine_k for sums by hour and class; model errors.

    ``doubts`` are by kind of people (`uncertainty.ROLES`); without them the intervals are those of sampling alone.
    """

    k: int
    fine_k: int
    doubts: Mapping[str, Doubt] = field(default_factory=dict)

    def doubt(self, role: str) -> Doubt:
        """Model error of one kind of people."""
        return self.doubts.get(role, CERTAIN)


@dataclass(frozen=True)
class Pools:
    """Network cells pooled for one sum.

    Attributes
    ----------
    of_cell : (cells) pool of each network cell, -1 where it has nobody or is withheld
    persons, devices : (pools) sums; every pool has at least k devices
    withheld : persons of the towns that are too small to be shown
    """

    of_cell: npt.NDArray[np.int64]
    persons: Floats
    devices: npt.NDArray[np.int64]
    withheld: float


@compiled
def _grouped(
    order: npt.NDArray[np.int64], group: npt.NDArray[np.int64], devices: npt.NDArray[np.int64], k: int,
    pool: npt.NDArray[np.int64],
) -> int:  # fmt: skip
    """Pool cells of one group after the other in their order; what is left over joins the group's last pool."""
    number, begun, last_full, current = 0, 0, -1, -1
    for i in range(order.size):
        c = order[i]
        if group[c] != current:
            current, begun, last_full = group[c], 0, -1
        if devices[c] == 0 or current < 0:
            continue
        if begun == 0 and last_full >= 0 and _rest(order, i, group, devices) < k:
            pool[c] = last_full
            continue
        pool[c] = number
        begun += devices[c]
        if begun >= k:
            last_full, begun = number, 0
            number += 1
    return number


@compiled
def _rest(
    order: npt.NDArray[np.int64], start: int, group: npt.NDArray[np.int64], devices: npt.NDArray[np.int64]
) -> int:
    total, i = 0, start
    while i < order.size and group[order[i]] == group[order[start]]:
        total += devices[order[i]]
        i += 1
    return total


def pooled(zones: Zones, persons: Floats, devices: npt.NDArray[np.integer], k: int) -> Pools:
    """Pool the network cells of one sum within their towns.

    Parameters
    ----------
    persons, devices : (cells) weighted persons and distinct devices
    """
    counts = np.asarray(devices, np.int64)
    town = zones.town_of_cell
    group = np.where(town < 0, len(zones.towns), town)
    group = np.where(zones.allocation.weights.getnnz(axis=1) > 0, group, -1)
    known = group >= 0
    total = np.bincount(group[known], counts[known], len(zones.towns) + 1).astype(np.float64)
    small = disclosure.complementary(disclosure.small(total, k), total, np.zeros(len(total), np.int64), k)
    group = np.where((group >= 0) & ~small[group], group, -1)
    pool = np.full(len(counts), -1, np.int64)
    number = _grouped(zones.order, group, counts, k, pool)
    known = pool >= 0
    reached = zones.allocation.weights.getnnz(axis=1) > 0
    return Pools(
        pool,
        np.bincount(pool[known], persons[known], number).astype(np.float64),
        np.bincount(pool[known], counts[known], number).astype(np.int64),
        float(persons[reached & ~known].sum()),
    )


def design_effects(raw: Raw, zones: Zones) -> Floats:
    """Design effect of the weights of each town's residents, 1 + cv^2 (Kish 1965), by network cell.

    It is 1 where nobody lives, and in cells beyond every town.
    """
    effect, _, _ = _by_town(raw, zones)
    return np.append(effect, 1.0)[zones.town_of_cell]


def _by_town(raw: Raw, zones: Zones) -> tuple[Floats, Floats, Floats]:
    """Design effect, devices and persons of the residents of each town; devices are counted whole in one town."""
    homes = raw.people[raw.people["resident_class"] == "resident"].dropna(subset=["home_cell"])
    town = zones.town_of_cell[homes["home_cell"].to_numpy(np.int64)]
    inside, bins = town >= 0, len(zones.towns)
    devices, squares, persons = (
        np.bincount(town[inside], homes[name][inside], bins).astype(np.float64)
        for name in ("devices", "squares", "persons")
    )
    effect = np.divide(devices * squares, persons**2, out=np.ones(bins), where=persons > 0)
    return np.maximum(effect, 1.0), devices, persons


def weight_quality(raw: Raw, zones: Zones, rules: Rules) -> pd.DataFrame:
    """Product ``weight_quality`` without its period, for towns with at least k devices; no totals are published."""
    effect, devices, persons = _by_town(raw, zones)
    frame = pd.DataFrame(
        {
            "area_code": list(zones.towns),
            "area_level": "town",
            "design_effect": effect,
            "mean_weight": np.divide(persons, devices, out=np.full(len(devices), np.nan), where=devices > 0),
            "effective_devices": devices / effect,
            "devices": pd.array(devices.astype(np.int64), "Int64"),
            "suppressed": disclosure.small(devices, rules.k),
        }
    )
    hide = ["design_effect", "mean_weight", "effective_devices", "devices"]
    frame[hide] = frame[hide].mask(frame["suppressed"] | (devices == 0))
    return frame


def spread(
    zones: Zones,
    persons: Floats,
    devices: npt.NDArray[np.integer],
    k: int,
    resolution: int,
    doubt: Doubt = CERTAIN,
    effect: Floats | None = None,
) -> pd.DataFrame:
    """One sum over network cells as protected hexagons of one resolution.

    Parameters
    ----------
    persons, devices : (cells) weighted persons and distinct devices
    k : least devices of a pool
    doubt : model error of this kind of people
    effect : (cells) design effect of the weights, 1 where it is not given

    Returns
    -------
    ``h3``, ``resolution``, ``persons``, ``low``, ``high``, ``devices`` (of the pools behind the hexagon) and
    ``suppressed``. Hexagons that no cell serves are left out; those of a withheld town are suppressed; those without
    anybody are 0.
    """
    pools = pooled(zones, persons, devices, k)
    hexes, matrix = zones.coarser(resolution)
    weights = sp.csr_matrix(zones.allocation.weights @ matrix)
    known = np.flatnonzero(pools.of_cell >= 0)
    shape = (len(pools.persons), weights.shape[0])
    member = sp.csr_matrix((np.ones(len(known)), (pools.of_cell[known], known)), shape=shape)
    size = np.maximum(np.asarray(member.sum(axis=1)).ravel(), 1.0)
    shared = sp.csr_matrix(sp.diags(1.0 / size) @ member @ weights)
    squared = shared.multiply(shared).T
    unequal = np.ones(len(pools.persons)) if effect is None else np.asarray(member @ effect) / size
    value = shared.T @ pools.persons
    sampled = squared @ (unequal * pools.persons**2 / np.maximum(pools.devices, 1))
    deviation = np.sqrt(sampled + doubt.variance(value - squared @ pools.persons))
    behind = (shared > 0).astype(np.int64).T @ pools.devices
    reached = np.asarray(weights.T @ (np.asarray(devices) * (pools.of_cell < 0)).astype(np.float64))
    suppressed = (np.asarray(behind) == 0) & ((reached > 0) | (value > 0))
    frame = pd.DataFrame(
        {
            "h3": hexes,
            "resolution": resolution,
            "persons": value,
            "low": np.maximum(value - Z90 * deviation, 0.0),
            "high": value + Z90 * deviation,
            "devices": pd.array(np.asarray(behind, np.int64), "Int64"),
            "suppressed": suppressed,
        }
    )
    hide = ["persons", "low", "high", "devices"]
    frame[hide] = frame[hide].mask(frame["suppressed"])
    covered = np.asarray(matrix.T @ zones.allocation.covered.astype(np.float64)) > 0
    return frame[covered].reset_index(drop=True)


def present_by_hour(
    raw: Raw, zones: Zones, rules: Rules, wanted: tuple[int, ...], hours: Sequence[int] = range(24)
) -> pd.DataFrame:
    """Product ``present_by_hour`` without its period: every hexagon, hour and type of day."""
    parts, effect, doubt = [], design_effects(raw, zones), rules.doubt("present")
    for kind, daytype in enumerate(cubes.DAYTYPES):
        for hour in hours:
            persons = raw.presence.persons[cubes.FIRST_CELL :, hour, kind]
            devices = raw.presence.devices[cubes.FIRST_CELL :, hour, kind]
            for resolution in wanted:
                found = spread(zones, persons, devices, rules.fine_k, resolution, doubt, effect)
                parts.append(found.assign(daytype=daytype, hour=hour))
    return pd.concat(parts, ignore_index=True)


def residents_by_hex(raw: Raw, zones: Zones, rules: Rules, wanted: tuple[int, ...]) -> pd.DataFrame:
    """Product ``residents_by_hex`` without its period: residents, workers and short stays."""
    cells = zones.allocation.weights.shape[0]
    resident, short = (raw.people["resident_class"] == name for name in ("resident", "short"))
    parts, effect = [], design_effects(raw, zones)
    for role, rows, column in (
        ("resident", raw.people[resident], "home_cell"),
        ("worker", raw.people[resident], "work_cell"),
        ("short_stay", raw.people[short], "home_cell"),
    ):
        known = rows.dropna(subset=[column])
        at = known[column].to_numpy(np.int64)
        persons = np.bincount(at, known["persons"], cells).astype(np.float64)
        devices = np.bincount(at, known["devices"], cells).astype(np.int64)
        doubt = rules.doubt(role)
        parts += [spread(zones, persons, devices, rules.k, r, doubt, effect).assign(role=role) for r in wanted]
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


def figures(quality: dict[str, float], k: int) -> pd.DataFrame:
    """Product ``signaling_quality`` without its period; numbers of people below k are missing.

    Counts of events and rows are no counts of people and are shown as they are.
    """
    rows = []
    for name, value in quality.items():
        people = "_class_" in name
        unit = (
            "device"
            if people or name == "effective_devices"
            else "event"
            if name.startswith(("events_", "rows_"))
            else ""
        )
        rows.append({"figure": name, "value": np.nan if people and 0 < value < k else value, "unit": unit})
    return pd.DataFrame(rows)
