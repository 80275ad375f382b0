"""Definitions of home and work beside each other, on the same telephones of the generated city, against its truth.

    python -m benchmarks.profiles --people 6000 --write

Needs a demo city built by the code of today: its grid must be the one that the people are drawn in. The days of the
last period are computed once; every profile of data/standards/home_work then labels the same rows, and its labels are
compared with the truth as `cityhex evaluate` does.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from benchmarks.measure import machine, replace_block, table
from models.build.deliveries import Given, files_of, workdays_of
from models.build.signaling import measure
from models.build.zoning import Ground
from models.demo import SEED
from models.evaluate import generate
from models.evaluate.places import Truth
from models.profile import load_city
from models.profile.signaling import load_signaling
from models.settings import PROJECT_ROOT, Settings, load
from models.signaling import evaluation
from models.signaling.evaluation import Figure
from models.signaling.kernel_rules import load_rules
from models.signaling.local import PeriodFiles
from models.signaling.pipeline import Period, people_of
from models.signaling.profiles import FOLDER, load_profile
from models.store import Store

PAGE = PROJECT_ROOT / "docs" / "methods" / "home_work.md"
SHOWN = (
    "residents with a home", "town of the home right", "home within 1 km", "home within 2 km, night_worker",
    "residents named resident", "night workers named resident", "short stays named resident",
    "day workers over 1 km with a workplace", "workplace within 1 km", "non-workers given a workplace",
)  # fmt: skip


def figures(preset: str, people: int, settings: Settings) -> dict[str, list[Figure]]:
    """Figures of every profile on one generated period."""
    city = load_city("demo", settings)
    with Store.open("demo", settings, read_only=True) as store:
        tables = (store.frame(name).drop(columns="geometry", errors="ignore") for name in ("grids", "places"))
        roads = gpd.GeoDataFrame(store.frame("roads"))
        ground = Ground(store.product("cells").to_pandas(), *map(pd.DataFrame, tables), roads)
    with tempfile.TemporaryDirectory(prefix="profiles-", dir=settings.home) as folder:
        own = replace(settings, home=Path(folder))
        generate(own.home / "demo-files", SEED, preset, people, None)
        made = measure(city, own, ground, lambda _done, _of: None)
        truth = Truth.read(own.home / "demo-files" / "truth" / "signaling", made, city)
        spec = load_signaling(city)
        assert spec is not None
        given, sites = Given(city, own, spec), made.network.sites
        deliveries = PeriodFiles(files_of(given, made.period), city.timezone, workdays_of(given))
        found = {}
        for name in sorted(path.stem for path in FOLDER.glob("*.toml")):
            period = Period(
                deliveries, made.network, load_rules(), load_profile(name), given.area(made.period),
                spec.home_province, spec.memory_mb,
            )  # fmt: skip
            labelled = people_of(period).assign(weight=1.0)
            tested = evaluation.tested_devices(
                labelled, truth.persons, np.c_[sites.x, sites.y], made.zones.town_of_cell, made.zones.towns
            )
            found[name] = [*evaluation.homes(tested), *evaluation.residents(tested), *evaluation.workplaces(tested)]
    return found


def report(found: dict[str, list[Figure]], options: argparse.Namespace) -> str:
    """The text of the page."""
    by_name = {profile: {f.name: f for f in mine} for profile, mine in found.items()}
    tested = next(iter(by_name.values()))["residents with a home"].tested
    rows = [[name, *(f"{mine[name].value:.3f}" for mine in by_name.values())] for name in SHOWN]
    drawn = f"preset {options.preset}, {options.people:,} persons drawn"
    said = f"Last period of the demo city, {drawn}; {tested:,} residents tested."
    return "\n".join([said, "", table(["figure", *by_name], rows, text_columns=1), "", machine()])


def main() -> None:
    """Measure, and print or write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="real")
    parser.add_argument("--people", type=int, default=6_000)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    text = report(figures(options.preset, options.people, load()), options)
    print(text)
    if options.write:
        replace_block(PAGE, "profiles", text)


if __name__ == "__main__":
    main()
