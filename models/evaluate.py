"""Holds the computed signaling of a generated city against its truth: what `cityhex evaluate` prints.

The last two periods are computed again in a temporary work area that is deleted afterwards, because labels of single
devices are kept nowhere; only sums leave. Other difficulties are generated into the same temporary place.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import scipy.sparse as sp
from pyproj import Transformer

from models.build.signaling import Ground, Measured, measure
from models.demo import SEED, draw_city, public
from models.demo.plane import to_degrees
from models.demo.signaling import PRESETS, write_signaling
from models.demo.streams import Streams
from models.errors import SourceError
from models.fusion.hexes import boundaries, cells_of
from models.profile import City, load_city
from models.profile.signaling import Signaling, load_signaling
from models.settings import Settings
from models.signaling import cubes, evaluation, migration, places, release
from models.signaling.evaluation import Figure, at_places
from models.signaling.evaluation_commuters import GROUPED, grouped, true_pairs
from models.signaling.evaluation_moves import moves, true_moves
from models.signaling.evaluation_roads import road_figures, true_speeds
from models.signaling.events import Pseudonyms
from models.signaling.flows import commuters
from models.signaling.profiles import load_profile
from models.signaling.road_rules import load_road_rules
from models.signaling.uncertainty import Doubt, load_doubts
from models.signaling.weighting import weigh
from models.store import Store

Floats = npt.NDArray[np.float64]
Told = Callable[[str, int, int], None]
PERIODS = 2
"""Periods that are compared with the truth, the last ones."""
NOON_AND_EVENING = (12, 21)
"""Hours whose intervals of people present are tested."""


@dataclass(frozen=True)
class Evaluation:
    """What was measured on one set of files.

    Attributes
    ----------
    name : difficulty of the generator, or ``files`` for those of the home folder
    period : name of the period
    devices : devices with a known truth
    figures : the figures with their bars
    confusion : devices by true class and named kind of resident
    """

    name: str
    period: str
    devices: int
    figures: tuple[Figure, ...]
    confusion: pd.DataFrame


def evaluate_city(
    name_or_path: str, settings: Settings, presets: tuple[str, ...] = (), people: int = 24_000, told: Told | None = None
) -> list[Evaluation]:
    """Evaluate the files of the home folder, or what the generator writes for some difficulties.

    Parameters
    ----------
    presets : names in `models.demo.signaling.PRESETS`; none evaluates the files that are there
    people : persons drawn for each difficulty
    told : told a step, how much of it is done, and of how much

    Raises
    ------
    SourceError : the city is not generated, or its files have no signaling
    NotBuiltError : the city has no build, whose hexagons and grid are needed
    """
    city = load_city(name_or_path, settings)
    files = settings.home / "demo-files"
    truth = files / "truth" / "signaling"
    spec = load_signaling(city)
    if not city.demo or spec is None or not truth.is_dir():
        raise SourceError(
            truth, f"{city.id} has no signaling with a known truth", needed="the files of the generated city",
            hint="They are written by: cityhex demo",
        )  # fmt: skip
    with Store.open(city.id, settings, read_only=True) as store:
        roads = gpd.GeoDataFrame(store.frame("roads")) if store.count("roads") else None
        ground = Ground(store.product("cells").to_pandas(), _table(store, "grids"), _table(store, "places"), roads)
    found = []
    for name in presets or ("files",):
        with tempfile.TemporaryDirectory(prefix="evaluate-", dir=settings.home) as folder:
            home = Path(folder)
            if name == "files":
                (home / "demo-files").symlink_to(files.resolve())
            else:
                generate(home / "demo-files", _seed(files), name, people, told)
            found.append(_evaluate(name, city, spec, replace(settings, home=home), ground, told=told))
    return found


def _table(store: Store, name: str) -> pd.DataFrame:
    return pd.DataFrame(store.frame(name).drop(columns="geometry", errors="ignore"))


def _seed(files: Path) -> int:
    stamp = files / "written.json"
    return int(json.loads(stamp.read_text("utf-8"))["seed"]) if stamp.exists() else SEED


def generate(folder: Path, seed: int, preset: str, people: int, told: Told | None) -> None:
    """Write the signaling of a generated city and its truth below a folder, the last two periods only."""
    streams, city = Streams(seed), draw_city(seed)
    stations = public.base_stations(city.sites, streams.of("stations"))

    def step(share: float, _what: str) -> None:
        if told is not None:
            told(f"generate {preset}", round(100 * share), 100)

    wanted = replace(PRESETS[preset], people=people, periods=PERIODS)
    write_signaling(folder / "signaling", city.sites, stations, streams, wanted, roads=city.roads, on_progress=step)


def _evaluate(
    name: str, city: City, spec: Signaling, settings: Settings, ground: Ground, *, told: Told | None
) -> Evaluation:
    def step(done: int, of: int) -> None:
        if told is not None:
            told(f"compute {name}", done, of)

    made = measure(city, settings, ground, step)
    folder = settings.home / "demo-files" / "truth" / "signaling"
    truth = Truth.read(folder, made, city)
    found = evaluation.tested_devices(
        made.people, truth.persons, _shown_at(made, city), made.zones.town_of_cell, made.zones.towns
    )
    centred = evaluation.tested_devices(
        made.people, truth.persons, _shown_at(made, city, mean=True), made.zones.town_of_cell, made.zones.towns
    )
    figures = [
        *evaluation.homes(found), evaluation.near_the_centre(centred), *evaluation.workplaces(found),
        *evaluation.residents(found), *_hexagons(made, truth, found, city), *_towns(made, truth, found),
        *_present(made, truth),
    ]  # fmt: skip
    for people, frame, sums in releases(made, truth, city):
        resolution = int(frame["resolution"].iloc[0])
        figures += evaluation.released(
            frame, coarser(sums, made, resolution), f"hexagons of resolution {resolution}", people
        )
    figures += _roads(made, folder, city)
    before = measure(city, settings, ground, step, back=1)
    figures += _moves(before, made, folder, spec)
    return Evaluation(name, made.period.name, len(found), tuple(figures), evaluation.confusion(found))


def _roads(made: Measured, folder: Path, city: City) -> list[Figure]:
    """Speeds and jams as released; none where no traffic was generated."""
    file = folder / "road_speeds.parquet"
    if not made.roads or not file.is_file():
        return []
    sections = gpd.GeoDataFrame(made.roads["road_sections"])
    true = true_speeds(sections, pd.read_parquet(file), city.crs)
    return road_figures(made.roads["road_speeds"], true, load_road_rules().speeds.jam_index)


def _shown_at(made: Measured, city: City, *, mean: bool = False) -> Floats:
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


def _moves(before: Measured, after: Measured, folder: Path, spec: Signaling) -> list[Figure]:
    """Moves between two periods; their people are linked by pseudonyms of the truth, as a build links them by keys."""
    persons, link = pd.read_parquet(folder / "persons.parquet"), Pseudonyms(b"evaluate")
    persons = persons.assign(link=link.of(pa.array(persons["user"].tolist())))
    lived, true = [], []
    for made in (before, after):
        own = persons[persons["period"] == made.period.name]
        users = Pseudonyms(made.key).of(pa.array(own["user"].tolist()))
        own_link = pd.Series(pd.array(own["link"].to_numpy(), dtype="UInt64"), index=users)
        known = own_link.reindex(made.people["user"]).array  # drivers have none; a hash through a float is another one
        people = made.people.assign(link=known)
        days = (made.period.last - made.period.first).days + 1
        place = migration.Place(
            made.zones,
            made.network.sites,
            made.network.table["cell_id"].to_numpy(dtype=object),
            spec.home_province,
            load_profile(spec.profile).thresholds(days, days).min_observed_nights,
        )
        lived.append(migration.lives(people, "link", place))
        true.append(own.assign(user=own["link"]))
    found = migration.statuses(lived[0], lived[1], after.zones.towns)
    return moves(found, true_moves(true[0], true[1]), f"{before.period.name} to {after.period.name}")


def coarser(values: Floats, made: Measured, resolution: int) -> pd.Series:
    """Sums of the finest hexagons by hexagon of a coarser resolution."""
    above, matrix = made.zones.coarser(resolution)
    return pd.Series(matrix.T @ values, index=pd.Index(above))


def _homes_by_cell(people: pd.DataFrame, cells: int) -> Floats:
    living = people[(people["resident_class"] == "resident") & people["home_cell"].notna()]
    at = living["home_cell"].to_numpy(np.int64)
    return np.bincount(at, living["weight"], cells).astype(np.float64)


def _hexagons(made: Measured, truth: Truth, found: pd.DataFrame, city: City) -> list[Figure]:
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


def _towns(made: Measured, truth: Truth, found: pd.DataFrame) -> list[Figure]:
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


def _present(made: Measured, truth: Truth) -> list[Figure]:
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
