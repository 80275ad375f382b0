"""The matcher: a frame of addresses in, a frame of places out, row for row."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
import shapely

from models.fusion.addresses.candidates import Suggestions
from models.fusion.addresses.decide import Stated, district_of, stated_rows
from models.fusion.addresses.gazetteer import Alias, Gazetteer
from models.fusion.addresses.learned import NOT_HELD, LearnedRoads, learnable
from models.fusion.addresses.normalise import normalise, remarks
from models.fusion.addresses.parse import Parsed, parse
from models.fusion.addresses.resolve import Resolved, Resolver
from models.fusion.addresses.rules import MatchRules

_Key: TypeAlias = tuple[str, str, str, str]

COLUMNS = (
    "lon", "lat", "match_level", "error_radius_m", "match_confidence", "match_reasons", "matched_text",
    "place_id", "district_code", "town", "located", "candidates",
)  # fmt: skip
"""Columns of the result, in this order."""


@dataclass(frozen=True)
class Prepared:
    """Rows of a frame brought to distinct cases: address, district field, area of the credit code, remark.

    Attributes
    ----------
    texts : n normalised addresses
    which : int64[n], position of each row's case
    cases : the distinct cases in order
    parsed, stated : the cases' addresses by parts, and what the register says of them
    """

    texts: list[str]
    which: np.ndarray
    cases: list[_Key]
    parsed: list[Parsed]
    stated: list[Stated]


class Matcher:
    """Finds places for addresses.

    Parameters
    ----------
    gazetteer : the city's names and places
    rules : thresholds and radii
    """

    def __init__(self, gazetteer: Gazetteer, rules: MatchRules | None = None) -> None:
        self.gazetteer = gazetteer
        self.rules = rules or MatchRules()

    def learn(self, frame: pd.DataFrame) -> LearnedRoads:
        """Learn which town roads and villages belong to, from rows that name both (columns of `match`)."""
        return self._learn(self._prepare(frame))

    def match(self, frame: pd.DataFrame, learned: LearnedRoads | None = None) -> pd.DataFrame:
        """Locate every row.

        Parameters
        ----------
        frame : columns address, and if present uscc, district_given, lon, lat (a row that brings its own
            WGS84 coordinates keeps them as level 1)
        learned : roads and villages with their towns; None learns them from this very frame

        Returns
        -------
        DataFrame with the index of ``frame`` and `COLUMNS`. A row that is not located has null lon, lat and
        error_radius_m and its candidates as JSON (see `Suggestions.json`), its level is the one it would have
        had, or null; a located row has null candidates.
        """
        with _collector_off():
            return self._match(frame, learned)

    def _match(self, frame: pd.DataFrame, learned: LearnedRoads | None) -> pd.DataFrame:
        work = self._prepare(frame)
        table = self._learn(work) if learned is None else learned
        resolver = Resolver(self.gazetteer, self.rules, table)
        resolved = [resolver.resolve(p, s) for p, s in zip(work.parsed, work.stated, strict=True)]
        self._read_remarks(work, resolved, resolver)
        self._check_polygons(resolved)
        cases = self._columns(work, resolved, table)
        out = pd.DataFrame(cases).take(work.which)
        out.index = frame.index
        self._given_coordinates(frame, out)
        self._aliases(frame, work.texts, out)
        return out

    def _prepare(self, frame: pd.DataFrame) -> Prepared:
        addresses = _strings(frame, "address")
        texts = normalise(addresses)
        aside = remarks(addresses)
        areas = [c[2:8] for c in _strings(frame, "uscc")]
        fields = _strings(frame, "district_given")
        keys = [(*key, aside.get(i, "")) for i, key in enumerate(zip(texts, fields, areas, strict=True))]
        cases = sorted(set(keys))
        position = {key: i for i, key in enumerate(cases)}
        which = np.fromiter((position[k] for k in keys), np.int64, len(keys))
        stated = stated_rows([k[1] for k in cases], [k[2] for k in cases], self.gazetteer.names.districts)
        by_case = [stated[(k[1], k[2])] for k in cases]
        names = self.gazetteer.names
        parsed: list[Parsed] = []
        seen: dict[tuple[str, str | None], Parsed] = {}
        for key, said in zip(cases, by_case, strict=True):
            slot = (key[0], said.fallback)
            one = seen.get(slot)
            if one is None:
                one = seen[slot] = parse(key[0], names, slot[1])
            parsed.append(one)
        return Prepared(texts, which, cases, parsed, by_case)

    def _learn(self, work: Prepared) -> LearnedRoads:
        seen: set[tuple[str, str, str, int, str]] = set()
        for case, parsed, stated in zip(work.cases, work.parsed, work.stated, strict=True):
            home, town = self._named_town(parsed, district_of(parsed, stated, []))
            if home is None:
                continue
            for kind, name in learnable(parsed):
                if name:
                    seen.add((home, kind, name, town, case[0]))
        return LearnedRoads.count(s[:4] for s in seen)

    def _named_town(self, parsed: Parsed, code: str | None) -> tuple[str | None, int]:
        """District and town that an address names for certain; a town that no list holds is `NOT_HELD`."""
        if parsed.unknown_town is not None:
            return code, NOT_HELD
        if parsed.town is None or parsed.town.bare:
            return None, NOT_HELD
        towns = self.gazetteer.towns
        meant = [t for t in parsed.town.towns if code is None or towns[t].district == code]
        return (towns[meant[0]].district, meant[0]) if len(meant) == 1 else (None, NOT_HELD)

    def _read_remarks(self, work: Prepared, resolved: list[Resolved], resolver: Resolver) -> None:
        """Give addresses that lead nowhere a second chance with the remark in brackets, in the same district."""
        for i, case in enumerate(work.cases):
            first, remark = resolved[i], case[3]
            if not remark or first.lon is not None or first.towns or work.parsed[i].unknown_town is not None:
                continue
            parsed = parse(remark, self.gazetteer.names, first.district or work.stated[i].fallback)
            if parsed.town is not None and parsed.town.bare and remark != "".join(parsed.parts):
                continue
            second = resolver.resolve(parsed, work.stated[i])
            if second.district != first.district and (first.district is not None or parsed.district is None):
                continue
            if second.lon is not None:
                second.reasons = [*dict.fromkeys([*first.reasons, "remark", *second.reasons])]
                resolved[i], work.parsed[i] = second, parsed

    def _check_polygons(self, resolved: list[Resolved]) -> None:
        """Note where a point lies outside its stated district's polygon."""
        groups: dict[str, list[Resolved]] = {}
        for r in resolved:
            if r.lon is not None and r.district is not None:
                groups.setdefault(r.district, []).append(r)
        for code, members in groups.items():
            polygon = self.gazetteer.polygons[code]
            shapely.prepare(polygon)
            lon = np.array([r.lon for r in members], float)
            lat = np.array([r.lat for r in members], float)
            for i in np.flatnonzero(~shapely.intersects_xy(polygon, lon, lat)):
                members[int(i)].reasons.append("district_conflict_polygon")

    def _columns(self, work: Prepared, resolved: list[Resolved], learned: LearnedRoads) -> dict[str, object]:
        rules, towns = self.rules, self.gazetteer.towns
        suggest = Suggestions(self.gazetteer, rules, learned)
        rows = []
        for parsed, r in zip(work.parsed, resolved, strict=True):
            confidence = min(1.0, rules.confidence(r.level, r.reasons))
            candidates = None
            lon, lat, radius = r.lon, r.lat, r.radius_m
            if lon is not None and confidence < rules.min_confidence:
                r.reasons.append("low_confidence")
                lon = None
            elif radius is not None and radius > rules.max_error_radius_m:
                r.reasons.append("radius_too_large")
                lon = None
            if lon is None:
                candidates = suggest.json(parsed, r, confidence)
                lat = radius = None
            level = r.level if r.lon is not None or r.district is not None else None
            town = towns[r.town].name if r.town is not None else None
            row = (lon, lat, level, radius, round(confidence, 3) if level else None, ";".join(r.reasons))
            place = r.place_id if lon is not None else None
            rows.append((*row, " ".join(parsed.parts), place, r.district, town, lon is not None, candidates))
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(COLUMNS)
        return {n: _typed(n, c) for n, c in zip(COLUMNS, columns, strict=True)}

    def _given_coordinates(self, frame: pd.DataFrame, out: pd.DataFrame) -> None:
        if "lon" not in frame or "lat" not in frame:
            return
        lons, lats = (
            frame["lon"].to_numpy(float, na_value=np.nan),
            frame["lat"].to_numpy(float, na_value=np.nan),
        )
        found = {
            int(row): Alias(float(lons[row]), float(lats[row]), 1, None)
            for row in np.flatnonzero(np.isfinite(lons) & np.isfinite(lats))
        }
        _place(out, found, "coordinates_given", self.rules)

    def _aliases(self, frame: pd.DataFrame, texts: list[str], out: pd.DataFrame) -> None:
        aliases = self.gazetteer.aliases
        found: dict[int, Alias] = {}
        for row, (code, text) in enumerate(zip(_strings(frame, "uscc"), texts, strict=True)) if aliases else ():
            alias = aliases.get(f"uscc:{code}")
            if alias is None or (alias.address is not None and alias.address != text):
                alias = aliases.get(f"address:{text}")
            if alias is not None:
                found[row] = alias
        _place(out, found, "alias", self.rules)


@contextmanager
def _collector_off() -> Iterator[None]:
    """Keep the cyclic garbage collector out of the loop: it costs a fifth of the time and finds no cycles here."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _strings(frame: pd.DataFrame, column: str) -> list[str]:
    if column not in frame:
        return [""] * len(frame)
    values: list[str] = frame[column].astype(object).where(frame[column].notna(), "").tolist()
    return values


def _typed(name: str, values: tuple[object, ...]) -> pd.Series:
    if name in ("lon", "lat", "error_radius_m", "match_confidence"):
        return pd.Series(values, dtype="float64")
    if name == "located":
        return pd.Series(values, dtype="bool")
    return pd.Series(values, dtype="Int8" if name == "match_level" else "str")


_NOT_WITH_A_DECISION = ("low_confidence", "nothing_found", "address_missing", "radius_too_large")


def _place(out: pd.DataFrame, found: dict[int, Alias], reason: str, rules: MatchRules) -> None:
    """Put rows where a clerk or the source says; their district stays as it was found."""
    if not found:
        return
    columns = {name: out[name].to_list() for name in COLUMNS}
    for row, alias in found.items():
        said = str(columns["match_reasons"][row] or "").split(";")
        kept = [r for r in said if r and r not in _NOT_WITH_A_DECISION]
        columns["lon"][row], columns["lat"][row] = alias.lon, alias.lat
        columns["match_level"][row], columns["match_confidence"][row] = alias.match_level, 1.0
        columns["error_radius_m"][row], columns["place_id"][row] = rules.exact_radius_m, alias.place_id
        columns["match_reasons"][row] = ";".join([reason, *kept])
        columns["located"][row], columns["candidates"][row] = True, None
    for name, values in columns.items():
        out[name] = _typed(name, tuple(values)).set_axis(out.index)
