"""Known house numbers along a road, and where an unknown number must lie between them."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

import numpy as np

from models.fusion.addresses.distance import metres, metres_array, middle
from models.fusion.addresses.rules import MatchRules

Found = tuple[float, float, int, float, tuple[str, ...], str | None]
"""lon, lat, level, error radius in metres, reason codes, place id."""


@dataclass(slots=True)
class Road:
    """One road of one district with its known numbers.

    Attributes
    ----------
    points : by number, lon, lat and place id of each place that bears it; 0 for places without a number
    """

    points: dict[int, list[tuple[float, float, str]]] = field(default_factory=dict)
    _numbers: tuple[list[int], list[int]] = ([], [])
    _middles: dict[int, tuple[float, float, float]] = field(default_factory=dict)
    centre: tuple[float, float, float] = (np.nan, np.nan, np.nan)
    metres_per_number: float = np.nan

    def add(self, number: int | None, lon: float, lat: float, place_id: str) -> None:
        """Add a place to the road."""
        self.points.setdefault(number or 0, []).append((lon, lat, place_id))

    def finish(self) -> None:
        """Compute middles and the order of the numbers; to be called once after the last `add`."""
        everything = sorted(p for found in self.points.values() for p in found)
        lons, lats = [p[0] for p in everything], [p[1] for p in everything]
        self.centre = middle(lons, lats)
        self._middles = {
            n: middle([p[0] for p in sorted(v)], [p[1] for p in sorted(v)]) for n, v in self.points.items() if n
        }
        even = sorted(n for n in self._middles if n % 2 == 0)
        odd = sorted(n for n in self._middles if n % 2 == 1)
        self._numbers = (even, odd)
        self.metres_per_number = self._pace(sorted(self._middles))

    def _pace(self, numbers: list[int]) -> float:
        if len(numbers) < 3:
            return float("nan")
        points = np.array([self._middles[n][:2] for n in numbers])
        gaps = np.diff(np.array(numbers, float))
        steps = metres_array(points[:-1, 0], points[:-1, 1], points[1:, 0], points[1:, 1])
        return float(np.median(steps / gaps))

    def place_of(self, number: int) -> str | None:
        """Place id of a known number: the first in order."""
        return min(p[2] for p in self.points[number])

    def locate(self, number: int | None, rules: MatchRules) -> Found:
        """Find a number: known, between known ones, next to one, or the road's middle."""
        if not number or not self._middles:
            return self._centre(rules)
        known = self._middles.get(number)
        if known is not None:
            lon, lat, spread = known
            reasons = ("number_exact",) + (("number_conflict",) if spread > rules.conflict_spread_m else ())
            return lon, lat, 1, max(rules.exact_radius_m, spread), reasons, self.place_of(number)
        side, other = self._numbers[number % 2], self._numbers[1 - number % 2]
        found = self._between(number, side, rules) or self._next(number, side, rules)
        if found is not None:
            return found
        found = self._between(number, other, rules) or self._next(number, other, rules)
        if found is not None:
            return (*found[:4], (*found[4], "number_other_side"), found[5])
        return self._far(number, rules)

    def _centre(self, rules: MatchRules) -> Found:
        lon, lat, spread = self.centre
        count = sum(map(len, self.points.values()))
        radius = rules.road_radius_floor_m + spread * (1 + 2 / count**0.5) + rules.road_alone_m / count
        return lon, lat, 3, radius, ("road_centre",), None

    def _between(self, number: int, numbers: list[int], rules: MatchRules) -> Found | None:
        at = bisect_left(numbers, number)
        if at == 0 or at == len(numbers) or numbers[at] - numbers[at - 1] > rules.interpolation_max_gap:
            return None
        low, high = numbers[at - 1], numbers[at]
        lon1, lat1, _ = self._middles[low]
        lon2, lat2, _ = self._middles[high]
        share = (number - low) / (high - low)
        gap = metres(lon1, lat1, lon2, lat2)
        radius = rules.interpolation_floor_m + rules.interpolation_share * gap
        return (
            lon1 + share * (lon2 - lon1),
            lat1 + share * (lat2 - lat1),
            2,
            radius,
            ("number_interpolated",),
            None,
        )

    def _next(self, number: int, numbers: list[int], rules: MatchRules) -> Found | None:
        at = bisect_left(numbers, number)
        near = min(numbers[max(at - 1, 0) : at + 1], key=lambda n: (abs(n - number), n), default=None)
        if near is None or abs(near - number) > rules.nearest_max_gap:
            return None
        lon, lat, _ = self._middles[near]
        radius = rules.nearest_floor_m + self._step(rules) * abs(near - number)
        return lon, lat, 2, radius, ("number_nearest",), self.place_of(near)

    def _far(self, number: int, rules: MatchRules) -> Found:
        """Take the nearest number although it is far: no better than a point of the road (level 3)."""
        near = min(self._middles, key=lambda n: (abs(n - number), n))
        lon, lat, _ = self._middles[near]
        radius = rules.road_radius_floor_m + rules.far_share * self._step(rules) * abs(near - number)
        return lon, lat, 3, radius, ("number_far",), self.place_of(near)

    def _step(self, rules: MatchRules) -> float:
        """Metres per house number: of this road where it is known and larger, else the city's."""
        own = self.metres_per_number
        return max(rules.metres_per_number, own) if own > 0 else rules.metres_per_number


def crossing_of(one: Road, other: Road, rules: MatchRules) -> Found | None:
    """Locate the crossing of two roads between their nearest known places; None when these are far apart."""
    a = np.array([p[:2] for v in one.points.values() for p in v])
    b = np.array([p[:2] for v in other.points.values() for p in v])
    if len(a) * len(b) > 250_000:
        return None
    gaps = metres_array(a[:, None, 0], a[:, None, 1], b[None, :, 0], b[None, :, 1])
    at = np.unravel_index(int(np.argmin(gaps)), gaps.shape)
    gap = float(gaps[at])
    if gap > rules.crossing_max_gap_m:
        return None
    lon, lat = (a[at[0]] + b[at[1]]) / 2
    return float(lon), float(lat), 2, rules.crossing_radius_m + gap, ("crossing",), None
