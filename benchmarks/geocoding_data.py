"""Frames of two real cities for the measurements of address matching; read in place under CITYHEX_SHARED."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from models import contracts
from models.fusion.addresses import normalise
from models.profile import load_city
from models.settings import Settings
from models.sources import read_source

Frames = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]
"""Places, districts, towns, area changes."""

HOSPITALS = "shanghai_hospital.csv.gz"
OTHERS = ("shanghai_school.csv", "shanghai_food.csv.gz", "shanghai_hotpot.csv", "shanghai_Theatr_Cinema.csv")
"""Other places of Shanghai, with which the hospitals are joined in the second gazetteer."""


def gazetteer_frames(city_id: str, settings: Settings) -> Frames:
    """Read the four tables of a city's gazetteer as its profile describes them; empty where it has no source."""
    city = load_city(city_id, settings)
    out = []
    for table in ("places", "districts", "towns", "area_changes"):
        frames = [read_source(city, source, settings).frame for source in city.sources_of(table)]
        out.append(pd.concat(frames, ignore_index=True) if frames else contracts.empty(table))
    return out[0], out[1], out[2], out[3]


def chongqing_register(shared: Path) -> pd.DataFrame:
    """All rows of the register as the matcher takes them: uscc, address, district_given."""
    columns = {"统一社会信用代码": "uscc", "注册地址": "address", "地区": "district_given"}
    files = sorted((shared / "realdata" / "enterprise_chongqing").glob("*.csv.gz"))
    frames = [pd.read_csv(f, dtype=str, usecols=list(columns), keep_default_na=False) for f in files]
    frame = pd.concat(frames, ignore_index=True).rename(columns=columns)
    return frame.mask(frame.isin(["N/A", "-", ""]))


def shanghai_places(shared: Path, names: tuple[str, ...], districts: pd.DataFrame) -> pd.DataFrame:
    """Points of interest of Shanghai: place_id, name, kind, district_code, adname, address, lon, lat."""
    codes = dict(zip(districts["name"], districts["district_code"], strict=True))
    frames = []
    for name in names:
        path = shared / "realdata" / "poi_shanghai" / name
        frame = pd.read_csv(path, dtype={"lon": float, "lat": float}, keep_default_na=False)
        frame["place_id"] = [f"{path.name.split('.')[0]}:{i}" for i in range(len(frame))]
        frames.append(frame)
    frame = pd.concat(frames, ignore_index=True)
    frame["kind"] = "poi"
    frame["address"] = frame["address"].mask(frame["address"].isin(["[]", ""]))
    frame["district_code"] = frame["adname"].map(codes)
    return frame[["place_id", "name", "kind", "district_code", "adname", "address", "lon", "lat"]]


def split(frame: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Halve the rows at random by seed."""
    first = np.random.default_rng(seed).random(len(frame)) < 0.5
    return frame[first], frame[~first]


def seen_before(test: pd.DataFrame, gazetteer: pd.DataFrame) -> np.ndarray:
    """Say which test rows repeat an address or a name of the gazetteer in the same district."""
    repeated = np.zeros(len(test), bool)
    for column in ("address", "name"):
        known = set(zip(normalise(gazetteer[column]), gazetteer["adname"], strict=True)) - {
            ("", a) for a in set(test["adname"])
        }
        keys = zip(normalise(test[column]), test["adname"], strict=True)
        repeated |= np.fromiter((k in known for k in keys), bool, len(test))
    return repeated
