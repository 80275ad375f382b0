"""Whether the process lives and whether it can answer."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from layers import registry
from layers.api import security
from layers.products import Products, Store
from models.errors import CityhexError


def blueprint(*, store: Store) -> Blueprint:
    """Make ``/healthz`` (the process answers) and ``/readyz`` (there is a build, and which layers it can show)."""
    routes = Blueprint("health", __name__)
    routes.record_once(lambda state: security.allow(state.app, "/healthz", "/readyz"))

    @routes.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @routes.get("/readyz")
    def readyz() -> tuple[Response, int]:
        try:
            build = store.live_build()
        except CityhexError as error:
            return jsonify(status="unready", why=str(error)), 503
        if build is None:
            return jsonify(status="unready", why="this city has no build yet"), 503
        products = Products.live(store)
        waiting = {key: [n for n in layer.reads if not products.has(n)] for key, layer in registry.layers().items()}
        missing = {key: names for key, names in waiting.items() if names}
        return jsonify(status="ready", build=build.build_id, layers_without_products=missing), 200

    return routes
