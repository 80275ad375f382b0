"""Joins one city's store, the data routes and the pages into one WSGI application, and serves it."""

from __future__ import annotations

import errno
import socket
from typing import Any

from flask import Flask

from layers import actors, pages
from layers.api import errors, map_data, security, wall
from layers.api.displays import Displays
from models.errors import ConfigError, NotBuiltError
from models.profile import load_city
from models.settings import Settings
from models.store import Store

THREADS = 4
MAX_REQUEST_BYTES = 8 * 1024 * 1024
"""An attachment of 5 MB as text, and room for what goes with it."""


def make_server(city_name: str, settings: Settings) -> Flask:
    """Make the application of one city in the mode of access that the settings name.

    Raises
    ------
    NotBuiltError : the city has no build yet
    UnknownNameError, ConfigError : the profile is not there or not valid
    """
    city = load_city(city_name, settings)
    _refuse_unbuilt(city_name, city.id, settings)
    store = Store.open(city.id, settings)
    server = Flask("cityhex", static_folder=None)
    server.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    actor_of = Displays(actors.actor_of(city, settings), city, settings)
    server.register_blueprint(wall.blueprint(store=store, city=city, settings=settings, actor_of=actor_of))
    server.register_blueprint(map_data.blueprint(store=store, city=city, actor_of=actor_of))
    errors.register(server)
    dashboard = pages.mount(server, store=store, city=city, actor_of=actor_of, settings=settings)
    security.protect(server, script_hashes=dashboard.csp_hashes())
    return server


def serve(city_name: str, settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Serve until interrupted: gunicorn where it exists, the development server elsewhere.

    Raises
    ------
    ConfigError : the port is taken or may not be opened
    NotBuiltError : the city has no build yet
    """
    _refuse_taken_port(host, port)
    server = make_server(city_name, settings)
    shown = "127.0.0.1" if host in ("", "0.0.0.0") else host  # noqa: S104 - compared, not bound
    print(f"Cityhex is at http://{shown}:{port}/  (Ctrl+C stops it)", flush=True)  # noqa: T201
    try:
        from gunicorn.app.base import BaseApplication  # noqa: PLC0415 - absent on Windows
    except ImportError:
        server.run(host=host, port=port, threaded=True)
        return

    class Application(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            options: dict[str, Any] = {
                "bind": f"{host}:{port}",
                "workers": workers,
                "worker_class": "gthread",
                "threads": THREADS,
                "preload_app": True,
                "max_requests": 20_000,
                "max_requests_jitter": 2_000,
                "loglevel": "warning",
            }
            for key, value in options.items():
                self.cfg.set(key, value)

        def load(self) -> Flask:
            return server

    Application().run()


def _refuse_unbuilt(city_name: str, city_id: str, settings: Settings) -> None:
    """Look before opening for writing, which would leave an empty store behind."""
    try:
        with Store.open(city_id, settings, read_only=True) as store:
            built = store.live_build() is not None
    except NotBuiltError:
        built = False
    if not built:
        raise NotBuiltError(f"{city_id} has not been built yet. Build it first: cityhex build {city_name}")


def _refuse_taken_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            why = (
                "is in use by another program"
                if error.errno == errno.EADDRINUSE
                else f"cannot be opened ({error.strerror})"
            )
            raise ConfigError("command line", "--port", port, f"a free port; {host}:{port} {why}") from error
