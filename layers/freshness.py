"""How old the shown data are, measured by how often their sources promise to be renewed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

CADENCE_DAYS = {"daily": 1, "weekly": 7, "monthly": 31, "quarterly": 92, "yearly": 366, "decennial": 3660}
"""Days between two issues of a source; a source that comes once or irregularly cannot be late."""
LATE, OLD = 2, 4
REGISTER = "legal_persons"
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


@dataclass(frozen=True)
class Freshness:
    """The date the registers stand at, days late, and whether that is fine, late (2 cycles) or old (4 cycles)."""

    date: str
    days_late: int
    state: Literal["ok", "late", "old"]


def freshness(manifest: Mapping[str, Any], today: dt.date, *, ageless: bool = False) -> Freshness | None:
    """Judge a build by the newest register it was made from.

    Parameters
    ----------
    manifest : of a build; ``sources`` name table, vintage and cadence, ``data_dates`` the last day of a table
    today : the day to measure from
    ageless : generated data that nobody renews; they are never late

    Returns
    -------
    None where no source says its date.

    Notes
    -----
    A vintage that names only a year or month counts from its last day.
    """
    registers = [s for s in manifest.get("sources", ()) if s.get("table") == REGISTER] or list(
        manifest.get("sources", ())
    )
    dated = [(found.group(), s) for s in registers if (found := _DATE.search(str(s.get("vintage", ""))))]
    if not dated:
        return None
    vintage, source = max(dated, key=lambda pair: pair[0])
    vintage = str((manifest.get("data_dates") or {}).get(source.get("table")) or vintage)
    cycle = CADENCE_DAYS.get(str(source.get("cadence", "")))
    if cycle is None or ageless:
        return Freshness(vintage, 0, "ok")
    age = (today - _last_day(vintage)).days
    if age <= LATE * cycle:
        return Freshness(vintage, 0, "ok")
    return Freshness(vintage, age - cycle, "old" if age > OLD * cycle else "late")


def _last_day(vintage: str) -> dt.date:
    year, *rest = (int(part) for part in vintage.split("-"))
    if len(rest) == 2:
        return dt.date(year, rest[0], rest[1])
    month = rest[0] if rest else 12
    following = dt.date(year + month // 12, month % 12 + 1, 1)
    return following - dt.timedelta(days=1)
