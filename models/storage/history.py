"""Everything the store records of one subject, and the same as one timeline; never the key of a person."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd
import sqlalchemy as sa

from models.storage.pages import PERSONS
from models.storage.rows import frame_of
from models.tables import Base, TableVersion
from models.tables.base import table_of

_VERSIONS = table_of(TableVersion)
_ORIGIN = ("source_id", "source_file", "source_row")
EVENT_COLUMNS = (
    "happened_on",
    "table",
    "event",
    "kind",
    "record_id",
    "build_id",
    *_ORIGIN,
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
    table, columns = Base.metadata.tables[name], _shown(name)
    order = (table.columns[RECORDS[name].days[0]], table.columns[table.info["key"]], table.columns["fid"])
    statement = sa.select(*columns).where(table.columns["subject_id"] == subject_id).order_by(*order)
    rows = connection.execute(statement).all()
    return frame_of(rows, columns, connection.dialect.name) if rows else _empty(name).copy()


@cache
def _shown(name: str) -> list[Any]:
    """Columns of a record table that may leave the store."""
    table = Base.metadata.tables[name]
    return [c for c in table.columns if c.name != "fid" and not hidden(c.name)]


@cache
def _empty(name: str) -> pd.DataFrame:
    """The table without rows: most tables say nothing of most subjects, and a frame costs more than the question."""
    return frame_of([], _shown(name), "")


def timeline(connection: sa.Connection, subject_id: str) -> pd.DataFrame:
    """Every dated event of a subject once, oldest first.

    A row of a record table is one event on the day of the record, and one more for each later day it knows, such as
    the removal of a listing (``event`` names the date column). The founding of a legal person is an event of its own.

    Returns
    -------
    Columns `EVENT_COLUMNS`; ``kind`` and ``record_id`` as text, ``build_id`` the build that brought the table as it
    stands now (the import batch), the source with file and line. Events of one day stand in the order of `RECORDS`.
    """
    brought = {row.table_name: row.build_id for row in connection.execute(sa.select(_VERSIONS))}
    told = _told(connection, PERSONS, PERSONS.c.uscc == subject_id, Dated(("established_on",), "entity_type"), brought)
    for name, dated in RECORDS.items():
        table = Base.metadata.tables[name]
        told += _told(connection, table, table.columns["subject_id"] == subject_id, dated, brought)
    told.sort(key=lambda event: event[0])
    columns = list(zip(*told, strict=True)) if told else [()] * len(EVENT_COLUMNS)
    dtypes = {"happened_on": "datetime64[s]", "source_row": "int64"}
    return pd.DataFrame(
        {
            name: pd.Series(values, dtype=dtypes.get(name, "str"))
            for name, values in zip(EVENT_COLUMNS, columns, strict=True)
        }
    )


def _told(
    connection: sa.Connection, table: sa.Table, where: sa.ColumnElement[bool], dated: Dated, brought: dict[str, str]
) -> list[tuple[Any, ...]]:
    """The events of one table in the order of `EVENT_COLUMNS`, by day of the record; plain tuples, which a screen that
    asks for one subject gets many times faster than frames."""
    columns = table.columns
    kind = columns[dated.kind] if dated.kind else sa.null()
    picked = [*(columns[day] for day in dated.days), kind, *(columns[n] for n in (table.info["key"], *_ORIGIN))]
    order = (*(columns[day] for day in dated.days), columns[table.info["key"]], columns["fid"])
    events: list[tuple[Any, ...]] = []
    rows = connection.execute(sa.select(*picked).where(where).order_by(*order)).all()
    for place, day in enumerate(dated.days):
        for row in rows:
            if row[place] is not None:
                said, key, *origin = row[len(dated.days) :]
                known = None if said is None else str(said)
                events.append((row[place], table.name, day, known, str(key), brought.get(table.name), *origin))
    return events


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
