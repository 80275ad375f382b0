"""Where a person decided that an address lies: dated decisions that can be undone and that the next build
follows."""

from __future__ import annotations

import datetime as dt
import math

import pandas as pd
import sqlalchemy as sa

from models.errors import RequestError, UnknownNameError
from models.storage.rows import frame_of
from models.tables import AddressAlias, LegalPerson
from models.tables.base import table_of

ALIASES = table_of(AddressAlias)
_PERSONS = table_of(LegalPerson)


class DecisionConflictError(RequestError):
    """Somebody else decided, or undid, first; the text says who and when."""

    status = 409


def decide(
    connection: sa.Connection,
    uscc: str,
    lon: float,
    lat: float,
    *,
    match_level: int,
    place_id: str | None,
    actor: str,
    at: dt.datetime,
    note: str | None,
) -> int:
    """Record where the present address of a legal person lies.

    Parameters
    ----------
    lon, lat : degrees, WGS84
    match_level : 1 (exact) to 5 (seat of a town or street), as the matcher grades its own finds
    actor, at : who decides, and when (with its time zone)

    Returns
    -------
    Id of the decision, for `undo`.

    Raises
    ------
    UnknownNameError : no legal person of that code
    RequestError : coordinates, level or actor off
    DecisionConflictError : the address has an active decision already
    """
    if not (math.isfinite(lon) and math.isfinite(lat) and -180 <= lon <= 180 and -90 <= lat <= 90):
        raise RequestError(f"longitude {lon} and latitude {lat}: needed are degrees within ±180 and ±90")
    if not 1 <= match_level <= 5:
        raise RequestError(f"match level {match_level}: a decided place has one of the levels 1 to 5")
    if not actor:
        raise RequestError("a decision needs the name of who decides")
    person = connection.execute(sa.select(_PERSONS.c.uscc, _PERSONS.c.address).where(_PERSONS.c.uscc == uscc)).first()
    if person is None:
        raise UnknownNameError(f"no legal person has the code {uscc}")
    address = person.address or ""
    same = (ALIASES.c.uscc == uscc) & (ALIASES.c.address == address) & ALIASES.c.undone_at.is_(None)
    earlier = connection.execute(sa.select(ALIASES).where(same)).first()
    if earlier is not None:
        raise DecisionConflictError(
            f"{uscc}: {earlier.decided_by} decided on this address at {earlier.decided_at:%Y-%m-%d %H:%M} "
            "UTC "
            f"(decision {earlier.alias_id}). Undo that decision first."
        )
    values = {"uscc": uscc, "address": address, "lon": lon, "lat": lat, "match_level": match_level}
    result = connection.execute(
        sa.insert(ALIASES).values(**values, place_id=place_id, decided_by=actor, decided_at=at, note=note)
    )
    return int(result.inserted_primary_key[0])  # type: ignore[index]


def undo(connection: sa.Connection, alias_id: int, *, actor: str, at: dt.datetime) -> None:
    """Take a decision back; it stays in the history.

    Raises
    ------
    UnknownNameError : no such decision
    DecisionConflictError : undone already
    """
    if not actor:
        raise RequestError("undoing needs the name of who undoes")
    active = (ALIASES.c.alias_id == alias_id) & ALIASES.c.undone_at.is_(None)
    done = connection.execute(sa.update(ALIASES).where(active).values(undone_by=actor, undone_at=at))
    if done.rowcount:
        return
    row = connection.execute(sa.select(ALIASES).where(ALIASES.c.alias_id == alias_id)).first()
    if row is None:
        raise UnknownNameError(f"there is no decision {alias_id}")
    raise DecisionConflictError(
        f"decision {alias_id} was undone by {row.undone_by} at {row.undone_at:%Y-%m-%d %H:%M} UTC"
    )


def aliases(connection: sa.Connection, *, active: bool = True) -> pd.DataFrame:
    """Decisions as a frame, oldest first: what the address matcher follows (``active``), or the whole
    history."""
    statement = sa.select(ALIASES).order_by(ALIASES.c.alias_id)
    if active:
        statement = statement.where(ALIASES.c.undone_at.is_(None))
    rows = connection.execute(statement).all()
    return frame_of(rows, list(ALIASES.columns), connection.dialect.name)
