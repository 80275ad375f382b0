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
from models.fusion.hexes import boundaries, cells_of
from models.profile import City
from models.signaling import cubes, evaluation, places, release
from models.signaling.evaluation import Figure, at_places
from models.signaling.evaluation_commuters import GROUPED, grouped, true_pairs
from models.signaling.events import Pseudonyms
from models.signaling.flows import commuters
from models.signaling.uncertainty import Doubt, load_doubts
from models.signaling.weighting import weigh

Floats = npt.NDArray[np.float64]
NOON_AND_EVENING = (12, 21)
"""Hours whose intervals of people present are tested."""


@dataclass(frozen=True)
class Truth:
    """The truth of one period: persons by hashed pseudonym, residents and people present by hexagon, persons each."""

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
            persons = persons.assign(
                **{f"{place}_e": pd.Series(east).where(there), f"{place}_n": pd.Series(north).where(there)}
            )
        hashed = Pseudonyms(made.key).of(pa.array(persons["user"].tolist()))
        residents = pd.read_parquet(folder / "residents.parquet")
        mine = residents[residents["period"] == made.period.name].set_index("h3")["persons"]
        by_hex = at_places(mine, made.zones.allocation.hexes)
        scale = float(mine.sum() / (persons["resident"] & persons["home_h3"].notna()).sum())
        return cls(persons.assign(user=hashed), by_hex, pd.read_parquet(folder / "present.parquet"), scale)


def releases(
    made: Measured, truth: Truth, city: City, doubts: Mapping[str, Doubt] | None = None
) -> list[tuple[str, pd.DataFrame, Floats]]:
    """Protected people on hexagons beside the truth of the finest hexagons, one resolution each.

    Residents, people with a workplace farther than 1 km from home, and people present at noon and at 21:00 of a working
    day. What is weighted to the residents is compared as it is, the others as shares of their sum: people present
    are residents only in the truth.

    Parameters
    ----------
    doubts : model errors in place of those in use
    """
    rules = release.Rules(city.disclosure_k, made.fine_k, load_doubts().by_role if doubts is None else doubts)
    people = release.residents_by_hex(made.raw, made.zones, rules, (7, 8))
    present = release.present_by_hour(made.raw, made.zones, rules, (7, 8), NOON_AND_EVENING)
    hexes = made.zones.allocation.hexes
    living = truth.persons[truth.persons["resident"]]
    far = np.hypot(living["work_e"] - living["home_e"], living["work_n"] - living["home_n"]) > evaluation.NEAR_M
    sides = [("", people[people["role"] == "resident"], truth.by_hex)]
    working = living[far & living["work_h3"].notna()].groupby("work_h3").size()
    sides.append(("workers", people[people["role"] == "worker"], at_places(working, hexes)))
    for hour in NOON_AND_EVENING:
        rows = truth.present[(truth.present["daytype"] == "workday") & (truth.present["hour"] == hour)]
        mine = present[(present["daytype"] == "workday") & (present["hour"] == hour)]
        sides.append((f"present at {hour}:00", mine, at_places(rows.set_index("h3")["persons"], hexes)))
    found = []
    for name, frame, sums in sides:
        for resolution in (7, 8):
            mine = frame[frame["resolution"] == resolution]
            scale = float(mine["persons"].sum() / sums.sum()) if name else 1.0
            found.append((name, mine, scale * sums))
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
    """Residents on hexagons of resolution 8, spread from network cells in four ways.

    Parameters
    ----------
    found : tested devices as of `models.signaling.evaluation.tested_devices`
    """
    hexes = made.zones.allocation.hexes
    active = made.network.active_on(made.period.first)
    shapes = gpd.GeoSeries(boundaries(hexes), crs=4326)
    areas = places.voronoi_areas(made.network, active, shapes, city.crs)
    addresses = made.addresses.reindex(pd.Index(hexes), fill_value=0.0).to_numpy("float64")
    prior = places.built_up_prior(hexes, made.addresses)
    table = made.network.table
    at = pd.Index(hexes).get_indexer(pd.Index(cells_of(table["lon"].to_numpy(), table["lat"].to_numpy(), 8)))
    inside = np.flatnonzero(at >= 0)
    tower = sp.csr_matrix((np.ones(len(inside)), (inside, at[inside])), shape=(len(table), len(hexes)))
    flat = np.ones(len(hexes))
    ways = {
        "footprint and built-up prior": made.zones.allocation.weights,
        "Voronoi and built-up prior": places.one_bayes_step(areas, prior, hexes, "voronoi").weights,
        "Voronoi": places.one_bayes_step(areas, flat, hexes, "voronoi").weights,
        "hexagon of the mast": tower,
    }
    living = found[found["resident"]]
    perfect = at_places(living.groupby("home_h3")["weight"].sum(), hexes)
    by_cell = _homes_by_cell(made.people, len(table))
    return evaluation.spreads(by_cell, ways, truth.by_hex, perfect, addresses > 0)


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
    weights, hexes = made.zones.allocation.weights, made.zones.allocation.hexes
    figures: list[Figure] = []
    coarse = made.zones.coarser(7)[1]
    fine: dict[str, dict[tuple[str, int], Floats]] = {"estimated": {}, "true": {}}
    for (daytype, hour), rows in truth.present.groupby(["daytype", "hour"]):
        key = (str(daytype), int(str(hour)))
        kind = cubes.DAYTYPES.index(key[0])
        fine["estimated"][key] = weights.T @ made.raw.presence.persons[cubes.FIRST_CELL :, key[1], kind]
        fine["true"][key] = at_places(rows.set_index("h3")["persons"], hexes)
    for at, matrix in (("hexagon of resolution 8", None), ("hexagon of resolution 7", coarse)):
        both = [
            {key: values if matrix is None else matrix.T @ values for key, values in fine[side].items()}
            for side in ("estimated", "true")
        ]
        figures += evaluation.by_hour(both[0], both[1], at)
    return [*figures, *evaluation.level_by_hour(fine["estimated"], fine["true"])]


def released_figures(made: Measured, truth: Truth, city: City) -> list[Figure]:
    """Protected people on hexagons as `releases` gives them: their error, and how often their intervals hold."""
    figures: list[Figure] = []
    for people, frame, sums in releases(made, truth, city):
        resolution = int(frame["resolution"].iloc[0])
        at = f"hexagons of resolution {resolution}"
        figures += evaluation.released(frame, coarser(sums, made, resolution), at, people)
    return figures
