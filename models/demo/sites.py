"""Where firms can be: houses on streets, villages, industrial parks; and the gazetteer that names these
places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from models.demo.geography import GroundPlan
from models.demo.parks import ZONES
from models.demo.plane import Points, to_degrees, to_km
from models.demo.streets import Houses
from models.demo.towns import DISTRICT_CODE, Town
from models.demo.words import STREET_HEADS, village_names

STREET, VILLAGE, PARK = 0, 1, 2
NAMED_SHARE = 0.62
"""Share of the existing house numbers that the standard-address table lists."""
_POI_KINDS = ("广场", "购物中心", "大厦", "商城", "农贸市场", "家园", "小区", "花园")


@dataclass(frozen=True)
class Sites:
    """Everything an address can point to.

    Attributes
    ----------
    towns : the towns
    houses : numbered houses
    listed : which houses the standard-address table lists, shape (houses,)
    village_names, village_town, village_place : one entry per village; km on the ground
    poi_names, poi_house : buildings with a name, at a house
    plots : plots of each zone of `ZONES`, km on the ground
    """

    towns: list[Town]
    houses: Houses
    listed: npt.NDArray[np.bool_]
    village_names: list[str]
    village_town: npt.NDArray[np.int64]
    village_place: Points
    poi_names: list[str]
    poi_house: npt.NDArray[np.int64]
    plots: list[Points]

    def zone_places(self) -> Points:
        """Return the centres of `ZONES`, km on the ground."""
        seats = {t.stem: t.seat for t in self.towns}
        return np.array([seats[town] + np.array(offset) for _, town, offset, _, _ in ZONES])

    def zone_towns(self) -> npt.NDArray[np.int64]:
        """Return the position of the town of each zone."""
        stems = [t.stem for t in self.towns]
        return np.array([stems.index(town) for _, town, _, _, _ in ZONES])


def villages(
    towns: list[Town], plan: GroundPlan, rng: np.random.Generator
) -> tuple[list[str], npt.NDArray[np.int64], Points]:
    """Return names, towns and places (km on the ground) of the villages: one in every cell outside the
    towns."""
    centres = to_km(shapely.get_coordinates(shapely.point_on_surface(plan.polygons[plan.cells])))
    centres = centres + rng.normal(0, 0.22, centres.shape)
    seats = np.array([t.seat for t in towns])
    radius = np.array([t.radius_km for t in towns])
    gap = np.hypot(*(centres[:, None] - seats[None]).transpose(2, 0, 1)) - radius * 1.25
    rural = (gap > 0).all(axis=1)
    names = village_names(rng)
    return [next(names) for _ in range(int(rural.sum()))], plan.cell_town[rural], centres[rural]


def make_sites(
    towns: list[Town],
    houses: Houses,
    rural: tuple[list[str], npt.NDArray[np.int64], Points],
    plots: list[Points],
    rng: np.random.Generator,
) -> Sites:
    """Return the sites; buildings with names stand at central houses."""
    listed = rng.random(len(houses.number)) < NAMED_SHARE
    weight = houses.central * np.array([t.population for t in towns])[houses.town]
    chosen = np.sort(rng.choice(len(weight), 260, replace=False, p=weight / weight.sum()))
    names: list[str] = []
    for house in chosen.tolist():
        stem = towns[int(houses.town[house])].stem
        kind = _POI_KINDS[int(rng.integers(len(_POI_KINDS)))]
        name = f"{stem}{STREET_HEADS[int(rng.integers(len(STREET_HEADS)))]}{kind}"
        names.append(name if name not in names else f"{name}{len(names)}期")
    return Sites(towns, houses, listed, *rural, names, chosen, plots)


def gazetteer(sites: Sites) -> pd.DataFrame:
    """Return the standard addresses and names: columns of the table ``places``, places in degrees."""
    houses, towns = sites.houses, sites.towns
    town_names = np.array([t.name for t in towns], dtype=object)
    keep = np.flatnonzero(sites.listed)
    streets = np.array(houses.names, dtype=object)
    numbers = houses.number[keep].astype(str).astype(object)
    full = "重庆市綦江区" + town_names[houses.town[keep]] + streets[houses.street[keep]] + numbers + "号"
    rows = [
        _rows(
            "address",
            streets[houses.street[keep]] + numbers + "号",
            town_names[houses.town[keep]],
            houses.place[keep],
            full,
        ),
        _roads(sites, town_names, streets),
        _rows(
            "village", np.array(sites.village_names, dtype=object), town_names[sites.village_town], sites.village_place
        ),
        _rows("town", town_names, town_names, np.array([t.seat for t in towns])),
        _rows(
            "zone",
            np.array([z[0] for z in ZONES], dtype=object),
            town_names[sites.zone_towns()],
            sites.zone_places(),
        ),
        _pois(sites, town_names, streets),
    ]
    table = pd.concat(rows, ignore_index=True)
    table.insert(0, "place_id", [f"P{n:06d}" for n in range(1, len(table) + 1)])
    return table


def _pois(sites: Sites, town_names: npt.NDArray[np.object_], streets: npt.NDArray[np.object_]) -> pd.DataFrame:
    at, houses = sites.poi_house, sites.houses
    town = town_names[houses.town[at]]
    address = "重庆市綦江区" + town + streets[houses.street[at]] + houses.number[at].astype(str).astype(object) + "号"
    return _rows("poi", np.array(sites.poi_names, dtype=object), town, houses.place[at], address)


def _roads(sites: Sites, town_names: npt.NDArray[np.object_], streets: npt.NDArray[np.object_]) -> pd.DataFrame:
    frame = pd.DataFrame(sites.houses.place, columns=["x", "y"]).groupby(sites.houses.street).median()
    town = pd.Series(sites.houses.town).groupby(sites.houses.street).first()
    used = frame.index.to_numpy()
    return _rows("road", streets[used], town_names[town.to_numpy()], frame.to_numpy())


def _rows(
    kind: str,
    names: npt.NDArray[np.object_],
    towns: npt.NDArray[np.object_],
    places: Points,
    addresses: npt.NDArray[np.object_] | None = None,
) -> pd.DataFrame:
    degrees = to_degrees(places)
    return pd.DataFrame(
        {
            "name": names,
            "kind": kind,
            "district_code": DISTRICT_CODE,
            "town": towns,
            "address": addresses if addresses is not None else None,
            "lon": degrees[:, 0],
            "lat": degrees[:, 1],
        }
    )
