"""The key of a display: a signed token that opens the wall of one city for reading, and nothing else.

A display has no keyboard to log in with. Its token names the wall it hangs on and the city; whoever holds it may fetch
the wall's document, its playlist, scenes and status, and the map data of the layers its scenes draw. It is made by
``cityhex wall-token`` and ends with its last day, or when the key of the installation is changed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
from dataclasses import dataclass

from layers.access import EVERYWHERE, Actor
from models.errors import AccessDeniedError, RequestError

COOKIE = "cityhex_wall"
COOKIE_DAYS = 400
MAIN = "main"
"""Name of a wall that has none."""
_WALL = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_FOR_EVER = "0"


@dataclass(frozen=True)
class Token:
    """What a token says: the wall it hangs on and its last day, None for one without end."""

    wall: str
    until: dt.date | None


def known_wall(name: str | None) -> str:
    """The name of a wall.

    Raises
    ------
    RequestError : it is not a name of small letters, digits and dashes, at most 32
    """
    wall = name or MAIN
    if not _WALL.fullmatch(wall):
        raise RequestError(f"wall is {wall[:40]!r}; needed: small letters, digits and dashes, at most 32")
    return wall


def sign(city_id: str, wall: str, key: bytes, *, until: dt.date | None = None) -> str:
    """Make a token: wall, last day and signature, joined by dots.

    Parameters
    ----------
    key : of the installation, `models.settings.Settings.wall_key`

    Raises
    ------
    RequestError : the wall has no proper name
    """
    body = f"{known_wall(wall)}.{until.strftime('%Y%m%d') if until else _FOR_EVER}"
    return f"{body}.{_signature(city_id, body, key)}"


def verify(city_id: str, token: str, key: bytes, *, today: dt.date) -> Token:
    """Read a token.

    Raises
    ------
    AccessDeniedError : it was not made for this city with this key, or its last day is over
    """
    body, _, given = token.rpartition(".")
    if not hmac.compare_digest(given.encode(), _signature(city_id, body, key).encode()):
        raise AccessDeniedError(
            "This token does not open the wall of this city. Make one: cityhex wall-token CITY WALL"
        )
    wall, _, last = body.partition(".")
    until = None if last == _FOR_EVER else dt.datetime.strptime(last, "%Y%m%d").replace(tzinfo=dt.UTC).date()
    if until is not None and today > until:
        raise AccessDeniedError(f"This token was good until {until}. Make a new one: cityhex wall-token CITY WALL")
    return Token(wall, until)


def actor(token: Token) -> Actor:
    """Who a display is: an official who sees the whole city; the routes let it read the wall only."""
    return Actor(f"wall:{token.wall}", frozenset({"official"}), frozenset({EVERYWHERE}))


def is_kiosk(who: Actor) -> bool:
    """Whether the actor is a display."""
    return who.id.startswith("wall:")


def _signature(city_id: str, body: str, key: bytes) -> str:
    return hmac.new(key, f"cityhex wall|{city_id}|{body}".encode(), hashlib.sha256).hexdigest()[:40]
