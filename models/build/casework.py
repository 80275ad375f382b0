"""What people decided and recorded, brought into a build like any other source, and the warnings brought back to them.

Recorded checks and findings are added to their tables under the source id ``casework``; records a firm objects to stay
in the tables and are left out of what the analyses see. `models.build.decided` gives the decisions themselves.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from models import contracts
from models.build.linking import with_subject
from models.build.reading import KEYS, SourceAccount
from models.build.rejecting import account, joined
from models.build.steps import Outcome, StepRunner
from models.casework.reentry import OFFICER, SOURCE_ID
from models.casework.syncing import Synced
from models.profile import City
from models.settings import Settings
from models.sources.legal_persons.persons import keyed_hash
from models.store import Store

RECORDED: Mapping[str, dict[str, str]] = {
    "inspections": {"zh-Hans": "本系统记录的检查", "en": "Inspections recorded in this system"},
    "findings": {"zh-Hans": "本系统记录的检查发现问题", "en": "Findings recorded in this system"},
}
"""Tables casework adds rows to, and what that source is called."""
LICENCE = {"zh-Hans": "内部数据", "en": "Internal"}
ATTRIBUTION = {"zh-Hans": "本市监管人员", "en": "Supervisors of this city"}
_CODE = ("models/build/casework.py", "models/build/rejecting.py", "models/contracts")


@dataclass
class Brought:
    """What casework gives to a build.

    Attributes
    ----------
    tables : every table with a source, casework's rows added
    accounts : account of each table casework added rows to
    seen : table -> outcome that analyses read in its place, without disputed records
    """

    tables: dict[str, Outcome]
    accounts: list[SourceAccount] = field(default_factory=list)
    seen: dict[str, tuple[Outcome, str]] = field(default_factory=dict)


def bring_in(tables: Mapping[str, Outcome], store: Store, settings: Settings, runner: StepRunner) -> Brought:
    """Add what people recorded and decided to what the sources gave.

    Parameters
    ----------
    tables : outcome of every table that has a source, with the frames ``frame`` and ``rejects``
    """
    found = Brought(dict(tables))
    for table in RECORDED:
        rows = store.recorded(table)
        if len(rows):
            found.tables[table] = _add(table, _keyed(rows, settings), found.tables, runner)
            found.accounts.append(_account(table, rows, found.tables[table]))
    contested = store.contested()
    for name in sorted(set(contested["table_name"]) & set(found.tables)):
        ids = contested.loc[contested["table_name"] == name, "record_id"].tolist()
        found.seen[name] = (_left_out(name, found.tables[name], ids, runner), "frame")
    return found


def send_back(city: City, store: Store, frame: pd.DataFrame, as_of: str, at: dt.datetime) -> Synced:
    """Bring the warnings of the published build to those who work on them; see `models.casework.syncing.sync`.

    The replay looks at twice the weeks it shows (`models.analysis.warnings.replay`): what is older is left to people.
    """
    day = dt.date.fromisoformat(as_of)
    since = day - dt.timedelta(weeks=2 * city.supervision.lookback_weeks - 1)
    return store.sync_warnings(frame, day, at, since=since)


def _keyed(rows: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Put the key of the officer in the place of the id."""
    if OFFICER not in rows:
        return rows
    return rows.drop(columns=OFFICER).assign(officer_key=keyed_hash(rows[OFFICER], settings.person_key()))


def _add(table: str, rows: pd.DataFrame, tables: Mapping[str, Outcome], runner: StepRunner) -> Outcome:
    before = tables.get(table)
    subjects = [(name, key) for name, key in (("legal_persons", "uscc"), ("premises", "premises_id")) if name in tables]

    def work() -> tuple[Mapping[str, pd.DataFrame], Mapping[str, Any]]:
        own, parts = rows, []
        if "legal_persons" in tables:
            ids = pd.Index(pd.concat([tables[name].frame("frame")[key] for name, key in subjects]))
            own, refused = with_subject(table, rows, ids)
            parts.append(refused)
        frame = own if before is None else pd.concat([before.frame("frame"), own], ignore_index=True)
        parts.append(contracts.empty("quarantine") if before is None else before.frame("rejects"))
        frame, rejects = contracts.conform(table, frame), joined(parts)
        return {"frame": frame, "rejects": rejects}, account(frame, rejects)

    inputs = [*(() if before is None else (before.key,)), *(tables[name].key for name, _ in subjects)]
    return runner.run(f"casework {table}", work, inputs=inputs, params={"rows": content(rows)}, code=_CODE)


def _account(table: str, rows: pd.DataFrame, outcome: Outcome) -> SourceAccount:
    loaded = int(outcome.info["loaded"].get(SOURCE_ID, 0))
    label = f"{SOURCE_ID} {table}"
    files = [{"path_label": label, "sha256": content(rows), "bytes": None, "rows": len(rows)}]
    return SourceAccount(
        SOURCE_ID,
        table,
        RECORDED[table],
        LICENCE,
        ATTRIBUTION,
        "",
        "daily",
        files,
        len(rows),
        loaded,
        len(rows) - loaded,
        0,
        [],
    )


def record_ids(table: str, frame: pd.DataFrame) -> pd.Series:
    """Id by which an objection names each row of a table: its key, parts joined by a colon; n texts."""
    parts = [frame[name].astype("str") for name in KEYS[table]]
    ids = parts[0]
    for part in parts[1:]:
        ids = ids + ":" + part
    return ids


def _left_out(table: str, outcome: Outcome, ids: list[str], runner: StepRunner) -> Outcome:
    def work() -> tuple[Mapping[str, pd.DataFrame], Mapping[str, Any]]:
        frame = outcome.frame("frame")
        disputed = record_ids(table, frame).isin(ids)
        kept = frame[~disputed].reset_index(drop=True)
        return {"frame": kept}, {"disputed": int(disputed.sum())}

    return runner.run(f"undisputed {table}", work, inputs=[outcome.key], params={"ids": sorted(ids)}, code=_CODE)


def content(frame: pd.DataFrame) -> str:
    """Sha256 over the rows of a frame."""
    return hashlib.sha256(frame.to_csv(index=False).encode("utf-8", "surrogatepass")).hexdigest()
