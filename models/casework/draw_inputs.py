"""What goes into a draw: subjects with level, place and libraries, officers with open work; and how it is kept."""

from __future__ import annotations

import base64
import datetime as dt
import json
import zlib
from collections.abc import Sequence

import pandas as pd
import sqlalchemy as sa

from models.analysis.draws import eligible_objects
from models.analysis.draws.draw import OBJECT_COLUMNS, OFFICER_COLUMNS
from models.casework.scope import EVERYWHERE
from models.casework.tasks import ACTIVE, TASKS
from models.rules.checklists import Catalogue
from models.tables import DrawObject, LegalPerson, Licence, Officer, Premises
from models.tables.base import table_of

OBJECTS = table_of(DrawObject)
_PERSONS, _LICENCES, _OFFICERS = table_of(LegalPerson), table_of(Licence), table_of(Officer)
_PREMISES = table_of(Premises)


def objects(
    connection: sa.Connection,
    levels: pd.DataFrame,
    catalogue: Catalogue,
    *,
    libraries: Sequence[str],
    place: str,
    day: dt.date,
) -> pd.DataFrame:
    """Subjects that can be drawn, as `models.analysis.draws.draw` wants them.

    Parameters
    ----------
    levels : subject_id, level: the product ``subject_levels``
    libraries : libraries of the items
    place : code of a district, town or grid cell, "*" for the whole city
    day : day of the draw
    """
    before = connection.execute(sa.select(OBJECTS.c.subject_id).where(OBJECTS.c.year == day.year)).scalars().all()
    held = sa.select(*(_LICENCES.c[n] for n in ("subject_id", "library", "issued_on", "expires_on", "revoked_on")))
    licences = pd.DataFrame(
        connection.execute(held).all(), columns=["subject_id", "library", "issued_on", "expires_on", "revoked_on"]
    )
    return eligible_objects(
        _subjects(connection, catalogue, place),
        levels,
        licences,
        libraries=libraries,
        place=place,
        day=day,
        drawn_before=before,
    )


def officers(connection: sa.Connection) -> pd.DataFrame:
    """Officers with the number of their open tasks as ``load``."""
    names = ("officer_id", "area_codes", "expertise", "certificate_until", "conflicts")
    query = sa.select(*(_OFFICERS.c[n] for n in names)).order_by(_OFFICERS.c.officer_id)
    staff = pd.DataFrame(connection.execute(query).all(), columns=list(names))
    given = sa.select(TASKS.c.officers).where(TASKS.c.state.in_(ACTIVE), TASKS.c.officers.is_not(None))
    teams = pd.Series(connection.execute(given).scalars().all(), dtype="str").str.split(";").explode()
    return staff.assign(load=staff["officer_id"].map(teams.value_counts()).fillna(0).astype("int64"))


def officer_names(connection: sa.Connection) -> dict[str, str]:
    """Name of every officer by id, for papers and screens inside the house."""
    rows = connection.execute(sa.select(_OFFICERS.c.officer_id, _OFFICERS.c.name))
    return {row.officer_id: row.name for row in rows}


def packed(objects_: pd.DataFrame, officers_: pd.DataFrame) -> str:
    """Both frames as one compressed text."""
    parts = [_plain(objects_, OBJECT_COLUMNS), _plain(officers_, OFFICER_COLUMNS)]
    return base64.b85encode(zlib.compress(json.dumps(parts, ensure_ascii=False).encode(), 6)).decode()


def unpacked(text: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The frames that `packed` kept."""
    found = json.loads(zlib.decompress(base64.b85decode(text)))
    first, second = (
        pd.DataFrame(rows, columns=list(n)) for rows, n in zip(found, (OBJECT_COLUMNS, OFFICER_COLUMNS), strict=True)
    )
    return first, second


def _plain(frame: pd.DataFrame, names: Sequence[str]) -> list[list[object]]:
    known = frame.reindex(columns=list(names)).copy()
    if "certificate_until" in names:
        known["certificate_until"] = pd.to_datetime(known["certificate_until"]).dt.strftime("%Y-%m-%d")
    values: list[list[object]] = known.astype(object).where(known.notna(), None).to_numpy().tolist()
    return values


def _under(column: sa.ColumnElement[str], place: str) -> sa.ColumnElement[bool]:
    return column.startswith(place, autoescape=True)


def _subjects(connection: sa.Connection, catalogue: Catalogue, place: str) -> pd.DataFrame:
    """Legal persons, and places of business that are none, with area and the libraries of what they are."""
    c = _PERSONS.c
    here = sa.true() if place == EVERYWHERE else sa.or_(_under(c.grid_code, place), _under(c.district_code, place))
    persons = sa.select(c.uscc, c.grid_code, c.district_code, c.industry_section, c.status).where(here)
    frame = pd.DataFrame(
        connection.execute(persons).all(), columns=["subject_id", "grid_code", "district_code", "section", "status"]
    )
    of_section = {s: ";".join(sorted(catalogue.libraries_of(s))) for s in frame["section"].dropna().unique()}
    nothing = ";".join(sorted(catalogue.libraries_of(None)))
    frame["libraries"] = frame["section"].map(of_section).fillna(nothing)
    places = pd.DataFrame(
        connection.execute(sa.select(_PREMISES.c.premises_id, _PREMISES.c.district_code)).all(),
        columns=["subject_id", "district_code"],
    )
    places["libraries"] = ";".join(sorted(catalogue.libraries_of(None, premises=True)))
    both = pd.concat([frame, places], ignore_index=True) if len(places) else frame
    both = both.drop_duplicates("subject_id")
    return both.assign(area_code=both["grid_code"].fillna(both["district_code"]))
