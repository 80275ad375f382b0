"""The drawing plane of the generated city: kilometres around its middle, and a smooth warp that makes lines
organic.

Everything is laid out in a straight *design* plane and then warped to the ground. The warp is one continuous
displacement of all points, so that borders which meet in the design meet on the ground.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.interpolate import splev, splprep

Points = npt.NDArray[np.float64]
"""Points, shape (n, 2): x to the east and y to the north in km, or longitude and latitude in degrees."""

ORIGIN = (106.70, 28.85)
KM_PER_DEGREE = 111.195
_STRETCH = np.array([KM_PER_DEGREE * np.cos(np.radians(ORIGIN[1])), KM_PER_DEGREE])
# Wavelength (km) and amplitude (km) of the displacement; steep enough to look natural, flat enough never to
# fold.
_OCTAVES = ((19.0, 0.8), (8.0, 0.3), (3.6, 0.12), (1.5, 0.042), (0.7, 0.014))
_WAVES = 4


def to_km(degrees: Points) -> Points:
    """Return kilometres from `ORIGIN` of longitudes and latitudes (plate carree; good to 0.5 % over the
    city)."""
    km: Points = (np.asarray(degrees, dtype=np.float64) - ORIGIN) * _STRETCH
    return km


def to_degrees(km: Points) -> Points:
    """Return longitudes and latitudes, rounded to 1e-6 degrees, of kilometres from `ORIGIN`."""
    rounded: Points = np.round(np.asarray(km) / _STRETCH + ORIGIN, 6)
    return rounded


@dataclass(frozen=True)
class Field:
    """A smooth random field: a sum of plane waves with directions, phases and amplitudes of their own."""

    waves: npt.NDArray[np.float64]

    @classmethod
    def draw(cls, rng: np.random.Generator, octaves: tuple[tuple[float, float], ...]) -> Field:
        """Draw a field whose octaves are (wavelength in km, amplitude)."""
        rows = []
        for length, amplitude in octaves:
            for direction in rng.uniform(0, 2 * np.pi, _WAVES):
                number = 2 * np.pi / (length * rng.uniform(0.75, 1.35))
                rows.append((np.cos(direction) * number, np.sin(direction) * number, rng.uniform(0, 7), amplitude / 2))
        return cls(np.array(rows))

    def at(self, points: Points) -> npt.NDArray[np.float64]:
        """Return the field at ``points`` (shape (n, 2), km), shape (n,)."""
        kx, ky, phase, amplitude = self.waves.T
        total = np.zeros(len(points))
        for a, b, c, d in zip(kx, ky, phase, amplitude, strict=True):
            total += d * np.sin(points[:, 0] * a + points[:, 1] * b + c)
        return total


@dataclass(frozen=True)
class Warp:
    """The displacement from the design plane to the ground."""

    east: Field
    north: Field

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Warp:
        """Draw a warp."""
        return cls(Field.draw(rng, _OCTAVES), Field.draw(rng, _OCTAVES))

    def to_ground(self, design: Points) -> Points:
        """Return the ground points (km) of design points (km)."""
        return design + np.column_stack([self.east.at(design), self.north.at(design)])

    def to_design(self, ground: Points) -> Points:
        """Return the design points that the warp brings to ``ground`` (fixed point, good to a metre)."""
        design = ground.copy()
        for _ in range(40):
            design = design + (ground - self.to_ground(design)) * 0.8
        return design


def smooth(waypoints: Points, step_km: float = 0.12) -> Points:
    """Return a curve through ``waypoints`` (shape (n >= 2, 2)) with a point about every ``step_km``."""
    points = np.asarray(waypoints, dtype=np.float64)
    length = float(np.hypot(*np.diff(points, axis=0).T).sum())
    count = max(int(length / step_km), 2) + 1
    if len(points) == 2:
        straight: Points = points[0] + (points[1] - points[0]) * np.linspace(0, 1, count)[:, None]
        return straight
    spline, _ = splprep(points.T, s=0, k=min(3, len(points) - 1))
    curve: Points = np.column_stack(splev(np.linspace(0, 1, count), spline))
    return curve


def meander(waypoints: Points, field: Field, amplitude_km: float, step_km: float = 0.12) -> Points:
    """Return a curve like `smooth` that swings to its sides by up to ``amplitude_km``, less near its ends."""
    line = smooth(waypoints, step_km)
    along = np.gradient(line, axis=0)
    norm = np.hypot(*along.T)[:, None]
    side = np.column_stack([-along[:, 1], along[:, 0]]) / np.where(norm > 0, norm, 1)
    fade = np.minimum(np.linspace(0, 1, len(line)), np.linspace(1, 0, len(line)))
    swing = field.at(line) * np.clip(fade * 12, 0, 1) * amplitude_km
    curve: Points = line + side * swing[:, None]
    return curve


def length_km(line: Points) -> float:
    """Return the length in km of a polyline in km."""
    return float(np.hypot(*np.diff(line, axis=0).T).sum())
