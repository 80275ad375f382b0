"""Truth and figures of places: people on hexagons, in towns, between towns, and present by the hour.

Nothing here reads a delivery: it takes a period as computed and the truth beside it. Only sums leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import scipy.sparse as sp
from pyproj import Transformer

from models.build.signaling import Measured
from models.demo.plane import to_degrees
from models.fusion.hexes import boundaries, cells_of, parents
from models.profile import City
from models.signaling import cubes, evaluation, evaluation_hexagons, places, release
from models.signaling.evaluation import Figure, at_places
from models.signaling.evaluation_commuters import GROUPED, grouped, true_pairs
from models.signaling.events import Pseudonyms
from models.signaling.flows import commuters, hidden_commuters
from models.signaling.uncertainty import Doubt, load_doubts
from models.signaling.weighting import weigh

Floats = npt.NDArray[np.float64]
HOURLY = (7, 8)
"""Resolutions of what is told by hour."""
NOON_AND_EVENING = (12, 21)
"""Hours whose intervals of people present are tested."""


@dataclass(frozen=True)
class Truth:
    """The truth of one period: persons by hashed pseudonym, residents by the finest hexagon, people present by hour.

    Homes and workplaces (``home_h3``, ``work_h3``) are the finest hexagons of the period; people present are known by
    hexagon of resolution 8.
    """

    persons: pd.DataFrame
    by_hex: Floats
    present: pd.DataFrame
    scale: float

    @classmethod
    def read(cls, folder: Path, made: Measured, city: City) -> Truth:
        whole = pd.read_parquet(folder / "persons.parquet")
        persons = whole[whole["period"] == made.period.name].reset_index(drop=True)
        for place in ("home", "work"):
            degrees = to_degrees(persons[[f"{place}_x", f"{place}_y"]].fillna(0.0).to_numpy("float64"))
            east, north = Transformer.from_crs(4326, city.crs, always_xy=True).transform(degrees[:, 0], degrees[:, 1])
            there = persons[f"{place}_x"].notna()
            hexes = pd.Series(cells_of(degrees[:, 0], degrees[:, 1], made.zones.finest), dtype="UInt64")
            known = there & persons[f"{place}_h3"].notna()
            persons = persons.assign(
                **{
                    f"{place}_e": pd.Series(east).where(there),
                    f"{place}_n": pd.Series(north).where(there),
                    f"{place}_h3": hexes.where(known),
                }
            )
        hashed = Pseudonyms(made.key).of(pa.array(persons["user"].tolist()))
        residents = pd.read_parquet(folder / "residents.parquet")
        living = persons.loc[persons["resident"] & persons["home_h3"].notna(), "home_h3"]
        scale = float(residents.loc[residents["period"] == made.period.name, "persons"].sum() / len(living))
        by_hex = scale * at_places(living.groupby(living).size(), made.zones.allocation.hexes)
        return cls(persons.assign(user=hashed), by_hex, pd.read_parquet(folder / "present.parquet"), scale)


def releases(
    made: Measured, truth: Truth, city: City, doubts: Mapping[str, Doubt] | None = None
) -> list[tuple[str, pd.DataFrame, pd.Series]]:
    """Protected people on hexagons beside the truth by hexagon, one resolution each.

    Residents, people with a workplace farther than 1 km from home, and people present at noon and at 21:00 of a working
    day. What is weighted to the residents is compared as it is, the others as shares of their sum: people present
    are residents only in the truth, and told at resolutions 8 and 7 only.

    Parameters
    ----------
    doubts : model errors in place of those in use
    """
    rules = release.Rules(city.disclosure_k, made.fine_k, load_doubts().by_role if doubts is None else doubts)
    every = tuple(sorted({*HOURLY, made.zones.finest}))
    hidden = hidden_commuters(made.raw, made.zones, rules)
    people = release.residents_by_hex(made.raw, made.zones, rules, every, hidden.works)
    present = release.present_by_hour(made.raw, made.zones, rules, HOURLY, NOON_AND_EVENING)
    hexes = pd.Index(made.zones.allocation.hexes)
    living = truth.persons[truth.persons["resident"]]
    far = np.hypot(living["work_e"] - living["home_e"], living["work_n"] - living["home_n"]) > evaluation.NEAR_M
    sides = [("", people[people["role"] == "resident"], pd.Series(truth.by_hex, index=hexes))]
    working = living[far & living["work_h3"].notna()].groupby("work_h3").size().astype(np.float64)
    sides.append(("workers", people[people["role"] == "worker"], working.reindex(hexes, fill_value=0.0)))
    for hour in NOON_AND_EVENING:
        rows = truth.present[(truth.present["daytype"] == "workday") & (truth.present["hour"] == hour)]
        mine = present[(present["daytype"] == "workday") & (present["hour"] == hour)]
        there = pd.Index(made.zones.level(8).hexes)
        sides.append((f"present at {hour}:00", mine, rows.set_index("h3")["persons"].reindex(there, fill_value=0.0)))
    found = []
    for name, frame, sums in sides:
        for resolution, mine in frame.groupby("resolution"):
            true = sums.groupby(parents(sums.index.to_numpy(np.uint64), int(str(resolution)))).sum()
            scale = (
                float(mine["persons"].sum() / at_places(true, mine["h3"].to_numpy(np.uint64)).sum()) if name else 1.0
            )
            found.append((name, mine, scale * true))
    return found


def coarser(values: Floats, made: Measured, resolution: int) -> pd.Series:
    """Sums of the finest hexagons by hexagon of a coarser resolution."""
    above, matrix = made.zones.coarser(resolution)
    return pd.Series(matrix.T @ values, index=pd.Index(above))


def shown_at(made: Measured, city: City, *, mean: bool = False) -> Floats:
    """(cells, 2) where the map shows who is in a network cell, metres: in the hexagon with the largest weight.

    A cell that reaches no hexagon is shown nowhere; it stands at its mast.

    Parameters
    ----------
    mean : the mean of its hexagons by weight instead, which lies between two villages where nobody lives
    """
    allocation, sites = made.zones.allocation, made.network.sites
    x, y, _ = places.hex_points(allocation.hexes, city.crs, 0)
    at = np.c_[x, y]
    centres = allocation.weights @ at if mean else at[np.asarray(allocation.weights.argmax(axis=1)).ravel()]
    reached = allocation.weights.getnnz(axis=1) > 0
    return np.asarray(np.where(reached[:, None], centres, np.c_[sites.x, sites.y]))


def _homes_by_cell(people: pd.DataFrame, cells: int) -> Floats:
    living = people[(people["resident_class"] == "resident") & people["home_cell"].notna()]
    at = living["home_cell"].to_numpy(np.int64)
    return np.bincount(at, living["weight"], cells).astype(np.float64)


def hexagon_figures(made: Measured, truth: Truth, found: pd.DataFrame, city: City) -> list[Figure]:
    """Residents on hexagons of resolution 8, spread from network cells in four ways, and on the finest hexagons.

    Parameters
    ----------
    found : tested devices as of `models.signaling.evaluation.tested_devices`
    """
    zones, table = made.zones, made.network.table
    hexes, _, weights, _ = zones.level(8)
    shapes = gpd.GeoSeries(boundaries(hexes), crs=4326)
    areas = places.voronoi_areas(made.network, made.network.active_on(made.period.first), shapes, city.crs)
    addresses = made.addresses.groupby(parents(made.addresses.index.to_numpy(np.uint64), 8)).sum()
    prior = places.built_up_prior(hexes, addresses)
    at = pd.Index(hexes).get_indexer(pd.Index(cells_of(table["lon"].to_numpy(), table["lat"].to_numpy(), 8)))
    inside = np.flatnonzero(at >= 0)
    tower = sp.csr_matrix((np.ones(len(inside)), (inside, at[inside])), shape=(len(table), len(hexes)))
    ways = {
        "footprint and built-up prior": weights,
        "Voronoi and built-up prior": places.one_bayes_step(areas, prior, hexes, "voronoi").weights,
        "Voronoi": places.one_bayes_step(areas, np.ones(len(hexes)), hexes, "voronoi").weights,
        "hexagon of the mast": tower,
    }
    fine = zones.allocation.hexes
    perfect = at_places(found[found["resident"]].groupby("home_h3")["weight"].sum(), fine)
    by_cell = _homes_by_cell(made.people, len(table))
    true, sampled = (coarser(people, made, 8).to_numpy(np.float64) for people in (truth.by_hex, perfect))
    lived = at_places(addresses, hexes) > 0
    known = places.built_up_prior(fine, made.addresses)
    apart = zones.told_apart(made.widest)
    return [
        *evaluation.spreads(by_cell, ways, true, sampled, lived),
        *evaluation_hexagons.conserved(zones, by_cell),
        *evaluation_hexagons.finest(zones, by_cell, truth.by_hex, perfect, known, apart),
    ]


def town_figures(made: Measured, truth: Truth, found: pd.DataFrame) -> list[Figure]:
    """People by town and by stratum with and without weights, and commuters between towns and between groups of them.

    Parameters
    ----------
    found : tested devices as of `models.signaling.evaluation.tested_devices`
    """
    towns, zones = list(made.zones.towns), made.zones
    living = truth.persons[truth.persons["resident"]]
    true = at_places(living.groupby("home_town").size() * truth.scale, towns)
    cells = len(made.network.table)
    by_share, _ = weigh(made.people.drop(columns="weight"), zones, made.share, None,
                        deduplication=1.0, most_persons=np.inf)  # fmt: skip
    one, shared, whole = (
        zones.by_town.T @ _homes_by_cell(people, cells)
        for people in (made.people.assign(weight=1.0), by_share, made.people)
    )
    estimated = commuters(made.raw, zones)[1][: len(towns), : len(towns)]
    going = (living.assign(weight=truth.scale), found[found["resident"]])
    commute, perfect = (true_pairs(rows, zones) for rows in going)
    group = grouped(living, towns)
    staying = made.people[made.people["resident_class"] == "resident"].groupby("stratum")
    by_stratum = (staying.size(), staying["weight"].sum(), living.groupby("stratum").size())
    return [
        *evaluation.town_bias(one, shared, whole, true),
        *evaluation.strata_bias(*by_stratum),
        *evaluation.commuting(estimated, commute, perfect),
        *evaluation.commuting(group.T @ estimated @ group, group.T @ commute @ group, zones=GROUPED),
    ]


def present_figures(made: Measured, truth: Truth) -> list[Figure]:
    """People present by hour on hexagons of resolutions 8 and 7, before protection, and their level over the day."""
    hexes, _, weights, _ = made.zones.level(8)
    figures: list[Figure] = []
    fine: dict[str, dict[tuple[str, int], Floats]] = {"estimated": {}, "true": {}}
    for (daytype, hour), rows in truth.present.groupby(["daytype", "hour"]):
        key = (str(daytype), int(str(hour)))
        kind = cubes.DAYTYPES.index(key[0])
        fine["estimated"][key] = weights.T @ made.raw.presence.persons[cubes.FIRST_CELL :, key[1], kind]
        fine["true"][key] = at_places(rows.set_index("h3")["persons"], hexes)
    _, up = np.unique(parents(hexes, 7), return_inverse=True)
    coarse = {
        side: {key: np.bincount(up.ravel(), v).astype(np.float64) for key, v in hours.items()}
        for side, hours in fine.items()
    }
    for at, sides in (("hexagon of resolution 8", fine), ("hexagon of resolution 7", coarse)):
        figures += evaluation.by_hour(sides["estimated"], sides["true"], at)
    return [*figures, *evaluation.level_by_hour(fine["estimated"], fine["true"])]


def released_figures(made: Measured, truth: Truth, city: City) -> list[Figure]:
    """Protected people on hexagons as `releases` gives them: their error, and how often their intervals hold."""
    figures: list[Figure] = []
    for people, frame, sums in releases(made, truth, city):
        resolution = int(frame["resolution"].iloc[0])
        at = f"hexagons of resolution {resolution}"
        figures += evaluation.released(frame, sums, at, people)
    return figures
