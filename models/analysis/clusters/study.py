"""The scan of a register: daily registrations by cell and section, week after week, as they were known then."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import h3
import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import Transformer

from models import contracts
from models.analysis.clusters.core import core
from models.analysis.clusters.neighbours import nearest
from models.analysis.clusters.scan import Cluster, space_time_scan
from models.fusion import hexes

Days = npt.NDArray[np.int64]

STUDY_DAYS = 365
LONGEST = 28
ZONE_PLACES = 20
REPLICATES = 99
LEAST_CASES = 4
LEAST_EVENTS = 20
PRIOR_EVENTS = 20.0
P_KEPT = 0.05
GLANCE, GLANCE_P = 19, 0.2
"""Most analyses are over after so many replicates: with more than 3 of 19 as high, p is hardly below `P_KEPT`."""
MEMBERS = 200
SEED = 20_220_113


@dataclass(frozen=True)
class Study:
    """The dated, located subjects as events on places.

    Attributes
    ----------
    cells : n places, H3 cells ascending; neighbours : (n, k) nearest first; strata : (n,) number of the district
    place, day, section : per event: position of its place, days since 1970, section ("" where unknown)
    row : per event: its row in the subjects frame
    """

    cells: hexes.Cells
    neighbours: npt.NDArray[np.int32]
    strata: Days
    place: Days
    day: Days
    section: npt.NDArray[np.object_]
    row: Days

    @classmethod
    def of(cls, subjects: pd.DataFrame, *, resolution: int, crs: int, zone_places: int = ZONE_PLACES) -> Study:
        """Take the located subjects with a date; distances are those of the working CRS ``crs`` (EPSG)."""
        keys = subjects[f"h3_r{resolution}"]
        used = (keys.notna() & subjects["established_on"].notna()).to_numpy(bool)
        cells, place = np.unique(keys[used].to_numpy(dtype=np.uint64), return_inverse=True)
        rows = subjects[used]
        lon, lat = hexes.centres(cells)
        x, y = Transformer.from_crs(4326, crs, always_xy=True).transform(lon, lat)
        return cls(
            cells=cells,
            neighbours=nearest(x, y, zone_places),
            strata=_districts(rows["district_code"], place, cells.size),
            place=place.astype(np.int64),
            day=day_numbers(rows["established_on"]),
            section=rows["industry_section"].fillna("").to_numpy(object),
            row=np.flatnonzero(used),
        )

    def events(self, section: str | None, last: int, days: int) -> Days:
        """Positions of the events of a section (None: of all) in the ``days`` days that end with day ``last``."""
        chosen = (self.day <= last) & (self.day > last - days)
        return np.flatnonzero(chosen if section is None else chosen & (self.section == section))

    def counts(self, events: Days, last: int, days: int) -> npt.NDArray[np.int64]:
        """Daily counts (places, days) of events."""
        flat = self.place[events] * days + self.day[events] - (last - days + 1)
        return np.bincount(flat, minlength=self.cells.size * days).reshape(self.cells.size, days)


def scan_clusters(
    subjects: pd.DataFrame,
    as_of: pd.Timestamp,
    *,
    crs: int,
    resolution: int = 8,
    weeks: int = 1,
    replicates: int = REPLICATES,
    sections: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Scan all sections together and each alone, on ``as_of`` and on the same weekday of the weeks before.

    Parameters
    ----------
    subjects : subjects frame
    as_of : day up to which registrations are known
    crs : EPSG code of the working CRS
    weeks : number of analyses, one a week; each sees only what was registered by then
    replicates : per analysis
    sections : sections to scan; None for all that occur

    Returns
    -------
    ``scan_clusters`` frame (docs/methods/space_time_scan.md). A cluster that shares a cell and a day with one of the
    week before in the same section carries its ``cluster_id`` on.
    """
    study = Study.of(subjects, resolution=resolution, crs=crs)
    last = int(day_numbers(pd.Series([as_of]))[0])
    named = sorted(set(study.section) - {""}) if sections is None else list(sections)
    every = [last - 7 * back for back in range(weeks - 1, -1, -1)]
    rows: list[dict[str, object]] = []
    known: dict[str | None, list[dict[str, object]]] = {}
    for day in every:
        found = [row for section in (None, *named) for row in _analyse(study, subjects, section, day, replicates)]
        found.sort(key=lambda r: (-float(str(r["recurrence_days"])), -float(str(r["llr"])), str(r["centre_h3"])))
        names: set[str] = set()
        for rank, row in enumerate(found, 1):
            row["rank"], row["resolution"] = rank, resolution
            row["cluster_id"] = _carried_on(row, known.get(_text(row["section"]), []), names)
            names.add(str(row["cluster_id"]))
        known = {}
        for row in found:
            known.setdefault(_text(row["section"]), []).append(row)
        rows += found
    return contracts.conform("scan_clusters", pd.DataFrame(rows))


def clusters_on(
    study: Study, section: str | None, last: int, *, replicates: int = REPLICATES, seed: int = SEED
) -> list[Cluster]:
    """Clusters of one section, or of all together, on one day, highest ratio first.

    All together: the space-time permutation scan over the last ``STUDY_DAYS``, each place compared with the days of its
    own district. One section: the population-based scan over the last ``LONGEST`` days, whose population is all
    registrations of the place and day times the share the section has there (`section_share`); so neither calendar nor
    batch days can make a cluster. None where fewer than ``LEAST_EVENTS`` events, or ``LEAST_CASES`` of a section,
    are known.
    """
    rng = np.random.default_rng([seed, last, ord(section or " ")])
    if section is None:
        events = study.events(None, last, STUDY_DAYS)
        if events.size < LEAST_EVENTS or not (study.day[events] > last - LONGEST).any():
            return []
        days = max(last - int(study.day[events].min()) + 1, LONGEST)
        counts = study.counts(events, last, days)
        active = np.flatnonzero(counts.any(axis=1))
        how: dict[str, Any] = {"model": "permutation", "strata": study.strata[active]}
    else:
        counts = study.counts(study.events(section, last, LONGEST), last, LONGEST)
        everyone = study.counts(study.events(None, last, LONGEST), last, LONGEST)
        if counts.sum() < LEAST_CASES:
            return []
        active = np.flatnonzero(everyone.any(axis=1))
        share = section_share(study, section, last - LONGEST)[active]
        how = {"model": "population", "baseline": share[:, None] * everyone[active]}
    how |= {"longest": LONGEST, "rng": rng}
    near = _among(study.neighbours, active)
    glance = space_time_scan(counts[active], near, replicates=GLANCE, clusters=1, **how)
    if not glance.clusters or glance.clusters[0].p_value > GLANCE_P:
        return []
    scan = space_time_scan(counts[active], near, replicates=replicates, **how)
    kept = [c for c in scan.clusters if c.p_gumbel <= P_KEPT and c.observed >= LEAST_CASES]
    return [replace(c, centre=int(active[c.centre]), places=tuple(active[list(c.places)].tolist())) for c in kept]


def section_share(study: Study, section: str, last: int) -> npt.NDArray[np.float64]:
    """Share of a section among the registrations of each place up to day ``last``, drawn towards that of the city.

    (cases of the place + `PRIOR_EVENTS` x share of the city in the last year) / (events of the place + `PRIOR_EVENTS`):
    a place with few events is taken to be like the city. Never 0.
    """
    before = study.day <= last
    here = before & (study.section == section)
    events = np.bincount(study.place[before], minlength=study.cells.size)
    cases = np.bincount(study.place[here], minlength=study.cells.size)
    year = before & (study.day > last - STUDY_DAYS)
    recent, of_all = (year & here).sum(), year.sum()
    city = (recent + 1.0) / (of_all + 20.0) if of_all else (here.sum() + 1.0) / (before.sum() + 20.0)
    share: npt.NDArray[np.float64] = (cases + PRIOR_EVENTS * city) / (events + PRIOR_EVENTS)
    return share


def _among(neighbours: npt.NDArray[np.int32], active: Days) -> npt.NDArray[np.int32]:
    """Neighbours of the active places among themselves, by their new positions; -1 pads on the right."""
    position = np.full(len(neighbours), -1, np.int32)
    position[active] = np.arange(active.size, dtype=np.int32)
    found = position[neighbours[active]]
    order = np.argsort(found < 0, axis=1, kind="stable")
    return np.take_along_axis(found, order, axis=1)


def day_numbers(dates: pd.Series) -> Days:
    """Return days since 1 January 1970 of dates without gaps."""
    return dates.to_numpy().astype("datetime64[D]").astype(np.int64)


def _analyse(
    study: Study, subjects: pd.DataFrame, section: str | None, last: int, replicates: int
) -> Iterator[dict[str, object]]:
    for cluster in clusters_on(study, section, last, replicates=replicates):
        events = study.events(section, last, cluster.last - cluster.first + 1)
        inside = np.isin(study.place[events], cluster.places)
        members = subjects.iloc[study.row[events[inside]]]
        middle = core(cluster.places, cluster.excess, study.neighbours)
        at_core = members[study.place[events[inside]] == middle]
        cases = np.bincount(study.place[events[inside]], minlength=study.cells.size)[list(cluster.places)]
        order = np.lexsort((-cases, np.array(cluster.places) != middle))
        yield _row(study.cells[list(cluster.places)][order], members, at_core, section, last, cluster)


def _row(  # noqa: PLR0917
    cells: hexes.Cells,
    members: pd.DataFrame,
    at_core: pd.DataFrame,
    section: str | None,
    last: int,
    cluster: Cluster,
) -> dict[str, object]:
    lon, lat = hexes.centres(cells[:1])
    texts = [f"{int(c):x}" for c in cells]
    return {
        "analysed_on": np.datetime64(last, "D").astype("datetime64[s]"),
        "section": section,
        "start": np.datetime64(last - (cluster.last - cluster.first), "D").astype("datetime64[s]"),
        "end": np.datetime64(last, "D").astype("datetime64[s]"),
        "observed": cluster.observed,
        "expected": cluster.expected,
        "llr": cluster.llr,
        "p_value": cluster.p_value,
        "p_gumbel": cluster.p_gumbel,
        "recurrence_days": cluster.recurrence_days,
        "cells": json.dumps(texts),
        "centre_h3": cells[0],
        "lon": float(lon[0]),
        "lat": float(lat[0]),
        "radius_cells": max(h3.grid_distance(texts[0], t) for t in texts),
        "district_code": _most(at_core["district_code"], members["district_code"]),
        "grid_code": _most(at_core["grid_code"], members["grid_code"]),
        "subject_ids": json.dumps(members["uscc"].tolist()[:MEMBERS]),
    }


def _most(at_core: pd.Series, everywhere: pd.Series) -> str | None:
    """The code of most cases at the core, or of the whole cluster where none at the core has one."""
    known = at_core.dropna() if at_core.notna().any() else everywhere.dropna()
    return str(known.mode().iloc[0]) if len(known) else None


def _carried_on(row: dict[str, object], before: list[dict[str, object]], taken: set[str]) -> str:
    """Name of the cluster of the week before that this one goes on from, if no other has it yet; else a new one."""
    cells = set(json.loads(str(row["cells"])))
    for earlier in before:
        name = str(earlier["cluster_id"])
        met = earlier["end"] >= row["start"] and cells & set(json.loads(str(earlier["cells"])))  # type: ignore[operator]
        if met and name not in taken:
            return name
    text = f"{row['section']}|{row['analysed_on']}|{row['centre_h3']}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _districts(codes: pd.Series, place: npt.NDArray[np.intp], places: int) -> Days:
    """Number of the district most events of a place belong to."""
    numbers, names = pd.factorize(codes.fillna(""))
    counts = np.zeros((places, len(names)), np.int64)
    np.add.at(counts, (place, numbers), 1)
    return counts.argmax(axis=1).astype(np.int64) if len(names) else np.zeros(places, np.int64)
