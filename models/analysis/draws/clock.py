"""Distances and times between the stops of a day, and whether an order of them keeps every window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.errors import RequestError

Plan: TypeAlias = list[int]
"""Stops in driving order by their number, 1 = first row; 0 is where the day begins and ends."""
Floats: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Clock:
    """A day and its stops.

    Attributes
    ----------
    metres, minutes : (n + 1) x (n + 1) by road; row and column 0 are the start
    service, opens, closes : n + 1 minutes; those of the start are 0, start and end of the day
    starts, ends : minutes of the day
    """

    metres: Floats
    minutes: Floats
    service: Floats
    opens: Floats
    closes: Floats
    starts: float
    ends: float

    @classmethod
    def of(
        cls,
        stops: pd.DataFrame,
        start: tuple[float, float],
        *,
        starts: float,
        ends: float,
        speed_kmh: float,
        road_factor: float,
        most: int,
    ) -> Self:
        """Measure all distances; raises RequestError where the day or a stop is off."""
        if ends <= starts or speed_kmh <= 0 or road_factor < 1:
            raise RequestError(
                f"a day from minute {starts:g} to {ends:g} at {speed_kmh:g} km/h, road factor {road_factor:g}"
            )
        if len(stops) > most or stops["stop_id"].duplicated().any():
            raise RequestError(f"{len(stops)} stops in one day; at most {most}, each once")
        points = np.vstack([np.array([start], dtype=float), stops[["x", "y"]].to_numpy(dtype=float).reshape(-1, 2)])
        if not np.isfinite(points).all():
            lost = stops.loc[~np.isfinite(points[1:]).all(axis=1), "stop_id"].astype(str).tolist()
            raise RequestError(f"no place is known of {', '.join(lost[:5]) or 'the start'}; locate it first")
        metres = road_factor * np.hypot(*(points[:, None, :] - points[None, :, :]).transpose(2, 0, 1))
        window = [
            np.concatenate([[edge], stops.get(name, pd.Series(np.nan, index=stops.index)).fillna(edge).to_numpy(float)])
            for name, edge in (("open_min", starts), ("close_min", ends))
        ]
        service = np.concatenate([[0.0], stops["service_min"].to_numpy(dtype=float)])
        return cls(metres, metres / (speed_kmh * 1000 / 60), service, window[0], window[1], starts, ends)

    @property
    def n(self) -> int:
        """Number of stops."""
        return len(self.service) - 1

    def length(self, tour: Plan) -> float:
        """Metres from the start over the tour and back."""
        path = [0, *tour, 0]
        return float(self.metres[path[:-1], path[1:]].sum())

    def times(self, tour: Plan) -> tuple[list[float], list[float], list[float]]:
        """Minute of arriving, beginning and leaving at each stop of the tour."""
        arrive, begin, leave, here, now = [], [], [], 0, self.starts
        for k in tour:
            arrive.append(now + float(self.minutes[here, k]))
            begin.append(max(arrive[-1], float(self.opens[k])))
            leave.append(begin[-1] + float(self.service[k]))
            here, now = k, leave[-1]
        return arrive, begin, leave

    def fits(self, tour: Plan) -> bool:
        """Whether every visit begins in its window and the day ends at the start in time."""
        here, now = 0, self.starts
        for k in tour:
            now = max(now + self.minutes[here, k], self.opens[k])
            if now > self.closes[k]:
                return False
            now += self.service[k]
            here = k
        return bool(now + self.minutes[here, 0] <= self.ends)

    def why_alone(self, k: int) -> str:
        """Why a stop cannot be served even as the only one: ``window``, ``day``, or "" where it can."""
        begin = max(self.starts + self.minutes[0, k], self.opens[k])
        if begin > self.closes[k]:
            return "window"
        return "" if self.fits([k]) else "day"
