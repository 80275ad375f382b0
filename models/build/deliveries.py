"""What a city says of its signaling on disk: deliveries, small tables, keys, and what a period depends on."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from models.build.steps import code_hash
from models.errors import SourceError
from models.profile import City
from models.profile.signaling import Period, Signaling, resolve
from models.settings import Settings
from models.signaling.strata import STRATA
from models.signaling.work_area import WorkArea

CODE = (
    "models/signaling", "models/disclosure.py", "models/build/signaling.py", "models/build/deliveries.py",
    "models/build/engines.py", "models/build/zoning.py", "models/contracts",
)  # fmt: skip
"""Code that the products of a period depend on."""


@dataclass(frozen=True)
class Given:
    """The city, where its files are, and what it decided about its signaling."""

    city: City
    settings: Settings
    spec: Signaling

    def path(self, name: str) -> Path:
        """Where a file of the settings lies."""
        return resolve(self.city, name, self.settings)

    def area(self, period: Period) -> WorkArea:
        """Work area of a period."""
        return WorkArea(self.settings.city_home(self.city.id) / "signaling" / period.name)

    def table(self, name: str, **dtypes: str) -> pd.DataFrame:
        """One of the small tables."""
        return pd.read_csv(self.path(name), dtype=dtypes)


def pairs_of(spec: Signaling) -> list[tuple[Period, Period]]:
    """Periods that follow each other and may be compared."""
    return [(a, b) for a, b in zip(spec.periods, spec.periods[1:], strict=False) if b.comparable]


def link_of(before: Period, after: Period) -> str:
    """Column of the hash that people of both periods share."""
    return f"link_{before.name}_{after.name}"


def key_of(own: Given, *periods: Period) -> bytes:
    """Key of the pseudonyms of one period, or of the links of two."""
    text = " ".join([own.city.id, *(period.name for period in periods)])
    return hashlib.blake2b(text.encode(), key=own.settings.person_key()[:64]).digest()


def prints(own: Given, period: Period) -> list[str]:
    paths = [*files_of(own, period).values(), *(own.path(name) for name in _tables(own.spec, period))]
    return [_print(path) for path in paths]


def params_of(own: Given, period: Period) -> dict[str, Any]:
    """What a period depends on besides files: not what computes it, nor how long its rows are kept."""
    apart = {"periods", "workers", "memory_mb", "retention_days", "engine", "buckets", "private_budget"}
    return {
        "spec": own.spec.model_dump(mode="json", exclude=apart),
        "period": period.model_dump(mode="json"),
        "k": own.city.disclosure_k,
        "crs": own.city.crs,
        "timezone": own.city.timezone,
    }


def _tables(spec: Signaling, period: Period) -> list[str]:
    tables = (period.network, spec.market_share, spec.residents, spec.residents_by_stratum, spec.workdays)
    return [name for name in tables if name]


def files_of(own: Given, period: Period) -> dict[dt.date, Path]:
    """The file of every date of a period."""
    folder = own.path(period.events)
    found = {}
    days = (period.last - period.first).days
    for date in (period.first + dt.timedelta(days=k) for k in range(days + 1)):
        options = [folder / f"date={date.isoformat()}{ending}" for ending in (".parquet", ".csv")]
        there = next((path for path in options if path.is_file()), None)
        if there is None:
            raise SourceError(
                f"{period.events}/date={date.isoformat()}.parquet",
                f"the period {period.name} of {own.city.id} has no file for this date",
                needed="one Parquet or CSV file of events for every date of the period",
                hint="The demo city's files are written by: cityhex demo" if own.city.demo else "",
            )
        found[date] = there
    return found


def _print(path: Path) -> str:
    """Stands for a file without reading it: a delivery has terabytes, and days are told apart by content later."""
    status = path.stat()
    return f"{path.name}:{status.st_size}:{status.st_mtime_ns}"


def workdays_of(own: Given) -> dict[dt.date, bool]:
    if not own.spec.workdays:
        return {}
    table = own.table(own.spec.workdays, date="str")
    return {dt.date.fromisoformat(date): bool(work) for date, work in zip(table["date"], table["workday"], strict=True)}


def residents_of(own: Given, period: Period) -> pd.Series | None:
    if not own.spec.residents:
        return None
    table = own.table(own.spec.residents, town_code="str", year="str")
    mine = table[table["year"] == period.name]
    return None if mine.empty else mine.set_index("town_code")["residents"].astype("float64")


def share_of(own: Given) -> pd.Series:
    """Market share by town, or by town and stratum."""
    table = own.table(own.spec.market_share, town_code="str")
    by = ["town_code", "stratum"] if "stratum" in table else "town_code"
    return table.set_index(by)["share"]


def strata_of(own: Given, period: Period) -> pd.Series | None:
    """Residents of the city by stratum in the year of a period, None where the city gives none.

    Raises
    ------
    SourceError : a stratum is none of the census classes
    """
    if not own.spec.residents_by_stratum:
        return None
    table = own.table(own.spec.residents_by_stratum, year="str")
    mine = table[table["year"] == period.name].set_index("stratum")["residents"].astype("float64")
    if unknown := sorted(set(mine.index) - set(STRATA)):
        needed = ", ".join(STRATA)
        raise SourceError(own.spec.residents_by_stratum, f"there is no stratum {unknown[0]!r}", needed=needed)
    return None if mine.empty else mine


def users_file(own: Given, period: Period) -> Path:
    """Where the user table of a period is kept until the pairs it belongs to are computed; named after its inputs."""
    links = [link_of(a, b) for a, b in pairs_of(own.spec) if period in (a, b)]
    parts = [json.dumps(params_of(own, period), default=str), *prints(own, period), *links, *map(code_hash, CODE)]
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return own.area(period).folder / f"users-{digest[:16]}.parquet"
