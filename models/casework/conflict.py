"""Two people on one matter: the second gets told what the first did, and nothing is written over."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from models.errors import RequestError

SYSTEM = "system"
"""Actor of what the machine does by itself."""


class ConflictError(RequestError):
    """Somebody else acted first.

    Parameters
    ----------
    what : the matter, such as ``warning 0123456789abcdef``
    actor, action, at : who did what when
    state : how the matter stands now
    """

    status = 409

    def __init__(self, what: str, *, actor: str, action: str, at: dt.datetime, state: str) -> None:
        super().__init__(
            f"{what}: {actor} was first ({action} at {at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S} UTC); it is {state} "
            "now. Nothing of yours was written. Look at it again and decide anew."
        )
        self.what, self.actor, self.action, self.at, self.state = what, actor, action, at, state


def need_actor(actor: str, at: dt.datetime) -> None:
    """Refuse an act without a name or with a moment that has no time zone.

    Raises
    ------
    RequestError : which of the two is missing
    """
    if not actor.strip():
        raise RequestError("this needs the name of who does it")
    if at.tzinfo is None:
        raise RequestError(f"the moment {at!r} needs its time zone")


def new_id(result: sa.CursorResult[tuple[object, ...]]) -> int:
    """Number that the database gave to the inserted row."""
    key = result.inserted_primary_key
    if key is None:
        raise RequestError("the database gave no number to the new row")
    return int(key[0])
