"""People present by hexagon, by day and by night, as an operator would deliver them (现有人口)."""

from __future__ import annotations

import h3
import numpy as np
import numpy.typing as npt
import pandas as pd

from models.demo.plane import to_degrees
from models.demo.sites import Sites
from models.demo.supervision.world import World

RESIDENTS = 1_030_000
"""Residents of mid-2015: between the censuses of 2010 (1,056,817) and 2020 (1,011,334)."""
JOBS = 260_000
"""People who work at registered firms; the rest farms, learns, works elsewhere or stays at home."""
HOME_BY_DAY = 0.62
"""Share of residents in their own hexagon by day, besides those who work at a firm."""
RURAL = 0.45
OPERATOR_SHARE = 0.36
"""Share of the people whose devices this operator sees."""
MONTH = "2015-06-01"
HEADERS = ("网格单元H3", "时段", "人数", "去重设备数", "统计月份")


def present_population(
    world: World, sites: Sites, empty: dict[int, tuple[float, float]], rng: np.random.Generator
) -> pd.DataFrame:
    """Return persons and distinct devices by hexagon of resolution 8 and class of hours.

    Residents live at the houses of their town and in its villages; by day a part works where firms really have their
    staff, so that industrial parks are busy by day and empty by night. ``empty`` gives persons by day and by night of
    the hexagons where planted shells claim to be.
    """
    homes, weight = _homes(sites, rng)
    cells = _cells(np.concatenate([homes, world.firms[["lon", "lat"]].to_numpy()]))
    names, position = np.unique(cells, return_inverse=True)
    live, work = position[: len(homes)], position[len(homes) :]
    night = np.bincount(live, weight, len(names)) * RESIDENTS / weight.sum()
    # Weights of planted firms would fill the very hexagons that are empty.
    jobs = np.where(world.planted | world.dormant, 0, world.staff).astype(float)
    day = night * HOME_BY_DAY + np.bincount(work, jobs, len(names)) * JOBS / jobs.sum()
    persons = np.column_stack([day, night]) * np.exp(rng.normal(0, 0.06, (len(names), 2)))
    for cell, (by_day, by_night) in empty.items():
        persons[np.flatnonzero(names == cell)[0]] = by_day, by_night
    frame = pd.DataFrame(
        {
            HEADERS[0]: np.repeat([h3.int_to_str(int(c)) for c in names], 2),
            HEADERS[1]: np.tile(["日间", "夜间"], len(names)),
            HEADERS[2]: persons.ravel().round(1),
            HEADERS[3]: rng.binomial(np.ceil(persons.ravel()).astype(np.int64), OPERATOR_SHARE),
            HEADERS[4]: MONTH,
        }
    )
    return frame[frame[HEADERS[2]] > 0].reset_index(drop=True)


def _homes(sites: Sites, rng: np.random.Generator) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return places (degrees) of dwellings and their weight: houses of a town, and three hamlets of each village."""
    population = np.array([t.population for t in sites.towns], dtype=float)
    houses = sites.houses
    weight = np.sqrt(houses.central) * np.exp(rng.normal(0, 0.5, len(houses.central)))
    per_town = np.bincount(houses.town, weight, len(population))
    urban = weight / per_town[houses.town] * (population * (1 - RURAL))[houses.town]
    villages = np.bincount(sites.village_town, minlength=len(population))
    rural = np.repeat((population * RURAL / np.maximum(villages, 1))[sites.village_town] / 3, 3)
    hamlets = np.repeat(sites.village_place, 3, axis=0) + rng.normal(0, 0.6, (3 * len(sites.village_place), 2))
    return to_degrees(np.concatenate([houses.place, hamlets])), np.concatenate([urban, rural])


def _cells(degrees: npt.NDArray[np.float64]) -> npt.NDArray[np.uint64]:
    return np.array([h3.str_to_int(h3.latlng_to_cell(lat, lon, 8)) for lon, lat in degrees.tolist()], np.uint64)
