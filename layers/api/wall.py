"""The routes of the wall: playlist, scenes, status and presenter; and the guard that lets a display read these only."""

from __future__ import annotations

import datetime as dt
import json
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, cast

from flask import Blueprint, Response, g, has_request_context, jsonify, request
from werkzeug.exceptions import HTTPException

from layers import wire
from layers.access import Actor
from layers.actors import PUBLIC, ActorOf
from layers.api import security
from layers.products import Products
from layers.text import languages, pick
from layers.wall import document, kiosk
from layers.wall.playlist import Walls, known_theme, require_wall, title_of
from layers.wall.presenter import Presenters
from models.errors import AccessDeniedError, CityhexError, RequestError
from models.profile import City
from models.settings import Settings

log = logging.getLogger("cityhex.wall")
API = "/api/wall/"
PRESENTERS = frozenset({"official", "manager", "admin"})
DWELL_S = (5, 600)
KEPT = 64
LIVING_KINDS = frozenset({"overview", "warnings"})
"""Kinds with numbers that change between two builds, because people work warnings off; made anew for every question."""
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


class _Scenes:
    """Scenes as bytes by build, scene, language and theme; the least recently used go."""

    def __init__(self) -> None:
        self._lock, self._kept = threading.Lock(), OrderedDict[tuple[Any, ...], bytes]()

    def get(self, key: tuple[Any, ...], make: Callable[[], bytes]) -> bytes:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made


def blueprint(
    *, store: Any, city: City, settings: Settings, actor_of: ActorOf, now: Callable[[], dt.datetime] = clock
) -> Blueprint:
    """Make the routes under ``/api/wall/`` and the guard of displays.

    Parameters
    ----------
    actor_of : a `Displays`, so that a token is known on every route

    Raises
    ------
    ConfigError : the city's ``wall.toml`` is not valid
    """
    routes = Blueprint("wall", __name__)
    routes.record_once(lambda state: security.allow(state.app, API, "/wall", "/wall/presenter"))
    walls = Walls(store, city)
    presenters = Presenters(settings.city_home(city.id), walls.wall.presenter_minutes)
    scenes = _Scenes()
    _guard(routes, actor_of, walls)

    @routes.get("/wall")
    def display() -> Response:
        require_wall(actor_of())
        lang = language(settings)
        return _document(document.wall(lang, known_theme(request.args.get("theme")), _title(city, lang)))

    @routes.get("/wall/presenter")
    def remote() -> Response:
        require_presenter(actor_of())
        lang = language(settings)
        return _document(document.presenter(lang, _title(city, lang)))

    @routes.get(f"{API}playlist")
    def playlist() -> Response:
        asked = request.args
        found = walls.playlist(
            actor_of(), language(settings), scenes=asked.get("scenes"), dwell=_dwell(), today=now().date()
        )
        return _respond(found, found["build_id"])

    @routes.get(f"{API}scene/<scene_id>")
    def scene(scene_id: str) -> Response | tuple[Response, int]:
        actor, lang, theme = actor_of(), language(settings), known_theme(request.args.get("theme"))
        require_wall(actor)
        build, today = Products.live(store).build_id, now().date()
        kind = next((s.kind for s in walls.wall.scene if s.id == scene_id), None)

        def make() -> bytes:
            return json.dumps(walls.scene(scene_id, actor, lang, theme, today), ensure_ascii=False).encode()

        try:
            living = kind in LIVING_KINDS
            body = make() if living else scenes.get((build, scene_id, lang, theme, today, actor.scope), make)
        except (AccessDeniedError, HTTPException):
            raise
        except Exception as error:
            return _failed(error, walls, scene_id, lang)
        return _bytes(body)

    @routes.get(f"{API}status")
    def status() -> Response:
        actor, moment = actor_of(), now()
        require_wall(actor)
        choice = presenters.now(_wall(actor), moment)
        build = store.live_build()
        answer = jsonify(
            build_id=build.build_id if build else None, at=moment.isoformat(timespec="seconds"),
            presenter=choice.as_dict() if choice else None,
        )  # fmt: skip
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @routes.post(f"{API}presenter")
    def choose() -> Response:
        actor = actor_of()
        require_presenter(actor)
        said = request.get_json(silent=True)
        if not isinstance(said, dict):
            raise RequestError("needed: a JSON object with scene, paused or place")
        choice = presenters.choose(_wall(actor), said, now(), [s.id for s in walls.wall.scene])
        return jsonify(presenter=choice.as_dict())

    return routes


def _guard(routes: Blueprint, actor_of: ActorOf, walls: Walls) -> None:
    """A display reads the wall of its token, the map data its scenes draw, and plain files; all else is refused."""

    @routes.before_app_request
    def only_the_wall() -> None:
        actor = actor_of()
        if not kiosk.is_kiosk(actor):
            return
        if request.method not in ("GET", "HEAD") or not _readable(request.path, walls):
            raise AccessDeniedError(f"{actor.id} is a display; it may read the wall and nothing else")
        _wall(actor)

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


def _wall(actor: Actor) -> str:
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


def language(settings: Settings) -> str:
    """The language a display asks for; that of the installation where it asks for none.

    Raises
    ------
    RequestError : there is no such language
    """
    lang = request.args.get("lang") or settings.language
    if lang not in languages():
        raise RequestError(f"lang is {lang[:40]!r}; allowed: {', '.join(languages())}")
    return lang


def _dwell() -> int | None:
    given = request.args.get("dwell")
    if not given:
        return None
    if not given.isdigit() or not DWELL_S[0] <= int(given) <= DWELL_S[1]:
        raise RequestError(f"dwell is {given[:40]!r}; allowed: {DWELL_S[0]} to {DWELL_S[1]} seconds")
    return int(given)


def _failed(error: Exception, walls: Walls, scene_id: str, lang: str) -> tuple[Response, int]:
    """A scene that cannot be made, by name, so that the display can skip it and say which it was."""
    title = next((title_of(s, lang) for s in walls.wall.scene if s.id == scene_id), scene_id[:40])
    if isinstance(error, CityhexError):
        status, said = int(error.status), str(error)
        log.warning("id %s: scene %s: %s", g.get("request_id"), scene_id[:40], error)
    else:
        status, said = 500, "This is a fault of the server. It has been logged under the id given here."
        log.error("id %s: scene %s", g.get("request_id"), scene_id[:40], exc_info=error)
    return jsonify(error=said, id=g.get("request_id"), scene=scene_id[:40], title=title), status


def _respond(found: Any, build_id: str) -> Response:
    response = _bytes(json.dumps(found, ensure_ascii=False).encode())
    response.headers["X-Build-Id"] = build_id
    return response


def _bytes(body: bytes) -> Response:
    response = Response(body, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.set_etag(wire.etag(body))
    return cast(Response, response.make_conditional(request))


def _title(city: City, lang: str) -> str:
    return f"{pick(city.name, lang)} · Cityhex"


def _document(html: str) -> Response:
    response = Response(html, mimetype="text/html")
    response.headers["Cache-Control"] = "no-cache"
    return response
