"""Everything the store records of one subject, and the same as one timeline; never the key of a person."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass

import pandas as pd
import sqlalchemy as sa

from models.storage.pages import PERSONS
from models.storage.rows import frame_of, selectable
from models.tables import Base, TableVersion
from models.tables.base import table_of

_VERSIONS = table_of(TableVersion)
EVENT_COLUMNS = (
    "happened_on",
    "table",
    "event",
    "kind",
    "record_id",
    "build_id",
    "source_id",
    "source_file",
    "source_row",
)


@dataclass(frozen=True)
class Dated:
    """How the rows of a record table become events.

    Attributes
    ----------
    days : date columns that say when something happened, the day of the record itself first; a deadline is none
    kind : column that says what it was, or "" where the table says it all
    """

    days: tuple[str, ...]
    kind: str = ""


RECORDS = {
    "inspections": Dated(("inspected_on", "closed_on"), "kind"),
    "findings": Dated(("found_on", "corrected_on"), "severity"),
    "penalties": Dated(("decided_on",), "kind"),
    "complaints": Dated(("received_on", "closed_on"), "kind"),
    "listings": Dated(("listed_on", "removed_on"), "ground"),
    "licences": Dated(("issued_on", "expires_on", "revoked_on"), "kind"),
    "annual_reports": Dated(("filed_on",), "report_year"),
    "changes": Dated(("changed_on",), "kind"),
    "investments": Dated(("invested_on", "ended_on")),
    "credit_repairs": Dated(("applied_on", "decided_on"), "result"),
}
"""Tables whose rows are about one subject, in the order in which events of one day are told."""

STATEMENTS = len(RECORDS) + 2
"""SQL statements that a timeline takes, however many events there are."""


def hidden(name: str) -> bool:
    """Whether a column of these tables holds the keyed hash of a person, which leaves the store for nobody."""
    return name.endswith("_key")


def records_of(connection: sa.Connection, subject_id: str) -> dict[str, pd.DataFrame]:
    """Rows of each table of `RECORDS` about a subject, in order of time; tables without such a row are empty frames."""
    return {name: _rows(connection, name, subject_id) for name in RECORDS}


def _rows(connection: sa.Connection, name: str, subject_id: str) -> pd.DataFrame:
    table, dialect = Base.metadata.tables[name], connection.dialect.name
    names = [c.name for c in table.columns if c.name != "fid" and not hidden(c.name)]
    columns = selectable(table, names, dialect, shapes=False)
    order = (table.columns[RECORDS[name].days[0]], table.columns[table.info["key"]], table.columns["fid"])
    rows = connection.execute(sa.select(*columns).where(table.columns["subject_id"] == subject_id).order_by(*order))
    return frame_of(rows.all(), columns, dialect)


def timeline(connection: sa.Connection, subject_id: str) -> pd.DataFrame:
    """Every dated event of a subject once, oldest first.

    A row of a record table is one event on the day of the record, and one more for each later day it knows, such as
    the removal of a listing (``event`` names the date column). The founding of a legal person is an event of its own.

    Returns
    -------
    Columns `EVENT_COLUMNS`; ``kind`` and ``record_id`` as text, ``build_id`` the build that brought the table as it
    stands now (the import batch), the source with file and line. Events of one day stand in the order of `RECORDS`.
    """
    parts = [_founding(connection, subject_id)]
    for name, rows in records_of(connection, subject_id).items():
        key = Base.metadata.tables[name].info["key"]
        parts += [_events(name, rows, day, key) for day in RECORDS[name].days]
    brought = {row.table_name: row.build_id for row in connection.execute(sa.select(_VERSIONS))}
    told = pd.concat(parts, ignore_index=True)
    told["build_id"] = told["table"].map(brought).astype("str")
    return told.sort_values("happened_on", kind="stable", ignore_index=True)[list(EVENT_COLUMNS)]


def _founding(connection: sa.Connection, subject_id: str) -> pd.DataFrame:
    names = ["uscc", "established_on", "entity_type", "source_id", "source_file", "source_row"]
    columns = selectable(PERSONS, names, connection.dialect.name, shapes=False)
    found = connection.execute(sa.select(*columns).where(PERSONS.c.uscc == subject_id)).all()
    rows = frame_of(found, columns, connection.dialect.name)
    return _told("legal_persons", rows, "established_on", "entity_type", "uscc")


def _events(name: str, rows: pd.DataFrame, day: str, key: str) -> pd.DataFrame:
    return _told(name, rows, day, RECORDS[name].kind, key)


def _told(name: str, rows: pd.DataFrame, day: str, kind: str, key: str) -> pd.DataFrame:
    dated = rows[rows[day].notna()]
    return pd.DataFrame(
        {
            "happened_on": dated[day].astype("datetime64[s]"),
            "table": pd.Series(name, index=dated.index, dtype="str"),
            "event": pd.Series(day, index=dated.index, dtype="str"),
            "kind": dated[kind].astype("str") if kind else pd.Series(pd.NA, index=dated.index, dtype="str"),
            "record_id": dated[key].astype("str"),
            "source_id": dated["source_id"],
            "source_file": dated["source_file"],
            "source_row": dated["source_row"].astype("int64"),
        }
    )


class HistoryDoor:
    """The part of `models.store.Store` that tells the history of one subject."""

    def _reading(self) -> AbstractContextManager[sa.Connection]:
        raise NotImplementedError

    def records_of(self, subject_id: str) -> dict[str, pd.DataFrame]:
        """Everything recorded about a subject by table, without keys of persons; see `models.storage.history`."""
        with self._reading() as connection:
            return records_of(connection, subject_id)

    def timeline(self, subject_id: str) -> pd.DataFrame:
        """Every dated event of a subject once, oldest first; see `models.storage.history.timeline`."""
        with self._reading() as connection:
            return timeline(connection, subject_id)
