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
            n: middle([p[0] for p in sorted(v)], [p[1] for p in sorted(v)])
            for n, v in self.points.items()
            if n
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
        if number:
            known = self._middles.get(number)
            if known is not None:
                lon, lat, spread = known
                reasons = ("number_exact",) + (
                    ("number_conflict",) if spread > rules.conflict_spread_m else ()
                )
                return lon, lat, 1, max(rules.exact_radius_m, spread), reasons, self.place_of(number)
            for side in (number % 2, 1 - number % 2):
                found = self._near(number, self._numbers[side], rules)
                if found is not None:
                    return (
                        found
                        if side == number % 2
                        else (*found[:4], (*found[4], "number_other_side"), found[5])
                    )
        lon, lat, spread = self.centre
        return lon, lat, 3, max(rules.road_radius_floor_m, spread), ("road_centre",), None

    def _near(self, number: int, numbers: list[int], rules: MatchRules) -> Found | None:
        at = bisect_left(numbers, number)
        low = numbers[at - 1] if at else None
        high = numbers[at] if at < len(numbers) else None
        if low is not None and high is not None and high - low <= rules.interpolation_max_gap:
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
        near = min((n for n in (low, high) if n is not None), key=lambda n: abs(n - number), default=None)
        if near is None or abs(near - number) > rules.nearest_max_gap:
            return None
        pace = max(
            rules.metres_per_number,
            self.metres_per_number if self.metres_per_number == self.metres_per_number else 0,
        )
        lon, lat, _ = self._middles[near]
        radius = rules.nearest_floor_m + pace * abs(near - number)
        return lon, lat, 2, radius, ("number_nearest",), self.place_of(near)


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
