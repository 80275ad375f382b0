"""Displays at the door: who asks where a token is shown, and the guard that lets a display read the wall only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from flask import Blueprint, Response, has_request_context, request

from layers.access import Actor
from layers.actors import PUBLIC, ActorOf
from layers.wall import kiosk
from layers.wall.playlist import Walls
from models.errors import AccessDeniedError
from models.profile import City
from models.settings import Settings

API = "/api/wall/"
PRESENTERS = frozenset({"official", "manager", "admin"})
PLAIN = ("/assets/", "/_dash-component-suites/", "/favicon.ico", "/_favicon.ico", "/healthz")
"""What a display may fetch besides: scripts, styles and pictures that hold no data."""


def clock() -> dt.datetime:
    """The moment now, UTC."""
    return dt.datetime.now(dt.UTC)


class Displays:
    """Says who asks, a display with a token included; what `layers.actors.actor_of` says stands for everybody else.

    Parameters
    ----------
    base : who asks by the staff list
    city, settings : whose token, signed with which key
    now : the moment
    """

    def __init__(self, base: ActorOf, city: City, settings: Settings, now: Callable[[], dt.datetime] = clock) -> None:
        self._base, self._city, self._settings, self._now = base, city, settings, now

    def __call__(self) -> Actor:
        """The actor of the request at hand; a person the proxy names stays that person, whatever token there is.

        Raises
        ------
        AccessDeniedError : the address names a token that is not good
        """
        person = self._base()
        if self._settings.access == "proxy" and person is not PUBLIC:
            return person
        token = self.token()
        return person if token is None else kiosk.actor(token)

    def token(self) -> kiosk.Token | None:
        """The token of the request at hand, from its address or its cookie; None where there is none.

        A cookie that is no longer good counts as none, so that it does not shut the other pages to the browser.
        """
        if not has_request_context():
            return None
        named = request.args.get("token")
        given = request.cookies.get(kiosk.COOKIE, "") if named is None else named
        if not given:
            return None
        try:
            return kiosk.verify(self._city.id, given, self._settings.wall_key(), today=self._now().date())
        except AccessDeniedError:
            if named is not None:
                raise
            return None


def guard(routes: Blueprint, actor_of: ActorOf, walls: Walls) -> None:
    """A display reads the wall of its token, the map data its scenes draw, and plain files; all else is refused."""

    @routes.before_app_request
    def only_the_wall() -> None:
        actor = actor_of()
        if not kiosk.is_kiosk(actor):
            return
        if request.method not in ("GET", "HEAD") or not _readable(request.path, walls):
            raise AccessDeniedError(f"{actor.id} is a display; it may read the wall and nothing else")
        wall_of(actor)

    @routes.after_app_request
    def keep(response: Response) -> Response:
        given = request.args.get("token") if request.path == "/wall" else None
        if given == "":
            response.delete_cookie(kiosk.COOKIE)
        elif given and response.status_code == 200:
            response.set_cookie(
                kiosk.COOKIE, given, max_age=kiosk.COOKIE_DAYS * 86_400, httponly=True, samesite="Strict",
                secure=request.is_secure,
            )  # fmt: skip
        return response


def _readable(path: str, walls: Walls) -> bool:
    if path in ("/wall", f"{API}playlist", f"{API}status", "/data/basemap"):
        return True
    if path.startswith((f"{API}scene/", *PLAIN)):
        return True
    parts = path.strip("/").split("/")
    return len(parts) > 2 and parts[0] == "data" and parts[1] in walls.layers


def require_presenter(actor: Actor) -> None:
    """Refuse whoever may not choose what a wall shows.

    Raises
    ------
    AccessDeniedError : a display, or nobody of the roles official, manager and admin for the whole city
    """
    if kiosk.is_kiosk(actor) or not actor.has(PRESENTERS):
        needed = ", ".join(sorted(PRESENTERS))
        raise AccessDeniedError(f"what a wall shows is chosen by {needed}; {actor.id} is none of them")


def wall_of(actor: Actor) -> str:
    """The wall a request is about; a display may ask for its own only.

    Raises
    ------
    AccessDeniedError : a display asks for another
    """
    given = request.args.get("wall")
    if not kiosk.is_kiosk(actor):
        return kiosk.known_wall(given)
    own = actor.id.partition(":")[2]
    if given not in (None, "", own):
        raise AccessDeniedError(f"this token belongs to the wall {own}; it does not open {str(given)[:40]!r}")
    return own
