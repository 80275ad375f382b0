"""Hands the rows of a register to their own cleaning: the one place that calls it."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from models.profile import City, Source
from models.profile.units import factor
from models.settings import Settings
from models.sources.canonical import numbers
from models.sources.geometry import coordinates
from models.sources.ledger import Ledger
from models.sources.legal_persons import normalise

# Canonical column -> what the cleaning of registers calls its raw text.
_RAW_NAMES = {"capital_text": "capital", "scope_text": "scope", "district_given": "district"}


def read_legal_persons(
    texts: pd.DataFrame, city: City, source: Source, settings: Settings, ledger: Ledger, *, as_of: dt.date
) -> pd.DataFrame:
    """Return the rows on the contract ``legal_persons``, indexed by row number; the others go to the ledger.

    Parameters
    ----------
    texts : canonical columns as text, n rows
    as_of : day against which dates are judged
    """
    raw = texts.drop(columns=["lon", "lat"], errors="ignore").rename(columns=_RAW_NAMES)
    raw = raw.assign(source_id=source.id, **ledger.rows)
    unit = factor(source.units["capital_text"]) if "capital_text" in source.units else None
    frame, rejects = normalise(raw, person_key=settings.person_key(), as_of=as_of, bare_capital_unit=unit)
    frame = frame.set_axis(_positions(frame, ledger.rows))
    ledger.take(rejects.set_axis(_positions(rejects, ledger.rows)))
    if {"lon", "lat"} <= set(texts.columns):
        place = pd.DataFrame({c: numbers(texts[c], c, 1.0, ledger) for c in ("lon", "lat")}, index=texts.index)
        place = coordinates(place, city, source, ledger).reindex(frame.index)
        frame = frame.assign(lon=place["lon"], lat=place["lat"], coord_datum=source.datum)
    return frame


def _positions(frame: pd.DataFrame, rows: pd.DataFrame) -> pd.Index:
    """Row numbers in ``rows`` of the places (file and line) that ``frame`` names."""
    files = pd.Index(rows["source_file"].unique())
    known = pd.Index(_keys(rows, files))
    return pd.Index(known.get_indexer(pd.Index(_keys(frame, files))).tolist(), dtype="int64")


def _keys(frame: pd.DataFrame, files: pd.Index) -> list[int]:
    """One number per file and line."""
    codes = files.get_indexer(pd.Index(frame["source_file"])).astype(np.int64)
    keys: list[int] = (codes * (1 << 40) + frame["source_row"].to_numpy(dtype=np.int64)).tolist()
    return keys
