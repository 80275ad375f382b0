"""Which town a road, village or zone belongs to, learned from the rows of the register that name both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from models.fusion.addresses.parse import Parsed
from models.fusion.addresses.rules import MatchRules
from models.fusion.addresses.towns import Town

NOT_HELD = -1
"""Stands for towns that rows name and the gazetteer does not hold: they count against the others."""

Key = tuple[str, str, str]
"""District code, "road", "village" or "zone", name."""


def learnable(parsed: Parsed) -> tuple[tuple[str, str | None], ...]:
    """Kind and name of the parts of an address that may say its town, the one that says most first."""
    zone = None if parsed.zone_codes else parsed.zone
    return ("village", parsed.village), ("road", parsed.road), ("road", parsed.main_road), ("zone", zone)


@dataclass(frozen=True)
class LearnedRoads:
    """Counts of rows by road or village and town.

    Attributes
    ----------
    counts : by (district code, kind, name), pairs of the town's position in the gazetteer and the number of
        distinct addresses, most first
    """

    counts: dict[Key, tuple[tuple[int, int], ...]]

    @classmethod
    def count(cls, seen: Iterable[tuple[str, str, str, int]]) -> LearnedRoads:
        """Count (district code, kind, name, town) of distinct addresses; the order does not matter."""
        tally: dict[Key, dict[int, int]] = {}
        for district, kind, name, town in seen:
            towns = tally.setdefault((district, kind, name), {})
            towns[town] = towns.get(town, 0) + 1
        return cls({k: tuple(sorted(v.items(), key=lambda i: (-i[1], i[0]))) for k, v in sorted(tally.items())})

    def town_of(self, key: Key, rules: MatchRules) -> tuple[int, int, int] | None:
        """Town of a road when enough rows agree.

        Returns
        -------
        (town, rows for it, rows in all), or None below ``learn_min_rows`` or ``learn_min_share``
        """
        found = self.counts.get(key)
        if found is None:
            return None
        total = sum(n for _, n in found)
        town, rows = found[0]
        if town == NOT_HELD or rows < rules.learn_min_rows or rows < rules.learn_min_share * total:
            return None
        return town, rows, total

    def table(self, towns: list[Town]) -> pd.DataFrame:
        """Show the counts as a frame: district_code, kind, name, town, rows, share."""
        rows = [
            (d, k, n, towns[t].name if t != NOT_HELD else None, c, c / sum(x for _, x in found))
            for (d, k, n), found in self.counts.items()
            for t, c in found
        ]
        return pd.DataFrame(rows, columns=["district_code", "kind", "name", "town", "rows", "share"])
