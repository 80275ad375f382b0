"""The planted truth of supervision: what was planted where, when and how strongly, and what a reader should say."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import h3
import numpy as np
import pandas as pd

WARN, SILENT, FAULT, WEAK, WITHDRAWN = "warning", "none", "data_fault", "below", "withdrawn"
"""What a planted episode should lead to: a warning, nothing (lawful), a data fault, nothing yet (too weak), or a
warning that withdraws itself."""
COLUMNS = (
    "episode_id",
    "kind",
    "theme",
    "expected",
    "strength",
    "members",
    "start",
    "end",
    "visible_from",
    "subject_ids",
    "address",
    "town_code",
    "grid_codes",
    "section",
    "lon",
    "lat",
    "h3_r8",
    "note",
)


@dataclass(frozen=True)
class Episode:
    """One planted episode.

    Attributes
    ----------
    kind, theme : what was planted, and the theme of the warning it belongs to
    expected : `WARN`, `SILENT`, `FAULT`, `WEAK` or `WITHDRAWN`
    strength : firms of a burst, factor of an inflated capital, finance words, changes in a year, length of a cycle
    start, end : first and last day of what was planted
    visible : first day on which the records show it, at the end of the episode or later where a report tells
    members : unified social credit codes
    address : key text of the building, as the register writes it; None where it is not one building
    town, cells, section : place and industry section where they matter
    place : longitude and latitude of the middle, degrees; None where it has none
    note : in a few words
    """

    kind: str
    theme: str
    expected: str
    strength: float
    start: np.datetime64
    end: np.datetime64
    members: Sequence[str]
    visible: np.datetime64 | None = None
    address: str | None = None
    town: str | None = None
    cells: Sequence[str] = ()
    section: str | None = None
    place: tuple[float, float] | None = None
    note: str = ""


@dataclass
class Episodes:
    """Collects the episodes of one city."""

    found: list[Episode] = field(default_factory=list)

    def add(self, episode: Episode) -> None:
        """Keep one more episode."""
        self.found.append(episode)

    def frame(self) -> pd.DataFrame:
        """Return one row per episode with `COLUMNS`, in order of kind and first day; days are ISO texts."""
        ordered = sorted(self.found, key=lambda e: (e.kind, e.start, e.members[0] if e.members else ""))
        counts: dict[str, int] = {}
        rows = []
        for episode in ordered:
            counts[episode.kind] = counts.get(episode.kind, 0) + 1
            rows.append(_row(episode, counts[episode.kind]))
        table = pd.DataFrame(rows, columns=list(COLUMNS))
        numbers = {"strength": "float64", "members": "int64", "lon": "float64", "lat": "float64"}
        return table.astype({c: numbers.get(c, "str") for c in COLUMNS})


def _row(episode: Episode, number: int) -> tuple[Any, ...]:
    lon, lat = episode.place or (np.nan, np.nan)
    return (
        f"{episode.kind}-{number:02d}",
        episode.kind,
        episode.theme,
        episode.expected,
        episode.strength,
        len(episode.members),
        str(episode.start),
        str(episode.end),
        str(episode.end if episode.visible is None else episode.visible),
        json.dumps(list(episode.members)),
        episode.address,
        episode.town,
        json.dumps(list(episode.cells)),
        episode.section,
        lon,
        lat,
        None if episode.place is None else h3.latlng_to_cell(lat, lon, 8),
        episode.note,
    )
