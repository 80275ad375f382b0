"""Holds the computed signaling of a generated city against its truth: what `cityhex evaluate` prints.

The last two periods are computed again in a temporary work area that is deleted afterwards, because labels of single
devices are kept nowhere; only sums leave. Other difficulties are generated into the same temporary place.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import pandas as pd

from models.build.signaling import Measured, measure
from models.build.zoning import Ground
from models.demo import SEED, draw_city, public
from models.demo.signaling import PRESETS, write_signaling
from models.demo.streams import Streams
from models.errors import SourceError
from models.evaluate import places
from models.evaluate.flows import flows_beside, moved
from models.profile import City, load_city
from models.profile.signaling import Signaling, load_signaling
from models.settings import Settings
from models.signaling import evaluation
from models.signaling.evaluation import Figure
from models.signaling.evaluation_flows import interval_figures, total_figures
from models.signaling.evaluation_moves import moves
from models.signaling.evaluation_roads import road_figures, true_speeds
from models.signaling.road_rules import load_road_rules
from models.store import Store

Told = Callable[[str, int, int], None]
PERIODS = 2
"""Periods that are compared with the truth, the last ones."""


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
    truth = places.Truth.read(folder, made, city)
    found = evaluation.tested_devices(
        made.people, truth.persons, places.shown_at(made, city), made.zones.town_of_cell, made.zones.towns
    )
    centred = evaluation.tested_devices(
        made.people, truth.persons, places.shown_at(made, city, mean=True), made.zones.town_of_cell, made.zones.towns
    )
    figures = [
        *evaluation.homes(found), evaluation.near_the_centre(centred), *evaluation.workplaces(found),
        *evaluation.residents(found), *places.hexagon_figures(made, truth, found, city),
        *places.town_figures(made, truth, found), *places.present_figures(made, truth),
        *places.released_figures(made, truth, city), *_roads(made, folder, city),
    ]  # fmt: skip
    before = measure(city, settings, ground, step, back=1)
    found_moves, true = moved(before, made, folder, spec)
    figures += moves(found_moves, true, f"{before.period.name} to {made.period.name}")
    beside = flows_beside((before, made), truth, found_moves, folder, city)
    figures += [*interval_figures(beside), *total_figures(beside)]
    return Evaluation(name, made.period.name, len(found), tuple(figures), evaluation.confusion(found))


def _roads(made: Measured, folder: Path, city: City) -> list[Figure]:
    """Speeds and jams as released; none where no traffic was generated."""
    file = folder / "road_speeds.parquet"
    if not made.roads or not file.is_file():
        return []
    sections = gpd.GeoDataFrame(made.roads["road_sections"])
    true = true_speeds(sections, pd.read_parquet(file), city.crs)
    return road_figures(made.roads["road_speeds"], true, load_road_rules().speeds.jam_index)
