"""The routes of the map: geometry once, values often, the base map; bytes made once and kept compressed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from flask import Blueprint, Response, request

from layers import basemap, registry, wire
from layers.access import Actor, decide
from layers.api import field_work, health, open_data, security
from layers.products import Products, Store
from layers.requests import Part, Request, Scheme
from layers.serve import serve
from models.errors import AccessDeniedError, RequestError
from models.profile import City

KEPT_BYTES = 256 * 1024 * 1024
FOR_EVER = "private, max-age=31536000, immutable"
ASK_AGAIN = "private, no-cache"
BINARY = "application/octet-stream"


@dataclass(frozen=True)
class Body:
    """One answer in all its encodings, with its content hash."""

    plain: bytes
    encoded: dict[str, bytes]
    etag: str

    @classmethod
    def of(cls, plain: bytes) -> Body:
        """Compress and hash."""
        return cls(plain, wire.compress(plain), wire.etag(plain))

    @property
    def size(self) -> int:
        """Bytes kept."""
        return len(self.plain) + sum(len(part) for part in self.encoded.values())


class Bodies:
    """Answers by key; the least recently used go beyond the limit. Nothing is locked while an answer is made."""

    def __init__(self, limit: int = KEPT_BYTES) -> None:
        self._limit, self._size, self._lock = limit, 0, threading.Lock()
        self._kept: OrderedDict[tuple[object, ...], Body] = OrderedDict()

    def get(self, key: tuple[object, ...], make: Callable[[], bytes]) -> Body:
        """The answer kept under ``key``, or the one that ``make`` makes."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        body = Body.of(make())
        with self._lock:
            if key not in self._kept:
                self._kept[key] = body
                self._size += body.size
            while self._size > self._limit and len(self._kept) > 1:
                self._size -= self._kept.popitem(last=False)[1].size
        return body


def blueprint(*, store: Store, city: City, actor_of: Callable[[], Actor]) -> Blueprint:
    """Make all data routes of one city, with the open data and the health of the server.

    Parameters
    ----------
    store, city : where the products are and whose they are
    actor_of : who asks, from the request at hand
    """
    routes = Blueprint("data", __name__)
    routes.record_once(lambda state: security.allow(state.app, "/data/"))
    bodies = Bodies()

    def answer(layer_id: str, part: Part, resolution: str, period: str | None) -> Response:
        layer, actor = registry.layer(layer_id), actor_of()
        area, version = request.args.get("area"), request.args.get("v")
        allowed = decide(actor, layer, area)
        if not allowed.allowed:
            raise AccessDeniedError(allowed.why)
        products = Products.live(store, _kept(store, version))
        asked = Request(resolution, period, part, area=area, scheme=_scheme(), classes=_classes())

        def make() -> bytes:
            served = serve(layer, asked, actor, store=store, city=city, build_id=products.build_id)
            return served.body or b""

        body = bodies.get((products.build_id, layer_id, asked, actor.scope), make)
        return respond(body, BINARY, fresh=version == products.build_id)

    @routes.get("/data/<layer_id>/geometry/<resolution>")
    def geometry(layer_id: str, resolution: str) -> Response:
        return answer(layer_id, "geometry", resolution, None)

    @routes.get("/data/<layer_id>/values/<resolution>/<period>")
    def values(layer_id: str, resolution: str, period: str) -> Response:
        return answer(layer_id, "values", resolution, None if period == "-" else period)

    @routes.get("/data/basemap")
    def base() -> Response:
        products = Products.live(store, _kept(store, request.args.get("v")))
        body = bodies.get((products.build_id, "basemap"), lambda: _basemap(products))
        return respond(body, "application/json", fresh=request.args.get("v") == products.build_id)

    routes.register_blueprint(open_data.blueprint(store=store, city=city, actor_of=actor_of))
    routes.register_blueprint(field_work.blueprint(store=store, city=city, actor_of=actor_of))
    routes.register_blueprint(health.blueprint(store=store))
    return routes


def respond(body: Body, mimetype: str, *, fresh: bool) -> Response:
    """The answer in the encoding the browser takes, or 304; kept for ever where the address names the build."""
    encoding = next((e for e in ("br", "gzip") if request.accept_encodings[e] > 0), None)
    tag = f"{body.etag}-{encoding}" if encoding else body.etag
    response = Response(body.encoded[encoding] if encoding else body.plain, mimetype=mimetype)
    if encoding:
        response.headers["Content-Encoding"] = encoding
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = FOR_EVER if fresh else ASK_AGAIN
    response.set_etag(tag)
    return cast(Response, response.make_conditional(request))


def _kept(store: Store, version: str | None) -> str | None:
    """The build a version names where it is still kept, else None for the live one."""
    if version is None:
        return None
    return version if any(build.build_id == version for build in store.builds()) else None


def _scheme() -> Scheme | None:
    return cast("Scheme | None", request.args.get("scheme"))


def _classes() -> int | None:
    return whole("classes")


def whole(name: str) -> int | None:
    """A whole number of the query, None where it is absent.

    Raises
    ------
    RequestError : it is not a whole number
    """
    given = request.args.get(name)
    if given is None:
        return None
    try:
        return int(given)
    except ValueError as error:
        raise RequestError(f"{name} is {given[:40]!r}; needed: a whole number") from error


def _basemap(products: Products) -> bytes:
    def rows(name: str) -> Any:
        return products.frame(name) if products.has(name) else None

    if not products.has("districts") and products.has("premises"):
        return basemap.without_districts(rows("premises"), rows("roads"), rows("waters"))
    products.require(("districts",), "The base map")
    focus = sorted(products.frame("cells")["district_code"].dropna().unique()) if products.has("cells") else []
    return basemap.basemap(rows("districts"), rows("towns"), rows("roads"), rows("waters"), focus)
