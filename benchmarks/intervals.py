"""Model error of the intervals of people on hexagons, measured on generated cities, and how often the intervals hold.

    python -m benchmarks.intervals --seed 11 --seed 12 --seed 13 --test 21 --write

Cities of the first seeds calibrate, those of the last are only tested: town plan, houses, network, people and events
all differ with the seed. ``place`` is the number that makes the 90 % interval hold in nine of ten hexagons, found for
each class of size (50 to 500, 500 to 2,000, above 2,000 people; mean of both resolutions), and the largest of them
counts. ``grain`` is given: a little more than the people that one drawn person stands for.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.measure import machine, replace_block, table
from models.build import build_city
from models.build.signaling import measure
from models.build.zoning import Ground
from models.demo import write_city
from models.evaluate import generate
from models.evaluate.places import Truth, releases
from models.profile import City, load_city
from models.settings import PROJECT_ROOT, Settings, load
from models.signaling.release import Z90
from models.signaling.uncertainty import CERTAIN, POWER, ROLES, Doubt, load_doubts
from models.store import Store

PAGE = PROJECT_ROOT / "docs" / "truth.md"
Draw = Callable[[int, str, int, Path], pd.DataFrame]
Drawn = tuple[int, int]
"""Seed of a generated city, and persons drawn."""
PEOPLE = 24_000
CLASSES = (50.0, 500.0, 2_000.0, np.inf)
GRAIN = 60.0
ROLE_OF = {"": "resident", "workers": "worker"}
"""Kind of people of a release; the others are people present."""


def generated(seed: int, preset: str, people: int, home: Path) -> tuple[City, Settings, Ground]:
    """A city drawn by a seed in an empty folder, with its ground built and its signaling written."""
    base = load()
    settings = Settings(home=home, shared=base.shared, profiles=base.profiles)
    write_city(home / "demo-files", seed=seed, firms=1_000)
    build_city("demo", settings)
    with Store.open("demo", settings, read_only=True) as store:
        tables = (store.frame(name).drop(columns="geometry", errors="ignore") for name in ("grids", "places"))
        ground = Ground(store.product("cells").to_pandas(), *map(pd.DataFrame, tables))
    generate(home / "demo-files", seed, preset, people, None)
    city = load_city("demo", settings)
    return city, settings, ground


def drawn(seed: int, preset: str, people: int, home: Path) -> pd.DataFrame:
    """Hexagons of a generated city: ``role``, ``resolution``, ``value``, ``sampled`` and ``between``, and the truth.

    Parameters
    ----------
    home : empty folder that gets the city; nothing of it is kept by the caller
    """
    city, settings, ground = generated(seed, preset, people, home)
    made = measure(city, settings, ground, lambda _done, _of: None)
    truth = Truth.read(home / "demo-files" / "truth" / "signaling", made, city)
    bare, unit = (releases(made, truth, city, dict.fromkeys(ROLES, doubt)) for doubt in (CERTAIN, Doubt(1.0, 0.0)))
    parts = []
    for (name, frame, sums), (_, with_one, _) in zip(bare, unit, strict=True):
        resolution = int(frame["resolution"].iloc[0])
        true = sums.reindex(frame["h3"].to_numpy(), fill_value=0.0)
        sampled, whole = (((f["high"] - f["persons"]).to_numpy(float) / Z90) ** 2 for f in (frame, with_one))
        columns = {"value": frame["persons"].to_numpy(float), "sampled": sampled, "between": whole - sampled}
        role = ROLE_OF.get(name, "present")
        parts.append(pd.DataFrame(columns | {"role": role, "resolution": resolution, "true": true.to_numpy()}))
    return pd.concat(parts, ignore_index=True).dropna().assign(seed=seed)


def place_of(hexes: pd.DataFrame, grain: float = GRAIN) -> float:
    """``place`` of one kind of people that holds nine of ten hexagons in every class of size."""
    big = hexes[hexes["value"] > CLASSES[0]]
    missing = ((big["true"] - big["value"]) / Z90) ** 2 - big["sampled"] - grain * big["between"]
    need = missing / big["between"].clip(lower=1e-9) ** POWER
    size = pd.cut(big["value"], list(CLASSES))
    each = need.groupby([size, big["resolution"]], observed=True).quantile(0.9)
    return max(0.0, float(each.groupby(level=0, observed=True).mean().max()))


def holds(hexes: pd.DataFrame, doubt: Doubt) -> pd.Series:
    """Whether the 90 % interval of each hexagon holds the truth."""
    half = Z90 * np.sqrt(hexes["sampled"] + doubt.variance(hexes["between"].to_numpy()))
    low, high = (hexes["value"] - half).clip(lower=0.0), hexes["value"] + half
    return (low <= hexes["true"]) & (hexes["true"] <= high)


def report(known: pd.DataFrame, unseen: pd.DataFrame, options: argparse.Namespace) -> str:
    """The text of docs/truth.md."""
    rows = []
    for role in ("resident", "worker", "present"):
        place, used = place_of(known[known["role"] == role]), load_doubts().by_role[role]
        for resolution in (7, 8) if role == "present" else (7, 8, 9):
            mine = unseen[(unseen["role"] == role) & (unseen["resolution"] == resolution)]
            lived = mine["true"] > 0
            shares = [holds(mine, doubt)[lived].mean() for doubt in (CERTAIN, used)]
            rows.append([
                role, f"{resolution}", f"{place:.1f}", f"{used.place:.1f}", f"{int(lived.sum()):,}",
                *(f"{share:.3f}" for share in shares), f"{holds(mine, used).mean():.3f}",
            ])  # fmt: skip
    head = ["people", "resolution", "place found", "place used", "hexagons tested", "sampling alone holds",
            "interval holds", "with empty ones"]  # fmt: skip
    return "\n".join([
        f"Calibrated on seeds {listed(options.seed)}, tested on seeds {listed(options.test)}; preset {options.preset}, "
        f"{PEOPLE:,} persons drawn, grain {GRAIN:.0f}; 90 % intervals, bar 0.85 to 0.95 where somebody lives.",
        "", table(head, rows, text_columns=1), "", machine(),
    ])  # fmt: skip


def drawn_as(text: str) -> Drawn:
    """Seed and persons drawn of ``SEED`` or ``SEED:PEOPLE``."""
    seed, _, people = text.partition(":")
    return int(seed), int(people or PEOPLE)


def listed(cities: Sequence[Drawn]) -> str:
    """Seeds as a text, with the persons drawn where they are not the usual ones."""
    return ", ".join(f"{seed}" if people == PEOPLE else f"{seed} ({people:,} persons)" for seed, people in cities)


def calibrate(about: str, block: str, draw: Draw, say: Callable[[pd.DataFrame, pd.DataFrame, Any], str]) -> None:
    """Calibrate on some cities, test on others, and print or write the table.

    Parameters
    ----------
    about : what ``--help`` says
    block : marker of `PAGE` that the table stands between
    draw : what one seed, difficulty, number of people and folder give
    say : the table of calibrated and tested rows, given the options
    """
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, use in (("--seed", "calibrates"), ("--test", "is tested only")):
        about_it = f"{use}; SEED or SEED:PEOPLE, repeat for several"
        parser.add_argument(name, type=drawn_as, action="append", required=True, help=about_it)
    parser.add_argument("--preset", default="real")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    found = {}
    for seed, people in [*options.seed, *options.test]:
        with tempfile.TemporaryDirectory(prefix=f"{block}-") as folder:
            found[seed, people] = draw(seed, options.preset, people, Path(folder)).assign(people=people)
    known, unseen = (pd.concat([found[city] for city in cities]) for cities in (options.seed, options.test))
    text = say(known, unseen, options)
    print(text)
    if options.write:
        replace_block(PAGE, block, text)


if __name__ == "__main__":
    calibrate(__doc__, "intervals", drawn, report)
