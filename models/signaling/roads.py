"""The roads of one period: corridors of its network, drives of its days, protected speeds of its sections.

Days leave chains in the work area; here they are read bucket by bucket. Three sums pass over the buckets: how many
devices cross each border of cells at each moment (which finds trains), the drives of the nights (which calibrate the
places of the borders), and the ways and times on sections. All of them can be added in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from models.signaling.calibration import calibrated, errors_of
from models.signaling.corridors import (
    Corridor,
    Sections,
    Ways,
    corridors_of,
    digest_of,
    sections_of,
    table_of,
    ways_of,
)
from models.signaling.cubes import DAYTYPES
from models.signaling.drives import Chains, Matching, picked, together
from models.signaling.junctions import conservation, nodes_of
from models.signaling.network import Network
from models.signaling.passages import passages_of
from models.signaling.road_rules import RoadRules
from models.signaling.road_speeds import RoadSums, speeds, summed
from models.signaling.road_week import part_of
from models.signaling.service_day import ServiceDay
from models.signaling.trains import Crowd, by_train, crowd_of
from models.signaling.work_area import Area

MOST_NIGHT_CHAINS = 200_000
"""Drives of the nights that calibrate; more add nothing."""

Users = npt.NDArray[np.uint64]
Part = list[tuple[Users, Chains]]
Parts = Callable[[], Iterator[Part]]


@dataclass(frozen=True)
class Roads:
    """Main roads of a city as one network sees them.

    Attributes
    ----------
    corridors, sections, ways : see `corridors`
    rules : numbers of the road speeds
    """

    corridors: Sequence[Corridor]
    sections: Sections
    ways: Ways
    rules: RoadRules

    @property
    def matching(self) -> Matching:
        """What a day needs of them."""
        return Matching(self.ways, self.rules.passages, self.rules.digest + digest_of(self.ways))

    @property
    def lengths(self) -> npt.NDArray[np.float64]:
        """Metres of each section, by code."""
        return np.repeat(self.sections.end - self.sections.begin, 2)


def roads_of(
    table: gpd.GeoDataFrame | None, classes: Sequence[str], network: Network, active: npt.NDArray[np.bool_], crs: int,
    rules: RoadRules,
) -> Roads | None:  # fmt: skip
    """The main roads as a network sees them; None where the city has none of these classes.

    Parameters
    ----------
    table : table ``roads``, EPSG:4326
    active : rows of the network table that may serve a road
    """
    if table is None or not classes:
        return None
    found = corridors_of(table, classes, crs, rules.sections)
    if not found:
        return None
    sections = sections_of(found, network, active, rules.sections)
    return Roads(found, sections, ways_of(found, sections, network, active), rules)


def road_frames(parts: Parts, days: Sequence[ServiceDay], roads: Roads, k: int, crs: int) -> dict[str, pd.DataFrame]:
    """Products ``road_sections`` and ``road_speeds`` of a period, without its name, and ``road_figures``; protected.

    The figures are rows of ``signaling_quality``: whether passages are conserved at junctions, of shown speeds only.

    Parameters
    ----------
    parts : gives, anew at each call, the users and chains of every day for one group of users after the other
    days : of the period
    k : least number of distinct devices behind a section, hour and type of day or day of the week
    """
    crowds: list[Crowd] = [Crowd(np.empty(0, np.int64), np.empty(0, np.int64)) for _ in days]
    for part in parts():
        for d, (_, chains) in enumerate(part):
            crowds[d] = crowds[d] + crowd_of(chains)
    night: list[Chains] = []
    for part in parts():
        for d, (_, chains) in enumerate(part):
            if sum(len(c.user) for c in night) < MOST_NIGHT_CHAINS:
                night.append(at_night(chains, ~by_train(chains, crowds[d], roads.rules.rail), days[d], roads.rules))
    drives = together(night)
    place, error = calibrated(roads.ways, drives)
    sums: RoadSums | None = None
    for part in parts():
        passed = [
            (users, passages_of(chains, ~by_train(chains, crowds[d], roads.rules.rail), place, roads.ways, days[d],
                                roads.rules.passages))
            for d, (users, chains) in enumerate(part)
        ]  # fmt: skip
        own = summed(passed, [part_of(day) for day in days], roads.lengths, roads.rules.speeds)
        sums = own if sums is None else sums + own
    sections = table_of(roads.corridors, roads.sections, crs)
    if sums is None:
        return {"road_sections": sections, "road_speeds": pd.DataFrame(), "road_figures": pd.DataFrame()}
    found = speeds(sums, errors_of(roads.ways, drives, place, error), roads.lengths, roads.rules.speeds, k)
    names = sections[["section_id", "road_id"]].iloc[found["code"].to_numpy(np.int64)].reset_index(drop=True)
    return {
        "road_sections": sections,
        "road_speeds": pd.concat([names, found.drop(columns="code")], axis=1),
        "road_figures": junction_figures(roads, sums, found),
    }


def junction_figures(roads: Roads, sums: RoadSums, found: pd.DataFrame) -> pd.DataFrame:
    """Rows of ``signaling_quality`` on junctions: figure, value, unit.

    Parameters
    ----------
    found : `road_speeds.speeds`
    """
    shown, jam = (np.zeros(sums.passages.shape, bool) for _ in range(2))
    told = found[~found["suppressed"].astype(bool) & found["daytype"].isin(DAYTYPES)]
    weekend = (told["daytype"] == DAYTYPES[1]).to_numpy(np.int64)
    at = told["code"].to_numpy(np.int64), told["hour"].to_numpy(np.int64), weekend
    shown[at], jam[at] = True, told["jam"].fillna(False).to_numpy(bool)
    values = conservation(nodes_of(roads.corridors, roads.sections), sums.passages, shown, jam)
    return pd.DataFrame({"figure": list(values), "value": list(values.values()), "unit": ""})


def at_night(chains: Chains, kept: npt.NDArray[np.bool_], day: ServiceDay, rules: RoadRules) -> Chains:
    """The kept chains that begin in the hours of free flow."""
    piece = np.searchsorted(day.hour_edges, chains.t[chains.start[:-1]], side="right") - 1
    hour = day.hours[piece]
    late = (hour >= rules.speeds.night_from_hour) | (hour < rules.speeds.night_to_hour)
    return picked(chains, kept & late)


def parts_of(area: Area, groups: Iterable[tuple[int, int]], days: Sequence[ServiceDay]) -> Iterator[Part]:
    """Chains of every day of a work area, one group of users (first and last bucket) after the other."""
    for low, high in groups:
        yield [area.day(day.date).chains(low, high) for day in days]
