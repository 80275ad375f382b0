"""What may leave: raw cubes become protected frames; nothing else in this package may be stored or shown.

Whoever knows the footprints can solve hexagons for the network cells they were computed from, so small cells must
not go in as they are. Within each town, cells are pooled along a space-filling curve until every pool has at least k
devices (microaggregation; Hundepool et al., Statistical Disclosure Control, 2012, ch. 4). A pool is spread by the
mean footprint of its cells, which tells nothing of the shares within it. The total of every town, of the city and of
all resolutions is kept; an attacker who inverts everything learns pools. Towns below k, and those whose total another
table must hide, are withheld with the next smallest one: their people are in no sum, and hexagons that nobody else
reaches are suppressed. Totals are those before anything was withheld. Intervals are analytic, see
`models.signaling.uncertainty`: the chance of the sample, with the design effect of the town, and that of where
footprints put people.

Hexagons of resolution 9 are shown only where the network tells them apart (`models.signaling.zones.Zones.told_apart`):
elsewhere nothing but the addresses would part the people of a hexagon of resolution 8.

Not accounted for: errors that all hexagons of a town share, such as the wrong town of a home.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from models import disclosure
from models.signaling import cubes
from models.signaling.pipeline import Raw
from models.signaling.pools import Pools, pooled
from models.signaling.uncertainty import CERTAIN, Doubt
from models.signaling.zones import Zones

Floats = npt.NDArray[np.float64]

Z90 = 1.645
"""Half width of a 90 % interval in standard deviations."""
FINE = 9
"""Resolution from which on hexagons are shown only where the network tells them apart."""
WIDEST = 49.0
"""Hexagons a footprint may be wide where they are shown: 49 of resolution 9 are one of resolution 7."""


@dataclass(frozen=True)
class Rules:
    """Thresholds of a release: k for sums of a period, fine_k for sums by hour and class; model errors.

    ``doubts`` are by kind of people (`uncertainty.ROLES`), ``errors`` by kind of flow (`uncertainty.FLOWS`); without
    them the intervals are those of sampling alone. ``widest`` is the breadth up to which the finest hexagons are told
    apart.
    """

    k: int
    fine_k: int
    doubts: Mapping[str, Doubt] = field(default_factory=dict)
    widest: float = WIDEST
    errors: Mapping[str, float] = field(default_factory=dict)

    def doubt(self, role: str) -> Doubt:
        """Model error of one kind of people."""
        return self.doubts.get(role, CERTAIN)

    def error(self, flow: str) -> float:
        """Relative model error of one kind of flow."""
        return self.errors.get(flow, 0.0)


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
    ``suppressed``. Hexagons that no cell serves are left out; those that only cells of a withheld town reach are
    suppressed; those without anybody are 0.
    """
    return _on_hexes(zones, pooled(zones, persons, devices, k), devices, resolution, doubt, effect)


def _on_hexes(
    zones: Zones, pools: Pools, devices: npt.NDArray[np.integer], resolution: int, doubt: Doubt, effect: Floats | None
) -> pd.DataFrame:
    level = zones.level(resolution)
    found = _laid(pools, level.weights, doubt, effect)
    reached = np.asarray(level.weights.T @ (np.asarray(devices) * (pools.of_cell < 0)).astype(np.float64))
    found["suppressed"] = (found["devices"] == 0).to_numpy(bool) & ((reached > 0) | (found["persons"] > 0))
    found = _masked(found.assign(h3=level.hexes, resolution=resolution)[["h3", "resolution", *_ESTIMATE]])
    return found[level.covered].reset_index(drop=True)


_ESTIMATE = ("persons", "low", "high", "devices", "suppressed")


def _laid(pools: Pools, weights: sp.csr_matrix, doubt: Doubt, effect: Floats | None) -> pd.DataFrame:
    """People of the pools on places, with their interval and the devices of the pools that reach each."""
    shared = pools.shares(weights)
    squared = shared.multiply(shared).T
    unequal = np.ones(len(pools.persons)) if effect is None else pools.mean(effect)
    value = shared.T @ pools.persons
    sampled = squared @ (unequal * pools.persons**2 / np.maximum(pools.devices, 1))
    deviation = np.sqrt(sampled + doubt.variance(value - squared @ pools.persons))
    behind = (shared > 0).astype(np.int64).T @ pools.devices
    return pd.DataFrame(
        {
            "persons": value,
            "low": np.maximum(value - Z90 * deviation, 0.0),
            "high": value + Z90 * deviation,
            "devices": pd.array(np.asarray(behind, np.int64), "Int64"),
        }
    )


def _masked(frame: pd.DataFrame) -> pd.DataFrame:
    hide = ["persons", "low", "high", "devices"]
    return frame.assign(**{name: frame[name].mask(frame["suppressed"]) for name in hide})


def present_by_hour(
    raw: Raw, zones: Zones, rules: Rules, wanted: tuple[int, ...], hours: Sequence[int] = range(24)
) -> pd.DataFrame:
    """Product ``present_by_hour`` without its period: every hexagon, hour and type of day."""
    parts, effect, doubt = [], design_effects(raw, zones), rules.doubt("present")
    for kind, daytype in enumerate(cubes.DAYTYPES):
        for hour in hours:
            persons = raw.presence.persons[cubes.FIRST_CELL :, hour, kind]
            devices = raw.presence.devices[cubes.FIRST_CELL :, hour, kind]
            pools = pooled(zones, persons, devices, rules.fine_k)
            for resolution in wanted:
                found = _on_hexes(zones, pools, devices, resolution, doubt, effect)
                parts.append(found.assign(daytype=daytype, hour=hour))
    return pd.concat(parts, ignore_index=True)


def residents_by_hex(
    raw: Raw, zones: Zones, rules: Rules, wanted: tuple[int, ...], hidden_works: npt.NDArray[np.bool_] | None = None
) -> pd.DataFrame:
    """Product ``residents_by_hex`` without its period: residents, workers and short stays.

    Hexagons of `FINE` and finer are left out where the network does not tell them apart (`Zones.told_apart`), and for
    short stays, who are few.

    Parameters
    ----------
    hidden_works : see `people_by_area`
    """
    parts, effect = [], design_effects(raw, zones)
    apart = zones.allocation.hexes[zones.told_apart(rules.widest)]
    for role, place, pools, devices in _roles(raw, zones, rules, hidden_works):
        doubt = rules.doubt(role)
        for resolution in wanted:
            if resolution >= FINE and role == "short_stay":
                continue
            found = _on_hexes(place, pools, devices, resolution, doubt, effect)
            if resolution >= FINE:
                found = found[np.isin(found["h3"], apart)]
            parts.append(found.assign(role=role))
    return pd.concat(parts, ignore_index=True)


def people_by_area(
    raw: Raw, zones: Zones, rules: Rules, hidden_works: npt.NDArray[np.bool_] | None = None
) -> pd.DataFrame:
    """Product ``people_by_area`` without its period: the same people in towns, districts and the city.

    Towns are sums of the finest hexagons with their centre inside, districts sums of towns, the city of all hexagons.
    A withheld town hides its district; its people are in no sum, nor in hexagons.

    Parameters
    ----------
    hidden_works : (towns or more) towns whose workers commuter flows hide; they and the next smallest town are
        withheld here too, or the sum of their hexagons would be what the flows hide
    """
    parts, effect = [], design_effects(raw, zones)
    districts, above = zones.district_member
    for role, place, pools, _ in _roles(raw, zones, rules, hidden_works):
        doubt, hidden, whole = rules.doubt(role), pools.hidden[:-1], sp.csr_matrix(place.allocation.weights.sum(axis=1))
        for level, codes, weights, withheld in (
            ("town", zones.towns, place.by_town, hidden),
            ("district", districts, sp.csr_matrix(place.by_town @ above), above.T @ hidden > 0),
            ("city", ("city",), whole, np.zeros(1, bool)),
        ):
            found = _laid(pools, weights, doubt, effect)
            few = (found["devices"] < rules.k).to_numpy(bool) & (found["persons"] > 0).to_numpy(bool)
            found["suppressed"] = few | withheld
            found = found.assign(area_code=list(codes), area_level=level, role=role)
            parts.append(_masked(found[["area_code", "area_level", "role", *_ESTIMATE]]))
    return pd.concat(parts, ignore_index=True)


def _roles(
    raw: Raw, zones: Zones, rules: Rules, hidden_works: npt.NDArray[np.bool_] | None
) -> Iterator[tuple[str, Zones, Pools, npt.NDArray[np.int64]]]:
    """Each role with the places it is laid on, its pools, and its distinct devices by network cell."""
    cells = zones.allocation.weights.shape[0]
    resident, short = (raw.people["resident_class"] == name for name in ("resident", "short"))
    for role, rows, column, place in (
        ("resident", raw.people[resident], "home_cell", zones),
        ("worker", raw.people[resident], "work_cell", zones.at_work),
        ("short_stay", raw.people[short], "home_cell", zones),
    ):
        known = rows.dropna(subset=[column])
        at = known[column].to_numpy(np.int64)
        persons = np.bincount(at, known["persons"], cells).astype(np.float64)
        devices = np.bincount(at, known["devices"], cells).astype(np.int64)
        hidden = hidden_works[: len(zones.towns)] if role == "worker" and hidden_works is not None else None
        yield role, place, pooled(place, persons, devices, rules.k, hidden), devices


def coverage(zones: Zones, wanted: tuple[int, ...], widest: float = WIDEST) -> pd.DataFrame:
    """Product ``coverage_quality`` without its period; it knows nothing of people, and lists every hexagon.

    ``serving_cells`` is the inverse Simpson index of the cells over a hexagon, ``spread_km`` the mean width (root of
    the area) over which their people are spread, ``told_apart`` whether its people are told from those of its
    neighbours: hexagons coarser than `FINE` wherever they are covered.
    """
    weights = zones.allocation.weights
    width = np.sqrt(np.divide(1.0, np.asarray(weights.power(2).sum(axis=1)).ravel(), where=weights.getnnz(1) > 0,
                              out=np.zeros(weights.shape[0])))  # fmt: skip
    apart = zones.told_apart(widest)
    parts, side = [], np.sqrt(0.737 / 7.0 ** (zones.finest - 8))  # km, width of the finest hexagons; 0.737 km2 at 8
    for resolution in wanted:
        hexes, _, share, covered = zones.level(resolution)
        share = share.tocsc()
        total = np.asarray(share.sum(axis=0)).ravel()
        square = np.asarray(share.power(2).sum(axis=0)).ravel()
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
                    "told_apart": covered & (apart if resolution >= FINE else True),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
