"""Inter-city migration as a published **index**, not persons (百度迁徙指数): read, checked, summed by day.

An index is the share of a city's travellers times the scale of that city's day; it may be compared between days and
cities of one publisher, and must never be shown, added or balanced as people. The published lists end at the hundred
largest partners of each city, so a missing pair is small or unknown and never 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from models.errors import SourceError

DIRECTIONS = ("in", "out")
COLUMNS = ("date", "city", "other", "direction", "index")
UNIT = "index"
"""Unit of every value: no number of people."""

_CITY, _OTHER = "city_id_name", "city_name"


def read_index(files: Iterable[Path]) -> tuple[pd.DataFrame, dict[str, int]]:
    """Read published lists.

    Parameters
    ----------
    files : CSV, plain or .gz, UTF-8 with or without a mark; the value is called ``num`` in some and ``value`` in
        others. A file of one day and direction is called ``..._in_YYYYMMDD...``; others have the columns ``date`` and
        ``direction``

    Returns
    -------
    One row per date, ``city`` whose list it is, ``other`` city, ``direction`` (in: from other to city) and ``index``;
    and rows set aside by reason: ``no_value``, ``same_city``, ``repeated`` (the first stays). Rows read = rows kept +
    rows set aside.

    Raises
    ------
    SourceError : a file lacks a column
    """
    raw = pd.concat([_one(file) for file in files], ignore_index=True)
    apart: dict[str, int] = {}
    kept = np.ones(len(raw), dtype=bool)
    for reason, bad in (
        ("no_value", ~np.isfinite(raw["index"].to_numpy(np.float64)) | raw["date"].isna().to_numpy()),
        ("same_city", (raw["city"] == raw["other"]).to_numpy()),
    ):
        apart[reason] = int((kept & bad).sum())
        kept &= ~bad
    rows = raw[kept]
    again = rows.duplicated(["date", "city", "other", "direction"])
    apart["repeated"] = int(again.sum())
    return rows[~again].reset_index(drop=True), {reason: n for reason, n in apart.items() if n}


def _one(file: Path) -> pd.DataFrame:
    raw = pd.read_csv(file, dtype={"date": "str"}, encoding="utf-8-sig")
    values = [name for name in ("num", "value") if name in raw]
    if not values or _OTHER not in raw or _CITY not in raw:
        raise SourceError(
            file, f"found the columns {', '.join(raw.columns)}", needed=f"{_OTHER}, {_CITY} and num or value"
        )
    number = raw[values[0]] if len(values) == 1 else raw[values[0]].fillna(raw[values[1]])
    stem = file.name.split(".")[0].split("_")
    day = raw["date"] if "date" in raw else pd.Series(stem[-1], index=raw.index)
    way = raw["direction"] if "direction" in raw else pd.Series(stem[-2], index=raw.index)
    if not set(way) <= set(DIRECTIONS):
        raise SourceError(file, f"the direction is {sorted(set(way))}", needed="in or out")
    return pd.DataFrame(
        {
            "date": pd.to_datetime(day, format="%Y%m%d", errors="coerce").astype("datetime64[s]"),
            "city": raw[_CITY].str.strip(),
            "other": raw[_OTHER].str.strip(),
            "direction": way,
            "index": pd.to_numeric(number, errors="coerce"),
        }
    )


def by_day(rows: pd.DataFrame, city: str, direction: str) -> pd.Series:
    """Sum of a city's list by date; an index, of the listed partners only."""
    mine = rows[(rows["city"] == city) & (rows["direction"] == direction)]
    return mine.groupby("date")["index"].sum()


def pair_by_day(rows: pd.DataFrame, origin: str, destination: str) -> pd.Series:
    """Index from one city to another by date, as the destination lists it; dates without a row are missing."""
    chosen = (rows["city"] == destination) & (rows["other"] == origin) & (rows["direction"] == "in")
    return rows[chosen].set_index("date")["index"].sort_index()


def both_sides(rows: pd.DataFrame) -> pd.DataFrame:
    """Flows that both ends list, one row per date, origin and destination; ``as_out`` and ``as_in`` should be equal."""
    coming, going = (rows[rows["direction"] == way] for way in DIRECTIONS)
    one = coming.rename(columns={"city": "destination", "other": "origin", "index": "as_in"})
    two = going.rename(columns={"city": "origin", "other": "destination", "index": "as_out"})
    keys = ["date", "origin", "destination"]
    return one[[*keys, "as_in"]].merge(two[[*keys, "as_out"]], on=keys)
