"""The only orchestrator: from a city's files to one published build.

``source files -> tables -> areas -> located subjects -> products -> store``. Every arrow is a step that is run once
for the same inputs (`models.build.steps`); the store replaces the live build in one transaction at the end, so whoever
looks at the city sees the last whole build until the new one is whole.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from models.build.casework import bring_in, send_back
from models.build.computing import DATED, Computed, compute
from models.build.decided import decided
from models.build.reading import SourceAccount, read_all
from models.build.steps import Progress, StepRunner, Watcher, code_hash
from models.errors import SourceError
from models.profile import City, load_city
from models.profile.signaling import load_signaling
from models.settings import Settings
from models.storage.publish import loaded_tables
from models.store import Store

__all__ = ["BuildReport", "SourceAccount", "build_city"]


@dataclass(frozen=True)
class BuildReport:
    """What a build did.

    Attributes
    ----------
    build_id : id of the build that is live now
    sources : account of every source
    conservation : subjects = in_grid + outside + unlocated; empty where the city has no register
    ran, skipped : number of steps run, and of steps whose inputs had not changed
    seconds : wall time
    """

    build_id: str
    sources: tuple[SourceAccount, ...]
    conservation: dict[str, int]
    ran: int
    skipped: int
    seconds: float


def build_city(
    name_or_path: str | Path, settings: Settings, *, on_progress: Watcher | None = None, force: bool = False
) -> BuildReport:
    """Build a city from its files and publish the result.

    Parameters
    ----------
    name_or_path : name of a profile or path of a profile folder
    settings : where profiles, files and state are
    on_progress : told of every step
    force : run every step again, also those whose inputs have not changed

    Raises
    ------
    BuildBusyError : another process is building this city
    ConfigError, SourceError, StoreError : what is wrong, where, and what to do; the last build stays live
    """
    started = time.monotonic()
    city = load_city(name_or_path, settings)
    if not city.sources:
        raise SourceError(
            city.folder, f"{city.id} has no source to build from", needed="a manifest under sources/",
            hint=f"Files of signaling alone are read by: cityhex signaling {city.id}" if load_signaling(city) else "",
        )  # fmt: skip
    watch = on_progress or (lambda _: None)
    with Store.open(city.id, settings) as store, store.build_lock():
        runner = StepRunner(settings.city_home(city.id) / "steps", watch, force)
        tables, given = read_all(city, settings, runner)
        brought = bring_in(tables, store, settings, runner)
        accounts = (*given, *brought.accounts)
        computed = compute(
            city, brought.tables, store.aliases(), runner, settings, decisions=decided(store), seen=brought.seen
        )
        watch(Progress("publish", "run"))
        build_id = _publish(city, store, accounts, computed, runner)
        _send_back(city, store, computed)
        watch(Progress("publish", "done"))
        runner.prune()
    ran = sum(not outcome.skipped for outcome in runner.outcomes)
    skipped = len(runner.outcomes) - ran
    return BuildReport(build_id, accounts, computed.conservation, ran, skipped, time.monotonic() - started)


def _publish(
    city: City, store: Store, accounts: tuple[SourceAccount, ...], computed: Computed, runner: StepRunner
) -> str:
    now = datetime.now(UTC)
    build_id = f"b{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    manifest: dict[str, Any] = {
        "city": city.id,
        "created_at": now.isoformat(timespec="seconds"),
        "code_version": code_hash("models")[:12],
        "sources": [asdict(account) for account in accounts],
        "conservation": computed.conservation,
        "as_of": computed.as_of,
        "steps": [
            {"name": o.name, "key": o.key, "skipped": o.skipped, "seconds": round(o.seconds, 3), "info": o.info}
            for o in runner.outcomes
        ],
    }
    frames = {
        name: outcome.frame(frame) for name, (outcome, frame) in computed.tables.items() if name in loaded_tables()
    }
    manifest["data_dates"] = _data_dates(frames)
    frames["quarantine"] = pd.concat(
        [outcome.frame("rejects") for outcome in computed.recorded.values()], ignore_index=True
    )
    frames["source_files"] = _source_files(accounts, frames["quarantine"])
    products = {name: outcome.path(frame) for name, (outcome, frame) in computed.products.items()}
    store.publish(build_id, manifest, frames, products, at=now)
    return build_id


def _send_back(city: City, store: Store, computed: Computed) -> None:
    """Bring the warnings of the build that was just published to casework."""
    if "warnings" in computed.products and computed.as_of:
        outcome, name = computed.products["warnings"]
        send_back(city, store, outcome.frame(name), computed.as_of, datetime.now(UTC))


def _data_dates(frames: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """The last day that the records of a table speak of, where they carry a date."""
    dates = {
        table: frames[table][column].max()
        for table, column in {**DATED, "census_values": "reference_date"}.items()
        if table in frames
    }
    return {table: f"{day:%Y-%m-%d}" for table, day in dates.items() if pd.notna(day)}


def _source_files(accounts: tuple[SourceAccount, ...], rejected: pd.DataFrame) -> pd.DataFrame:
    """One row per file with its own account; a rejected row whose file is not known counts for the first file."""
    rows = rejected.drop_duplicates(["source_id", "source_file", "source_row"])
    counts = rows.groupby(["source_id", "source_file"]).size().to_dict()
    records = []
    for account in accounts:
        own = [int(counts.get((account.source_id, file["path_label"]), 0)) for file in account.files]
        own[0] += account.quarantined - sum(own)
        records += [
            {
                "source_id": account.source_id,
                "label": file["path_label"],
                "sha256": file["sha256"],
                "bytes": file["bytes"],
                "rows_read": file["rows"],
                "rows_loaded": file["rows"] - bad,
                "rows_quarantined": bad,
                "title": _one_line(account.title),
                "licence": _one_line(account.licence),
                "attribution": _one_line(account.attribution),
                "vintage": account.vintage,
            }
            for file, bad in zip(account.files, own, strict=True)
        ]
    return pd.DataFrame(records)


def _one_line(texts: Mapping[str, str]) -> str:
    """A text in all its languages, for readers of the GeoPackage: 中文 / English."""
    return " / ".join(dict.fromkeys(texts.values()))
