"""The city's towns and streets: one entry per district and name, with its seat where one is known."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from math import isnan

import numpy as np

from models.fusion.addresses.distance import metres_array, middle, neighbour_radius
from models.fusion.addresses.names import TOWN_SUFFIXES, has_town_suffix, town_core
from models.fusion.addresses.parse import TownHit
from models.fusion.addresses.trie import NameTrie

SAME_SEAT_M = 3_000.0
"""Two seats of one name in one district closer than this, metres, are one town's old and new seat."""


MIDDLE_FLOOR_M = 1_000.0
"""Least error radius of a town that has no seat but the middle of known places, metres."""


@dataclass(slots=True)
class Town:
    """A town, street or former town.

    Attributes
    ----------
    name, core : with and without 镇, 乡, 街道
    district : six-digit code
    place_id : of its seat, or None
    lon, lat : seat, degrees; NaN where unknown
    radius_m : error radius of a point put at the seat, metres; NaN where unknown
    from_places : the location is the middle of known places that name the town
    """

    name: str
    core: str
    district: str
    place_id: str | None = None
    lon: float = np.nan
    lat: float = np.nan
    radius_m: float = np.nan
    from_places: bool = False
    suffixes: set[str] = field(default_factory=set)

    @property
    def seated(self) -> bool:
        """Whether its location is known."""
        return not isnan(self.lon)


class TownList:
    """Collects towns from several lists and joins those of one district and core name."""

    def __init__(self, taken: set[str]) -> None:
        """``taken`` are names of districts and the city, which are never a town's (a seat may carry both)."""
        self._taken = taken
        self._named: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._seats: dict[tuple[str, str], list[tuple[float, float, str, str]]] = defaultdict(list)
        self._middles: dict[tuple[str, str], tuple[float, float, float, str]] = {}
        self._offices: dict[tuple[str, str], list[tuple[float, float, str, str]]] = defaultdict(list)

    def add(self, names: list[str], district: str | None, lon: float, lat: float, place_id: str) -> None:
        """Add one town under all its names; without lon and lat it has a name only."""
        if district is None:
            return
        for core in {town_core(n) for n in names if n not in self._taken}:
            key = (district, core)
            self._named[key].update(n for n in names if town_core(n) == core)
            if not (isnan(lon) or isnan(lat)):
                full = next((n for n in names if town_core(n) == core and has_town_suffix(n)), core)
                self._seats[key].append((lon, lat, place_id, full))

    def add_office(self, name: str, district: str, lon: float, lat: float, place_id: str) -> None:
        """Add a town's office (古南街道办事处, 石角镇人民政府); it is the seat of a listed town without another."""
        town = name.removesuffix("人民政府")
        if town != name or name.endswith("办事处"):
            self._offices[(district, town_core(town))].append((lon, lat, place_id, town.replace("办事处", "")))

    def add_middle(self, name: str, district: str, lons: list[float], lats: list[float]) -> None:
        """Add the middle of known places that name a town; used where no list gives a seat."""
        core = town_core(name)
        if core in self._taken or len(core) < 2:
            return
        self._named[(district, core)].add(name)
        lon, lat, spread = middle(lons, lats)
        self._middles[(district, core)] = (
            lon,
            lat,
            MIDDLE_FLOOR_M + spread * (1 + 1 / len(lons) ** 0.5),
            name,
        )

    def towns(self) -> list[Town]:
        """Join the lists; in order of district and name. Two far seats of one name stay two towns."""
        out: list[Town] = []
        for key in sorted(self._named):
            names = sorted(self._named[key], key=lambda n: (-len(n), n))
            suffixed = [n for n in names if has_town_suffix(n)]
            label = suffixed[0] if suffixed else names[0]
            for town in self._seated(key) or [Town(label, key[1], key[0])]:
                town.suffixes = set(suffixed)
                out.append(town)
        _set_radii(out)
        return out

    def _seated(self, key: tuple[str, str]) -> list[Town]:
        found: list[Town] = []
        known = self._seats.get(key) or self._offices.get(key, [])
        for lon, lat, place_id, name in sorted(known, key=lambda s: (s[2], s[0])):
            if found:
                gaps = metres_array(np.array([t.lon for t in found]), np.array([t.lat for t in found]), lon, lat)
                if gaps.min() < SAME_SEAT_M:
                    continue
            found.append(Town(name, key[1], key[0], place_id, lon, lat))
        if not found and key in self._middles:
            lon, lat, radius, name = self._middles[key]
            found.append(Town(name, key[1], key[0], None, lon, lat, radius, from_places=True))
        return found


def _set_radii(towns: list[Town]) -> None:
    seats = [t for t in towns if t.seated and not t.from_places]
    if not seats:
        return
    radii = neighbour_radius(np.array([t.lon for t in seats]), np.array([t.lat for t in seats]))
    for town, radius in zip(seats, radii.tolist(), strict=True):
        town.radius_m = max(radius, 500.0) if not isnan(radius) else 5_000.0


def town_tries(towns: list[Town]) -> dict[str, NameTrie[TownHit]]:
    """Build a trie of the towns' names by district, and one of the whole city under "".

    A name as it stands in a list wins; one with another suffix or none stands for every town of that core.
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for i, town in enumerate(towns):
        groups[town.district].append(i)
        groups[""].append(i)
    return {code: NameTrie(_forms(towns, members).items()) for code, members in groups.items()}


def _forms(towns: list[Town], members: list[int]) -> dict[str, TownHit]:
    exact: dict[str, list[int]] = defaultdict(list)
    cores: dict[str, list[int]] = defaultdict(list)
    for i in members:
        cores[towns[i].core].append(i)
        for name in towns[i].suffixes & {towns[i].name} or towns[i].suffixes:
            exact[name].append(i)
    forms: dict[str, TownHit] = {}
    for core, found in cores.items():
        kin = tuple(found)
        for suffix in TOWN_SUFFIXES:
            forms[core + suffix] = TownHit(kin, kin, ("town_from_text", "town_suffix"), False)
        if len(core) >= 2:
            forms[core] = TownHit(kin, kin, ("town_bare",), True)
    for name, found in exact.items():
        forms[name] = TownHit(tuple(found), tuple(cores[towns[found[0]].core]), ("town_from_text",), False)
    return forms
