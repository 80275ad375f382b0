"""Pages of rows for screens: legal persons with filters, text search, the un-located queue, the
quarantine."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

import pandas as pd
import sqlalchemy as sa

from models.errors import RequestError
from models.storage.rows import frame_of, selectable
from models.storage.text_search import among, best, rows_with
from models.storage.texts import TextShelf
from models.tables import AddressAlias, LegalPerson, Premises, QuarantinedRow, Unlocated
from models.tables.base import table_of

PERSONS = table_of(LegalPerson)
_QUEUE = table_of(Unlocated)
_ALIASES = table_of(AddressAlias)
_QUARANTINE = table_of(QuarantinedRow)
_PLACES = table_of(Premises)
RESOLUTIONS = (7, 8, 9)
MAX_LIMIT = 100_000
Page = tuple[pd.DataFrame, int]


@dataclass(frozen=True)
class SubjectFilter:
    """Which legal persons a page shows; what is None does not filter, and all that is given must hold.

    Attributes
    ----------
    h3, resolution : cell and its resolution (7, 8 or 9)
    grid_code, district_code : codes of the areas a legal person lies in
    text : part of name, code or address, upper and lower case alike
    located : True on the map, False in the queue
    section : industry section A to T
    month : month of registration, YYYY-MM
    areas : codes of districts, towns or grids, each with all that lies below it; a legal person lies in one of them
    """

    h3: int | None = None
    resolution: int | None = None
    grid_code: str | None = None
    district_code: str | None = None
    text: str | None = None
    located: bool | None = None
    section: str | None = None
    month: str | None = None
    areas: tuple[str, ...] | None = None


def subjects_page(
    connection: sa.Connection,
    texts: TextShelf,
    where: SubjectFilter,
    sort: str,
    *,
    descending: bool,
    offset: int,
    limit: int,
) -> Page:
    """One page of legal persons and the number of all that match; missing values come last, ties go by code.

    Raises
    ------
    RequestError : an argument off its limits, or a column that cannot be sorted by
    """
    check_page(offset, limit)
    columns = selectable(PERSONS, None, connection.dialect.name, shapes=False)
    sortable = {column.name: column for column in columns}
    if sort not in sortable:
        raise RequestError(f"cannot sort by {sort!r}; allowed: {', '.join(sorted(sortable))}")
    tests = _tests(connection, texts, where)
    total = connection.execute(sa.select(sa.func.count()).select_from(PERSONS).where(*tests)).scalar_one()
    key = sortable[sort].desc() if descending else sortable[sort].asc()
    order = [key if not sortable[sort].nullable else key.nulls_last()]
    if sort != "uscc":
        order.append(PERSONS.c.uscc.asc())
    rows = connection.execute(sa.select(*columns).where(*tests).order_by(*order).offset(offset).limit(limit)).all()
    return frame_of(rows, columns, connection.dialect.name), int(total)


def subject(connection: sa.Connection, uscc: str) -> dict[str, Any] | None:
    """All columns of one legal person, or None.

    A place of business that has no code stands in by its id: ``uscc`` is that id, and what only a register knows is
    None.
    """
    columns = selectable(PERSONS, None, connection.dialect.name, shapes=False)
    row = connection.execute(sa.select(*columns).where(PERSONS.c.uscc == uscc)).first()
    return _place(connection, uscc) if row is None else dict(row._mapping)


def _place(connection: sa.Connection, ident: str) -> dict[str, Any] | None:
    """A place of business in the columns of a legal person, or None."""
    columns = selectable(_PLACES, None, connection.dialect.name, shapes=False)
    found = connection.execute(sa.select(*columns).where(_PLACES.c.premises_id == ident)).first()
    if found is None:
        return None
    nothing = dict.fromkeys(c.name for c in selectable(PERSONS, None, connection.dialect.name, shapes=False))
    known = {name: value for name, value in found._mapping.items() if name in nothing}
    located = found.lon is not None
    return {
        **nothing,
        **known,
        "uscc": ident,
        "entity_type": found.premises_type,
        "located": located,
        "outside": located and found.district_code is None,
    }


def search(connection: sa.Connection, texts: TextShelf, text: str, limit: int) -> pd.DataFrame:
    """Legal persons whose name, code or address holds the text: the earlier in the name, the higher.

    Returns
    -------
    Frame with the columns of legal_persons, at most ``limit`` rows; empty for an empty text.
    """
    check_page(0, limit)
    columns = selectable(PERSONS, None, connection.dialect.name, shapes=False)
    hits = best(texts.of(connection), text, limit)
    statement = sa.select(PERSONS.c.fid, *columns).where(among(connection, PERSONS.c.fid, hits))
    found = {row[0]: row[1:] for row in connection.execute(statement)} if hits else {}
    return frame_of([found[fid] for fid in hits if fid in found], columns, connection.dialect.name)


def queue_page(connection: sa.Connection, texts: TextShelf, offset: int, limit: int, text: str | None) -> Page:
    """Un-located legal persons on whose present address nobody has decided, by code, and how many there
    are."""
    check_page(offset, limit)
    columns = selectable(_QUEUE, None, connection.dialect.name, shapes=False)
    decided = sa.exists().where(
        _ALIASES.c.uscc == _QUEUE.c.uscc,
        _ALIASES.c.address == sa.func.coalesce(_QUEUE.c.address, ""),
        _ALIASES.c.undone_at.is_(None),
    )
    tests: list[Any] = [~decided]
    if text and text.strip():
        tests.append(_QUEUE.c.uscc.in_(sa.select(PERSONS.c.uscc).where(_has_text(connection, texts, text))))
    total = connection.execute(sa.select(sa.func.count()).select_from(_QUEUE).where(*tests)).scalar_one()
    rows = connection.execute(
        sa.select(*columns).where(*tests).order_by(_QUEUE.c.uscc).offset(offset).limit(limit)
    ).all()
    return frame_of(rows, columns, connection.dialect.name), int(total)


def quarantine_page(connection: sa.Connection, offset: int, limit: int, source_id: str | None) -> Page:
    """Rows that were not loaded, by source, file and line, and how many reasons there are in all."""
    check_page(offset, limit)
    columns = selectable(_QUARANTINE, None, connection.dialect.name, shapes=False)
    tests = [] if source_id is None else [_QUARANTINE.c.source_id == source_id]
    total = connection.execute(sa.select(sa.func.count()).select_from(_QUARANTINE).where(*tests)).scalar_one()
    c = _QUARANTINE.c
    order = (c.source_id, c.source_file, c.source_row.nulls_last(), c.column.nulls_last(), c.fid)
    rows = connection.execute(sa.select(*columns).where(*tests).order_by(*order).offset(offset).limit(limit)).all()
    return frame_of(rows, columns, connection.dialect.name), int(total)


def check_page(offset: int, limit: int) -> None:
    """Refuse a page outside its limits."""
    if offset < 0 or not 0 <= limit <= MAX_LIMIT:
        raise RequestError(f"offset {offset}, limit {limit}: needed are offset >= 0 and 0 <= limit <= {MAX_LIMIT:,}")


def _tests(connection: sa.Connection, texts: TextShelf, where: SubjectFilter) -> list[Any]:
    tests: list[Any] = []
    if where.h3 is not None:
        if where.resolution not in RESOLUTIONS:
            raise RequestError(f"resolution {where.resolution}: a cell needs one of {RESOLUTIONS}")
        tests.append(PERSONS.columns[f"h3_r{where.resolution}"] == int(where.h3))
    if where.grid_code is not None:
        tests.append(PERSONS.c.grid_code == where.grid_code)
    if where.district_code is not None:
        tests.append(PERSONS.c.district_code == where.district_code)
    if where.located is not None:
        tests.append(PERSONS.c.located if where.located else ~PERSONS.c.located)
    if where.section is not None:
        tests.append(PERSONS.c.industry_section == where.section)
    if where.month is not None:
        first, following = _month(where.month)
        tests += [PERSONS.c.established_on >= first, PERSONS.c.established_on < following]
    if where.areas is not None:
        codes = (PERSONS.c.grid_code, PERSONS.c.district_code)
        tests.append(sa.or_(sa.false(), *(c.startswith(a, autoescape=True) for a in where.areas for c in codes)))
    if where.text and where.text.strip():
        tests.append(_has_text(connection, texts, where.text))
    return tests


def _month(text: str) -> tuple[dt.date, dt.date]:
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        raise RequestError(f"month {text!r}: needed is YYYY-MM")
    year, month = int(text[:4]), int(text[5:])
    return dt.date(year, month, 1), dt.date(year + month // 12, month % 12 + 1, 1)


def _has_text(connection: sa.Connection, texts: TextShelf, text: str) -> Any:
    fids, _ = rows_with(texts.of(connection), text)
    return among(connection, PERSONS.c.fid, fids.tolist())
