"""The operator's network of the generated city: three sectors a mast, dated like the base stations, and cells beyond.

Cells beyond the city stand for what a province-wide operator knows of its subscribers elsewhere: one per region, at the
region's seat, with an id that begins with ``X`` and the region's code of GB/T 2260.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from models.demo.plane import Points, to_km

SECTORS = (0, 120, 240)
BEAMWIDTH_DEG = 65
RADIUS_M = {"2G": 1_600.0, "3G": 1_000.0, "4G": 700.0}
REGIONS = {
    "500113": ("intra_city", 106.52, 29.38), "500103": ("intra_city", 106.57, 29.55),
    "500116": ("intra_city", 106.26, 29.28), "520300": ("inter_provincial", 106.93, 27.73),
    "510100": ("inter_provincial", 104.07, 30.67), "440300": ("inter_provincial", 114.06, 22.55),
}  # fmt: skip
"""Region code -> origin class as seen from the city, longitude and latitude of its seat."""


class Towers(NamedTuple):
    """The network as the generator draws from it.

    Attributes
    ----------
    table : network table as delivered (`models.signaling.network.COLUMNS`)
    place : (n, 2) km on the plane; rows of regions beyond the city are far away
    azimuth, radius_km : (n) direction and reach of each row
    """

    table: pd.DataFrame
    place: Points
    azimuth: npt.NDArray[np.float64]
    radius_km: npt.NDArray[np.float64]

    def active(self, day: np.datetime64) -> npt.NDArray[np.bool_]:
        """Rows in service on a day, regions included."""
        until = self.table["valid_to"].to_numpy("datetime64[D]")
        begun = self.table["valid_from"].to_numpy("datetime64[D]") <= day
        return np.asarray(begun & (np.isnat(until) | (until >= day)))

    def region_row(self, code: str) -> int:
        """Row of a region beyond the city."""
        return int(np.flatnonzero((self.table["cell_id"] == f"X{code}").to_numpy())[0])


def towers(stations: pd.DataFrame, rng: np.random.Generator) -> Towers:
    """Put three sectors on every station of ``public/base_stations.csv``; dense places get smaller cells.

    Parameters
    ----------
    stations : station_id, technology, valid_from, valid_to, azimuth_deg, lon, lat
    """
    km = to_km(stations[["lon", "lat"]].to_numpy("float64"))
    near = cKDTree(km).query(km, k=5)[0][:, -1]
    reach = np.clip(1_000 * near * 0.9, 350, 4_000)
    base = stations["technology"].map(RADIUS_M).fillna(1_000.0).to_numpy()
    radius = np.round(np.clip(0.5 * (reach + base) * rng.uniform(0.85, 1.15, len(stations)), 350, 4_000))
    rows = [
        stations[["station_id", "lon", "lat", "technology", "valid_from", "valid_to"]].assign(
            cell_id=stations["station_id"] + f"-{k + 1}",
            azimuth_deg=(stations["azimuth_deg"] + sector) % 360,
            beamwidth_deg=BEAMWIDTH_DEG,
            radius_m=radius,
        )
        for k, sector in enumerate(SECTORS)
    ]
    beyond = pd.DataFrame(
        [
            {
                "cell_id": f"X{code}", "station_id": f"X{code}", "lon": lon, "lat": lat, "azimuth_deg": 0,
                "beamwidth_deg": 360, "radius_m": 20_000.0, "technology": "roaming",
                "valid_from": np.datetime64("2010-01-01"), "valid_to": np.datetime64("NaT"),
            }
            for code, (_, lon, lat) in REGIONS.items()
        ]
    )  # fmt: skip
    names = ["cell_id", "station_id", "lon", "lat", "azimuth_deg", "beamwidth_deg", "radius_m", "technology",
             "valid_from", "valid_to"]  # fmt: skip
    table = pd.concat([*rows, beyond], ignore_index=True)[names]
    for name in ("valid_from", "valid_to"):
        table[name] = table[name].astype("datetime64[s]")
    place = to_km(table[["lon", "lat"]].to_numpy("float64"))
    return Towers(table, place, table["azimuth_deg"].to_numpy("float64"), table["radius_m"].to_numpy() / 1_000)


class Serving(NamedTuple):
    """Cells that may serve a set of places: (n, k) rows of the network and their cumulated probabilities."""

    row: npt.NDArray[np.int32]
    chance: npt.NDArray[np.float64]


def serving(net: Towers, active: npt.NDArray[np.bool_], places: Points, *, masts: int = 6, kept: int = 6) -> Serving:
    """Cells a telephone at each place is served by: the strongest of the nearest, with the physics of the footprint.

    The strength falls with 37.5 dB per decade of distance, a sector loses up to 25 dB beside its beam, and shadows of
    6 dB standard deviation, fixed for a place, make a farther cell win now and then; the allocation does not know them.
    """
    usable = np.flatnonzero(active & (net.table["technology"] != "roaming").to_numpy())
    tree = cKDTree(net.place[usable])
    found = usable[tree.query(places, k=3 * masts)[1]]
    gap = places[:, None, :] - net.place[found]
    distance = np.maximum(np.hypot(gap[..., 0], gap[..., 1]), 0.02)
    turned = (np.degrees(np.arctan2(gap[..., 0], gap[..., 1])) - net.azimuth[found] + 180) % 360 - 180
    loss = np.minimum(12 * (turned / BEAMWIDTH_DEG) ** 2, 25)
    mixed = np.sin(found * 12.9898 + np.round(places[:, :1], 2) * 78.233 + np.round(places[:, 1:], 2) * 37.719)
    shadow = 8.0 * mixed  # a fixed landscape: the same place is always served alike
    strength = -37.5 * np.log10(distance / net.radius_km[found]) - loss + shadow
    best = np.argsort(-strength, axis=1)[:, :kept]
    strongest = np.take_along_axis(strength, best, axis=1)
    weight = np.exp((strongest - strongest[:, :1]) / 3.0)
    chance = np.cumsum(weight / weight.sum(axis=1, keepdims=True), axis=1)
    return Serving(np.take_along_axis(found, best, axis=1).astype(np.int32), chance)


def pick(
    served: Serving, at: npt.NDArray[np.intp], active: npt.NDArray[np.bool_], rng: np.random.Generator
) -> npt.NDArray[np.int32]:
    """A serving cell for each of n events at places ``at``; a cell out of service hands over to the next stronger."""
    draw = rng.random(len(at))
    which = (draw[:, None] > served.chance[at]).sum(axis=1).clip(max=served.row.shape[1] - 1)
    rows = served.row[at, which]
    for k in range(served.row.shape[1]):
        out = ~active[rows]
        if not out.any():
            break
        rows = np.where(out, served.row[at, k], rows)
    return np.asarray(rows)
