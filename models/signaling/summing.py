"""Raw cubes as one long table of keys and numbers, so that partial cubes of many buckets can be added anywhere.

Devices are whole numbers and add up exactly; persons are sums of weights and agree to rounding in whatever order they
are added.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from models.signaling import cubes
from models.signaling.labels import RESIDENT_CLASSES
from models.signaling.night_coverage import NightCoverage
from models.signaling.pipeline import Raw, night_figures

NIGHT = "night_"
"""Beginning of the names of figures that say how a whole period is observed."""
NUMBERS = ("persons", "squares", "devices")
COLUMNS = ("cube", "key", *NUMBERS)
KEYS = {
    "people": ("home_cell", "work_cell", "resident_class", "origin"),
    "visits": ("zone", "origin"),
    "journeys": ("from_zone", "to_zone", "hour", "purpose", "band_m", "daytype"),
}
"""Columns that tell the rows of each cube apart; presence is told apart by place, hour and type of day."""


def long(raw: Raw) -> pd.DataFrame:
    """Every number of raw cubes as a row.

    Returns
    -------
    ``cube``, ``key`` (JSON list), ``persons`` and ``squares`` (sums of what devices add, and of its squares) and
    ``devices``. Figures of quality are cubes of one number each, the mean coverage as the sum it is the mean of.
    """
    place, hour, kind = np.nonzero(raw.presence.devices)
    keys = [json.dumps(key) for key in zip(place.tolist(), hour.tolist(), kind.tolist(), strict=True)]
    at = (place, hour, kind)
    parts = [_rows("presence", keys, raw.presence.persons[at], raw.presence.devices[at])]
    for name, by in KEYS.items():
        table: pd.DataFrame = getattr(raw, name)
        parts.append(_rows(name, _keys(table, by), table["persons"], table["devices"], table.get("squares", 0.0)))
    figures = {name: value for name, value in raw.quality.items() if not name.startswith(NIGHT)}
    people = _people(figures)
    figures["mean_coverage"] = figures["mean_coverage"] * people if people else 0.0
    parts.append(_rows("quality", [json.dumps([name]) for name in figures], list(figures.values()), 0))
    return pd.concat(parts, ignore_index=True)


def added(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Sum of long tables."""
    whole = pd.concat(parts, ignore_index=True)
    return whole.groupby(["cube", "key"], sort=True)[list(NUMBERS)].sum().reset_index()


def raw_of(table: pd.DataFrame, cells: int, night: NightCoverage) -> Raw:
    """Raw cubes from the sum of long tables.

    Parameters
    ----------
    cells : number of network cells
    night : how the whole period is observed by night, which no sum of parts says
    """
    shape = (cells + cubes.FIRST_CELL, 24, len(cubes.DAYTYPES))
    presence = cubes.Presence(np.zeros(shape), np.zeros(shape, np.int32))
    mine = table[table["cube"] == "presence"]
    if len(mine):
        at = tuple(np.array([json.loads(key) for key in mine["key"]]).T)
        presence.persons[at], presence.devices[at] = mine["persons"], mine["devices"]
    figures = table[table["cube"] == "quality"]
    quality = {json.loads(k)[0]: float(v) for k, v in zip(figures["key"], figures["persons"], strict=True)}
    people = _people(quality)
    quality["mean_coverage"] = quality["mean_coverage"] / people if people else float("nan")
    quality = dict(sorted((quality | night_figures(night)).items()))
    return Raw(presence, _cube(table, "people"), _cube(table, "visits"), _cube(table, "journeys"), quality)


def _rows(cube: str, keys: list[str], persons: Any, devices: Any, squares: Any = 0.0) -> pd.DataFrame:
    rows = pd.DataFrame({"key": keys, "persons": np.asarray(persons, np.float64), "devices": devices})
    rows["squares"] = np.asarray(squares, np.float64)
    return rows.assign(cube=cube, devices=rows["devices"].astype("int64"))[list(COLUMNS)]


def _keys(table: pd.DataFrame, by: Sequence[str]) -> list[str]:
    columns = [[None if pd.isna(v) else v for v in table[name].tolist()] for name in by]
    return [json.dumps(key) for key in zip(*columns, strict=True)]


def _people(figures: dict[str, float]) -> float:
    return sum(value for name, value in figures.items() if name.startswith("resident_class_"))


def _cube(table: pd.DataFrame, name: str) -> pd.DataFrame:
    mine, by = table[table["cube"] == name], list(KEYS[name])
    found = pd.DataFrame([json.loads(key) for key in mine["key"]], columns=by)
    if name == "people":
        found["resident_class"] = pd.Categorical(found["resident_class"], categories=list(RESIDENT_CLASSES))
        found = found.astype({"home_cell": "Int32", "work_cell": "Int32"})
    given = [n for n in NUMBERS if n != "squares" or name in ("people", "visits")]
    numbers = mine[given].reset_index(drop=True)
    return pd.concat([found, numbers], axis=1).sort_values(by, ignore_index=True)
