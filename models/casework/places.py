"""Name, address and place of the subjects of tasks, for lists, routes and papers."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd
import sqlalchemy as sa

from models.tables import LegalPerson, Premises
from models.tables.base import table_of

_PERSONS, _PREMISES = table_of(LegalPerson), table_of(Premises)
COLUMNS = (
    "subject_id", "name", "entity_type", "industry_section", "address", "lon", "lat", "match_level", "grid_code",
    "district_code",
)  # fmt: skip
_AT_ONCE = 500


def subjects_of(connection: sa.Connection, ids: Collection[str]) -> pd.DataFrame:
    """Subjects by id: `COLUMNS`, legal persons and places of business alike; ids nobody knows are left out.

    A place of business comes with the level 1: its coordinates were delivered with it. Its name counts as a firm's.
    """
    p, q = _PERSONS.c, _PREMISES.c
    rows = []
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        persons = sa.select(
            p.uscc,
            p.name,
            p.entity_type,
            p.industry_section,
            p.address,
            p.lon,
            p.lat,
            p.match_level,
            p.grid_code,
            p.district_code,
        ).where(p.uscc.in_(some))
        places = sa.select(
            q.premises_id,
            q.name,
            sa.null(),
            sa.null(),
            q.address,
            q.lon,
            q.lat,
            sa.literal(1),
            sa.null(),
            q.district_code,
        ).where(q.premises_id.in_(some))
        rows += [*connection.execute(persons), *connection.execute(places)]
    frame = pd.DataFrame([tuple(row) for row in rows], columns=list(COLUMNS))
    return frame.drop_duplicates("subject_id", ignore_index=True)
