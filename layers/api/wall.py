"""The routes of the wall: its two documents, playlist, scenes, status and presenter."""

from __future__ import annotations

import datetime as dt
import json
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, cast

from flask import Blueprint, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from layers import wire
from layers.actors import ActorOf
from layers.api import security
from layers.api.displays import API, clock, guard, require_presenter, wall_of
from layers.products import Products
from layers.text import languages, pick
from layers.wall import document
from layers.wall.playlist import Walls, known_theme, require_wall, title_of
from layers.wall.presenter import Presenters
from models.errors import AccessDeniedError, CityhexError, RequestError
from models.profile import City
from models.settings import Settings

log = logging.getLogger("cityhex.wall")
DWELL_S = (5, 600)
KEPT = 64
LIVING_KINDS = frozenset({"overview", "warnings"})
"""Kinds with numbers that change between two builds, because people work warnings off; made anew for every question."""


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
    actor_of : a `layers.api.displays.Displays`, so that a token is known on every route

    Raises
    ------
    ConfigError : the city's ``wall.toml`` is not valid
    """
    routes = Blueprint("wall", __name__)
    routes.record_once(lambda state: security.allow(state.app, API, "/wall", "/wall/presenter"))
    walls = Walls(store, city)
    presenters = Presenters(settings.city_home(city.id), walls.wall.presenter_minutes)
    scenes = _Scenes()
    guard(routes, actor_of, walls)

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
        choice = presenters.now(wall_of(actor), moment)
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
        choice = presenters.choose(wall_of(actor), said, now(), [s.id for s in walls.wall.scene])
        return jsonify(presenter=choice.as_dict())

    return routes


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
