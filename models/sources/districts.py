"""Finds the district a record names or lies in."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from models.sources.ledger import Ledger

_ENDINGS = ("土家族苗族自治县", "苗族土家族自治县", "土家族自治县", "自治县", "新区", "区", "县", "市")


@dataclass(frozen=True)
class Districts:
    """The districts of one city, by code, name and shape.

    Attributes
    ----------
    frame : on the contract ``districts``
    by_name : name or unambiguous short name, also of a dissolved district -> code today
    """

    frame: gpd.GeoDataFrame
    by_name: dict[str, str]

    @classmethod
    def build(cls, frame: gpd.GeoDataFrame, changes: pd.DataFrame) -> Districts:
        """Collect the names: those of ``changes`` (contract ``area_changes``) first, so that today's names
        win."""
        known = set(frame["district_code"])
        administrative = changes[(changes["kind"] != "zone") & changes["new_code"].isin(known)]
        by_name: dict[str, str] = {}
        for old, code in zip(administrative["old_name"], administrative["new_code"], strict=True):
            by_name[str(old)] = str(code)
        shortened: dict[str, set[str]] = {}
        for name, code in zip(frame["name"], frame["district_code"], strict=True):
            by_name[str(name)] = str(code)
            shortened.setdefault(short_name(str(name)), set()).add(str(code))
        for short, codes in shortened.items():
            if len(codes) == 1:
                by_name.setdefault(short, next(iter(codes)))
        return cls(frame, by_name)

    def resolve(self, texts: pd.Series, ledger: Ledger) -> pd.Series:
        """Return district codes for codes or names; a district that the city does not have is rejected."""
        code = texts.str.fullmatch(r"\d{6}").fillna(False).astype(bool)
        named = texts.str.strip().map(self.by_name).astype("str")
        result = texts.where(code, named).astype("str")
        unknown = texts.notna() & ~result.isin(set(self.frame["district_code"]))
        names = ", ".join(self.frame["name"])
        ledger.reject(unknown, "district_code", texts, f"unknown district; the city has {names}")
        return result.mask(unknown).astype("str")

    def holding(self, shapes: npt.NDArray[np.object_]) -> pd.Series:
        """Return the code of the district that holds each point, null where none does; the lowest code
        wins."""
        ordered = self.frame.sort_values("district_code")
        codes = ordered["district_code"].to_numpy(dtype=object)
        # The areas are the query: GEOS prepares its input, and they have many more vertices than the points.
        areas, rows = shapely.STRtree(shapes).query(ordered.geometry.to_numpy(), predicate="intersects")
        found = np.full(len(shapes), len(codes), dtype=np.int64)
        np.minimum.at(found, rows, areas)
        return pd.Series(np.array([*codes, None], dtype=object)[found], dtype="str")


def short_name(name: str) -> str:
    """Name of a district as people say it: without 区, 县 and the like, where two characters remain."""
    for ending in _ENDINGS:
        if name.endswith(ending) and len(name) - len(ending) >= 2:
            return name.removesuffix(ending)
    return name
